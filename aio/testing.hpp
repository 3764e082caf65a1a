// SPDX-License-Identifier: MIT
#pragma once

/// For testing programs that use aio: time that jumps, a loop to run a test's coroutine on, and
/// memory that runs out, connections in memory.

#include <aio/testing/failing_allocation.hpp>
#include <aio/testing/isolated_asyncio_test_case.hpp>
#include <aio/testing/loop_test.hpp>
#include <aio/testing/memory_pipe.hpp>
#include <aio/testing/virtual_clock.hpp>
