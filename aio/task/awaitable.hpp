// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/awaitable_concepts.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace aio {
namespace detail {

template <class A>
decltype(auto) get_awaiter(A&& awaitable) {
    if constexpr (HasMemberCoAwait<A>) {
        return std::forward<A>(awaitable).operator co_await();
    } else {
        return std::forward<A>(awaitable);
    }
}

}  // namespace detail

/// Anything `co_await` takes: Coro, Future, Task, the library's leaf operations, and any awaiter of one's
/// own. Who writes one has it complete a Future, or hands on what another one gives. Mirrors
/// inspect.isawaitable().
template <class A>
concept Awaitable = detail::HasMemberCoAwait<A> || detail::IsAwaiter<std::remove_reference_t<A>>;

namespace detail {
/// What awaiting an `A` gives, as it is.
template <class A>
using awaited_t = decltype(std::declval<std::remove_reference_t<decltype(get_awaiter(std::declval<A>()))>&>()
                               .await_resume());
}  // namespace detail

/// What awaiting an `A` gives, references removed.
template <Awaitable A>
using await_result_t = std::remove_cvref_t<detail::awaited_t<A>>;

}  // namespace aio
