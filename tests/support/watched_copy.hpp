// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace aio::tests {

/// A value whose copy constructor calls `while_copied`, as one of the user's may do anything.
struct WatchedCopy {
    static inline std::function<void()> while_copied;

    WatchedCopy() = default;
    WatchedCopy(const WatchedCopy&) {
        if (while_copied) while_copied();
    }
    WatchedCopy& operator=(const WatchedCopy&) = delete;
};

}  // namespace aio::tests
