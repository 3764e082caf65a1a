// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/detail/connected_callback.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/task.hpp>
#include <aio/transport/socket.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace aio {

class EventLoop;

namespace detail {

class ServerState;
/// In what time a server comes to its end.
struct DrainLimits {
    TimeLimit timeout = std::nullopt;
    TimeLimit grace = std::nullopt;
};
using AnyProtocolFactory = SharedFunction<std::shared_ptr<BaseProtocol>()>;

// Counted from outside, so that this header need not know the whole of it.
void add_ref(ServerState& state) noexcept;
void release(ServerState& state) noexcept;

}  // namespace detail

/// Keyword arguments of create_server() and start_server().
class ServerOptions {
public:
    ServerOptions() {}
    /// AF_INET or AF_INET6 only; AF_UNSPEC, the default, takes both.
    ServerOptions& family(int family) & {
        family_ = family;
        return *this;
    }
    ServerOptions&& family(int family) && AIO_LIFETIME_BOUND { return std::move(this->family(family)); }
    /// AI_ bits for the look-up, which is only made for names; AI_PASSIVE is always among them.
    ServerOptions& flags(int flags) & {
        flags_ = flags;
        return *this;
    }
    ServerOptions&& flags(int flags) && AIO_LIFETIME_BOUND { return std::move(this->flags(flags)); }
    /// Who is asked for the hosts' names, as ConnectOptions::resolver().
    ServerOptions& resolver(std::shared_ptr<Resolver> resolver) &;
    ServerOptions&& resolver(std::shared_ptr<Resolver> resolver) && AIO_LIFETIME_BOUND;
    /// Connections that the system queues until they are accepted, and how many are accepted per wake-up.
    ServerOptions& backlog(int connections) & {
        backlog_ = connections;
        return *this;
    }
    ServerOptions&& backlog(int connections) && AIO_LIFETIME_BOUND {
        return std::move(this->backlog(connections));
    }
    /// SO_REUSEADDR; on by default.
    ServerOptions& reuse_address(bool on) & {
        reuse_address_ = on;
        return *this;
    }
    ServerOptions&& reuse_address(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->reuse_address(on));
    }
    /// SO_REUSEPORT: several processes may bind the same port.
    ServerOptions& reuse_port(bool on) & {
        reuse_port_ = on;
        return *this;
    }
    ServerOptions&& reuse_port(bool on) && AIO_LIFETIME_BOUND { return std::move(this->reuse_port(on)); }
    /// SO_KEEPALIVE on accepted connections.
    ServerOptions& keep_alive(bool on) & {
        keep_alive_ = on;
        return *this;
    }
    ServerOptions&& keep_alive(bool on) && AIO_LIFETIME_BOUND { return std::move(this->keep_alive(on)); }
    /// False: binds only; accepting begins with Server::start_serving() or serve_forever().
    ServerOptions& start_serving(bool on) & {
        start_serving_ = on;
        return *this;
    }
    ServerOptions&& start_serving(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->start_serving(on));
    }
    /// The limit of each connection's reader in bytes; for start_server().
    ServerOptions& limit(std::size_t bytes) & {
        limit_ = bytes;
        return *this;
    }
    ServerOptions&& limit(std::size_t bytes) && AIO_LIFETIME_BOUND { return std::move(this->limit(bytes)); }
    /// That the server is drained, with these limits (see Server::drain()), where it would otherwise wait for
    /// its connections, however long that takes: at the end of serve_forever() by cancellation and of
    /// async_with(). And at the end of run(), if the server is still open then. As long as it is, SIGTERM
    /// cancels run()'s main task, and run() ends with SystemExit(143).
    ServerOptions& drain(TimeLimit timeout, TimeLimit grace) & {
        drain_ = {timeout, grace};
        drains_ = true;
        return *this;
    }
    ServerOptions&& drain(TimeLimit timeout, TimeLimit grace) && AIO_LIFETIME_BOUND {
        return std::move(this->drain(timeout, grace));
    }
    /// Permissions of a Unix socket's file, as for chmod(2); by default what the umask leaves of 0777.
    ServerOptions& mode(int bits) & {
        mode_ = bits;
        return *this;
    }
    ServerOptions&& mode(int bits) && AIO_LIFETIME_BOUND { return std::move(this->mode(bits)); }
    /// Whether a Unix socket's file is removed when the server is closed, unless it is another one by then;
    /// on by default.
    ServerOptions& cleanup_socket(bool on) & {
        cleanup_socket_ = on;
        return *this;
    }
    ServerOptions&& cleanup_socket(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->cleanup_socket(on));
    }
    /// Upgrades every connection to TLS, see TransportUpgrade; null for none.
    ServerOptions& ssl(std::shared_ptr<TransportUpgrade> context) &;
    ServerOptions&& ssl(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND;
    /// How long the handshake may take, and how long close() waits for the peer's goodbye; 60 s and 30 s.
    ServerOptions& ssl_handshake_timeout(TimeLimit limit) &;
    ServerOptions&& ssl_handshake_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND;
    ServerOptions& ssl_shutdown_timeout(TimeLimit limit) &;
    ServerOptions&& ssl_shutdown_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND;

    int get_family() const noexcept { return family_; }
    int get_flags() const noexcept { return flags_; }
    const detail::ResolverChoice& get_resolver() const noexcept { return resolver_; }
    int get_backlog() const noexcept { return backlog_; }
    bool get_reuse_address() const noexcept { return reuse_address_; }
    bool get_reuse_port() const noexcept { return reuse_port_; }
    bool get_keep_alive() const noexcept { return keep_alive_; }
    bool get_start_serving() const noexcept { return start_serving_; }
    std::size_t get_limit() const noexcept { return limit_; }
    /// Null where nothing was said.
    const detail::DrainLimits* get_drain() const noexcept { return drains_ ? &drain_ : nullptr; }
    int get_mode() const noexcept { return mode_; }
    bool get_cleanup_socket() const noexcept { return cleanup_socket_; }
    const detail::TlsChoice& get_tls() const noexcept { return tls_; }

private:
    int family_ = AF_UNSPEC;
    int flags_ = 0;
    int backlog_ = 100;
    bool reuse_address_ = true;
    bool reuse_port_ = false;
    bool keep_alive_ = false;
    bool start_serving_ = true;
    bool cleanup_socket_ = true;
    int mode_ = -1;
    std::size_t limit_ = kDefaultStreamLimit;
    detail::DrainLimits drain_;
    bool drains_ = false;
    detail::TlsChoice tls_;
    detail::ResolverChoice resolver_;
};

/// How Server::drain() has brought a server to its end. What is counted is connections, and tasks that serve
/// one that is gone already.
struct DrainReport {
    /// Had come to their end when the time was up.
    std::size_t finished = 0;
    /// Were cancelled, or closed, and came to their end in the grace period.
    std::size_t cancelled = 0;
    /// Were aborted then, as text for people; of a task that it goes on, because it does not let itself be
    /// cancelled.
    std::vector<std::string> left;
};

/// A listening server. Mirrors asyncio.Server.
///
/// A cheap handle: copies refer to the same server. One that was made without a server, or moved from, is
/// empty, and its functions throw RuntimeError. A server that accepts goes on without any handle until it
/// is closed. In `async_with(server, ...)` the end of the block closes it and waits.
/// Threads: the loop's only.
class Server {
public:
    Server() noexcept = default;
    explicit Server(detail::ServerState& state) noexcept;
    Server(const Server& other) noexcept;
    Server(Server&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Server& operator=(Server other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~Server();

    /// Stops listening at once; connections that were accepted live on (S134). Idempotent.
    void close() const;
    /// Closes every connection that the server accepted and that is still open.
    void close_clients() const;
    /// The same, dropping what is buffered.
    void abort_clients() const;

    /// Brings the server to its end in time: closes it; lets its connections finish for `timeout` at most;
    /// then cancels the tasks that serve them, closes what no task serves, and gives them `grace`; then
    /// aborts the connections that are left. std::nullopt waits for ever. asyncio leaves that to its users.
    ///
    /// Completes when no connection is left, at once if there is none. To be awaited outside of the
    /// connections' tasks: one would wait for itself. Cancellation: immediate; the server is closed, and its
    /// connections live on.
    Coro<DrainReport> drain(TimeLimit timeout, TimeLimit grace) const;

    /// Waits until the server is closed and every connection it accepted is gone (S135).
    Coro<> wait_closed() const;
    /// Begins to accept; harmless if it does already. Throws RuntimeError if the server is closed.
    Coro<> start_serving() const;
    /// Accepts until cancelled, then closes the server, waits for its connections, and passes the
    /// cancellation on (S136). Throws RuntimeError if the server is closed or somebody else is in
    /// serve_forever(); CancelledError also if close() ends it.
    Coro<> serve_forever() const;

    bool is_serving() const;
    /// The listening sockets; none after close().
    std::vector<TransportSocket> sockets() const;
    EventLoop& get_loop() const;
    /// Text for people and reports.
    std::string repr() const;

    /// For async_with(): gives the server; at the end close() and wait_closed().
    Coro<Server> aenter() const;
    Coro<> aexit() const;

    /// Whether it refers to a server.
    explicit operator bool() const noexcept { return state_ != nullptr; }
    /// Equal are those that refer to the same server. The order, for maps and sets, is any.
    friend bool operator==(const Server& a, const Server& b) noexcept = default;
    friend std::strong_ordering operator<=>(const Server& a, const Server& b) noexcept = default;

private:
    friend struct std::hash<Server>;
    detail::ServerState& state(const char* call) const {
        if (!state_) [[unlikely]]
            detail::raise_empty_handle(call);
        return *state_;
    }
    detail::ServerState* state_ = nullptr;
};

namespace detail {

Coro<Server> make_server(AnyProtocolFactory factory, std::vector<std::string> hosts, int port,
                         ServerOptions options);
Coro<Server> make_server(AnyProtocolFactory factory, Socket socket, ServerOptions options);
Coro<Server> make_server(ClientConnectedCallback callback, std::vector<std::string> hosts, int port,
                         ServerOptions options);
Coro<Server> make_server(ClientConnectedCallback callback, Socket socket, ServerOptions options);

std::vector<std::string> one_host(std::string host);

void check_accepted(const Socket& socket, const ServerOptions& options);
Coro<Ref<Transport>> attach_accepted(Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     ServerOptions options);
template <class F>
Coro<Connection<protocol_of<F>>> accept_and_attach(F factory, Socket socket, ServerOptions options) {
    check_accepted(socket, options);
    std::shared_ptr<protocol_of<F>> protocol = detail::invoke(factory);
    Ref<Transport> transport = co_await attach_accepted(std::move(socket), protocol, std::move(options));
    co_return Connection<protocol_of<F>>(std::move(transport), std::move(protocol));
}

}  // namespace detail

/// Listens on every address of `host` (or of each of several hosts) and `port`; an empty host means all
/// interfaces, port 0 a free one. `factory` makes the protocol of each connection. Mirrors
/// loop.create_server().
///
/// Cancellation: immediate; nothing is left listening.
/// Throws OSError naming the address if it cannot be bound, gaierror for a host that cannot be resolved,
/// ValueError for a bad port.
template <ProtocolFactory F>
Coro<Server> create_server(F factory, std::string host, int port, ServerOptions options) {
    return detail::make_server(detail::AnyProtocolFactory(std::move(factory)),
                               detail::one_host(std::move(host)), port, std::move(options));
}
template <ProtocolFactory F>
Coro<Server> create_server(F factory, std::string host, int port) {
    return create_server(std::move(factory), std::move(host), port, ServerOptions());
}
template <ProtocolFactory F>
Coro<Server> create_server(F factory, std::vector<std::string> hosts, int port, ServerOptions options) {
    return detail::make_server(detail::AnyProtocolFactory(std::move(factory)), std::move(hosts), port,
                               std::move(options));
}
/// The same on `socket`, which is bound already and is taken over. Throws ValueError if it is no stream
/// socket.
template <ProtocolFactory F>
Coro<Server> create_server(F factory, Socket socket, ServerOptions options) {
    return detail::make_server(detail::AnyProtocolFactory(std::move(factory)), std::move(socket),
                               std::move(options));
}

/// Serves a socket that was accepted elsewhere, with what the options say of ssl(). Mirrors
/// loop.connect_accepted_socket(). Throws ValueError if it is no stream socket. Cancellation: immediate; the
/// socket is closed.
template <ProtocolFactory F>
auto connect_accepted_socket(F factory, Socket socket, ServerOptions options) {
    return detail::accept_and_attach<F>(std::move(factory), std::move(socket), std::move(options));
}

/// A server that calls `callback(StreamReader, StreamWriter)` for each connection; if that gives a
/// coroutine, it becomes a task. Mirrors asyncio.start_server(). The coroutine should close the writer;
/// see StreamReaderProtocol for errors. Addresses and errors are those of create_server().
template <class F>
Coro<Server> start_server(F callback, std::string host, int port, ServerOptions options) {
    return detail::make_server(detail::connected_callback(std::move(callback)),
                               detail::one_host(std::move(host)), port, std::move(options));
}
template <class F>
Coro<Server> start_server(F callback, std::string host, int port) {
    return start_server(std::move(callback), std::move(host), port, ServerOptions());
}
template <class F>
Coro<Server> start_server(F callback, std::vector<std::string> hosts, int port, ServerOptions options) {
    return detail::make_server(detail::connected_callback(std::move(callback)), std::move(hosts), port,
                               std::move(options));
}
template <class F>
Coro<Server> start_server(F callback, Socket socket, ServerOptions options) {
    return detail::make_server(detail::connected_callback(std::move(callback)), std::move(socket),
                               std::move(options));
}

/// The same, for callback(args..., StreamReader, StreamWriter): `start_server(host, port, &Chat::serve,
/// this)`. The server keeps callback and arguments as long as it or one of its connections lives.
template <class F, class... Args>
Coro<Server> start_server(ServerOptions options, std::string host, int port, F callback, Args... args) {
    return detail::make_server(detail::connected_callback(std::move(callback), std::move(args)...),
                               detail::one_host(std::move(host)), port, std::move(options));
}
template <class F, class... Args>
Coro<Server> start_server(ServerOptions options, std::vector<std::string> hosts, int port, F callback,
                          Args... args) {
    return detail::make_server(detail::connected_callback(std::move(callback), std::move(args)...),
                               std::move(hosts), port, std::move(options));
}
template <class F, class... Args>
Coro<Server> start_server(ServerOptions options, Socket socket, F callback, Args... args) {
    return detail::make_server(detail::connected_callback(std::move(callback), std::move(args)...),
                               std::move(socket), std::move(options));
}
template <class F, class... Args>
Coro<Server> start_server(std::string host, int port, F callback, Args... args) {
    return start_server(ServerOptions(), std::move(host), port, std::move(callback), std::move(args)...);
}

}  // namespace aio

template <>
struct std::hash<aio::Server> {
    std::size_t operator()(const aio::Server& server) const noexcept {
        return hash<aio::detail::ServerState*>()(server.state_);
    }
};
