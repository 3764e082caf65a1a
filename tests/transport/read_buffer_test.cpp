// SPDX-License-Identifier: MIT
#include <aio/transport/detail/read_buffer.hpp>

#include <gtest/gtest.h>
#include <thread>

namespace aio::tests {
namespace {

TEST(ReadBuffer, IsOnePerThread) {
    const std::span<char> mine = detail::shared_read_buffer();
    EXPECT_EQ(mine.size(), detail::kReadBufferSize);
    EXPECT_EQ(detail::shared_read_buffer().data(), mine.data());
    mine.front() = mine.back() = 'x';
    std::thread([&] {
        const std::span<char> theirs = detail::shared_read_buffer();
        EXPECT_NE(theirs.data(), mine.data());
        theirs.front() = theirs.back() = 'y';
    }).join();
    EXPECT_EQ(mine.front(), 'x');
}

}  // namespace
}  // namespace aio::tests
