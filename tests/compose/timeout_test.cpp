// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <support/caught.hpp>
#include <support/ended.hpp>
#include <support/fails_to_begin.hpp>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::caught;

static_assert(AsyncContextManager<Timeout>);
static_assert(!std::is_copy_constructible_v<Timeout>);

struct TimeoutTest : ::testing::Test, testing::LoopTest {
    static Coro<> long_sleep() { co_await sleep(9s); }
};

TEST_F(TimeoutTest, GivesTheBodysResultAndTakesItsArguments) {
    auto add = [](std::unique_ptr<int> a, int b) -> Coro<int> { co_return *a + b; };
    auto knows = [](Timeout& limit, int b) -> Coro<int> { co_return limit.when() ? b : -1; };
    run([&]() -> Coro<> {
        auto three = std::make_unique<int>(3);
        const int sum = co_await async_with(timeout(1s), add, std::move(three), 4);
        EXPECT_EQ(sum, 7);
        EXPECT_EQ(co_await async_with(timeout(1s), knows, 5), 5);
        EXPECT_EQ(co_await async_with(timeout(std::nullopt), knows, 5), -1);
        co_await async_with(timeout(2s), [] { return sleep(1s); });
        Future<int> future = loop().create_future<int>();
        future.set_result(8);
        EXPECT_EQ(co_await async_with(timeout(1s), [&] { return future; }), 8);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(TimeoutTest, ReadyTakesNoTurnAndArmsNoTimer) {
    std::size_t timers = 9;
    auto body = [&]() -> Coro<> {
        timers = loop().stats().timers;
        co_return;
    };
    run([&]() -> Coro<> {
        const auto before = loop().stats().iterations;
        co_await async_with(timeout(1s), body);
        EXPECT_EQ(loop().stats().iterations, before);
        EXPECT_EQ(timers, 0u);
    });
}

TEST_F(TimeoutTest, TheDeadlineCountsFromTheCall) {
    run([&]() -> Coro<> {
        Timeout limit = timeout(3s);
        co_await sleep(1s);
        EXPECT_EQ(co_await caught(async_with(limit, long_sleep)), "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 3s);
        EXPECT_EQ(co_await caught(async_with(timeout_at(loop().time() + 1s), long_sleep)), "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 4s);
        co_await async_with(timeout_at(std::nullopt), long_sleep);
    });
}

// Python queues the cancellation when the block is entered: it comes before the body's next turn.
TEST_F(TimeoutTest, ADeadlineThatHasPassedEndsTheFirstWait) {
    auto turn = []() -> Coro<> { co_await sleep(0s); };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(async_with(timeout(0s), turn)), "TimeoutError");
        EXPECT_EQ(co_await caught(async_with(timeout(-1s), turn)), "TimeoutError");
        EXPECT_EQ(co_await caught(async_with(timeout_at(loop().time()), turn)), "TimeoutError");
        Timeout late = timeout(1s);
        clock().advance(2s);
        EXPECT_EQ(co_await caught(async_with(late, turn)), "TimeoutError");
        Timeout stored = timeout(1s);
        clock().advance(2s);
        EXPECT_EQ(co_await caught(async_with(std::move(stored), turn)), "TimeoutError");
        auto block = async_with(timeout(1s), turn);
        co_await sleep(2s);
        EXPECT_EQ(co_await caught(std::move(block)), "TimeoutError");
        co_await async_with(timeout(0s), []() -> Coro<> { co_return; });
        co_await sleep(0s);  // nothing is left that could cancel us
        EXPECT_EQ(current_task().cancelling(), 0u);
    });
}

// Equal deadlines are served in the order of arming, also where the timer is armed only if it is needed.
TEST_F(TimeoutTest, ItsTurnAmongEqualDeadlinesIsThatOfTheEntry) {
    std::vector<std::string> log;
    // The promise of aio, also where tests vary what asyncio leaves open.
    EventLoopPtr loop =
        new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>()).shuffle(0));
    auto main = [&]() -> Coro<> {
        Future<> future = loop->create_future<>();
        auto body = [&]() -> Coro<> {
            loop->call_later(1s, [&] { log.push_back(future.cancelled() ? "cancelled" : "pending"); });
            co_await future;
        };
        EXPECT_EQ(co_await caught(async_with(timeout(1s), body)), "TimeoutError");
        co_await sleep(0s);
    };
    loop->run_until_complete(main());
    EXPECT_EQ(log, (std::vector<std::string>{"cancelled"}));
}

TEST_F(TimeoutTest, RescheduledToAndFro) {
    auto extends = [&](Timeout& limit) -> Coro<> {
        limit.reschedule(loop().time() + 2s);
        co_await sleep(1500ms);
        EXPECT_EQ(limit.when(), loop().time() + 500ms);
        limit.reschedule(loop().time() + 4s);
        co_await sleep(3s);
        limit.reschedule(loop().time() - 1s);
        limit.reschedule(loop().time() + 1s);  // takes the queued one back
        co_await sleep(0s);
        EXPECT_FALSE(limit.expired());
        co_await sleep(9s);
    };
    run([&]() -> Coro<> { EXPECT_EQ(co_await caught(async_with(timeout(1s), extends)), "TimeoutError"); });
    EXPECT_EQ(clock().elapsed(), 5500ms);
}

TEST_F(TimeoutTest, MisuseIsRefused) {
    run([&]() -> Coro<> {
        Timeout limit = timeout(1s);
        EXPECT_THROW(limit.reschedule(std::nullopt), RuntimeError);
        auto again = [&]() -> Coro<> { co_await async_with(limit, long_sleep); };
        EXPECT_EQ(co_await caught(async_with(limit, again)), "Timeout has already been entered");
        EXPECT_EQ(co_await caught(async_with(limit, long_sleep)), "Timeout has already been entered");
        std::string what;
        try {
            limit.reschedule(std::nullopt);
        } catch (const RuntimeError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "Cannot change state of finished Timeout");
    });
    EXPECT_THROW((void)timeout(1s), RuntimeError) << "no loop runs";
}

TEST_F(TimeoutTest, ReprTellsTheState) {
    auto shows = [](Timeout& limit) -> Coro<std::string> { co_return limit.repr(); };
    run([&]() -> Coro<> {
        Timeout limit = timeout_at(TimePoint(2000s));
        EXPECT_EQ(limit.repr(), "<Timeout [created]>");
        EXPECT_EQ(co_await async_with(limit, shows), "<Timeout [active] when=2000.000>");
        EXPECT_EQ(limit.repr(), "<Timeout [finished]>");
        EXPECT_EQ(co_await async_with(timeout(std::nullopt), shows), "<Timeout [active] when=None>");
        Timeout expired = timeout(1s);
        co_await caught(async_with(expired, long_sleep));
        EXPECT_EQ(expired.repr(), "<Timeout [expired]>");
    });
}

TEST_F(TimeoutTest, EnteredAndLeftByHand) {
    run([&]() -> Coro<> {
        Timeout limit = timeout(1s);
        co_await limit.aenter();
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            error = std::current_exception();
        }
        EXPECT_EQ(co_await caught(limit.aexit(error)), "TimeoutError");
        Timeout unused = timeout(1s);
        co_await unused.aenter();
        co_await unused.aexit(nullptr);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(TimeoutTest, LeftWithoutHavingBeenEnteredOrAgainIsRefused) {
    run([&]() -> Coro<> {
        Timeout limit = timeout(1s);
        EXPECT_EQ(co_await caught(limit.aexit(nullptr)), "Timeout has not been entered");
        co_await limit.aenter();
        co_await limit.aexit(nullptr);
        EXPECT_EQ(co_await caught(limit.aexit(nullptr)), "Timeout has already been left");
    });
}

TEST_F(TimeoutTest, EnteredByHandItMayOutliveTheTask) {
    std::optional<Timeout> limit;
    auto enters = [&]() -> Coro<> {
        limit.emplace(timeout(1s));
        co_await limit->aenter();
    };
    run([&]() -> Coro<> {
        co_await create_task(enters);
        co_await sleep(2s);
        EXPECT_TRUE(limit->expired());
        limit.reset();
    });
}

// A body that throws before it gives anything to await.
TEST_F(TimeoutTest, ErrorsOfTheCallPassThrough) {
    run([&]() -> Coro<> {
        auto throws = []() -> Coro<> { throw ValueError("at once"); };
        EXPECT_EQ(co_await caught(async_with(timeout(1s), throws)), "at once");
        Coro<> used = long_sleep();
        used.close();
        const std::string error = co_await caught(async_with(timeout(1s), [&] { return std::move(used); }));
        EXPECT_TRUE(error.starts_with("cannot reuse already awaited coroutine ")) << error;
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(TimeoutTest, WhatFailsToBeginLeavesNoTimer) {
    auto body = [](bool at_once) { return tests::FailsToBegin(at_once); };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(async_with(timeout(1s), body, true)), "await_ready");
        EXPECT_EQ(co_await caught(async_with(timeout(1s), body, false)), "await_suspend");
        EXPECT_EQ(loop().stats().timers, 0U);
        co_await sleep(2s);
        EXPECT_EQ(current_task().cancelling(), 0U);
    });
}

TEST_F(TimeoutTest, CancelledBeforeDuringAndInTheIterationItWasWoken) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        auto body = [](Future<> f) -> Coro<> { co_await f; };
        auto waits = [&](Future<> f, bool before) -> Coro<> {
            if (before) current_task().cancel();
            co_await async_with(timeout(5s), body, f);
        };
        auto first = create_task(waits, loop().create_future<>(), true);
        auto second = create_task(waits, loop().create_future<>(), false);
        auto third = create_task(waits, future, false);
        co_await sleep(1s);
        second.cancel();
        future.set_result();
        third.cancel();
        co_await tests::ended(first, second, third);
        EXPECT_TRUE(first.cancelled() && second.cancelled() && third.cancelled());
        EXPECT_EQ(loop().stats().timers, 0u);
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

// The count at entry decides whose cancellation it is, not whether there is one at all.
TEST_F(TimeoutTest, EnteredWhileAnEarlierRequestIsStillCounted) {
    auto cleans_up = [&]() -> Coro<std::string> {
        std::string outcome;
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            outcome = "cancelled";
        }
        outcome += ", then " + co_await caught(async_with(timeout(1s), long_sleep));
        outcome += ", " + std::to_string(current_task().cancelling());
        co_return outcome;
    };
    run([&]() -> Coro<> {
        auto task = create_task(cleans_up);
        co_await sleep(1s);
        task.cancel();
        EXPECT_EQ(co_await task, "cancelled, then TimeoutError, 1");
    });
}

TEST_F(TimeoutTest, DestroyedWhileWaitingArmedAndQueued) {
    auto waits = [](Duration limit) -> Coro<> { co_await async_with(timeout(limit), long_sleep); };
    EventLoopPtr loop = new_event_loop();
    auto armed = loop->create_task(waits(5s));
    auto queued = loop->create_task(waits(0s));
    loop->call_soon([&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(loop->stats().ready, 1u);
    EXPECT_EQ(loop->stats().timers, 3u);
    loop->close();
    EXPECT_FALSE(armed.done() || queued.done());
}

TEST_F(TimeoutTest, ABlockCanBeMovedBeforeItIsAwaited) {
    run([&]() -> Coro<> {
        auto block = async_with(timeout(1s), long_sleep);
        auto moved = std::move(block);
        EXPECT_EQ(co_await caught(std::move(moved)), "TimeoutError");
    });
}

}  // namespace
}  // namespace aio
