// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose.hpp>
#include <aio/task.hpp>

#include <vector>

namespace aio::tests {

/// wait([task, ...]): until every task has ended, whatever came of it.
template <class... Tasks>
Coro<> ended(Tasks... tasks) {
    std::vector<AnyFuture> all{tasks...};
    co_await wait(all);
}

}  // namespace aio::tests
