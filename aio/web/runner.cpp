// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/unix_sockets.hpp>
#include <aio/web/application_state_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>
#include <aio/web/runner.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <variant>

namespace aio::web {

/// One of three kinds of places.
struct BaseSite::State {
    struct Tcp {
        std::string host;
        std::optional<int> port;
    };
    struct Unix {
        std::string path;
    };
    SiteOptions options;
    std::variant<Tcp, Unix, Socket> place;
    aio::Server server;
};

namespace detail {

class RunnerState {
public:
    std::optional<Application> app;
    ServerOptions options;
    std::optional<Server> server;
    std::vector<std::shared_ptr<BaseSite::State>> sites;
    TimeLimit shutdown_timeout = std::chrono::seconds(60);
    bool started = false;

    Coro<> setup();
    Coro<> cleanup();

    static std::vector<SocketAddress> addresses(const BaseSite::State& site) {
        std::vector<SocketAddress> all;
        if (!site.server) return all;
        for (const TransportSocket& socket : site.server.sockets()) all.push_back(socket.getsockname());
        return all;
    }
    static std::string name(const BaseSite::State& site);
};

std::string RunnerState::name(const BaseSite::State& site) {
    const std::string scheme = site.options.get_ssl_context() ? "https" : "http";
    if (const auto* unix_place = std::get_if<BaseSite::State::Unix>(&site.place)) {
        return scheme + "://unix:" + unix_place->path + ":";
    }
    const auto* tcp = std::get_if<BaseSite::State::Tcp>(&site.place);
    const std::vector<SocketAddress> listening = addresses(site);
    if (tcp && !tcp->host.empty() && !listening.empty()) {
        const bool is_address = tcp->host.find(':') != std::string::npos;
        const std::string host = is_address ? "[" + tcp->host + "]" : tcp->host;
        return scheme + "://" + host + ":" + std::to_string(listening.front().port());
    }
    if (listening.empty()) return scheme + "://?";
    if (tcp) return scheme + "://0.0.0.0:" + std::to_string(listening.front().port());
    return scheme + "://" + listening.front().str();
}

Coro<> RunnerState::setup() {
    if (started) throw RuntimeError("the runner was set up before");
    if (app) {
        const Application application = *app;
        std::exception_ptr error;
        try {
            co_await application.startup();
        } catch (...) {
            error = std::current_exception();
        }
        if (error) {
            co_await application.cleanup();
            std::rethrow_exception(error);
        }
        server.emplace([application](Request& request) { return application.handle(request); }, options);
        if (application.state().prepares_responses()) {
            server->state().on_prepare = &ApplicationState::prepare_response;
        }
    }
    started = true;
}

Coro<> RunnerState::cleanup() {
    if (!std::exchange(started, false)) co_return;
    for (const auto& site : sites) {
        if (site->server) site->server.close();
    }
    server->state().begin_shutdown();
    std::exception_ptr error;
    try {
        if (app) co_await app->shutdown();
    } catch (...) {
        error = std::current_exception();
    }
    TimeLimit limit = shutdown_timeout;
    if (error && exception_ptr_cast<CancelledError>(error)) limit = Duration::zero();
    bool ended = false;
    try {
        co_await server->shutdown(limit);
        ended = true;
    } catch (...) {
        if (!error) error = std::current_exception();
    }
    // Whoever is in a hurry does not wait for handlers; but none works on while what it works with is closed.
    try {
        if (!ended) co_await server->shutdown(Duration::zero());
    } catch (...) {
        // The error before says enough.
    }
    sites.clear();
    if (app) co_await app->cleanup();
    if (error) std::rethrow_exception(error);
}

}  // namespace detail

AppRunner::AppRunner(Application app, ServerOptions options)
    : state_(std::make_shared<detail::RunnerState>()) {
    state_->app = std::move(app);
    state_->options = std::move(options);
}

AppRunner::AppRunner(Server server) : state_(std::make_shared<detail::RunnerState>()) {
    state_->server = std::move(server);
}

Coro<> AppRunner::setup() const { return state_->setup(); }
Coro<> AppRunner::cleanup() const { return state_->cleanup(); }
void AppRunner::shutdown_timeout(TimeLimit limit) const { state_->shutdown_timeout = limit; }

std::vector<SocketAddress> AppRunner::addresses() const {
    std::vector<SocketAddress> all;
    for (const auto& site : state_->sites) {
        for (SocketAddress& one : detail::RunnerState::addresses(*site)) all.push_back(std::move(one));
    }
    return all;
}

std::vector<std::string> AppRunner::sites() const {
    std::vector<std::string> names;
    for (const auto& site : state_->sites) names.push_back(detail::RunnerState::name(*site));
    return names;
}

std::vector<int> AppRunner::unix_sockets() const {
    std::vector<int> all;
    for (const auto& site : state_->sites) {
        if (!std::holds_alternative<BaseSite::State::Unix>(site->place)) continue;
        for (const TransportSocket& socket : site->server.sockets()) all.push_back(socket.fileno());
    }
    return all;
}

Server AppRunner::server() const {
    if (!state_->started) throw RuntimeError("the runner has no server before setup()");
    return *state_->server;
}

namespace {

/// Connections have these options of the socket that they were accepted from. The system also looks at those
/// that were closed and whose last bytes nobody takes.
void watch_peers(const aio::Server& listening, const ServerOptions& options) {
    for (const TransportSocket& socket : listening.sockets()) {
        if (socket.family() != AF_INET && socket.family() != AF_INET6) continue;
        if (options.get_tcp_keepalive()) socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
        const auto limit = options.get_send_timeout().delay();
        if (!limit) continue;
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*limit).count();
        constexpr std::int64_t kMost = std::numeric_limits<int>::max();
        const auto value = static_cast<int>(std::clamp<std::int64_t>(ms, 1, kMost));
        socket.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, value);
    }
}

}  // namespace

BaseSite::BaseSite(const AppRunner& runner, SiteOptions options)
    : runner_(runner), state_(std::make_shared<State>(State{std::move(options), State::Tcp(), {}})) {}

Coro<> BaseSite::start() {
    const std::shared_ptr<State> site = state_;
    const AppRunner keep = runner_;
    detail::RunnerState& runner = keep.state();
    if (!runner.started) throw RuntimeError("a site can be started after setup() of its runner");
    if (site->server) throw RuntimeError("the site " + name() + " was started before");
    aio::ServerOptions options;
    options.backlog(site->options.get_backlog()).reuse_port(site->options.get_reuse_port());
    options.reuse_address(site->options.get_reuse_address()).mode(site->options.get_mode());
    options.start_serving(false);
    const bool tls = site->options.get_ssl_context() != nullptr;
    if (tls) options.ssl(site->options.get_ssl_context());
    const Server& server = *runner.server;
    if (const auto* tcp = std::get_if<State::Tcp>(&site->place)) {
        site->server = co_await create_server(server, tcp->host, tcp->port.value_or(tls ? 8443 : 8080),
                                              std::move(options));
    } else if (const auto* unix_place = std::get_if<State::Unix>(&site->place)) {
        site->server = co_await create_unix_server(server, unix_place->path, std::move(options));
    } else {
        site->server =
            co_await create_server(server, std::move(std::get<Socket>(site->place)), std::move(options));
    }
    try {
        watch_peers(site->server, server.state().options);
        co_await site->server.start_serving();
    } catch (...) {  // cancelled: nobody else could close it
        std::exchange(site->server, aio::Server()).close();
        throw;
    }
    runner.sites.push_back(site);
}

Coro<> BaseSite::stop() {
    const std::shared_ptr<State> site = state_;
    if (site->server) site->server.close();
    co_return;
}

std::string BaseSite::name() const { return detail::RunnerState::name(*state_); }
std::vector<SocketAddress> BaseSite::addresses() const { return detail::RunnerState::addresses(*state_); }

TCPSite::TCPSite(const AppRunner& runner, std::string host, std::optional<int> port, SiteOptions options)
    : BaseSite(runner, std::move(options)) {
    state_->place = State::Tcp{std::move(host), port};
}
UnixSite::UnixSite(const AppRunner& runner, std::string path, SiteOptions options)
    : BaseSite(runner, std::move(options)) {
    state_->place = State::Unix{std::move(path)};
}
SockSite::SockSite(const AppRunner& runner, Socket socket, SiteOptions options)
    : BaseSite(runner, std::move(options)) {
    state_->place = std::move(socket);
}

}  // namespace aio::web
