// SPDX-License-Identifier: MIT
#pragma once

/// How tasks of one loop wait for each other.
///
/// Which one do I want?
/// - To hand work from task to task: Queue, with a maxsize so that producers wait for consumers. What is
/// urgent
///   first: PriorityQueue. Newest first: LifoQueue. To end the consumers: shutdown().
/// - To wait for the first of several things, with or without a time limit: select().
/// - "It has happened", for everybody who waits: Event. With a result: Future.
/// - One at a time, across an await: Lock. Between two awaits nothing else runs, so most code needs none.
/// - At most N at a time: Semaphore. To find unbalanced releases as well: BoundedSemaphore.
/// - Until a condition over shared state holds: Condition.
/// - N tasks in step: Barrier.
///
/// None of them may be used by two threads: go through loop.call_soon_threadsafe().

#include <aio/sync/barrier.hpp>
#include <aio/sync/condition.hpp>
#include <aio/sync/event.hpp>
#include <aio/sync/guard.hpp>
#include <aio/sync/lock.hpp>
#include <aio/sync/queue.hpp>
#include <aio/sync/select.hpp>
#include <aio/sync/semaphore.hpp>
