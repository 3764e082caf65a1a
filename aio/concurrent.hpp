// SPDX-License-Identifier: MIT
#pragma once

/// Threads beside the loop: concurrent.futures and its bridges to asyncio.
///
/// Which one? `co_await to_thread(fn, args...)` is for a blocking call inside a coroutine.
/// `loop.run_in_executor(&pool, fn, args...)` is for one on a pool of your own, or if you want its future; a
/// null pool is the loop's default one. `pool.submit()`, `pool.map()`, `concurrent::wait()` and
/// `concurrent::as_completed()` are for programs without a loop. `wrap_future(f)` makes a thread future
/// awaitable. From another thread into a loop: `loop.call_soon_threadsafe(fn)` for a callback,
/// `run_coroutine_threadsafe(coro(), loop)` for a coroutine whose result you want.

#include <aio/concurrent/error.hpp>
#include <aio/concurrent/executor.hpp>
#include <aio/concurrent/future.hpp>
#include <aio/concurrent/map.hpp>
#include <aio/concurrent/run_coroutine_threadsafe.hpp>
#include <aio/concurrent/run_in_executor.hpp>
#include <aio/concurrent/thread_pool.hpp>
#include <aio/concurrent/to_thread.hpp>
#include <aio/concurrent/wait.hpp>
#include <aio/concurrent/wrap_future.hpp>
