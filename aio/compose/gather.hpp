// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/detail/gather_state.hpp>
#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <tuple>
#include <vector>

namespace aio {

/// Tag: gather() collects errors, cancellations included, instead of raising the first (S54).
struct ReturnExceptions {};
inline constexpr ReturnExceptions return_exceptions{};

/// Runs awaitables at the same time; gives a tuple of their values in argument order (S52 to S57).
/// Mirrors asyncio.gather().
///
/// Coroutines become tasks at once. The first error is raised as soon as it happens, while the others
/// keep running; cancelling the returned future cancels the children and waits for them.
/// Void results are None, references stay references (in a vector std::reference_wrapper). The same awaitable
/// given twice runs once; a value that cannot be copied then goes to its first place. Throws ValueError if
/// the futures belong to different loops.
template <Awaitable... As>
auto gather(As&&... awaitables) {
    return detail::gather_all<false>(std::forward<As>(awaitables)...);
}
/// The same, with errors and cancellations as entries: a tuple of Result<T>.
template <Awaitable... As>
auto gather(ReturnExceptions, As&&... awaitables) {
    return detail::gather_all<true>(std::forward<As>(awaitables)...);
}
/// The same for a range, also for a view that makes the coroutines: gives a vector. Futures and tasks are
/// copied, coroutines are taken out of the range; a list that mixes them is one of AnyAwaitable.
template <detail::AwaitableRange Range>
auto gather(Range&& range) {
    return detail::gather_range<false>(std::forward<Range>(range));
}
template <detail::AwaitableRange Range>
auto gather(ReturnExceptions, Range&& range) {
    return detail::gather_range<true>(std::forward<Range>(range));
}

/// Says which argument cannot be awaited, where another one can.
template <class... As>
    requires(((Awaitable<As> || detail::FunctionLike<std::decay_t<As>>) || ...) && !(Awaitable<As> && ...))
auto gather(As&&...) {
    (detail::check_awaitable_argument<As>(), ...);
}
template <class... As>
auto gather(ReturnExceptions, As&&...) {
    (detail::check_awaitable_argument<As>(), ...);
}

}  // namespace aio
