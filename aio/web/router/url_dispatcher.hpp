// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/http/methods.hpp>
#include <aio/web/files/static_files.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/router/match_info.hpp>
#include <aio/web/router/prefix_resource.hpp>
#include <aio/web/router/resource.hpp>
#include <aio/web/router/route.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::web {

class RouteDef;

/// Which handler answers which request.
///
///     router.add_get("/items/{id:\\d+}", show).name("item");
///     router.add_post("/items", &Store::add, &store);
///
/// Of several resources that have a path, the one that says more of it before its first variable comes first,
/// by whole segments; of those that say the same, the one that was added first. HEAD is answered wherever GET
/// is. A resource that has the path but not the method is passed over; if none has it the answer is 405 with
/// the methods of them all.
///
/// Paths are compared decoded, but for "%2F" and "%25": routes may be written either way, and an encoded
/// slash is in a segment, not between two. Nothing is taken out of a path: "/a//b" and "/a/../b" are what
/// they are.
///
/// What is added can be called with arguments of its own before the request, as Handler. The functions that
/// add throw RuntimeError once the router is frozen, and ValueError for a path that does not begin with a
/// slash or has a malformed variable.
///
/// Threads: one at a time; once it is frozen resolve() from any. Mirrors aiohttp.web.UrlDispatcher.
class UrlDispatcher {
public:
    /// `owner` is for whoever made it, as its application.
    explicit UrlDispatcher(void* owner = nullptr);
    UrlDispatcher(const UrlDispatcher&) = delete;
    UrlDispatcher& operator=(const UrlDispatcher&) = delete;
    ~UrlDispatcher();

    /// A resource whose routes are added to it. The last one, if it has this path and name. Throws ValueError
    /// for a name that is none or is taken.
    Resource& add_resource(std::string_view path, std::string_view name = {});

    /// `method` may be any token, or "*" for every method that has no route of its own. Throws RuntimeError
    /// if the route would never be called.
    Route& add_route(std::string_view method, std::string_view path, Handler handler,
                     const RouteOptions& options = RouteOptions());
    template <class F, class First, class... Args>
        requires std::constructible_from<Handler, F, First, Args...>
    Route& add_route(std::string_view method, std::string_view path, F&& fn, First&& first, Args&&... args) {
        return add_route(
            method, path,
            Handler(std::forward<F>(fn), std::forward<First>(first), std::forward<Args>(args)...));
    }
    /// For GET, and HEAD unless the options say no. Gives the route for GET.
    Route& add_get(std::string_view path, Handler handler, const RouteOptions& options = RouteOptions());
    template <class F, class First, class... Args>
        requires std::constructible_from<Handler, F, First, Args...>
    Route& add_get(std::string_view path, F&& fn, First&& first, Args&&... args) {
        return add_get(path,
                       Handler(std::forward<F>(fn), std::forward<First>(first), std::forward<Args>(args)...));
    }
    template <class... Args>
    Route& add_head(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_HEAD, path, std::forward<Args>(handler)...);
    }
    template <class... Args>
    Route& add_options(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_OPTIONS, path, std::forward<Args>(handler)...);
    }
    template <class... Args>
    Route& add_post(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_POST, path, std::forward<Args>(handler)...);
    }
    template <class... Args>
    Route& add_put(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_PUT, path, std::forward<Args>(handler)...);
    }
    template <class... Args>
    Route& add_patch(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_PATCH, path, std::forward<Args>(handler)...);
    }
    template <class... Args>
    Route& add_delete(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_DELETE, path, std::forward<Args>(handler)...);
    }
    /// For every method: the handler tells them apart.
    template <class... Args>
    Route& add_view(std::string_view path, Args&&... handler) {
        return add_route(http::hdrs::METH_ANY, path, std::forward<Args>(handler)...);
    }

    /// What is below `prefix`, for GET and HEAD.
    StaticResource& add_static(std::string_view prefix, Handler handler,
                               const StaticRouteOptions& options = StaticRouteOptions());

    /// The files in a folder, and in those below it. Nothing outside of it is sent: not by "..", however it
    /// is encoded, and by symbolic links only if the options allow them. A folder is answered by 403, or by a
    /// page of what is in it. Throws ValueError if there is no such folder; "~" is the user's own.
    StaticResource& add_static(std::string_view prefix, std::string_view directory,
                               const StaticOptions& options = StaticOptions());

    /// Another router for what is below `prefix`, or for a host: "example.com", "example.com:8080", or a
    /// mask,
    /// "*.example.com". Hosts come before paths. It is frozen and gets this one as parent, lives as long, and
    /// all its paths begin with the prefix from now on. Throws ValueError for the prefix "/" and what is no
    /// host, RuntimeError if it has a parent (but for several hosts of one parent).
    PrefixedSubAppResource& add_subapp(std::string_view prefix, UrlDispatcher& subrouter);
    MatchedSubAppResource& add_domain(std::string_view domain, UrlDispatcher& subrouter);

    /// Adds what is in a table, in its order; gives the routes.
    std::vector<Route*> add_routes(const std::vector<RouteDef>& table);
    std::vector<Route*> add_routes(std::initializer_list<RouteDef> table);

    /// Finds what answers. `host` is the field Host; `path` that of the target, encoded, without query.
    UrlMappingMatchInfo resolve(std::string_view method, std::string_view host, std::string_view path) const;
    /// The same into an object that was used before; does not allocate unless its memory is too small.
    void resolve(std::string_view method, std::string_view host, std::string_view path,
                 UrlMappingMatchInfo& match) const;

    /// In the order in which they were added.
    std::vector<AbstractResource*> resources() const;
    std::vector<Route*> routes() const;
    /// Those that have a name, in the same order.
    std::vector<AbstractResource*> named_resources() const;
    /// Throws LookupError, Python's KeyError, if there is none of that name.
    AbstractResource& operator[](std::string_view name) const;
    bool contains(std::string_view name) const noexcept;

    /// Makes the table. Afterwards nothing can be added.
    void freeze();
    bool frozen() const noexcept { return frozen_; }

    /// Given to the constructor.
    void* owner() const noexcept { return owner_; }
    /// The router that this one is a part of; none for the outermost.
    const UrlDispatcher* parent() const noexcept { return parent_; }

private:
    friend class AbstractResource;
    friend class PrefixedSubAppResource;
    friend class Route;

    struct Lookup;

    AbstractResource* find_named(std::string_view name) const noexcept;
    void check_name(std::string_view name) const;
    void set_name(AbstractResource& resource, std::string_view name);
    void check_not_frozen() const;
    template <class R>
    R& append(std::unique_ptr<R> resource, std::string_view name);
    void adopt(UrlDispatcher& subrouter, bool by_host);
    void add_prefix(std::string_view prefix);
    const detail::RouteTable& table() const;
    void find(Lookup& lookup) const;
    bool ask(const AbstractResource& resource, Lookup& lookup) const;

    void* owner_;
    const UrlDispatcher* parent_ = nullptr;
    bool frozen_ = false;
    bool below_prefix_ = false;
    std::vector<std::unique_ptr<AbstractResource>> resources_;
    std::vector<MatchedSubAppResource*> by_host_;
    mutable std::unique_ptr<detail::RouteTable> table_;  // none: something was added since
};

}  // namespace aio::web
