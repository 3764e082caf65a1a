// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/endpoints/detail/resolver_choice.hpp>
#include <aio/endpoints/detail/tls_choice.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {

class TransportUpgrade;

/// Keyword arguments of create_connection() and open_connection().
class ConnectOptions {
public:
    ConnectOptions() {}
    /// AF_INET or AF_INET6 only; AF_UNSPEC, the default, takes both.
    ConnectOptions& family(int family) & {
        family_ = family;
        return *this;
    }
    ConnectOptions&& family(int family) && AIO_LIFETIME_BOUND { return std::move(this->family(family)); }
    /// For the look-up, as in getaddrinfo(3); `proto` also for the socket. 0 leaves it open.
    ConnectOptions& proto(int proto) & {
        proto_ = proto;
        return *this;
    }
    ConnectOptions&& proto(int proto) && AIO_LIFETIME_BOUND { return std::move(this->proto(proto)); }
    /// AI_ bits for the look-up, which is only made for names.
    ConnectOptions& flags(int flags) & {
        flags_ = flags;
        return *this;
    }
    ConnectOptions&& flags(int flags) && AIO_LIFETIME_BOUND { return std::move(this->flags(flags)); }
    /// Who is asked for the names of this call, in place of the loop's resolver (set_resolver()); null for
    /// that one. The call keeps it until it has ended, and asks it in the loop's thread: it must be one that
    /// this loop may ask, see there.
    ConnectOptions& resolver(std::shared_ptr<Resolver> resolver) &;
    ConnectOptions&& resolver(std::shared_ptr<Resolver> resolver) && AIO_LIFETIME_BOUND;
    /// Happy eyeballs (RFC 8305): how long an attempt may take before the next address is tried beside it;
    /// 250 ms are advised. By default that waits until the attempt has failed. The first that succeeds wins,
    /// the others are given up. Of a resolver that finds the families one after the other (dns::Resolver)
    /// those found first are tried while it goes on; IPv4's wait 50 ms for IPv6's. asyncio waits for all.
    ConnectOptions& happy_eyeballs_delay(TimeLimit delay) & {
        happy_eyeballs_delay_ = delay;
        return *this;
    }
    ConnectOptions&& happy_eyeballs_delay(TimeLimit delay) && AIO_LIFETIME_BOUND {
        return std::move(this->happy_eyeballs_delay(delay));
    }
    /// Takes IPv6 and IPv4 in turn, after so many of the family that comes first; 0 keeps the resolver's
    /// order. By default 1 with happy_eyeballs_delay(), else 0.
    ConnectOptions& interleave(unsigned first_family_count) & {
        interleave_ = first_family_count;
        return *this;
    }
    ConnectOptions&& interleave(unsigned first_family_count) && AIO_LIFETIME_BOUND {
        return std::move(this->interleave(first_family_count));
    }
    /// How long connecting to all addresses may take together, once they are known; not limited by default.
    /// Each gets an equal share of what is left, or with happy_eyeballs_delay() all of it. What takes longer
    /// has failed with TimeoutError. asyncio has nothing like it.
    ConnectOptions& connect_timeout(TimeLimit limit) & {
        connect_timeout_ = limit;
        return *this;
    }
    ConnectOptions&& connect_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->connect_timeout(limit));
    }
    /// Binds to this local address first, or to another one of that host of the peer's family; 0 is any port.
    ConnectOptions& local_addr(std::string host, int port) & {
        local_host_ = std::move(host);
        local_port_ = port;
        has_local_ = true;
        return *this;
    }
    ConnectOptions&& local_addr(std::string host, int port) && AIO_LIFETIME_BOUND {
        return std::move(this->local_addr(std::move(host), port));
    }
    /// If no address can be reached, throws an ExceptionGroup of every attempt's error (S138).
    ConnectOptions& all_errors(bool on) & {
        all_errors_ = on;
        return *this;
    }
    ConnectOptions&& all_errors(bool on) && AIO_LIFETIME_BOUND { return std::move(this->all_errors(on)); }
    /// The reader's limit in bytes; for open_connection().
    ConnectOptions& limit(std::size_t bytes) & {
        limit_ = bytes;
        return *this;
    }
    ConnectOptions&& limit(std::size_t bytes) && AIO_LIFETIME_BOUND { return std::move(this->limit(bytes)); }
    /// Upgrades the connection to TLS, see TransportUpgrade; null for none.
    ConnectOptions& ssl(std::shared_ptr<TransportUpgrade> context) &;
    ConnectOptions&& ssl(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND;
    /// ssl(true), with <aio/ssl.hpp>, is ssl(ssl::create_default_context()), as asyncio's ssl=True. It reads
    /// the certificates that the system trusts, each time: for more than some connections keep a context.
    template <std::same_as<bool> On>
    ConnectOptions& ssl(On on) & {
        static_assert(requires { sizeof(detail::DefaultTls<On>); }, "ssl(true) needs <aio/ssl.hpp>");
        return ssl(on ? detail::DefaultTls<On>::make() : nullptr);
    }
    template <std::same_as<bool> On>
    ConnectOptions&& ssl(On on) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl(on));
    }
    /// Whom the server is to be; the host, where nothing is said. Needed with ssl() over a socket of one's
    /// own.
    ConnectOptions& server_hostname(std::string name) &;
    ConnectOptions&& server_hostname(std::string name) && AIO_LIFETIME_BOUND;
    /// How long the handshake may take, and how long close() waits for the peer's goodbye; 60 s and 30 s.
    ConnectOptions& ssl_handshake_timeout(TimeLimit limit) &;
    ConnectOptions&& ssl_handshake_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND;
    ConnectOptions& ssl_shutdown_timeout(TimeLimit limit) &;
    ConnectOptions&& ssl_shutdown_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND;

    int get_family() const noexcept { return family_; }
    int get_proto() const noexcept { return proto_; }
    int get_flags() const noexcept { return flags_; }
    const detail::ResolverChoice& get_resolver() const noexcept { return resolver_; }
    const TimeLimit& get_happy_eyeballs_delay() const noexcept { return happy_eyeballs_delay_; }
    unsigned get_interleave() const noexcept;
    const TimeLimit& get_connect_timeout() const noexcept { return connect_timeout_; }
    bool has_local_addr() const noexcept { return has_local_; }
    const std::string& get_local_host() const noexcept { return local_host_; }
    int get_local_port() const noexcept { return local_port_; }
    bool get_all_errors() const noexcept { return all_errors_; }
    std::size_t get_limit() const noexcept { return limit_; }
    const detail::TlsChoice& get_tls() const noexcept { return tls_; }

private:
    static constexpr unsigned kUnsaid = ~0U;

    int family_ = AF_UNSPEC;
    int proto_ = 0;
    int flags_ = 0;
    unsigned interleave_ = kUnsaid;
    TimeLimit happy_eyeballs_delay_ = std::nullopt;
    TimeLimit connect_timeout_ = std::nullopt;
    std::string local_host_;
    int local_port_ = 0;
    bool has_local_ = false;
    bool all_errors_ = false;
    std::size_t limit_ = kDefaultStreamLimit;
    detail::TlsChoice tls_;
    detail::ResolverChoice resolver_;
};

/// What create_connection() gives: the transport and the protocol that the factory made.
template <class P>
using Connection = std::pair<Ref<Transport>, std::shared_ptr<P>>;

/// Makes a Protocol or BufferedProtocol, held by a shared_ptr. It takes no arguments, as in asyncio: what the
/// protocol needs a lambda captures, `[room] { return std::make_shared<Chat>(room); }`.
template <class F>
concept ProtocolFactory = std::invocable<F&> && requires(F& factory) {
    { detail::invoke(factory) } -> std::convertible_to<std::shared_ptr<BaseProtocol>>;
};

namespace detail {

template <class F>
using protocol_of = typename std::invoke_result_t<F&>::element_type;

/// Connects to the first of the host's addresses that can be reached.
Coro<Socket> connect_socket(std::string host, int port, ConnectOptions options);
/// Makes the transport and waits until its connection_made() was called (S127); upgrades it before that.
Coro<Ref<Transport>> attach_protocol(Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     ConnectOptions options);
void check_stream_socket(const Socket& socket);
/// The options with the server's name in them. Throws ValueError for those that go with ssl() without it.
ConnectOptions checked_options(ConnectOptions options, const std::string& host);

template <class F>
Coro<Connection<protocol_of<F>>> connect_and_attach(F factory, std::string host, int port,
                                                    ConnectOptions options) {
    ConnectOptions checked = checked_options(std::move(options), host);
    Socket socket = co_await connect_socket(std::move(host), port, checked);
    std::shared_ptr<protocol_of<F>> protocol = detail::invoke(factory);
    Ref<Transport> transport = co_await attach_protocol(std::move(socket), protocol, std::move(checked));
    co_return Connection<protocol_of<F>>(std::move(transport), std::move(protocol));
}

template <class F>
Coro<Connection<protocol_of<F>>> adopt_and_attach(F factory, Socket socket, ConnectOptions options) {
    check_stream_socket(socket);
    ConnectOptions checked = checked_options(std::move(options), std::string());
    std::shared_ptr<protocol_of<F>> protocol = detail::invoke(factory);
    Ref<Transport> transport = co_await attach_protocol(std::move(socket), protocol, std::move(checked));
    co_return Connection<protocol_of<F>>(std::move(transport), std::move(protocol));
}

}  // namespace detail

/// Connects to `host` and `port` over TCP and gives (transport, protocol), after connection_made() was
/// called. Mirrors loop.create_connection(). `factory` is called once the socket is connected.
///
/// Addresses are tried in order, see happy_eyeballs_delay(), interleave() and connect_timeout(). Throws the
/// error of the only attempt, or an OSError that joins several (or an ExceptionGroup, see all_errors());
/// gaierror for a host that cannot be resolved; ValueError for a bad port. Cancellation: immediate; the
/// socket is closed.
template <ProtocolFactory F>
auto create_connection(F factory, std::string host, int port, ConnectOptions options) {
    return detail::connect_and_attach<F>(std::move(factory), std::move(host), port, std::move(options));
}
template <ProtocolFactory F>
auto create_connection(F factory, std::string host, int port) {
    return detail::connect_and_attach<F>(std::move(factory), std::move(host), port, ConnectOptions());
}

/// The same over `socket`, which is connected already and is taken over. Throws ValueError if it is no
/// stream socket.
template <ProtocolFactory F>
auto create_connection(F factory, Socket socket, ConnectOptions options) {
    return detail::adopt_and_attach<F>(std::move(factory), std::move(socket), std::move(options));
}
template <ProtocolFactory F>
auto create_connection(F factory, Socket socket) {
    return detail::adopt_and_attach<F>(std::move(factory), std::move(socket), ConnectOptions());
}

/// Serves a socket that was accepted elsewhere. Mirrors loop.connect_accepted_socket().
template <ProtocolFactory F>
auto connect_accepted_socket(F factory, Socket socket) {
    return detail::adopt_and_attach<F>(std::move(factory), std::move(socket), ConnectOptions());
}

}  // namespace aio
