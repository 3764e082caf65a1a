// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/kept_arguments.hpp>
#include <aio/base/detail/plain_callback.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace aio::concurrent::detail {

/// What calling a moved-in callable with its moved-in arguments gives, as a value.
template <class F, class... Args>
struct Returned {
    static_assert(std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>,
                  "the function cannot be called with these arguments; pass references as std::ref()");
    using type = std::decay_t<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;
    static_assert(!aio::detail::UnstartedAwaitable<type>,
                  "coroutines run in loops, not in executors: await this one");
};
template <class F, class... Args>
using returned_t = typename Returned<F, Args...>::type;

/// A callable with its arguments, stored in place, to be called once.
template <class F, class Arguments>
class Invocation {
public:
    template <class G, class... Given>
    explicit Invocation(G&& fn, Given&&... args)
        : fn_(std::forward<G>(fn)), args_(std::forward<Given>(args)...) {}
    decltype(auto) operator()() { return std::apply(std::move(fn_), std::move(args_)); }

private:
    F fn_;
    Arguments args_;
};
template <class F, class... Args>
using invocation_t = Invocation<std::decay_t<F>, aio::detail::kept_tuple_t<F, 0, true, Args...>>;

}  // namespace aio::concurrent::detail
