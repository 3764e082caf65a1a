// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio::web {

class Request;
class Response;

/// What answers requests: a function, lambda or member function that takes a Request& and gives a
/// Coro<Response>; with arguments of its own before the request. A cheap handle: copies share the callable.
///
///     Handler(hello)
///     Handler(&Store::list, &store)          // store.list(request)
///
/// Threads: as of the callable.
class Handler {
public:
    Handler() noexcept = default;
    template <class F>
        requires(!std::same_as<std::decay_t<F>, Handler> && std::is_invocable_v<std::decay_t<F>&, Request&>)
    Handler(F&& fn)  // NOLINT(google-explicit-constructor)
        : fn_(std::forward<F>(fn)) {}
    template <class F, class First, class... Args>
        requires std::is_invocable_v<std::decay_t<F>&, std::decay_t<First>&, std::decay_t<Args>&..., Request&>
    Handler(F&& fn, First&& first, Args&&... args)
        : fn_([fn = std::decay_t<F>(std::forward<F>(fn)),
               bound = std::tuple<std::decay_t<First>, std::decay_t<Args>...>(
                   std::forward<First>(first), std::forward<Args>(args)...)](Request& request) mutable {
              return std::apply(
                  [&](auto&... each) -> Coro<Response> { return std::invoke(fn, each..., request); }, bound);
          }) {}

    // A template, so that only who calls it needs to know what a Response is.
    template <class Answer = Response>
    Coro<Answer> operator()(Request& request) const {
        return fn_(request);
    }
    explicit operator bool() const noexcept { return static_cast<bool>(fn_); }

private:
    aio::detail::SharedFunction<Coro<Response>(Request&)> fn_;
};

}  // namespace aio::web
