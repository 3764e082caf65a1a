// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/http/methods.hpp>
#include <aio/web/files/static_files.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/router/prefix_resource.hpp>
#include <aio/web/router/route.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aio::web {

class UrlDispatcher;

/// A route that is not added yet: `router.add_routes({web::get("/", home), web::post("/items", add)})`.
/// Mirrors aiohttp.web.RouteDef and StaticDef.
class RouteDef {
public:
    RouteDef(std::string_view method, std::string_view path, Handler handler,
             RouteOptions options = RouteOptions())
        : method_(method), path_(path), handler_(std::move(handler)), options_(std::move(options)) {}
    /// What is below a prefix.
    RouteDef(std::string_view prefix, Handler handler, StaticRouteOptions options)
        : path_(prefix), handler_(std::move(handler)), options_(std::move(options)) {}
    /// The files in a folder.
    RouteDef(std::string_view prefix, std::string_view directory, StaticOptions options)
        : path_(prefix), directory_(directory), options_(std::move(options)) {}

    /// Empty for what is below a prefix.
    const std::string& method() const noexcept AIO_LIFETIME_BOUND { return method_; }
    const std::string& path() const noexcept AIO_LIFETIME_BOUND { return path_; }
    const Handler& handler() const noexcept AIO_LIFETIME_BOUND { return handler_; }

    /// Adds it to a router and its routes to `routes`. Throws what the router's functions throw.
    void append_to(UrlDispatcher& router, std::vector<Route*>& routes) const;

    /// Text for people: "<RouteDef GET /path name='home'>".
    std::string repr() const;

private:
    std::string method_;
    std::string path_;
    std::string directory_;
    Handler handler_;
    std::variant<RouteOptions, StaticRouteOptions, StaticOptions> options_;
};

/// For any method, or "*". Like all these functions it takes a handler, perhaps with arguments of its own, or
/// a handler and options: `web::get("/", &Store::list, &store)`, `web::get("/", home,
/// RouteOptions().name("home"))`. Mirrors aiohttp.web.route() and its like.
inline RouteDef route(std::string_view method, std::string_view path, Handler handler,
                      RouteOptions options = RouteOptions()) {
    return {method, path, std::move(handler), std::move(options)};
}
template <class F, class First, class... Args>
    requires std::constructible_from<Handler, F, First, Args...>
RouteDef route(std::string_view method, std::string_view path, F&& fn, First&& first, Args&&... args) {
    return {method, path,
            Handler(std::forward<F>(fn), std::forward<First>(first), std::forward<Args>(args)...)};
}
template <class... Args>
RouteDef get(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_GET, path, std::forward<Args>(handler)...);
}
template <class... Args>
RouteDef head(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_HEAD, path, std::forward<Args>(handler)...);
}
template <class... Args>
RouteDef options(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_OPTIONS, path, std::forward<Args>(handler)...);
}
template <class... Args>
RouteDef post(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_POST, path, std::forward<Args>(handler)...);
}
template <class... Args>
RouteDef put(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_PUT, path, std::forward<Args>(handler)...);
}
template <class... Args>
RouteDef patch(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_PATCH, path, std::forward<Args>(handler)...);
}
template <class... Args>
RouteDef delete_(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_DELETE, path, std::forward<Args>(handler)...);
}
/// For every method: the handler tells them apart.
template <class... Args>
RouteDef view(std::string_view path, Args&&... handler) {
    return route(http::hdrs::METH_ANY, path, std::forward<Args>(handler)...);
}
inline RouteDef static_(std::string_view prefix, Handler handler,
                        StaticRouteOptions options = StaticRouteOptions()) {
    return {prefix, std::move(handler), std::move(options)};
}

/// The files in a folder: see UrlDispatcher::add_static().
inline RouteDef static_(std::string_view prefix, std::string_view directory,
                        StaticOptions options = StaticOptions()) {
    return {prefix, directory, std::move(options)};
}

/// Routes to be added later: what a module of a program has, say. Mirrors aiohttp.web.RouteTableDef, whose
/// decorators are functions here.
///
///     web::RouteTableDef routes;
///     routes.get("/", home).post("/items", &Store::add, &store);
///     router.add_routes(routes);
class RouteTableDef {
public:
    RouteTableDef& append(RouteDef definition) {
        items_.push_back(std::move(definition));
        return *this;
    }
    template <class... Args>
    RouteTableDef& route(std::string_view method, std::string_view path, Args&&... handler) {
        return append(web::route(method, path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& get(std::string_view path, Args&&... handler) {
        return append(web::get(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& head(std::string_view path, Args&&... handler) {
        return append(web::head(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& options(std::string_view path, Args&&... handler) {
        return append(web::options(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& post(std::string_view path, Args&&... handler) {
        return append(web::post(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& put(std::string_view path, Args&&... handler) {
        return append(web::put(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& patch(std::string_view path, Args&&... handler) {
        return append(web::patch(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& delete_(std::string_view path, Args&&... handler) {
        return append(web::delete_(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& view(std::string_view path, Args&&... handler) {
        return append(web::view(path, std::forward<Args>(handler)...));
    }
    template <class... Args>
    RouteTableDef& static_(std::string_view prefix, Args&&... handler) {
        return append(web::static_(prefix, std::forward<Args>(handler)...));
    }

    /// What add_routes() takes.
    operator const std::vector<RouteDef>&() const noexcept AIO_LIFETIME_BOUND { return items_; }
    std::size_t size() const noexcept { return items_.size(); }
    const RouteDef& operator[](std::size_t i) const AIO_LIFETIME_BOUND { return items_.at(i); }
    auto begin() const noexcept AIO_LIFETIME_BOUND { return items_.begin(); }
    auto end() const noexcept AIO_LIFETIME_BOUND { return items_.end(); }

private:
    std::vector<RouteDef> items_;
};

}  // namespace aio::web
