// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<decltype(sleep(1s))>);
static_assert(std::is_move_constructible_v<decltype(sleep(1s))>);
static_assert(!std::is_move_assignable_v<decltype(sleep(1s))>);
static_assert(std::is_void_v<await_result_t<decltype(sleep(1s))>>);
static_assert(std::is_same_v<await_result_t<decltype(sleep(1s, std::string()))>, std::string>);

struct SleepTest : ::testing::Test, testing::LoopTest {
    // Whether fn() threw CancelledError.
    Coro<> expect_cancelled(AnyTask task) {
        std::vector<AnyTask> tasks{task};
        co_await wait(tasks);
        EXPECT_TRUE(task.cancelled());
    }
};

TEST_F(SleepTest, WaitsForItsTime) {
    run([&]() -> Coro<> {
        co_await sleep(2s);
        EXPECT_EQ(clock().elapsed(), 2s);
        co_await sleep(500ms);
        co_await sleep(std::chrono::duration<double>(0.25));
        EXPECT_EQ(clock().elapsed(), 2750ms);
    });
}

TEST_F(SleepTest, GivesItsResult) {
    run([&]() -> Coro<> {
        const auto box = co_await sleep(1s, std::make_unique<int>(5));
        EXPECT_EQ(*box, 5);
        const std::string text = co_await sleep(0s, std::string("now"));
        EXPECT_EQ(text, "now");
    });
}

TEST_F(SleepTest, ZeroYieldsOneTurnAndArmsNoTimer) {
    run([&]() -> Coro<> {
        std::string trace;
        loop().call_soon([&] {
            trace += "a";
            loop().call_soon([&] { trace += "b"; });
        });
        co_await sleep(0s);
        EXPECT_EQ(trace, "a");
        co_await sleep(-1h);
        EXPECT_EQ(trace, "ab");
        EXPECT_EQ(loop().stats().timers, 0u);
    });
    EXPECT_EQ(clock().elapsed(), 0s);
}

TEST_F(SleepTest, HugeDelaysNeverEnd) {
    run([&]() -> Coro<> {
        Task<> forever = create_task(sleep(std::chrono::hours::max()));
        Task<> infinite =
            create_task(sleep(std::chrono::duration<double>(std::numeric_limits<double>::infinity())));
        co_await sleep(24h * 365);
        EXPECT_FALSE(forever.done() || infinite.done());
        forever.cancel();
        infinite.cancel();
        co_await expect_cancelled(forever);
        co_await expect_cancelled(infinite);
    });
}

TEST_F(SleepTest, HugeDelaysNeverEndHoweverLateItIs) {
    for (int round = 0; round < 3; ++round) {
        EXPECT_THROW(run([]() -> Coro<> { co_await sleep(std::chrono::hours::max()); }), DeadlockError);
        EXPECT_EQ(clock().elapsed(), 0s) << "a clock does not jump to never";
    }
    clock().advance(24h * 365 * 290);
    run([&]() -> Coro<> {
        Task<> late = create_task(sleep(24h * 365 * 100));
        co_await sleep(24h * 365);
        EXPECT_FALSE(late.done());
        clock().advance(std::chrono::hours::max());
        co_await sleep(0s);
        EXPECT_FALSE(late.done());
        late.cancel();
        co_await expect_cancelled(late);
    });
}

TEST_F(SleepTest, RefusesNanAtTheCall) {
    EXPECT_THROW((void)sleep(std::chrono::duration<float>(std::numeric_limits<float>::quiet_NaN())),
                 ValueError);
}

TEST_F(SleepTest, CancelledBefore) {
    run([&]() -> Coro<> {
        for (const Duration delay : {Duration(0s), Duration(9s)}) {
            auto body = [delay]() -> Coro<> {
                current_task().cancel();
                co_await sleep(delay);
                ADD_FAILURE();
            };
            co_await expect_cancelled(create_task(body));
        }
    });
    EXPECT_EQ(clock().elapsed(), 0s) << "delivered at the suspension (S48)";
}

TEST_F(SleepTest, CancelledDuring) {
    run([&]() -> Coro<> {
        for (const Duration delay : {Duration(0s), Duration(9s)}) {
            Task<> task = create_task(sleep(delay));
            co_await sleep(0s);
            if (task.done()) continue;
            task.cancel();
            co_await expect_cancelled(task);
        }
        EXPECT_EQ(loop().stats().timers, 0u);
    });
    EXPECT_EQ(clock().elapsed(), 0s);
}

// The timer is due and its wake-up queued when the cancellation comes, in each possible order.
TEST_F(SleepTest, CancelledInTheIterationInWhichItIsDue) {
    run([&]() -> Coro<> {
        Task<> task;
        const TimePoint when = loop().time() + 1s;
        loop().call_at(when, [&] { task.cancel("before the wake-up"); });
        task = create_task(sleep(1s));
        co_await expect_cancelled(task);
        task = create_task(sleep(1s));
        co_await sleep(0s);
        loop().call_at(when + 1s, [&] { task.cancel("after the wake-up"); });
        co_await expect_cancelled(task);
    });
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(SleepTest, DestroyedWhileWaiting) {
    run([&]() -> Coro<> {
        create_task(sleep(9s));
        create_task(sleep(0s));
        co_return;
    });
    EXPECT_EQ(loop().stats().tasks, 2u);
    loop().run_until_complete(sleep(0s));
    EXPECT_EQ(loop().stats().timers, 1u);
    loop().close();
    EXPECT_EQ(loop().stats().timers, 0u);
    EXPECT_EQ(reports().size(), 1u);
}

TEST_F(SleepTest, DestroyedWhileItsWakeUpIsQueued) {
    loop().create_task(sleep(1s));
    loop().run_until_complete(sleep(0s));
    clock().advance(1s);
    loop().call_soon([&] { throw KeyboardInterrupt(); });
    EXPECT_THROW(loop().run_forever(), KeyboardInterrupt);
    loop().close();
}

TEST_F(SleepTest, IsShownByItsName) {
    run([&]() -> Coro<> {
        auto options = TaskOptions().name("napper");
        Task<> task = create_task(sleep(1s), options);
        EXPECT_TRUE(
            task.repr().starts_with("<Task pending name='napper' coro=<aio::sleep() running at sleep.cpp:"))
            << task.repr();
        co_await sleep(0s);
        EXPECT_TRUE(task.repr().ends_with(" wait_for=sleep>")) << task.repr();
        co_await task;
        EXPECT_TRUE(
            task.repr().starts_with("<Task finished name='napper' coro=<aio::sleep() done, defined at "));
    });
}

}  // namespace
}  // namespace aio
