// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/awaitable_concepts.hpp>
#include <aio/base/source_location.hpp>

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

/// await_resume() of an awaiter that another one awaits with, which is itself awaited at `at`.
template <class Awaiter>
decltype(auto) resume_awaiter(Awaiter& awaiter, SourceLocation at) {
    if constexpr (requires { awaiter.await_resume(at); }) {
        return awaiter.await_resume(at);
    } else {
        return awaiter.await_resume();
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
