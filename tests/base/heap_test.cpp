// SPDX-License-Identifier: MIT
#include <support/heap.hpp>
#include <support/sanitized.hpp>

#include <aio/base/heap.hpp>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

TEST(Heap, KeepsFreedMemoryWhenAsked) {
    if (kSanitized) GTEST_SKIP() << "the sanitizer's malloc";
    if (!heap_gives_back()) GTEST_SKIP() << "a test before has freed a large block";
    keep_freed_memory();
    EXPECT_FALSE(heap_gives_back());
    EXPECT_FALSE(heap_gives_back());
}

}  // namespace
}  // namespace aio::tests
