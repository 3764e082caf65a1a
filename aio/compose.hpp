// SPDX-License-Identifier: MIT
#pragma once

/// What runs coroutines and tasks together, within limits, and to the end.
///
/// Which one? `run(amain())` starts the program. A TaskGroup is for several tasks that end together;
/// `gather(a(), b())` runs several and gives all results, `as_completed(tasks)` one result after the other;
/// `wait(tasks)` tells which are done without raising anything. `timeout(5s)` limits a block, `wait_for()`
/// one awaitable; `shield()` keeps a cancellation away. `async_with(manager, body)` enters and leaves, an
/// AsyncExitStack leaves what it was given; an AsyncGenerator yields between its awaits.

#include <aio/base/exception_group.hpp>
#include <aio/compose/as_completed.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/compose/async_iterator.hpp>
#include <aio/compose/async_with.hpp>
#include <aio/compose/context_managers.hpp>
#include <aio/compose/exit_stack.hpp>
#include <aio/compose/gather.hpp>
#include <aio/compose/run.hpp>
#include <aio/compose/shield.hpp>
#include <aio/compose/staggered_race.hpp>
#include <aio/compose/task_group.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/compose/wait.hpp>
#include <aio/compose/wait_for.hpp>
