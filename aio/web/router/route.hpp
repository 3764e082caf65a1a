// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/http/url/url.hpp>
#include <aio/task/coro.hpp>
#include <aio/web/handler.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::web {

class AbstractResource;

/// What is asked before the body of a request with "Expect" is read. Its response is the answer, in the place
/// of the handler's; none lets the handler be called.
using ExpectHandler = aio::detail::SharedFunction<Coro<std::optional<Response>>(Request&)>;

/// Keyword arguments of UrlDispatcher::add_route() and its like.
class RouteOptions {
public:
    RouteOptions() {}

    /// What the resource is called: `router["name"]`. Identifiers with ".", ":" or "-" between them.
    RouteOptions& name(std::string_view text) & AIO_LIFETIME_BOUND {
        name_ = text;
        return *this;
    }
    RouteOptions&& name(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(name(text)); }
    /// Default: "100 Continue" for "100-continue", 417 for everything else.
    RouteOptions& expect_handler(ExpectHandler handler) & AIO_LIFETIME_BOUND {
        expect_handler_ = std::move(handler);
        return *this;
    }
    RouteOptions&& expect_handler(ExpectHandler handler) && AIO_LIFETIME_BOUND {
        return std::move(expect_handler(std::move(handler)));
    }
    /// Whether a route for GET is one for HEAD as well. Default: yes.
    RouteOptions& allow_head(bool yes) & AIO_LIFETIME_BOUND {
        allow_head_ = yes;
        return *this;
    }
    RouteOptions&& allow_head(bool yes) && AIO_LIFETIME_BOUND { return std::move(allow_head(yes)); }

    const std::string& name() const noexcept AIO_LIFETIME_BOUND { return name_; }
    const ExpectHandler& expect_handler() const noexcept AIO_LIFETIME_BOUND { return expect_handler_; }
    bool allow_head() const noexcept { return allow_head_; }

private:
    std::string name_;
    ExpectHandler expect_handler_;
    bool allow_head_ = true;
};

/// A method of a resource, and what answers it. Belongs to its resource, and lives as long as the router.
/// Threads: as the router. Mirrors aiohttp.web.AbstractRoute.
class Route {
public:
    Route(const Route&) = delete;
    Route& operator=(const Route&) = delete;

    /// In capitals; "*" for any.
    const std::string& method() const noexcept AIO_LIFETIME_BOUND { return method_; }
    const Handler& handler() const noexcept AIO_LIFETIME_BOUND { return handler_; }
    /// Empty for the usual one.
    const ExpectHandler& expect_handler() const noexcept AIO_LIFETIME_BOUND { return expect_handler_; }
    AbstractResource& resource() const noexcept { return resource_; }

    /// That of the resource; empty if it has none.
    std::string_view name() const noexcept AIO_LIFETIME_BOUND;
    /// Gives the resource a name, as RouteOptions does: `add_get("/", hello).name("home")`. Throws ValueError
    /// for what is no name and for one that is taken, RuntimeError once the router is frozen.
    Route& name(std::string_view text) AIO_LIFETIME_BOUND;
    /// As of the resource.
    http::URL url_for(const http::MultiDict& parts = {}) const;

    /// Text for people: "<ResourceRoute [GET] <PlainResource  /path>>".
    std::string repr() const;

private:
    friend class AbstractResource;

    Route(AbstractResource& resource, std::string method, Handler handler, ExpectHandler expect_handler);

    std::string method_;
    AbstractResource& resource_;
    Handler handler_;
    ExpectHandler expect_handler_;
};

}  // namespace aio::web
