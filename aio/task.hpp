// SPDX-License-Identifier: MIT
#pragma once

/// Coroutines, futures and tasks.
///
/// Which one? `co_await coro()` runs it here and now, as a call. `create_task(coro())` starts it beside
/// the caller. `Future` is for results that come from callbacks, `Generator` for sequences that wait for
/// nothing, `AnyAwaitable` for lists that mix coroutines and futures. What runs several of them together,
/// and starts the program, is aio/compose.hpp.

#include <aio/base/error.hpp>
#include <aio/base/traceback.hpp>
#include <aio/task/any_awaitable.hpp>
#include <aio/task/as_result.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/future.hpp>
#include <aio/task/generator.hpp>
#include <aio/task/result.hpp>
#include <aio/task/sleep.hpp>
#include <aio/task/task.hpp>
#include <aio/task/task_factory.hpp>
