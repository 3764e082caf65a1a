// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/detail/thread_call.hpp>
#include <aio/concurrent/executor.hpp>
#include <aio/task/waiter.hpp>

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace aio {

/// Calls fn(args...) on a thread of the loop's default pool and gives its result. Callable and arguments are
/// moved in, and destroyed by that thread when the call is over. Mirrors asyncio.to_thread().
///
/// The function sees a copy of the awaiting task's context variables; what it sets stays in the copy (S94).
/// Completes: two iterations after the function has returned or thrown.
/// Cancellation: immediate. A call that is still queued is withdrawn; one that runs goes on, and its result
/// or error is dropped (S92).
/// Throws RuntimeError, when awaited, after shutdown_default_executor().
template <class F, class... Args>
[[nodiscard("nothing is called until this is awaited")]] auto to_thread(F&& fn, Args&&... args) {
    using R = concurrent::detail::returned_t<F, Args...>;
    using Call = concurrent::detail::ThreadCallOf<R, concurrent::detail::invocation_t<F, Args...>>;
    return concurrent::detail::ToThread<R>(*new Call(std::forward<F>(fn), std::forward<Args>(args)...));
}

}  // namespace aio
