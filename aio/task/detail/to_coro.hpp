// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/kept_arguments.hpp>
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

template <class T>
inline constexpr bool is_mutable_reference = false;
template <class T>
inline constexpr bool is_mutable_reference<T&> = !std::is_const_v<T>;

template <class A>
auto find_result() {
    using Given = std::remove_cvref_t<A>;
    using Awaited = awaited_t<A>;
    if constexpr (is_coro<Given> || std::derived_from<Given, AnyFuture>) {
        return std::type_identity<typename Given::value_type>();
    } else if constexpr (requires { typename Given::CoroResult; }) {  // what holds one of these
        return std::type_identity<typename Given::CoroResult>();
    } else if constexpr (is_mutable_reference<Awaited>) {
        return std::type_identity<Awaited>();
    } else {
        return std::type_identity<std::remove_cvref_t<Awaited>>();
    }
}
/// The result of a coroutine that awaits an `A`: references stay references, except those to const that are
/// how an awaitable shows a value that it holds.
template <class A>
using coro_result_t = typename decltype(find_result<A>())::type;

/// The frame of the coroutine that awaits it.
class OwnFrame {
public:
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<CoroutineBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiter) noexcept {
        frame_ = &awaiter.promise();
        return false;
    }
    CoroutineBase& await_resume() const noexcept { return *frame_; }

private:
    CoroutineBase* frame_ = nullptr;
};

/// Gives the coroutine that is about to await `coro` that one's name, for reports.
template <class C>
C&& as_named(CoroutineBase& awaiter, C&& coro) {
    if (coro) awaiter.rename(coro.location());
    return std::forward<C>(coro);
}

/// Turns any awaitable into a coroutine.
template <class A>
Coro<coro_result_t<A>> await_in_coroutine(A awaitable) {
    co_return co_await std::move(awaitable);
}

/// Keeps the callable and its arguments alive as long as the coroutine they make, and goes by that one's
/// name. What is given as a reference must live as long anyway. Call and await are one expression, so that
/// temporaries of the call live as long, too.
template <class R, class F, class... Args>
Coro<R> call_in_coroutine(F fn, Args... args) {
    if constexpr (is_coro<std::remove_cvref_t<std::invoke_result_t<F, Args...>>>) {
        CoroutineBase& self = co_await OwnFrame();
        co_return co_await as_named(self, as_function(static_cast<F&&>(fn))(static_cast<Args&&>(args)...));
    } else {
        co_return co_await as_function(static_cast<F&&>(fn))(static_cast<Args&&>(args)...);
    }
}

template <class A>
auto to_coro(A&& awaitable) {
    if constexpr (is_coro<std::remove_cvref_t<A>>) {
        return std::remove_cvref_t<A>(
            static_cast<std::remove_cvref_t<A>&&>(awaitable));  // taken, as in Python
    } else {
        using Given = std::decay_t<A>;
        static_assert(
            std::is_constructible_v<Given, A>,
            "a task keeps what it awaits: std::move() what cannot be copied, and let a coroutine await "
            "what cannot be moved");
        auto coroutine = await_in_coroutine<Given>(std::forward<A>(awaitable));
        if constexpr (requires { Given::location(); }) coroutine.rename(Given::location());
        return coroutine;
    }
}

template <class A>
concept TaskSource = Awaitable<A> && !std::derived_from<std::remove_cvref_t<A>, AnyFuture>;

template <class F, class... Args>
concept TaskFunction = Awaitable<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

template <class F, class... Kept, class... Args>
auto to_coro_call_keeping(TypeList<Kept...>, F&& fn, Args&&... args) {
    using R = coro_result_t<std::invoke_result_t<std::decay_t<F>, Kept...>>;
    static_assert((std::is_constructible_v<Kept, Args> && ...),
                  "the arguments are kept until the call: std::move() one that cannot be copied");
    return call_in_coroutine<R, std::decay_t<F>, Kept...>(std::forward<F>(fn), std::forward<Args>(args)...);
}

/// A coroutine that awaits fn(args...).
template <class F, class... Args>
auto to_coro_call(F&& fn, Args&&... args) {
    return to_coro_call_keeping(kept_list_t<F, 0, true, Args...>(), std::forward<F>(fn),
                                std::forward<Args>(args)...);
}

}  // namespace aio::detail
