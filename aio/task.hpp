// SPDX-License-Identifier: MIT
#pragma once

/// Coroutines, futures, tasks and what combines them.
///
/// Which one? `co_await coro()` runs it here and now, as a call. `create_task(coro())` starts it beside
/// the caller; a TaskGroup is for several that end together. `gather(a(), b())` runs several and gives all
/// results; `wait(tasks)` tells which are done without raising anything. `Future` is for results that come
/// from callbacks. `run(amain())` starts the program.

#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/task/as_completed.hpp>
#include <aio/task/async_generator.hpp>
#include <aio/task/async_iterator.hpp>
#include <aio/task/async_with.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/context_managers.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/exit_stack.hpp>
#include <aio/task/future.hpp>
#include <aio/task/gather.hpp>
#include <aio/task/generator.hpp>
#include <aio/task/result.hpp>
#include <aio/task/run.hpp>
#include <aio/task/shield.hpp>
#include <aio/task/sleep.hpp>
#include <aio/task/staggered_race.hpp>
#include <aio/task/task.hpp>
#include <aio/task/task_factory.hpp>
#include <aio/task/task_group.hpp>
#include <aio/task/timeout.hpp>
#include <aio/task/wait.hpp>
#include <aio/task/wait_for.hpp>
