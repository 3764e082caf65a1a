// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/future.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

/// How whatever can be awaited, or called to give such a thing, becomes a coroutine: what tasks run and
/// what the combinators await.
namespace aio::detail {

template <class A>
inline constexpr bool is_coro = false;
template <class T>
inline constexpr bool is_coro<Coro<T>> = true;

/// Gives the coroutine that awaits it another function's name, for reports.
class Rename {
public:
    explicit Rename(const SourceLocation& location) noexcept : location_(location) {}
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<CoroutineBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiter) const noexcept {
        awaiter.promise().rename(location_);
        return false;
    }
    void await_resume() const noexcept {}

private:
    SourceLocation location_;
};

/// Turns any awaitable into a coroutine.
template <class A>
Coro<await_result_t<A>> await_in_coroutine(A awaitable) {
    co_return co_await std::move(awaitable);
}

/// Keeps the callable and its arguments alive as long as the coroutine they make, and goes by that
/// one's name.
template <class R, class F, class... Args>
Coro<R> call_in_coroutine(F fn, Args... args) {
    decltype(auto) made = detail::invoke(std::move(fn), std::move(args)...);
    if constexpr (is_coro<std::remove_cvref_t<decltype(made)>>) {
        if (made) co_await Rename(made.location());
    }
    co_return co_await std::forward<decltype(made)>(made);
}

template <class A>
auto to_coro(A&& awaitable) {
    if constexpr (is_coro<std::remove_cvref_t<A>>) {
        return std::remove_cvref_t<A>(
            static_cast<std::remove_cvref_t<A>&&>(awaitable));  // taken, as in Python
    } else {
        using Given = std::decay_t<A>;
        auto coroutine = await_in_coroutine<Given>(std::forward<A>(awaitable));
        if constexpr (requires { Given::location(); }) coroutine.rename(Given::location());
        return coroutine;
    }
}

template <class A>
concept TaskSource = Awaitable<A> && !std::derived_from<std::remove_cvref_t<A>, AnyFuture>;

template <class F, class... Args>
concept TaskFunction = Awaitable<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

template <class F, class... Args>
auto to_coro_call(F&& fn, Args&&... args) {
    using R = await_result_t<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;
    return call_in_coroutine<R, std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(fn),
                                                                        std::forward<Args>(args)...);
}

}  // namespace aio::detail
