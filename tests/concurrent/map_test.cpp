// SPDX-License-Identifier: MIT
// Executor::map().
#include <aio/concurrent.hpp>

#include "add.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <support/latch.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio::concurrent {
namespace {

using namespace std::chrono_literals;
using tests::add;
using tests::Latch;
using tests::thrown;

int checked(int value) { return value == 2 ? throw ValueError("two") : value; }

TEST(MapThread, ResultsComeInTheOrderOfTheArguments) {
    ThreadPoolExecutor pool(3);
    const std::vector<int> a{1, 2, 3};
    std::vector<int> results;
    for (const int value : pool.map(add, a, std::vector<int>{10, 20, 30, 40})) results.push_back(value);
    EXPECT_EQ(results, (std::vector{11, 22, 33}));
    EXPECT_EQ(pool.map(add, a, a).to_vector(), (std::vector{2, 4, 6}));
    EXPECT_EQ(pool.map(add, std::vector<int>(), a).to_vector(), std::vector<int>());
    EXPECT_EQ(pool.map([](int) {}, a).to_vector(), std::vector<None>(3));
}

TEST(MapThread, SubmitsEverythingAtOnceWithoutABufferSize) {
    Latch go;
    std::atomic<int> calls{0};
    ThreadPoolExecutor pool(1);
    auto results =
        pool.map([&](int value) { return go.wait() ? ++calls, value : 0; }, std::vector<int>(100, 1));
    EXPECT_EQ(pool.stats().queued, 99U);
    go.set();
    EXPECT_EQ(results.to_vector().size(), 100U);
    EXPECT_EQ(calls, 100);
}

TEST(MapThread, ABufferSizeBoundsWhatIsUnderWay) {
    EXPECT_EQ(thrown<ValueError>([] { MapOptions().buffersize(0); }), "buffersize must be None or > 0");
    Latch go;
    ThreadPoolExecutor pool(1);
    const std::vector<int> arguments(200, 1);
    auto results =
        pool.map(MapOptions().buffersize(3), [&](int value) { return go.wait() ? value : 0; }, arguments);
    EXPECT_EQ(pool.stats().queued, 2U);
    go.set();
    EXPECT_EQ(results.to_vector(), arguments);
}

TEST(MapThread, ResultsWithABufferSizeMayOutliveTheExecutor) {
    std::atomic<int> calls{0};
    const std::vector<int> arguments{1, 2, 3, 4, 5};
    auto pool = std::make_unique<ThreadPoolExecutor>(1);
    auto results =
        pool->map(MapOptions().buffersize(2), [&](int value) { return ++calls, value; }, arguments);
    auto first = results.begin();  // has submitted the third
    EXPECT_EQ(*first, 1);
    pool = nullptr;
    EXPECT_EQ(results.to_vector(), (std::vector{2, 3}));
    EXPECT_EQ(calls, 3);
}

TEST(MapThread, AnExecutorMayEndWhileAnotherThreadGoesThroughTheResults) {
    for (int i = 0; i < 50; ++i) {
        auto pool = std::make_unique<ThreadPoolExecutor>(1);
        auto results =
            pool->map(MapOptions().buffersize(1), [](int value) { return value; }, std::vector<int>(1000, 1));
        std::string outcome;
        Latch begun;
        std::thread taker([&] {
            outcome = thrown<RuntimeError>([&] {
                for (const int value : results) {
                    EXPECT_EQ(value, 1);
                    begun.set();
                }
            });
        });
        begun.wait();
        pool = nullptr;
        taker.join();
        EXPECT_EQ(outcome, "no exception");
    }
}

TEST(MapThread, AnErrorComesInItsPlaceAndCancelsTheRest) {
    ThreadPoolExecutor pool(1);
    std::vector<int> results;
    EXPECT_EQ(thrown<ValueError>([&] {
                  for (const int value : pool.map(checked, std::vector{1, 2, 3})) results.push_back(value);
              }),
              "two");
    EXPECT_EQ(results, std::vector{1});
}

TEST(MapThread, TimesOutFromTheCallOnAndCancelsTheRest) {
    Latch begun;
    Latch go;
    std::atomic<int> calls{0};
    ThreadPoolExecutor pool(1);
    auto work = [&](int) {
        begun.set();
        go.wait();
        return ++calls;
    };
    auto results = pool.map(MapOptions().timeout(5ms), work, std::vector{1, 2, 3});
    begun.wait();  // or it is cancelled, too
    EXPECT_THROW(results.begin(), TimeoutError);
    go.set();
    pool.shutdown();
    EXPECT_EQ(calls, 1);
}

TEST(MapThread, TakesEveryTimeLimitButNaN) {
    ThreadPoolExecutor pool(1);
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(MapOptions().timeout(nan), ValueError);
    auto patient = pool.map(MapOptions().timeout(std::chrono::hours::max()), checked, std::vector{1, 3});
    EXPECT_EQ(patient.to_vector(), (std::vector{1, 3}));
    Latch go;
    auto work = [&](int value) {
        go.wait();
        return value;
    };
    auto hasty = pool.map(MapOptions().timeout(std::chrono::hours::min()), work, std::vector{1});
    EXPECT_THROW(hasty.begin(), TimeoutError);
    go.set();
}

TEST(MapThread, ResultsThatNobodyTakesAreCancelled) {
    Latch go;
    std::atomic<int> calls{0};
    ThreadPoolExecutor pool(1);
    {
        auto results = pool.map(
            [&](int) {
                go.wait();
                ++calls;
            },
            std::vector{1, 2, 3});
        auto moved = std::move(results);
        while (pool.stats().queued > 2) {
        }
    }
    go.set();
    pool.shutdown();
    EXPECT_LE(calls, 1);
}

TEST(MapThread, AfterShutdownItThrows) {
    ThreadPoolExecutor pool(1);
    pool.shutdown();
    EXPECT_THROW(pool.map(checked, std::vector{1}), RuntimeError);
}

}  // namespace
}  // namespace aio::concurrent
