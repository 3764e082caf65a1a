// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/awaitable_concepts.hpp>

#include <coroutine>
#include <type_traits>

/// What can be called back. A coroutine given in place of a function, or by one, does nothing and says
/// nothing: Python warns of it at run time, this at compile time.
namespace aio::detail {

template <class T>
concept LazyCoroutine = requires(typename T::promise_type& promise) {
    requires !std::is_same_v<std::remove_cvref_t<decltype(promise.initial_suspend())>, std::suspend_never>;
};

/// What can be awaited and has not begun. Tasks and futures, which can be asked whether they are done, go on
/// by themselves; so do coroutines of other libraries that begin when they are made.
template <class T>
concept UnstartedAwaitable =
    (HasMemberCoAwait<T> || HasMemberCoAwait<T&> || IsAwaiter<T>) && !requires(T& value) { value.done(); } &&
    (LazyCoroutine<T> || !requires { typename T::promise_type; });

/// What does nothing until somebody awaits or iterates it.
template <class T>
concept Unstarted = LazyCoroutine<T> || UnstartedAwaitable<T>;

template <class F, class... Args>
consteval bool gives_unstarted() {
    if constexpr (std::is_invocable_v<F, Args...>) {
        using Result = std::invoke_result_t<F, Args...>;  // a reference is to what somebody else keeps
        return !std::is_lvalue_reference_v<Result> && Unstarted<std::remove_cvref_t<Result>>;
    } else {
        return false;
    }
}

/// False for what does not do its work by being called as fn(args...), and then it does not compile; callers
/// spare the compiler the rest of what it would have to say. What cannot be called at all is theirs to
/// refuse.
template <class F, class... Args>
consteval bool is_plain_callback() {
    constexpr bool coroutine = Unstarted<std::remove_cvref_t<F>> && !std::is_invocable_v<F, Args...>;
    static_assert(!coroutine, "a callback is a function, and this is a coroutine: give it to create_task()");
    constexpr bool unstarted = gives_unstarted<F, Args...>();
    static_assert(!unstarted,
                  "the callback gives a coroutine, which nobody would run: give a function that calls "
                  "create_task(fn, args...)");
    return !coroutine && !unstarted;
}

/// The same for add_done_callback() of a `Future`.
template <class Future, class F, class... Args>
consteval bool is_done_callback() {
    constexpr bool plain = is_plain_callback<F&, Args&..., Future>();
    constexpr bool callable = !plain || std::is_invocable_v<F&, Args&..., Future>;
    static_assert(callable, "a done callback is called with its bound arguments followed by the future");
    return plain && callable;
}

}  // namespace aio::detail
