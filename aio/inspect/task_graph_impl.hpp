// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/event_loop.hpp>
#include <aio/task/waiter.hpp>

#include <cstdint>
#include <vector>

namespace aio::detail {

/// Who awaits whom among the tasks of a loop, by their places in all_tasks(). What lies between two
/// tasks, such as the future of a gather(), is left out.
struct TaskGraph {
    explicit TaskGraph(EventLoop& loop);

    std::vector<TaskState*> tasks;
    std::vector<std::vector<std::uint32_t>> awaited;   ///< by each task
    std::vector<std::vector<std::uint32_t>> awaiters;  ///< of each task
    /// Circles of tasks that await each other; at least one of those that are connected.
    std::vector<std::vector<std::uint32_t>> cycles() const;
};

}  // namespace aio::detail
