// SPDX-License-Identifier: MIT
#pragma once

/// All of asyncio but its processes: create_subprocess_exec() and its kin are in aio/subprocess.hpp, because
/// most programs start none, and each file that includes this would take longer to compile. What Python has
/// in modules of their own has headers of its own here: concurrent.futures is aio/concurrent.hpp, ssl is
/// aio/ssl.hpp.

#include <aio/compose.hpp>
#include <aio/concurrent/run_coroutine_threadsafe.hpp>
#include <aio/concurrent/run_in_executor.hpp>
#include <aio/concurrent/to_thread.hpp>
#include <aio/concurrent/wrap_future.hpp>
#include <aio/endpoints.hpp>
#include <aio/inspect.hpp>
#include <aio/loop.hpp>
#include <aio/net.hpp>
#include <aio/pipe.hpp>
#include <aio/streams.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/transport.hpp>
