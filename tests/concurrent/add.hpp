// SPDX-License-Identifier: MIT
#pragma once

namespace aio::tests {

/// What the tests give to threads.
inline int add(int a, int b) { return a + b; }

}  // namespace aio::tests
