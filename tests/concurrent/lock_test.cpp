// SPDX-License-Identifier: MIT
// The lock of thread futures.
#include <aio/concurrent/detail/lock.hpp>

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace aio::concurrent::detail {
namespace {

TEST(LockThread, OneAtATime) {
    Lock lock;
    long count = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20000; ++i) {
                const LockGuard guard(lock);
                ++count;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count, 80000);
}

TEST(Futex, WaitReturnsForAnotherValueAndAtTheDeadline) {
    std::atomic<std::uint32_t> word{1};
    EXPECT_TRUE(futex_wait(word, 2));
    EXPECT_FALSE(futex_wait(word, 1, TimePoint{}));
    EXPECT_FALSE(futex_wait(word, 1, TimePoint{Duration(-5)}));
}

}  // namespace
}  // namespace aio::concurrent::detail
