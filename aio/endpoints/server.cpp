// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/compose/gather.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/server_state_impl.hpp>
#include <aio/endpoints/tls_options_impl.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/task/sleep.hpp>

#include <algorithm>
#include <cerrno>

namespace aio {
namespace {

using detail::ServerState;
using StateRef = Ref<ServerState>;

bool is_shortage(const OSError& error) noexcept {
    const int number = error.error_number();
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

// A socket bound to `address`, or none where the system does not have its family.
Socket bind_one(EventLoop& loop, const SocketAddress& address, const ServerOptions& options) {
    Socket socket;
    try {
        socket = Socket::stream(address.family());
    } catch (const OSError& e) {
        if (is_shortage(e)) throw;
        if (loop.get_debug())
            log(LogLevel::warning, "create_server() skips " + address.str() + ": " + e.what());
        return {};
    }
    if (options.get_reuse_address()) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (options.get_reuse_port()) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if (options.get_keep_alive()) socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    // Otherwise "::" would take IPv4's port too.
    if (address.family() == AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    try {
        socket.bind(address);
    } catch (const OSError& e) {
        if (e.error_number() != EADDRNOTAVAIL) throw;
        if (loop.get_debug())
            log(LogLevel::warning, "create_server() skips " + address.str() + ": " + e.what());
        return {};
    }
    return socket;
}

// All addresses of all hosts, each once. Names are looked up at the same time.
Coro<std::vector<SocketAddress>> resolve_all(const std::vector<std::string>& hosts, int port,
                                             const ServerOptions& options) {
    AddrInfoOptions wanted;
    wanted.family(options.get_family()).type(SOCK_STREAM).flags(options.get_flags());
    const std::shared_ptr<Resolver> resolver = options.get_resolver().get();
    std::vector<Coro<std::vector<SocketAddress>>> lookups;
    for (const std::string& host : hosts) {
        lookups.push_back(detail::resolve_host(host, port, wanted, ResolveFor::listening, resolver));
    }
    std::vector<std::vector<SocketAddress>> found;
    if (lookups.size() == 1) {
        found.push_back(co_await std::move(lookups.front()));
    } else {
        found = co_await gather(std::move(lookups));
    }
    std::vector<SocketAddress> addresses;
    for (std::vector<SocketAddress>& of_host : found) {
        for (SocketAddress& address : of_host) {
            if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
                addresses.push_back(std::move(address));
            }
        }
    }
    co_return addresses;
}

std::vector<Socket> bind_all(EventLoop& loop, const std::vector<SocketAddress>& addresses,
                             const ServerOptions& options) {
    std::vector<Socket> sockets;
    std::string tried;
    for (const SocketAddress& address : addresses) {
        tried += (tried.empty() ? "" : ", ") + address.str();
        if (Socket socket = bind_one(loop, address, options)) sockets.push_back(std::move(socket));
    }
    if (sockets.empty()) throw OSError(EADDRNOTAVAIL, "could not bind on any address out of [" + tried + "]");
    return sockets;
}

Coro<> begin_serving(StateRef state) {
    state->start_serving();
    co_await sleep(std::chrono::seconds(0));
}

Coro<Server> enter(Server server) { co_return server; }

Coro<> run_forever(StateRef state) {
    if (state->forever) {
        throw RuntimeError("server " + state->repr() + " is already being awaited on serve_forever()");
    }
    state->start_serving();
    const Future<> forever = state->loop().create_future<>();
    state->forever = forever;
    std::exception_ptr cancelled;
    try {
        co_await forever;
    } catch (const CancelledError&) {
        cancelled = std::current_exception();
    }
    try {
        if (cancelled) co_await detail::end_server(state);
    } catch (...) {  // the first cancellation is the one to report
    }
    state->forever = {};
    if (cancelled) std::rethrow_exception(cancelled);
}

}  // namespace

Server::Server(detail::ServerState& state) noexcept : state_(&state) { detail::add_ref(state); }

Server::Server(const Server& other) noexcept : state_(other.state_) {
    if (state_) detail::add_ref(*state_);
}

Server::~Server() {
    if (state_) detail::release(*state_);
}

void Server::close() const { state("Server.close()").close(); }

void Server::close_clients() const {
    for (const Ref<Transport>& transport : state("Server.close_clients()").members()) transport->close();
}

void Server::abort_clients() const {
    for (const Ref<Transport>& transport : state("Server.abort_clients()").members()) transport->abort();
}

Coro<> Server::wait_closed() const { return detail::wait_finished(StateRef(&state("Server.wait_closed()"))); }
Coro<> Server::start_serving() const { return begin_serving(StateRef(&state("Server.start_serving()"))); }
Coro<> Server::serve_forever() const { return run_forever(StateRef(&state("Server.serve_forever()"))); }
bool Server::is_serving() const { return state("Server.is_serving()").serving(); }
Coro<DrainReport> Server::drain(TimeLimit timeout, TimeLimit grace) const {
    return detail::drain(StateRef(&state("Server.drain()")), timeout, grace);
}
std::vector<TransportSocket> Server::sockets() const { return state("Server.sockets()").sockets(); }
EventLoop& Server::get_loop() const { return state("Server.get_loop()").loop(); }
std::string Server::repr() const { return state_ ? state_->repr() : "<Server empty>"; }
Coro<Server> Server::aenter() const {
    state("Server.aenter()");
    return enter(*this);
}
Coro<> Server::aexit() const { return detail::end_server(StateRef(&state("Server.aexit()"))); }

namespace detail {

Coro<> wait_finished(Ref<ServerState> state) {
    if (state->finished()) co_return;
    const Future<> finished = state->loop().create_future<>();
    state->waiters.push_back(finished);
    struct Leave {  // a server may live as long as the program, and those who wait be cancelled
        ServerState& state;
        const Future<>& waiter;
        ~Leave() { std::erase(state.waiters, waiter); }
    } const leave{*state, finished};
    co_await finished;
}

Coro<Server> serve(EventLoop& loop, std::vector<Socket> sockets, SocketFile file, ServedBy served_by,
                   ServerOptions options) {
    const TlsChoice::Data& tls = options.get_tls().get();
    StartTlsOptions accepted = tls.checked().server_side(true);
    const StateRef state(
        new ServerState(loop, std::move(sockets), std::move(served_by), options.get_backlog()));
    state->own(std::move(file));
    if (options.get_drain()) state->limits = *options.get_drain();
    state->upgrade_with(tls.ssl, std::move(accepted));
    Server server(*state);
    if (options.get_start_serving()) {
        state->start_serving();
        try {
            co_await sleep(std::chrono::seconds(0));
        } catch (...) {  // cancelled: nobody else could close it
            server.close();
            throw;
        }
    }
    co_return server;
}

std::vector<std::string> one_host(std::string host) {
    std::vector<std::string> hosts;
    hosts.push_back(std::move(host));
    return hosts;
}

namespace {

Coro<Server> serve_hosts(ServedBy served_by, std::vector<std::string> hosts, int port,
                         ServerOptions options) {
    EventLoop& loop = get_running_loop();
    options.get_tls().get().checked();
    const std::vector<SocketAddress> addresses = co_await resolve_all(hosts, port, options);
    std::vector<Socket> sockets = bind_all(loop, addresses, options);
    co_return co_await serve(loop, std::move(sockets), SocketFile(), std::move(served_by),
                             std::move(options));
}

Coro<Server> serve_socket(ServedBy served_by, Socket socket, ServerOptions options) {
    check_stream_socket(socket);
    socket.set_nonblocking();
    std::vector<Socket> sockets;
    sockets.push_back(std::move(socket));
    co_return co_await serve(get_running_loop(), std::move(sockets), SocketFile(), std::move(served_by),
                             std::move(options));
}

}  // namespace

Coro<Server> make_server(AnyProtocolFactory factory, std::vector<std::string> hosts, int port,
                         ServerOptions options) {
    return serve_hosts(ServedBy(std::move(factory)), std::move(hosts), port, std::move(options));
}
Coro<Server> make_server(ClientConnectedCallback callback, std::vector<std::string> hosts, int port,
                         ServerOptions options) {
    ServedBy streams(std::move(callback), options.get_limit());
    return serve_hosts(std::move(streams), std::move(hosts), port, std::move(options));
}
Coro<Server> make_server(AnyProtocolFactory factory, Socket socket, ServerOptions options) {
    return serve_socket(ServedBy(std::move(factory)), std::move(socket), std::move(options));
}
Coro<Server> make_server(ClientConnectedCallback callback, Socket socket, ServerOptions options) {
    ServedBy streams(std::move(callback), options.get_limit());
    return serve_socket(std::move(streams), std::move(socket), std::move(options));
}

}  // namespace detail
}  // namespace aio
