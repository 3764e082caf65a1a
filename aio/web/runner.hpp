// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>
#include <aio/transport/transport_upgrade.hpp>
#include <aio/web/application.hpp>
#include <aio/web/server.hpp>
#include <aio/web/server_options.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::web {

namespace detail {
class RunnerState;
}

/// Serves an application, or a Server, on the addresses of its sites. Mirrors aiohttp.web.AppRunner and
/// ServerRunner.
///
///     web::AppRunner runner(app);
///     co_await runner.setup();
///     co_await web::TCPSite(runner, "127.0.0.1", 8080).start();
///     ...
///     co_await runner.cleanup();
///
/// A cheap handle. Threads: the loop's.
class AppRunner {
public:
    explicit AppRunner(Application app, ServerOptions options = ServerOptions());
    explicit AppRunner(Server server);

    /// Starts the application: its cleanup contexts and on_startup. Throws what these throw, after it has
    /// cleared away what was set up.
    Coro<> setup() const;
    /// Ends it in aiohttp's order: no new connections, idle ones are closed, on_shutdown, the handlers end
    /// (what is left after shutdown_timeout() is cancelled), on_cleanup. Idempotent.
    Coro<> cleanup() const;
    /// How long cleanup() waits for handlers; 60 s.
    void shutdown_timeout(TimeLimit limit) const;

    /// Where its sites listen.
    std::vector<SocketAddress> addresses() const;
    /// The names of its sites.
    std::vector<std::string> sites() const;
    /// Throws RuntimeError before setup().
    Server server() const;

    /// The descriptors of its Unix sockets, for other loops that listen there, too.
    std::vector<int> unix_sockets() const;

    detail::RunnerState& state() const noexcept { return *state_; }

private:
    std::shared_ptr<detail::RunnerState> state_;
};

/// Keyword arguments of sites.
class SiteOptions {
public:
    SiteOptions() {}
    /// Connections that the system queues until they are accepted; 128.
    SiteOptions& backlog(int connections) & {
        backlog_ = connections;
        return *this;
    }
    SiteOptions&& backlog(int connections) && AIO_LIFETIME_BOUND {
        return std::move(this->backlog(connections));
    }
    /// SO_REUSEADDR; on. SO_REUSEPORT; off.
    SiteOptions& reuse_address(bool on) & {
        reuse_address_ = on;
        return *this;
    }
    SiteOptions&& reuse_address(bool on) && AIO_LIFETIME_BOUND { return std::move(this->reuse_address(on)); }
    SiteOptions& reuse_port(bool on) & {
        reuse_port_ = on;
        return *this;
    }
    SiteOptions&& reuse_port(bool on) && AIO_LIFETIME_BOUND { return std::move(this->reuse_port(on)); }
    /// TLS, such as an ssl::SSLContext.
    SiteOptions& ssl_context(std::shared_ptr<TransportUpgrade> context) & {
        ssl_context_ = std::move(context);
        return *this;
    }
    SiteOptions&& ssl_context(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl_context(std::move(context)));
    }
    /// Permissions of a Unix socket's file; by default what the umask leaves of 0777.
    SiteOptions& mode(int bits) & {
        mode_ = bits;
        return *this;
    }
    SiteOptions&& mode(int bits) && AIO_LIFETIME_BOUND { return std::move(this->mode(bits)); }

    int get_backlog() const noexcept { return backlog_; }
    bool get_reuse_address() const noexcept { return reuse_address_; }
    bool get_reuse_port() const noexcept { return reuse_port_; }
    const std::shared_ptr<TransportUpgrade>& get_ssl_context() const noexcept { return ssl_context_; }
    int get_mode() const noexcept { return mode_; }

private:
    std::shared_ptr<TransportUpgrade> ssl_context_;
    int backlog_ = 128;
    int mode_ = -1;
    bool reuse_address_ = true;
    bool reuse_port_ = false;
};

/// A place where a runner listens. Mirrors aiohttp.web.BaseSite.
class BaseSite {
public:
    /// Listens. Throws RuntimeError before the runner's setup() and the second time; what create_server()
    /// throws.
    Coro<> start();
    /// No new connections. The runner's cleanup() does it, too.
    Coro<> stop();
    /// "http://127.0.0.1:8080", as far as it is known.
    std::string name() const;
    /// Where it listens: with port 0 the port that the system has chosen.
    std::vector<SocketAddress> addresses() const;

    struct State;

protected:
    BaseSite(const AppRunner& runner, SiteOptions options);
    AppRunner runner_;
    std::shared_ptr<State> state_;
    friend class detail::RunnerState;
};

/// Every address of a host (empty: all interfaces) and a port: 8080, or 8443 with TLS, if none is given; 0
/// for a free one.
class TCPSite : public BaseSite {
public:
    explicit TCPSite(const AppRunner& runner, std::string host = "", std::optional<int> port = std::nullopt,
                     SiteOptions options = SiteOptions());
};
class UnixSite : public BaseSite {
public:
    UnixSite(const AppRunner& runner, std::string path, SiteOptions options = SiteOptions());
};
/// A socket that is bound already, which is taken over.
class SockSite : public BaseSite {
public:
    SockSite(const AppRunner& runner, Socket socket, SiteOptions options = SiteOptions());
};

}  // namespace aio::web
