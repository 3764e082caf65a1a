// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/awaitable.hpp>

#include <concepts>
#include <type_traits>

/// What the most used functions say, at compile time and in one sentence, of arguments that they do not take.
/// They are not constrained for it as far as the arguments can be meant for them: a constraint's failure is
/// told as a list of overloads. What they are found for by the type of an argument alone is left to others.
namespace aio {

class AnyFuture;
class TaskOptions;

namespace detail {

template <class...>
inline constexpr bool never = false;

template <class F>
concept FunctionLike = std::is_member_pointer_v<F> || std::is_function_v<std::remove_pointer_t<F>> ||
                       requires { &F::operator(); };

/// What create_task() may be given first.
template <class A>
concept MeantForTask =
    Awaitable<A> || FunctionLike<std::decay_t<A>> || std::same_as<std::decay_t<A>, TaskOptions>;

/// For a function that makes a coroutine of fn(args...), where that is no awaitable.
template <class F, class... Args>
consteval void refuse_call() {
    if constexpr (std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>) {
        static_assert(never<F>,
                      "this function gives nothing that can be awaited: a plain function is called "
                      "by call_soon(fn, args...), or in a thread by to_thread(fn, args...)");
    } else if constexpr (std::is_invocable_v<F, Args...>) {
        static_assert(never<F>,
                      "the arguments are kept as copies, and this function does not take them: give "
                      "std::ref(object) for one that it changes");
    } else {
        static_assert(never<F>, "this coroutine function cannot be called with these arguments");
    }
}

/// For create_task() of a loop and of a group.
template <class First = void, class... Rest>
consteval void refuse_task() {
    using Given = std::decay_t<First>;
    if constexpr (std::same_as<Given, TaskOptions> && sizeof...(Rest) > 0) {
        refuse_task<Rest...>();
    } else if constexpr (std::derived_from<Given, AnyFuture>) {
        static_assert(never<First>,
                      "this is a future or task already: await it, or give it to whatever takes "
                      "both, such as gather() and ensure_future()");
    } else if constexpr (Awaitable<First>) {
        static_assert(never<First>,
                      "create_task(coroutine) takes TaskOptions, or a name behind it; arguments go "
                      "to a function: create_task(fn, args...)");
    } else if constexpr (FunctionLike<Given>) {
        static_assert(!(std::same_as<std::decay_t<Rest>, TaskOptions> || ...),
                      "TaskOptions stand before a function: create_task(options, fn, args...)");
        refuse_call<First, Rest...>();
    } else {
        static_assert(never<First>,
                      "create_task() takes a coroutine, or a function that gives one and its "
                      "arguments");
    }
}

/// For what takes any number of awaitables.
template <class A>
consteval void check_awaitable_argument() {
    if constexpr (FunctionLike<std::decay_t<A>>) {
        static_assert(never<A>,
                      "this is a function, which has to be called to give a coroutine: fn(args...)");
    } else {
        static_assert(Awaitable<A>,
                      "this cannot be awaited: coroutines, tasks and futures can, and a range of "
                      "them that is given alone");
    }
}

}  // namespace detail
}  // namespace aio
