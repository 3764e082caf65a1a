// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/task/coro.hpp>
#include <aio/web/application.hpp>
#include <aio/web/runner.hpp>
#include <aio/web/server_options.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::web {

namespace detail {
class AppWorkers;
}

/// Keyword arguments of run_app().
class RunOptions {
public:
    RunOptions() {}
    /// One more host to listen on; without any, all interfaces.
    RunOptions& host(std::string host) & {
        hosts_.push_back(std::move(host));
        return *this;
    }
    RunOptions&& host(std::string host) && AIO_LIFETIME_BOUND {
        return std::move(this->host(std::move(host)));
    }
    /// 8080, or 8443 with TLS, if none is given; 0 for a free one.
    RunOptions& port(int port) & {
        port_ = port;
        return *this;
    }
    RunOptions&& port(int port) && AIO_LIFETIME_BOUND { return std::move(this->port(port)); }
    /// One more Unix socket to listen on; no TCP then, unless host() or port() is given.
    RunOptions& path(std::string path) & {
        paths_.push_back(std::move(path));
        return *this;
    }
    RunOptions&& path(std::string path) && AIO_LIFETIME_BOUND {
        return std::move(this->path(std::move(path)));
    }
    /// How many loops serve, each in a thread of its own and with an application of its own, which the
    /// factory makes; 1. Throws ValueError for 0, and where run_app() is given an application, of which
    /// there is only one.
    RunOptions& workers(unsigned count) &;
    RunOptions&& workers(unsigned count) && AIO_LIFETIME_BOUND { return std::move(this->workers(count)); }
    /// How long handlers may take to end when it is stopped; 60 s.
    RunOptions& shutdown_timeout(TimeLimit limit) & {
        shutdown_timeout_ = limit;
        return *this;
    }
    RunOptions&& shutdown_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->shutdown_timeout(limit));
    }
    /// Backlog, TLS and more of each place.
    RunOptions& site(SiteOptions options) & {
        site_ = std::move(options);
        return *this;
    }
    RunOptions&& site(SiteOptions options) && AIO_LIFETIME_BOUND {
        return std::move(this->site(std::move(options)));
    }
    RunOptions& ssl_context(std::shared_ptr<TransportUpgrade> context) & {
        site_.ssl_context(std::move(context));
        return *this;
    }
    RunOptions&& ssl_context(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl_context(std::move(context)));
    }
    /// Time limits and more of each connection.
    RunOptions& server(ServerOptions options) & {
        server_ = std::move(options);
        return *this;
    }
    RunOptions&& server(ServerOptions options) && AIO_LIFETIME_BOUND {
        return std::move(this->server(std::move(options)));
    }
    /// Where it says on which addresses it runs; by default standard output. Empty: nowhere.
    RunOptions& print(aio::detail::SharedFunction<void(std::string_view text)> print) & {
        prints_ = static_cast<bool>(print);
        print_ = std::move(print);
        return *this;
    }
    RunOptions&& print(aio::detail::SharedFunction<void(std::string_view text)> print) && AIO_LIFETIME_BOUND {
        return std::move(this->print(std::move(print)));
    }
    /// Whether SIGINT and SIGTERM stop it gracefully, a second one at once; on.
    RunOptions& handle_signals(bool on) & {
        handle_signals_ = on;
        return *this;
    }
    RunOptions&& handle_signals(bool on) && AIO_LIFETIME_BOUND { return std::move(this->handle_signals(on)); }

    unsigned get_workers() const noexcept { return workers_; }

private:
    friend class detail::AppWorkers;
    std::vector<std::string> hosts_;
    std::vector<std::string> paths_;
    std::optional<int> port_;
    unsigned workers_ = 1;
    TimeLimit shutdown_timeout_ = std::chrono::seconds(60);
    SiteOptions site_;
    ServerOptions server_;
    aio::detail::SharedFunction<void(std::string_view text)> print_;
    bool prints_ = true;
    bool handle_signals_ = true;
};

namespace detail {
using AppFactory = aio::detail::SharedFunction<Coro<Application>()>;
Coro<Application> given(Application app);
int run_app(AppFactory factory, RunOptions options);
}  // namespace detail

/// Serves an application until SIGINT or SIGTERM, then ends it gracefully; gives 0, so that main() can return
/// it. Prints where it runs. Throws what its start throws, and RuntimeError if a loop runs in this thread.
/// Mirrors aiohttp.web.run_app().
int run_app(Application app, RunOptions options = RunOptions());

/// The same for the application that `make_app()` gives, which may be a coroutine: on each loop its own.
/// Nothing is shared by them but what the factory shares, which has to be thread-safe then. The factory is
/// called in the thread of each loop, one after the other.
template <class F>
    requires std::is_invocable_v<F&>
int run_app(F make_app, RunOptions options = RunOptions()) {
    using R = std::invoke_result_t<F&>;
    if constexpr (std::same_as<R, Application>) {
        return detail::run_app(
            [make_app = std::move(make_app)]() mutable { return detail::given(make_app()); },
            std::move(options));
    } else {
        return detail::run_app(std::move(make_app), std::move(options));
    }
}

}  // namespace aio::web
