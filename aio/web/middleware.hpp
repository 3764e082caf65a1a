// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/response.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace aio::web {

/// What stands around the handlers of an application: any callable that takes a Request& and the Handler
/// behind it, and gives a Coro<Response>; with arguments of its own before these. The first one is outermost.
/// Mirrors aiohttp's @middleware.
///
///     aio::Coro<web::Response> timing(web::Request& request, web::Handler handler) {
///         web::Response response = co_await handler(request);
///         co_return response.header("X-Answered", "yes");
///     }
///
///     AppOptions().middleware(timing).middleware({log_to, std::ref(journal)})
///
/// A coroutine that is a lambda must not use its captures after its first await; what it needs are better
/// arguments of a function: see docs/footguns.md.
class Middleware {
public:
    template <class F>
        requires(!std::same_as<std::decay_t<F>, Middleware> &&
                 std::is_invocable_r_v<Coro<Response>, std::decay_t<F>&, Request&, Handler>)
    Middleware(F&& fn) : fn_(std::forward<F>(fn)) {}  // NOLINT(google-explicit-constructor)
    template <class F, class First, class... Args>
        requires std::is_invocable_r_v<Coro<Response>, std::decay_t<F>&, std::decay_t<First>&,
                                       std::decay_t<Args>&..., Request&, Handler>
    Middleware(F&& fn, First&& first, Args&&... args)
        : fn_([fn = std::decay_t<F>(std::forward<F>(fn)),
               first = std::decay_t<First>(std::forward<First>(first)),
               ... args = std::decay_t<Args>(std::forward<Args>(args))](Request& request,
                                                                        Handler next) mutable {
              return Coro<Response>(std::invoke(fn, first, args..., request, std::move(next)));
          }) {}

    Coro<Response> operator()(Request& request, Handler next) const { return fn_(request, std::move(next)); }
    /// The handler with this around it.
    Handler around(Handler next) const {
        return Handler([fn = fn_, next = std::move(next)](Request& request) { return fn(request, next); });
    }

private:
    aio::detail::SharedFunction<Coro<Response>(Request&, Handler)> fn_;
};

}  // namespace aio::web
