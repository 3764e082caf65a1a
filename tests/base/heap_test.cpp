// SPDX-License-Identifier: MIT
#include <support/heap.hpp>
#include <support/sanitized.hpp>

#include <aio/base/heap.hpp>

#include <gtest/gtest.h>
#include <cstdio>
#include <cstdlib>

namespace aio::tests {
namespace {

// In a process of its own, in which no other test has freed a large block.
TEST(Heap, KeepsFreedMemoryWhenAsked) {
    if (kSanitized) GTEST_SKIP() << "the sanitizer's malloc";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto tell = [] {
        const bool before = heap_gives_back();
        keep_freed_memory();
        std::fprintf(stderr, "before %d, after %d %d", before, heap_gives_back(), heap_gives_back());
        std::_Exit(7);
    };
    EXPECT_EXIT(tell(), ::testing::ExitedWithCode(7), "before 1, after 0 0");
}

}  // namespace
}  // namespace aio::tests
