// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/executor.hpp>
#include <aio/concurrent/wrap_future.hpp>
#include <aio/loop/event_loop.hpp>

namespace aio {

namespace concurrent::detail {
/// The loop's default pool, made on first use. Throws RuntimeError if it was shut down.
Executor& default_executor(EventLoop& loop);
}  // namespace concurrent::detail

template <class F, class... Args>
auto EventLoop::run_in_executor(concurrent::Executor& executor, F&& fn, Args&&... args) {
    check_call();
    return concurrent::detail::wrap_result(executor.submit(std::forward<F>(fn), std::forward<Args>(args)...),
                                           *this);
}

template <class F, class... Args>
auto EventLoop::run_in_executor(concurrent::Executor* executor, F&& fn, Args&&... args) {
    check_call();
    return run_in_executor(executor ? *executor : concurrent::detail::default_executor(*this),
                           std::forward<F>(fn), std::forward<Args>(args)...);
}

}  // namespace aio
