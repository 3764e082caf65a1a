// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <support/ended.hpp>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Tasks = std::vector<Task<int>>;

struct AsCompletedTest : ::testing::Test, testing::LoopTest {
    static Coro<int> after(Duration delay, int value) {
        co_await sleep(delay);
        if (value < 0) throw ValueError("x");
        co_return value;
    }
    // Tasks that take as many seconds as their value.
    Tasks tasks(const std::vector<int>& values) {
        Tasks made;
        for (int value : values) made.push_back(loop().create_task(after(value * 1s, value)));
        return made;
    }
};

TEST_F(AsCompletedTest, PlainIterationGivesResultsAsTheyArrive) {
    run([&]() -> Coro<> {
        std::vector<int> results;
        for (auto&& next : as_completed(tasks({3, 1, 2}))) {
            const int result = co_await next;
            results.push_back(result);
            EXPECT_EQ(clock().elapsed(), result * 1s);
        }
        EXPECT_EQ(results, (std::vector{1, 2, 3}));
    });
}

TEST_F(AsCompletedTest, NextGivesTheFuturesThemselves) {
    run([&]() -> Coro<> {
        const Tasks all = tasks({3, 1, 2});
        std::vector<int> results;
        auto it = as_completed(all);
        while (auto task = co_await it.next()) {
            EXPECT_TRUE(task->done());
            EXPECT_EQ(*task, all[results.empty() ? 1 : results.size() == 1 ? 2 : 0]);
            results.push_back(task->result());
        }
        EXPECT_EQ(results, (std::vector{1, 2, 3}));
        EXPECT_FALSE(co_await it.next()) << "the end stays the end";
    });
}

TEST_F(AsCompletedTest, WhatIsDoneAlreadyComesInTheOrderGiven) {
    run([&]() -> Coro<> {
        std::vector<Future<int>> futures;
        for (int i = 0; i < 3; ++i) {
            futures.push_back(loop().create_future<int>());
            futures.back().set_result(i);
        }
        futures.push_back(futures.front());  // counts once
        auto it = as_completed(futures);
        co_await sleep(0s);
        const auto iterations = loop().stats().iterations;
        int count = 0;
        while (auto future = co_await it.next()) EXPECT_EQ(future->result(), count++);
        EXPECT_EQ(count, 3);
        EXPECT_EQ(loop().stats().iterations, iterations) << "nothing to wait for";
    });
}

TEST_F(AsCompletedTest, CoroutinesMoveOnlyValuesErrorsAndNothing) {
    auto box = [](int value) -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(value); };
    run([&]() -> Coro<> {
        std::vector<Coro<std::unique_ptr<int>>> boxes;
        boxes.push_back(box(4));
        for (auto&& next : as_completed(std::move(boxes))) {
            const std::unique_ptr<int> value = co_await next;
            EXPECT_EQ(*value, 4);
        }
        std::vector<Coro<int>> coroutines;
        coroutines.push_back(after(1s, -1));
        coroutines.push_back(after(2s, 2));
        std::string log;
        for (auto&& next : as_completed(std::move(coroutines))) {
            try {
                log += std::to_string(co_await next);
            } catch (const ValueError& e) {
                log += e.what();
            }
        }
        EXPECT_EQ(log, "x2");
        for (auto&& next : as_completed(Tasks(), 1s)) co_await next;
        std::vector<AnyTask> any{create_task(after(1s, 1))};
        for (auto&& next : as_completed(any)) co_await next;
    });
    EXPECT_EQ(loop().stats().timers, 0u);
}

TEST_F(AsCompletedTest, ItsAwaitablesCanBeHandedAround) {
    run([&]() -> Coro<> {
        std::vector<Task<int>> consumers;
        for (auto next : as_completed(tasks({2, 1}))) consumers.push_back(create_task(std::move(next)));
        const std::vector<int> values = co_await gather(consumers);
        EXPECT_EQ(values, (std::vector{1, 2})) << "the first to ask is the first to be served";
    });
}

TEST_F(AsCompletedTest, ATimeLimitIsForAllTogetherAndCancelsNothing) {
    run([&]() -> Coro<> {
        const Tasks all = tasks({1, 3, 4});
        std::string log;
        for (auto&& next : as_completed(all, 2s)) {
            try {
                log += std::to_string(co_await next);
            } catch (const TimeoutError&) {
                log += "t";
            }
        }
        EXPECT_EQ(log, "1tt");
        EXPECT_EQ(clock().elapsed(), 2s);
        EXPECT_FALSE(all[1].done() || all[1].cancelling());
        auto it = as_completed(all, 1500ms);
        log.clear();
        try {
            while (auto task = co_await it.next()) log += std::to_string(task->result());
        } catch (const TimeoutError&) {
            log += "t";
        }
        EXPECT_EQ(log, "13t");
        auto in_time = as_completed(all, 9s);
        while (auto task = co_await in_time.next()) log += "d";
        EXPECT_EQ(log, "13tddd");
        EXPECT_EQ(loop().stats().timers, 0u) << "the limit is withdrawn";
    });
}

TEST_F(AsCompletedTest, CancelledBeforeAndDuringNothingIsLost) {
    run([&]() -> Coro<> {
        auto it = as_completed(tasks({2, 3}));
        auto waits = [&](bool before) -> Coro<> {
            if (before) current_task().cancel();
            co_await it.next();
        };
        auto first = create_task(waits, true);
        auto second = create_task(waits, false);
        co_await sleep(1s);
        second.cancel();
        co_await tests::ended(first, second);
        EXPECT_TRUE(first.cancelled() && second.cancelled());
        int sum = 0;
        while (auto task = co_await it.next()) sum += task->result();
        EXPECT_EQ(sum, 5);
    });
}

TEST_F(AsCompletedTest, CancelledInTheIterationItWasWokenTheNextOneIsServed) {
    run([&]() -> Coro<> {
        std::vector<Future<int>> futures{loop().create_future<int>(), loop().create_future<int>()};
        auto it = as_completed(futures);
        auto waits = [&]() -> Coro<int> {
            auto future = co_await it.next();
            co_return future->result();
        };
        auto cancelled = create_task(waits);
        auto served = create_task(waits);
        co_await sleep(0s);
        loop().call_soon([&] {
            futures[0].set_result(7);
            // In the iteration in which the completion wakes the first waiter.
            loop().call_soon([&] { cancelled.cancel(); });
        });
        co_await tests::ended(cancelled);
        EXPECT_TRUE(cancelled.cancelled());
        EXPECT_EQ(co_await served, 7);
        futures[1].set_result(8);
        auto last = co_await it.next();
        EXPECT_EQ(last->result(), 8);
        EXPECT_FALSE(co_await it.next());
    });
}

// As a queue: what is there belongs to nobody until it is taken.
TEST_F(AsCompletedTest, OneThatNeedNotWaitIsFasterThanOneThatWasWoken) {
    run([&]() -> Coro<> {
        std::vector<Future<int>> futures{loop().create_future<int>(), loop().create_future<int>()};
        auto it = as_completed(futures);
        std::string log;
        auto takes = [&](std::string name) -> Coro<> {
            auto future = co_await it.next();
            log += name + std::to_string(future->result()) + " ";
        };
        auto waits = create_task(takes("waits"));
        co_await sleep(0s);
        futures[0].set_result(1);
        // In the turn after the completion has woken the first one, and before that one's.
        co_await sleep(0s);
        co_await takes("comes");
        co_await sleep(0s);
        EXPECT_FALSE(waits.done()) << "goes to the end of the line";
        futures[1].set_result(2);
        co_await waits;
        EXPECT_EQ(log, "comes1 waits2 ");
    });
}

TEST_F(AsCompletedTest, DroppedItWatchesNoLonger) {
    run([&]() -> Coro<> {
        std::vector<Future<int>> futures{loop().create_future<int>(), loop().create_future<int>()};
        as_completed(futures, 5s);
        EXPECT_EQ(loop().stats().timers, 0u);
        as_completed(futures);
        futures[0].set_result(1);  // its callback is queued, the other's is taken back
        {
            auto it = as_completed(futures, 5s);
            co_await it.next();
        }
        EXPECT_EQ(loop().stats().timers, 0u);
        auto item = *as_completed(futures).begin();  // keeps what it needs
        EXPECT_EQ(co_await item, 1);
    });
}

TEST_F(AsCompletedTest, RefusesAnotherLoopsFuture) {
    EventLoopPtr other = new_event_loop();
    std::vector<Future<int>> futures{other->create_future<int>()};
    run([&]() -> Coro<> {
        EXPECT_THROW(as_completed(futures), ValueError);
        co_return;
    });
}

TEST_F(AsCompletedTest, DestroyedWhileWaitingAndWhileWoken) {
    auto waits = [](std::vector<Future<int>> futures) -> Coro<> {
        for (auto&& next : as_completed(futures, 5s)) co_await next;
    };
    EventLoopPtr loop = new_event_loop();
    std::vector<Future<int>> futures{loop->create_future<int>(), loop->create_future<int>()};
    auto waiting = loop->create_task(waits(std::vector{loop->create_future<int>()}));
    auto woken = loop->create_task(waits(futures));
    loop->call_soon([&] {
        futures[0].set_result(1);
        loop->call_soon([&] {
            loop->stop();
            futures[1].set_result(2);  // its completion stays queued
        });
    });
    loop->run_forever();
    loop->close();
    EXPECT_FALSE(waiting.done() || woken.done());
}

}  // namespace
}  // namespace aio
