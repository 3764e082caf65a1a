// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/kept_arguments.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/detail/optional_ref.hpp>
#include <aio/task/detail/ready_once.hpp>
#include <aio/task/detail/to_coro.hpp>
#include <aio/task/result.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio::detail {

template <class M>
concept HasPlainExit = requires(M& manager) {
    { manager.aexit() } -> Awaitable;
};

template <class M>
concept HasTellingExit = requires(M& manager, std::exception_ptr error) {
    { manager.aexit(error) } -> Awaitable;
};

template <class M>
auto call_aexit(M& manager, const std::exception_ptr& error) {
    if constexpr (HasTellingExit<M>) {
        return manager.aexit(error);
    } else {
        return manager.aexit();
    }
}

template <class M>
using aexit_result_t = await_result_t<decltype(call_aexit(std::declval<M&>(), std::exception_ptr()))>;

template <class M>
Coro<bool> leave_silently(M& manager, std::exception_ptr error) {
    co_await call_aexit(manager, error);
    co_return false;
}

/// Leaves the manager; awaiting it gives whether the manager swallows the error.
template <class M>
auto leave(M& manager, const std::exception_ptr& error) {
    if constexpr (std::convertible_to<aexit_result_t<M>, bool>) {
        return call_aexit(manager, error);
    } else {
        return leave_silently(manager, error);
    }
}

/// An awaitable that is done: the protocol's methods often have nothing to wait for. To be awaited once.
template <class T>
class ReadyAwaiter : public ReadyOnce {
public:
    explicit ReadyAwaiter(T value) : value_(std::forward<T>(value)) {}
    T await_resume() { return std::forward<T>(value_); }

private:
    T value_;
};

// The body is given what aenter() gave, if it takes it, and then its own arguments.
template <class F, class Value, class... Args>
inline constexpr bool takes_value = std::is_invocable_v<F&, Value&, Args...>;
template <class F, class Value, class... Args>
auto call_body(F& fn, Value& value, Args&... args) {
    if constexpr (takes_value<F, Value, Args...>) {
        return detail::invoke(fn, value, std::move(args)...);
    } else {
        return detail::invoke(fn, std::move(args)...);
    }
}

/// What aenter() gives, as it is kept for the body: a reference if it gives one, like `return self`.
template <class M>
using entered_t = NoneIfVoid<coro_result_t<decltype(std::declval<M&>().aenter())>>;

template <class M>
Coro<NoneType> enter_silently(M& manager) {
    co_await manager.aenter();
    co_return NoneType();
}

template <class M>
auto enter(M& manager) {
    if constexpr (std::same_as<entered_t<M>, NoneType>) {
        return enter_silently(manager);
    } else {
        return manager.aenter();
    }
}

template <class M, class F, class... Args>
using body_result_t = coro_result_t<decltype(call_body(
    std::declval<F&>(), std::declval<entered_t<std::remove_reference_t<M>>&>(), std::declval<Args&>()...))>;

// In a namespace of its own, so that a call of async_with() with an argument of the library does not find it.
namespace block {

// `M` is a reference if the caller keeps the manager.
template <class M, class F, class... Args>
Coro<body_result_t<M, F, Args...>> async_with(M manager, F fn, Args... args) {
    using R = body_result_t<M, F, Args...>;
    using Value = entered_t<std::remove_reference_t<M>>;
    Value value = co_await enter(manager);
    std::exception_ptr error;
    optional_of<NoneIfVoid<R>> result;
    try {  // each call stands in its await: see kept_arguments.hpp
        if constexpr (std::is_void_v<R> && takes_value<F, Value, Args...>) {
            co_await as_function(fn)(value, std::move(args)...);
        } else if constexpr (std::is_void_v<R>) {
            co_await as_function(fn)(std::move(args)...);
        } else if constexpr (takes_value<F, Value, Args...>) {
            result.emplace(co_await as_function(fn)(value, std::move(args)...));
        } else {
            result.emplace(co_await as_function(fn)(std::move(args)...));
        }
    } catch (...) {  // also CancelledError: the manager is left on every way out
        error = std::current_exception();
    }
    const bool swallowed = co_await leave(manager, error);
    if (error && !swallowed) std::rethrow_exception(std::move(error));
    if constexpr (!std::is_void_v<R>) {
        if (!result) throw RuntimeError("async_with(): the error was swallowed, so there is no result");
        co_return *std::move(result);
    }
}

template <class M, class F, class... Kept, class... Args>
auto async_with_keeping(TypeList<Kept...>, M&& manager, F&& fn, Args&&... args) {
    return block::async_with<M, std::decay_t<F>, Kept...>(std::forward<M>(manager), std::forward<F>(fn),
                                                          std::forward<Args>(args)...);
}

}  // namespace block

}  // namespace aio::detail
