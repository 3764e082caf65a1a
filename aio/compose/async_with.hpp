// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/compose/detail/async_with_body.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/result.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio {

/// What `async with` takes: `aenter()`, awaited first, gives what the body works with; `aexit()`, awaited
/// at the end, cleans up. `aexit(std::exception_ptr)` is told how the body ended, and an aexit() that
/// gives true swallows the error, as Python's __aexit__ does.
template <class M>
concept AsyncContextManager = (detail::HasPlainExit<M> || detail::HasTellingExit<M>) && requires(M& manager) {
    { manager.aenter() } -> Awaitable;
};

/// `async with manager as value: await fn(value, args...)`: enters the manager, awaits the body, and leaves
/// the manager on every way out, also when the body throws or the task is cancelled. Gives the body's
/// result. The body is given what aenter() gave if it takes it; its own arguments follow. If aenter() gives
/// a reference, that is what the body gets; if the manager swallows the error of a body with a result, there
/// is none to give and RuntimeError is thrown.
///
/// An lvalue manager is used in place and must outlive the call; an rvalue is moved in.
/// Cancellation: reaches whatever is waited for; leaving is waited for in any case.
template <class M, class F, class... Args>
    requires AsyncContextManager<std::remove_reference_t<M>>
auto async_with(M&& manager, F&& fn, Args&&... args) {
    using Value = detail::entered_t<std::remove_reference_t<M>>;
    constexpr bool takes_value = detail::takes_value<std::decay_t<F>, Value, std::decay_t<Args>...>;
    return detail::block::async_with_keeping(detail::kept_list_t<F, takes_value, true, Args...>(),
                                             std::forward<M>(manager), std::forward<F>(fn),
                                             std::forward<Args>(args)...);
}

}  // namespace aio
