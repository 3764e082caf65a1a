// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/detail/refusals.hpp>
#include <aio/task/detail/to_coro.hpp>
#include <aio/task/result.hpp>

#include <exception>
#include <utility>

namespace aio {

namespace detail {

template <class A>
Coro<Result<coro_result_t<A>>> catch_result(A awaitable) {
    using T = coro_result_t<A>;
    std::exception_ptr error;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(awaitable);
            co_return Result<T>(NoneType());
        } else {
            T value = co_await std::move(awaitable);
            co_return Result<T>(std::forward<T>(value));
        }
    } catch (...) {
        error = std::current_exception();
    }
    if (is_exit_exception(error)) std::rethrow_exception(std::move(error));
    co_return Result<T>(Failed(), std::move(error));
}

}  // namespace detail

/// Awaits a coroutine, a future, a task or any other awaitable, and gives what came of it as a value: one can
/// await while one looks at an error, which a `catch` block cannot.
///
///     auto page = co_await as_result(fetch(url));
///     co_await connection.aclose();            // finally: await
///     if (page.raised<TimeoutError>()) ...     // except TimeoutError: await
///     co_return std::move(page).value();       // or throws the error again
///
/// Cancellation: reaches the awaitable, and the CancelledError that comes out of it is in the result; who
/// does not throw it again by value() has swallowed it, as with a `catch`. Throws only what ends the program:
/// KeyboardInterrupt and SystemExit.
template <class A>
    requires Awaitable<A>
auto as_result(A&& awaitable) {
    using Given = std::decay_t<A>;
    if constexpr (detail::is_coro<Given>) {  // taken, as in Python
        if (!awaitable) return detail::catch_result(static_cast<Given&&>(awaitable));
        const SourceLocation location = awaitable.location();
        auto coro = detail::catch_result(static_cast<Given&&>(awaitable));
        coro.rename(location);
        return coro;
    } else {
        return detail::catch_result<Given>(std::forward<A>(awaitable));
    }
}

/// The same for fn(args...), whose callable and arguments live as long as the coroutine: a block of its own,
/// `co_await as_result([&]() -> Coro<> { ... })`.
template <class F, class... Args>
    requires(!Awaitable<F> && (detail::FunctionLike<std::decay_t<F>> || detail::TaskFunction<F, Args...>))
auto as_result(F&& fn, Args&&... args) {
    if constexpr (detail::TaskFunction<F, Args...>) {
        return as_result(detail::to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...));
    } else {
        detail::refuse_call<F, Args...>();
    }
}

}  // namespace aio
