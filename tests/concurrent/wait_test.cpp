// SPDX-License-Identifier: MIT
// concurrent::wait() and as_completed().
#include <aio/concurrent.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <support/latch.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio::concurrent {
namespace {

using namespace std::chrono_literals;
using tests::thrown;
using Futures = std::vector<Future<int>>;

TEST(ConcurrentWait, GivesDoneAndNotDone) {
    Futures fs(3);
    fs[1].set_result(1);
    const auto result = wait(fs, 0s);
    EXPECT_EQ(result.done, Futures{fs[1]});
    EXPECT_EQ(result.not_done, (Futures{fs[0], fs[2]}));
    EXPECT_EQ(wait(fs, 1ms).done.size(), 1U);
    EXPECT_TRUE(wait(Futures()).done.empty());
}

TEST(ConcurrentWait, TakesEveryTimeLimitButNaN) {
    Futures fs(2);
    fs[0].set_result(1);
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(wait(fs, nan), ValueError);
    EXPECT_THROW(as_completed(fs, nan), ValueError);
    EXPECT_EQ(wait(fs, std::chrono::hours::min()).done.size(), 1U);
    fs[1].set_result(2);
    EXPECT_EQ(wait(fs, std::chrono::hours::max()).done.size(), 2U);
}

TEST(ConcurrentWait, EqualFuturesCountOnce) {
    const Future<int> f;
    f.set_result(1);
    EXPECT_EQ(wait(Futures{f, f}).done.size(), 1U);
}

TEST(ConcurrentWait, FirstCompletedGivesAllThatAreDone) {
    Futures fs(3);
    fs[0].set_result(1);
    fs[2].set_exception(ValueError("x"));
    const auto result = wait(fs, FIRST_COMPLETED);
    EXPECT_EQ(result.done.size(), 2U);
    EXPECT_EQ(result.not_done, Futures{fs[1]});
}

TEST(ConcurrentWait, FirstExceptionIgnoresResultsAndCancellations) {
    Futures fs(4);
    fs[0].set_result(1);
    fs[1].cancel();
    fs[1].set_running_or_notify_cancel();
    EXPECT_EQ(wait(fs, WaitOptions(FIRST_EXCEPTION).timeout(1ms)).done.size(), 2U);
    fs[2].set_exception(ValueError("x"));
    EXPECT_EQ(wait(fs, FIRST_EXCEPTION).not_done, Futures{fs[3]});
}

TEST(ConcurrentWait, ACancelledFutureCountsWhenItsExecutorHasNoticed) {
    const Future<int> f;
    f.cancel();
    EXPECT_EQ(wait(Futures{f}, 1ms).not_done.size(), 1U);
    f.set_running_or_notify_cancel();
    EXPECT_EQ(wait(Futures{f}, 1ms).done.size(), 1U);
}

TEST(ConcurrentWait, HoldsMixedFuturesAsAny) {
    const Future<int> a;
    const Future<> b;
    b.set_result();
    EXPECT_EQ(wait(std::vector<AnyFuture>{a, b}, FIRST_COMPLETED).done, std::vector<AnyFuture>{b});
}

TEST(ConcurrentWaitThread, WakesForAnotherThread) {
    for (int i = 0; i < 100; ++i) {
        const Futures fs(3);
        std::thread setter([fs] {
            for (const auto& f : fs) f.set_result(1);
        });
        EXPECT_EQ(wait(fs).done.size(), 3U);
        setter.join();
    }
}

TEST(ConcurrentWaitThread, TheFirstOneEndsItWhileOthersGoOn) {
    tests::Latch go;
    ThreadPoolExecutor pool(2);
    const std::vector<Future<bool>> fs{pool.submit([&] { return go.wait(); }),
                                       pool.submit([] { return true; })};
    EXPECT_EQ(wait(fs, FIRST_COMPLETED).not_done, std::vector{fs[0]});
    go.set();
}

TEST(AsCompleted, FirstThoseThatAreDone) {
    Futures fs(2);
    fs[1].set_result(2);
    auto range = as_completed(fs, 1h);
    auto place = range.begin();
    EXPECT_EQ(*place, fs[1]);
    fs[0].set_result(1);
    ++place;
    EXPECT_EQ(*place, fs[0]);
    ++place;
    EXPECT_TRUE(place == range.end());
    EXPECT_TRUE(as_completed(Futures()).begin() == std::default_sentinel);
}

TEST(AsCompleted, TimesOut) {
    Futures fs(3);
    fs[0].set_result(1);
    auto range = as_completed(fs, 1ms);
    auto place = range.begin();
    EXPECT_TRUE(thrown<TimeoutError>([&] { ++place; }).starts_with("2 (of 3) futures unfinished"));
}

TEST(AsCompletedThread, GivesEachOnceAsItComes) {
    ThreadPoolExecutor pool(3);
    Futures fs;
    for (int i = 0; i < 50; ++i) fs.push_back(pool.submit([i] { return i; }));
    fs.push_back(fs[0]);
    int sum = 0;
    for (const Future<int>& f : as_completed(fs)) sum += f.result();
    EXPECT_EQ(sum, 49 * 50 / 2);
}

}  // namespace
}  // namespace aio::concurrent
