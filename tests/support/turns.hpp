// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task.hpp>

namespace aio::tests {

/// Lets that many iterations pass.
inline Coro<> turns(int count) {
    for (int turn = 0; turn < count; ++turn) co_await sleep(Duration::zero());
}

}  // namespace aio::tests
