// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/future.hpp>

#include <vector>

namespace aio {

/// Tells the call graph that `waiter` waits for `future` by means that it cannot see, such as a done
/// callback that completes `waiter`. What the library itself offers (await, gather(), wait(), ...) need
/// not be told. Ends with the future, or with future_discard_from_awaited_by(). Until then it keeps
/// `waiter` alive. Does nothing if `future` is done. Mirrors asyncio.future_add_to_awaited_by().
void future_add_to_awaited_by(const AnyFuture& future, const AnyFuture& waiter);

/// Takes that back; harmless if there is nothing to take back.
void future_discard_from_awaited_by(const AnyFuture& future, const AnyFuture& waiter);

namespace detail {
/// The tasks and futures that wait for `future`, each once, in the order in which they began to.
std::vector<FutureBase*> awaiters_of(const FutureBase& future);
}  // namespace detail

}  // namespace aio
