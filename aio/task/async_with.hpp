// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/invoke.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/result.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio {

namespace detail {

template <class M>
concept HasPlainExit = requires(M& manager) {
    { manager.aexit() } -> Awaitable;
};

template <class M>
concept HasTellingExit = requires(M& manager, std::exception_ptr error) {
    { manager.aexit(error) } -> Awaitable;
};

}  // namespace detail

/// What `async with` takes: `aenter()`, awaited first, gives what the body works with; `aexit()`, awaited
/// at the end, cleans up. `aexit(std::exception_ptr)` is told how the body ended, and an aexit() that
/// gives true swallows the error, as Python's __aexit__ does.
template <class M>
concept AsyncContextManager = (detail::HasPlainExit<M> || detail::HasTellingExit<M>) && requires(M& manager) {
    { manager.aenter() } -> Awaitable;
};

namespace detail {

template <class M>
auto call_aexit(M& manager, const std::exception_ptr& error) {
    if constexpr (HasTellingExit<M>) {
        return manager.aexit(error);
    } else {
        return manager.aexit();
    }
}

/// Leaves the manager; gives whether it swallowed the error.
template <class M>
Coro<bool> leave(M& manager, std::exception_ptr error) {
    auto exit = call_aexit(manager, error);
    if constexpr (std::convertible_to<await_result_t<decltype(exit)>, bool>) {
        bool swallowed = co_await std::move(exit);
        if (!error) swallowed = false;
        co_return swallowed;
    } else {
        co_await std::move(exit);
        co_return false;
    }
}

// The body is given what aenter() gave, if it takes it, and then its own arguments.
template <class F, class Value, class... Args>
auto call_body(F& fn, Value& value, Args&... args) {
    if constexpr (std::is_invocable_v<F&, Value&, Args...>) {
        return detail::invoke(fn, value, std::move(args)...);
    } else {
        return detail::invoke(fn, std::move(args)...);
    }
}

template <class M>
using entered_t = NoneIfVoid<await_result_t<decltype(std::declval<M&>().aenter())>>;

template <class M>
Coro<entered_t<M>> enter(M& manager) {
    if constexpr (std::is_void_v<await_result_t<decltype(manager.aenter())>>) {
        co_await manager.aenter();
        co_return None();
    } else {
        co_return co_await manager.aenter();
    }
}

template <class M, class F, class... Args>
using body_result_t = await_result_t<decltype(call_body(
    std::declval<F&>(), std::declval<entered_t<std::remove_reference_t<M>>&>(), std::declval<Args&>()...))>;

// `M` is a reference if the caller keeps the manager.
template <class M, class F, class... Args>
Coro<body_result_t<M, F, Args...>> async_with(M manager, F fn, Args... args) {
    using R = body_result_t<M, F, Args...>;
    auto value = co_await enter(manager);
    std::exception_ptr error;
    std::optional<NoneIfVoid<R>> result;
    try {
        if constexpr (std::is_void_v<R>) {
            co_await call_body(fn, value, args...);
        } else {
            auto given = co_await call_body(fn, value, args...);
            result.emplace(std::move(given));
        }
    } catch (...) {  // also CancelledError: the manager is left on every way out
        error = std::current_exception();
    }
    const bool swallowed = co_await leave(manager, error);
    if (error && !swallowed) std::rethrow_exception(std::move(error));
    if constexpr (!std::is_void_v<R>) {
        if (!result) throw RuntimeError("async_with(): the error was swallowed, so there is no result");
        co_return std::move(*result);
    }
}

}  // namespace detail

/// `async with manager as value: await fn(value, args...)`: enters the manager, awaits the body, and leaves
/// the manager on every way out, also when the body throws or the task is cancelled. Gives the body's
/// result. The body is given what aenter() gave if it takes it; its own arguments follow.
///
/// An lvalue manager is used in place and must outlive the call; an rvalue is moved in.
/// Cancellation: reaches whatever is waited for; leaving is waited for in any case.
template <class M, class F, class... Args>
    requires AsyncContextManager<std::remove_reference_t<M>>
auto async_with(M&& manager, F&& fn, Args&&... args) {
    return detail::async_with<M, std::decay_t<F>, std::decay_t<Args>...>(
        std::forward<M>(manager), std::forward<F>(fn), std::forward<Args>(args)...);
}

}  // namespace aio
