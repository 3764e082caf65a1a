// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/time.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/transport.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace aio {

/// Keyword arguments of start_tls() and StreamWriter::start_tls().
class StartTlsOptions {
public:
    StartTlsOptions() {}
    /// Whether this end is the server, which answers the other's greeting. StreamWriter::start_tls() knows.
    StartTlsOptions& server_side(bool on) & {
        server_side_ = on;
        return *this;
    }
    StartTlsOptions&& server_side(bool on) && AIO_LIFETIME_BOUND { return std::move(this->server_side(on)); }
    /// Whom a client expects to talk to. Empty for nobody, if the context does not check names; then the peer
    /// is told of no name.
    StartTlsOptions& server_hostname(std::string name) & {
        server_hostname_ = std::move(name);
        has_server_hostname_ = true;
        return *this;
    }
    StartTlsOptions&& server_hostname(std::string name) && AIO_LIFETIME_BOUND {
        return std::move(this->server_hostname(std::move(name)));
    }
    /// How long the handshake may take; 60 s where nothing is said.
    StartTlsOptions& ssl_handshake_timeout(TimeLimit limit) & {
        handshake_timeout_ = limit;
        return *this;
    }
    StartTlsOptions&& ssl_handshake_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl_handshake_timeout(limit));
    }
    /// How long close() waits for the peer's goodbye; 30 s where nothing is said.
    StartTlsOptions& ssl_shutdown_timeout(TimeLimit limit) & {
        shutdown_timeout_ = limit;
        return *this;
    }
    StartTlsOptions&& ssl_shutdown_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl_shutdown_timeout(limit));
    }
    /// What of the handshake the protocol has been given already. Streams see to it.
    StartTlsOptions& received(std::string data) & {
        received_ = std::move(data);
        return *this;
    }
    StartTlsOptions&& received(std::string data) && AIO_LIFETIME_BOUND {
        return std::move(this->received(std::move(data)));
    }
    /// Whether the protocol is new, so that connection_made() is called with the new transport.
    StartTlsOptions& call_connection_made(bool on) & {
        call_connection_made_ = on;
        return *this;
    }
    StartTlsOptions&& call_connection_made(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->call_connection_made(on));
    }

    bool get_server_side() const noexcept { return server_side_; }
    const std::string& get_server_hostname() const noexcept { return server_hostname_; }
    /// Whether one was given, if only an empty one.
    bool has_server_hostname() const noexcept { return has_server_hostname_; }
    Duration get_ssl_handshake_timeout() const noexcept {
        return handshake_timeout_.delay().value_or(std::chrono::seconds(60));
    }
    Duration get_ssl_shutdown_timeout() const noexcept {
        return shutdown_timeout_.delay().value_or(std::chrono::seconds(30));
    }
    const std::string& get_received() const noexcept { return received_; }
    bool get_call_connection_made() const noexcept { return call_connection_made_; }

private:
    std::string server_hostname_;
    std::string received_;
    TimeLimit handshake_timeout_ = std::nullopt;
    TimeLimit shutdown_timeout_ = std::nullopt;
    bool has_server_hostname_ = false;
    bool server_side_ = false;
    bool call_connection_made_ = false;
};

/// Puts a transport above another one: TLS, or what else changes the bytes on their way. What `ssl` stands
/// for in the options of connections and servers, so that these need no TLS library.
class TransportUpgrade {
public:
    TransportUpgrade() = default;
    TransportUpgrade(const TransportUpgrade&) = delete;
    TransportUpgrade& operator=(const TransportUpgrade&) = delete;
    virtual ~TransportUpgrade() = default;

    /// Shakes hands over `below` and gives the transport above it, whose protocol is `protocol`. Called by
    /// start_tls(), which has looked at the arguments, watches the time, and closes `below` if this fails.
    ///
    /// Rules for those who implement it:
    /// 1. Before it waits for anything it gives `below` a protocol of its own, which is an UpgradedProtocol,
    ///    and resumes reading; or throws ConnectionResetError if `below` is closing, and changes nothing.
    /// 2. The options' received() comes before what `below` brings.
    /// 3. If the options say so, connection_made() is called when the handshake is over, just before the end.
    /// 4. Whatever happens to the coroutine: when `below` ends, `protocol` hears connection_lost() if its
    ///    connection was made, now or before, and nothing otherwise.
    /// 5. When `below` lets go of its protocol without a word, as at the loop's close, so does the transport
    ///    above: streams refer to their transport.
    /// 6. The transport above hands set_gather_writes() on to `below`.
    /// 7. The transport above is_closing() as soon as `below` is, also where a write has found that the
    ///    connection is lost: who writes and drains in a loop learns of it by that alone.
    virtual Coro<Ref<Transport>> upgrade(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                                         StartTlsOptions options) = 0;

    /// Another number whenever whom it trusts, or what it demands, has changed: pools lend no connection that
    /// was made before that.
    virtual std::uint64_t revision() const noexcept { return 0; }
};

/// What the protocol of an upgraded transport derives from as well, so that one who knows the transport finds
/// what stands above it.
class UpgradedProtocol {
public:
    /// Null while there is none.
    virtual Transport* upper() const noexcept = 0;

protected:
    UpgradedProtocol() = default;
    UpgradedProtocol(const UpgradedProtocol&) = default;
    UpgradedProtocol& operator=(const UpgradedProtocol&) = default;
    virtual ~UpgradedProtocol() = default;
};

/// Upgrades `transport` in flight and gives the new transport, which `protocol` is to use from now on.
/// Mirrors loop.start_tls(). Nothing may be written before it is over.
///
/// Throws what the handshake fails with, ConnectionAbortedError if that takes too long, ConnectionResetError
/// if the connection is lost; then the transport is closed, and `protocol` hears connection_lost(). Throws
/// TypeError without a context and ValueError for a time limit that is not positive, and changes nothing.
/// Cancellation: immediate; closes the transport.
Coro<Ref<Transport>> start_tls(Ref<Transport> transport, std::shared_ptr<BaseProtocol> protocol,
                               std::shared_ptr<TransportUpgrade> context,
                               StartTlsOptions options = StartTlsOptions());

namespace detail {

/// The first protocol of a transport that is going to be upgraded: nothing is read until then.
std::shared_ptr<BaseProtocol> protocol_to_upgrade();
/// The topmost transport above `below`, or itself.
Transport& topmost(Transport& below);
/// Throws ValueError for time limits that are not positive.
void check_tls_limits(const StartTlsOptions& options);

}  // namespace detail
}  // namespace aio
