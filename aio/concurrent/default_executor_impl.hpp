// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/thread_pool.hpp>
#include <aio/loop/event_loop.hpp>

namespace aio::concurrent::detail {

/// Registers what the loop does with threads at its end; to be called before anything is enlisted.
void prepare_loop(EventLoop& loop) noexcept;
/// What that is.
void release_default_executor(EventLoop& loop) noexcept;

}  // namespace aio::concurrent::detail
