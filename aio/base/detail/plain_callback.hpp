// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <coroutine>
#include <type_traits>

/// What can be called back. A coroutine given in place of a function, or by one, does nothing and says
/// nothing: Python warns of it at run time, this at compile time.
namespace aio::detail {

template <class T>
concept LazyCoroutine = requires(typename T::promise_type& promise) {
    requires !std::is_same_v<std::remove_cvref_t<decltype(promise.initial_suspend())>, std::suspend_never>;
};

/// What does nothing until somebody awaits or iterates it. Tasks and futures, which can be asked whether they
/// are done, go on by themselves.
template <class T>
concept Unstarted = LazyCoroutine<T> || (!requires(T& value) { value.done(); } && (requires(T& value) {
                        value.await_ready();
                    } || requires(T& value) { value.operator co_await(); } || requires(T&& value) {
                        static_cast<T&&>(value).operator co_await();
                    }));

template <class F, class... Args>
consteval bool gives_unstarted() {
    if constexpr (std::is_invocable_v<F, Args...>) {
        return Unstarted<std::remove_cvref_t<std::invoke_result_t<F, Args...>>>;
    } else {
        return false;
    }
}

/// False for what does not do its work by being called as fn(args...), and then it does not compile; callers
/// spare the compiler the rest of what it would have to say. What cannot be called at all is theirs to
/// refuse.
template <class F, class... Args>
consteval bool is_plain_callback() {
    constexpr bool coroutine = Unstarted<std::remove_cvref_t<F>>;
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
