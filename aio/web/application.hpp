// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/compose/context_managers.hpp>
#include <aio/compose/exit_stack.hpp>
#include <aio/task/coro.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/middleware.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/router/url_dispatcher.hpp>
#include <aio/web/signal.hpp>
#include <aio/web/storage.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::web {

namespace detail {
class ApplicationState;
}

/// Keyword arguments of Application.
class AppOptions {
public:
    AppOptions() {}
    /// One more, inside of those before.
    AppOptions& middleware(Middleware middleware) & {
        middlewares_.push_back(std::move(middleware));
        return *this;
    }
    AppOptions&& middleware(Middleware middleware) && AIO_LIFETIME_BOUND {
        return std::move(this->middleware(std::move(middleware)));
    }
    /// How large a body Request::read() takes, in bytes; 1 MiB.
    AppOptions& client_max_size(std::uint64_t bytes) & {
        client_max_size_ = bytes;
        return *this;
    }
    AppOptions&& client_max_size(std::uint64_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->client_max_size(bytes));
    }

private:
    friend class detail::ApplicationState;
    std::vector<Middleware> middlewares_;
    std::uint64_t client_max_size_ = std::uint64_t{1024} * 1024;
};

/// Routes, middlewares, shared data, and what is set up before the first request and cleared away after the
/// last. Mirrors aiohttp.web.Application.
///
///     web::Application app;
///     app.set(Store());
///     app.add_get("/hello/{name}", hello);
///     return web::run_app(app);
///
/// A cheap handle: copies refer to the same application. It can be changed until it has started.
/// Threads: the loop's; each loop makes its own.
class Application {
public:
    explicit Application(AppOptions options = AppOptions());

    /// Data of a type, for handlers. Mirrors app[key] = value. Throws RuntimeError once it has started; what
    /// is set up before, in cleanup contexts and on_startup(), may still be set there.
    template <class T>
    T& set(T value) {
        return storage_to_change().set(std::move(value));
    }
    /// Throws LookupError, which names the type, if none was set.
    template <class T>
    T& get() const {
        return storage().get<T>("the application");
    }
    /// Null if none was set.
    template <class T>
    T* find() const noexcept {
        return storage().find<T>();
    }

    /// One more middleware, inside of those before.
    void add_middleware(Middleware middleware) const;

    /// The routes. Mirrors app.router.
    UrlDispatcher& router() const noexcept;
    /// A route for a method, "*" for all; its path may have variables, "/items/{id}". The handler is a
    /// function of the request, with arguments of its own before it: `add_get("/", &Shop::show, &shop)`.
    /// See UrlDispatcher for paths and errors. Mirror app.router.add_route(), add_get() and its like.
    template <class F, class... Args>
    Route& add_route(std::string_view method, std::string_view path, F&& fn, Args&&... args) const {
        return route(method, path, Handler(std::forward<F>(fn), std::forward<Args>(args)...));
    }
    /// For GET, and for HEAD.
    template <class F, class... Args>
    Route& add_get(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("GET", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Route& add_post(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("POST", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Route& add_put(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("PUT", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Route& add_patch(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("PATCH", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Route& add_delete(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("DELETE", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Route& add_head(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("HEAD", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Route& add_options(std::string_view path, F&& fn, Args&&... args) const {
        return add_route("OPTIONS", path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    /// For every method: the handler tells them apart, as View::of<V>() does.
    template <class F, class... Args>
    Route& add_view(std::string_view path, F&& fn, Args&&... args) const {
        return add_route(http::hdrs::METH_ANY, path, std::forward<F>(fn), std::forward<Args>(args)...);
    }
    /// The files in a folder, or what a handler makes of them, and routes of a table: see UrlDispatcher.
    template <class... Args>
    StaticResource& add_static(std::string_view prefix, Args&&... args) const {
        return router().add_static(prefix, std::forward<Args>(args)...);
    }
    std::vector<Route*> add_routes(std::initializer_list<RouteDef> table) const {
        return router().add_routes(table);
    }
    std::vector<Route*> add_routes(const std::vector<RouteDef>& table) const {
        return router().add_routes(table);
    }
    /// Another application for all paths below the prefix, or all requests for a domain ("*.example.com"),
    /// with middlewares and data of its own, inside of those of this one. It is frozen, and starts and ends
    /// with this one.
    void add_subapp(std::string_view prefix, const Application& subapp) const;
    void add_domain(std::string_view domain, const Application& subapp) const;

    /// Before the first request, in order; an error keeps it from starting.
    Signal<Application&>& on_startup() const;
    /// When no new connections are accepted any more, and requests may still be at work: to end what they
    /// wait for.
    Signal<Application&>& on_shutdown() const;
    /// When no request is at work any more.
    Signal<Application&>& on_cleanup() const;
    /// Before the head of each response is sent, which may be changed still.
    Signal<Request&, Response>& on_response_prepare() const;
    /// What is set up before on_startup(), and cleared away, in the other order, before on_cleanup(): a
    /// function that is given its own arguments and the application, and gives an async generator that yields
    /// once.
    template <class F, class... Args>
    void add_cleanup_ctx(F&& fn, Args&&... args) const {
        add_context([fn = std::decay_t<F>(std::forward<F>(fn)),
                     ... args = std::decay_t<Args>(std::forward<Args>(args))](
                        AsyncExitStack& stack, Application app) mutable -> Coro<> {
            return enter(stack, std::move(app), fn, args...);
        });
    }

    /// The phases, for those who run it by hand. Mirror app.startup(), app.shutdown() and app.cleanup().
    Coro<> startup() const;
    Coro<> shutdown() const;
    Coro<> cleanup() const;
    /// Nothing can be changed any more. Idempotent.
    void freeze() const;
    bool frozen() const noexcept;
    bool debug() const noexcept;

    /// Answers a request: finds its route, and calls its handler inside of the middlewares.
    Coro<Response> handle(Request& request) const;

    friend bool operator==(const Application& a, const Application& b) noexcept = default;
    /// For the library.
    explicit Application(std::shared_ptr<detail::ApplicationState> state) noexcept
        : state_(std::move(state)) {}
    detail::ApplicationState& state() const noexcept { return *state_; }

private:
    using Context = aio::detail::SharedFunction<Coro<>(AsyncExitStack&, Application)>;
    Route& route(std::string_view method, std::string_view path, Handler handler) const;
    void add_context(Context context) const;
    void add_nested(const Application& subapp) const;
    template <class F, class... Args>
    static Coro<> enter(AsyncExitStack& stack, Application app, F& fn, Args&... args) {
        co_await stack.enter_async_context(asynccontextmanager(fn, args..., std::move(app)));
    }
    detail::Storage& storage() const noexcept;
    detail::Storage& storage_to_change() const;

    std::shared_ptr<detail::ApplicationState> state_;
};

}  // namespace aio::web
