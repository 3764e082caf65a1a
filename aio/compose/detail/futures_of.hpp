// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/task.hpp>

#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

/// Ranges of awaitables, as gather(), as_completed() and wait() take them.
namespace aio::detail {

/// How an element is taken: moved out of a container that is moved in, but not out of what a view looks at.
template <class Range>
using element_t =
    std::conditional_t<std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>> &&
                           !std::is_lvalue_reference_v<Range> &&
                           !std::ranges::enable_view<std::remove_cv_t<Range>>,
                       std::ranges::range_value_t<Range>&&, std::ranges::range_reference_t<Range>>;

/// What ensure_future() makes of an element.
template <class Range>
using future_of_t = decltype(ensure_future(std::declval<element_t<Range>>()));

/// Whether ensure_future() makes no task of it.
template <class A>
    requires(!is_any_awaitable<A>)
constexpr bool is_future_already(const A&) noexcept {
    return std::derived_from<A, AnyFuture>;
}

/// ensure_future() for gather(), which tells what becomes of the tasks that it makes.
template <class A>
auto answered_future(A&& awaitable) {
    const bool given = is_future_already(awaitable);
    auto future = ensure_future(std::forward<A>(awaitable));
    if (!given) future.state()->mark_answered_for();
    return future;
}

template <class R>
concept AwaitableRange =
    std::ranges::input_range<R> && Awaitable<std::ranges::range_value_t<R>> && !Awaitable<R>;

template <class R>
concept FutureRange =
    std::ranges::input_range<R> && std::derived_from<std::ranges::range_value_t<R>, AnyFuture>;

/// Goes through the range once, makes tasks of coroutines. All belong to `loop`, or if that is null to the
/// loop of the first; throws ValueError for a future that does not. `answered`: as answered_future().
template <class Range>
auto futures_of(Range&& range, EventLoop* loop, bool answered = false) {
    using Element = element_t<Range>;
    std::vector<future_of_t<Range>> futures;
    for (auto&& element : range) {
        const bool given = is_future_already(element);
        futures.push_back(loop ? ensure_future(static_cast<Element&&>(element), *loop)
                               : ensure_future(static_cast<Element&&>(element)));
        loop = &futures.back().get_loop();
        if (answered && !given) futures.back().state()->mark_answered_for();
    }
    return futures;
}

}  // namespace aio::detail
