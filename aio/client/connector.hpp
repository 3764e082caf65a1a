// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/client/connect/fingerprint.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/parser.hpp>
#include <aio/http/parser_options.hpp>
#include <aio/http/url/url.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

/// Who hears how a connection is made: what the signals of aiohttp.TraceConfig are for connectors. Each is
/// awaited; what one throws ends the request. By default they do nothing.
class ConnectTrace {
public:
    ConnectTrace() = default;
    ConnectTrace(const ConnectTrace&) = delete;
    ConnectTrace& operator=(const ConnectTrace&) = delete;
    virtual ~ConnectTrace() = default;

    virtual Coro<> connection_queued_start();
    virtual Coro<> connection_queued_end();
    virtual Coro<> connection_create_start();
    virtual Coro<> connection_create_end();
    virtual Coro<> connection_reuseconn();
    virtual Coro<> dns_resolvehost_start(std::string_view host);
    virtual Coro<> dns_resolvehost_end(std::string_view host);
    virtual Coro<> dns_cache_hit(std::string_view host);
    virtual Coro<> dns_cache_miss(std::string_view host);
};

/// What a request asks of a connector: where to, how, and in what time. Mirrors what aiohttp's connector
/// takes from a ClientRequest.
struct ConnectRequest {
    URL url;                                         ///< scheme, host and port count
    std::shared_ptr<TransportUpgrade> ssl;           ///< for https; null: the connector's, else the default
    std::string server_hostname;                     ///< the name to verify; empty: the URL's
    std::optional<URL> proxy;                        ///< a proxy to go through; user and password are for it
    std::optional<std::string> proxy_authorization;  ///< in place of those
    TimeLimit sock_connect = std::nullopt;   ///< for one connect of a socket, and for one TLS handshake
    std::optional<Fingerprint> fingerprint;  ///< of the server; then nothing else is verified without `ssl`
    bool tunnel = false;                     ///< through a proxy by CONNECT, which https is always
    Headers proxy_headers;                   ///< for CONNECT
    ParserOptions parser_options;            ///< of the connection's parser()
    std::shared_ptr<ConnectTrace> trace;
};

namespace detail {
class ConnectionState;
}

/// A connection that a connector has lent. Back it goes by release(); if it is dropped or closed instead,
/// the connection is closed, and the place in the pool is free. Mirrors aiohttp.connector.Connection.
/// Functions other than release(), close() and operator bool throw RuntimeError once it is gone.
/// Threads: the loop's.
class Connection {
public:
    Connection() noexcept = default;
    /// For connectors of one's own: one that no pool keeps, so that release() closes it.
    Connection(aio::StreamReader reader, aio::StreamWriter writer);
    Connection(Connection&&) noexcept = default;
    Connection& operator=(Connection&& other) noexcept;
    ~Connection() {
        if (state_) close();
    }

    const aio::StreamReader& reader() const;
    const aio::StreamWriter& writer() const;
    /// Has parsed nothing of this request's response yet: next() has to be called with the method.
    ResponseParser& parser() const;
    /// It carried a request before this one.
    bool reused() const;
    /// The request's target has to be a whole URL, because a proxy reads it.
    bool through_proxy() const;
    /// What a request of that kind has to say in Proxy-Authorization; empty if nothing. Never for the server
    /// at the other end of a tunnel.
    const std::string& proxy_authorization() const;

    /// The response was read to its end and the connection may carry another request: it goes back into the
    /// pool. Closed it is instead if the parser is not done, if bytes are left to be read or to be sent, if
    /// the peer has closed it, or if the connector keeps none.
    void release() noexcept;
    /// Now; what was not sent yet is not. Idempotent.
    void close() noexcept;
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

    explicit Connection(std::shared_ptr<detail::ConnectionState> state) noexcept : state_(std::move(state)) {}

private:
    detail::ConnectionState& state(const char* call) const;
    std::shared_ptr<detail::ConnectionState> state_;
};

/// Makes connections, lends them, and keeps those that come back for others. Mirrors aiohttp.BaseConnector.
/// Threads: the loop's in which it connects first.
class BaseConnector {
public:
    BaseConnector() = default;
    BaseConnector(const BaseConnector&) = delete;
    BaseConnector& operator=(const BaseConnector&) = delete;
    virtual ~BaseConnector() = default;
    /// A connection for the request: one of the pool, or a new one. Waits, first come first served, while the
    /// limits are reached. Throws kinds of ClientConnectionError, ClientHttpProxyError, and InvalidURL for a
    /// URL or proxy that it cannot connect to.
    /// Cancellation: immediate; a connection that was on its way to the waiter goes to the next one.
    virtual Coro<Connection> connect(ConnectRequest request) = 0;
    /// Closes all connections, lent ones too, and waits until they are closed. Who waits for one gets a
    /// ConnectionClosedError.
    virtual Coro<> close() = 0;
    virtual bool closed() const noexcept = 0;
};

}  // namespace aio::http
