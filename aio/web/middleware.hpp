// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/response.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace aio::web {

/// What stands around the handlers of an application: any callable that takes a Request& and the Handler
/// behind it, and gives a Coro<Response>. The first one is outermost. Mirrors aiohttp's @middleware.
///
///     aio::Coro<web::Response> timing(web::Request& request, web::Handler handler) {
///         web::Response response = co_await handler(request);
///         co_return response.header("X-Answered", "yes");
///     }
///
/// A coroutine that is a lambda must not use its captures after its first await; what it needs are better
/// arguments of a function: see docs/footguns.md.
class Middleware {
public:
    template <class F>
        requires(!std::same_as<std::decay_t<F>, Middleware> &&
                 std::is_invocable_r_v<Coro<Response>, std::decay_t<F>&, Request&, Handler>)
    Middleware(F&& fn) : fn_(std::forward<F>(fn)) {}  // NOLINT(google-explicit-constructor)

    Coro<Response> operator()(Request& request, Handler next) const { return fn_(request, std::move(next)); }
    /// The handler with this around it.
    Handler around(Handler next) const {
        return Handler([fn = fn_, next = std::move(next)](Request& request) { return fn(request, next); });
    }

private:
    aio::detail::SharedFunction<Coro<Response>(Request&, Handler)> fn_;
};

}  // namespace aio::web
