// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <limits>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Tasks = std::vector<Task<int>>;

static_assert(std::is_same_v<await_result_t<decltype(wait(std::declval<Tasks&>()))>, WaitResult<Task<int>>>);
static_assert(std::is_same_v<await_result_t<decltype(wait(std::declval<std::vector<Coro<int>>>()))>,
                             WaitResult<Task<int>>>);
static_assert(std::is_convertible_v<ReturnWhen, WaitOptions>);
static_assert(std::is_convertible_v<std::chrono::milliseconds, WaitOptions>);

struct WaitTest : ::testing::Test, testing::LoopTest {
    // A task for each delay in seconds; it gives its place.
    Tasks sleepers(std::vector<int> delays) {
        Tasks tasks;
        for (int delay : delays) {
            tasks.push_back(loop().create_task(sleep(delay * 1s, static_cast<int>(tasks.size()))));
        }
        return tasks;
    }
};

TEST(FutureSet, IsASetInOrder) {
    EventLoopPtr loop = new_event_loop();
    const Future<int> a = loop->create_future<int>();
    const Future<int> b = loop->create_future<int>();
    FutureSet<Future<int>> set{b, a, b};
    EXPECT_EQ(set.size(), 2u);
    EXPECT_TRUE(set.contains(a) && set.contains(b));
    EXPECT_EQ(set, (FutureSet<Future<int>>{a, b}));
    EXPECT_NE(set, (FutureSet<Future<int>>{a}));
    EXPECT_EQ(set.pop(), b);
    EXPECT_FALSE(set.contains(b));
    EXPECT_EQ(set.pop(), a);
    EXPECT_TRUE(set.empty());
    EXPECT_THROW(set.pop(), LookupError);
}

TEST_F(WaitTest, ForAll) {
    run([&]() -> Coro<> {
        const Tasks tasks = sleepers({3, 1, 2});
        const auto result = co_await wait(tasks);
        EXPECT_EQ(result.done.size(), 3u);
        EXPECT_TRUE(result.pending.empty());
    });
    EXPECT_EQ(clock().elapsed(), 3s);
}

TEST_F(WaitTest, ForTheFirst) {
    run([&]() -> Coro<> {
        const Tasks tasks = sleepers({3, 1, 2, 1});
        const auto result = co_await wait(tasks, FIRST_COMPLETED);
        EXPECT_EQ(result.done, (FutureSet<Task<int>>{tasks[1], tasks[3]}));
        EXPECT_EQ(result.pending, (FutureSet<Task<int>>{tasks[0], tasks[2]}));
        co_await wait(result.pending);
    });
    EXPECT_EQ(clock().elapsed(), 3s);
}

TEST_F(WaitTest, ForTheFirstErrorWhichItCountsAsSeen) {
    auto failing = []() -> Coro<int> {
        co_await sleep(1s);
        throw ValueError("x");
    };
    run([&]() -> Coro<> {
        Tasks tasks = sleepers({3});
        tasks.push_back(create_task(failing));
        const auto result = co_await wait(tasks, FIRST_EXCEPTION);
        EXPECT_EQ(result.done, (FutureSet<Task<int>>{tasks[1]}));
        co_await tasks[0];
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(WaitTest, ForALimitedTime) {
    run([&]() -> Coro<> {
        const Tasks tasks = sleepers({1, 3});
        const auto first = co_await wait(tasks, 2s);
        EXPECT_EQ(first.done, (FutureSet<Task<int>>{tasks[0]}));
        auto options = WaitOptions(FIRST_COMPLETED).timeout(0s);
        const auto at_once = co_await wait(first.pending, options);
        EXPECT_TRUE(at_once.done.empty());
        const auto in_time = co_await wait(tasks, 9s);
        EXPECT_EQ(in_time.done.size(), 2u);
        EXPECT_EQ(loop().stats().timers, 0u) << "the time limit is withdrawn";
    });
    EXPECT_EQ(clock().elapsed(), 3s);
}

TEST_F(WaitTest, TakesEveryTimeLimitButNaN) {
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(WaitOptions{nan}, ValueError);
    EXPECT_THROW(WaitOptions().timeout(nan), ValueError);
    run([&]() -> Coro<> {
        clock().advance(24h * 365 * 250);
        const Tasks tasks = sleepers({1});
        const auto nothing = co_await wait(tasks, std::chrono::hours::min());
        EXPECT_TRUE(nothing.done.empty());
        const auto all = co_await wait(tasks, std::chrono::hours::max());
        EXPECT_EQ(all.done.size(), 1u);
    });
}

TEST_F(WaitTest, ReadyStillTakesATurn) {
    run([&]() -> Coro<> {
        Future<> done = loop().create_future<>();
        done.set_result();
        bool other = false;
        loop().call_soon([&] { other = true; });
        std::vector<Future<>> futures{done, done};
        const auto result = co_await wait(futures);
        EXPECT_TRUE(other);
        EXPECT_EQ(result.done.size(), 1u) << "duplicates count once";
    });
}

TEST_F(WaitTest, TakesSeveralArgumentsAndAnyRange) {
    auto value = [](int v) -> Coro<int> { co_return v; };
    run([&]() -> Coro<> {
        const auto mixed = co_await wait(create_task(value(1)), value(2));
        EXPECT_EQ(mixed.done.size(), 2u);
        const std::vector<AnyFuture> any{loop().create_task(value(3)), loop().create_task(sleep(1s))};
        const auto result = co_await wait(any);
        EXPECT_EQ(result.done.size(), 2u);
        std::vector<Coro<int>> coroutines;
        coroutines.push_back(value(4));
        const auto first = co_await wait(std::move(coroutines), FIRST_COMPLETED);
        EXPECT_EQ(first.done.begin()->result(), 4);
    });
}

TEST_F(WaitTest, CancelledBeforeAndDuring) {
    run([&]() -> Coro<> {
        Tasks tasks = sleepers({5});
        auto body = [&](bool before) -> Coro<> {
            if (before) current_task().cancel();
            co_await wait(tasks, 3s);
        };
        std::vector<Task<>> waiters{create_task(body, true), create_task(body, false)};
        co_await sleep(1s);
        waiters[1].cancel();
        co_await wait(waiters);
        EXPECT_TRUE(waiters[0].cancelled() && waiters[1].cancelled());
        EXPECT_EQ(clock().elapsed(), 1s);
        EXPECT_FALSE(tasks[0].done());
        EXPECT_EQ(loop().stats().timers, 1u);
    });
}

TEST_F(WaitTest, CancelledInTheIterationInWhichItWasWoken) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        std::vector<Future<>> futures{future};
        for (int turns = 0; turns < 2; ++turns) {
            future = futures[0] = loop().create_future<>();
            auto waiter = create_task(wait(futures, 1s));
            co_await sleep(0s);
            future.set_result();
            for (int i = 0; i < turns; ++i) co_await sleep(0s);
            waiter.cancel();
            co_await sleep(0s);
            co_await sleep(0s);
            EXPECT_TRUE(waiter.cancelled()) << turns;
        }
    });
}

TEST_F(WaitTest, TimeLimitAndCompletionInOneIteration) {
    run([&]() -> Coro<> {
        Tasks tasks = sleepers({1});
        co_await sleep(0s);
        const auto result = co_await wait(tasks, 1s);
        EXPECT_EQ(result.done.size() + result.pending.size(), 1u);
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(WaitTest, ErrorsOfUse) {
    EventLoopPtr other = new_event_loop();
    run([&]() -> Coro<> {
        std::vector<Future<>> none;
        try {
            co_await wait(none);
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        std::vector<Future<>> foreign{other->create_future<>()};
        try {
            co_await wait(foreign);
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_NE(std::string(e.what()).find("attached to a different loop"), std::string::npos);
        }
        std::vector<Future<>> done{loop().create_future<>()};
        done[0].set_result();
        auto waiting = wait(done);
        co_await waiting;
        try {
            co_await waiting;
            ADD_FAILURE();
        } catch (const RuntimeError&) {
        }
    });
}

TEST_F(WaitTest, DestroyedWhileWaiting) {
    Tasks tasks = sleepers({5, 0});
    loop().create_task(wait(tasks, 3s));
    loop().run_until_complete(sleep(0s));
    loop().close();  // one child is done and its notice is queued
    EXPECT_EQ(loop().stats().timers, 0u);
    EXPECT_EQ(reports().size(), 1u) << "the handles of the sleepers are still there";
}

TEST_F(WaitTest, FuturesTasksAndCoroutinesOneByOne) {
    run([&]() -> Coro<> {
        auto one = []() -> Coro<int> { co_return 1; };
        const Task<int> task = create_task(one);
        const Future<int> future = loop().create_future<int>();
        future.set_result(2);
        const auto both = co_await wait(future, task);
        EXPECT_EQ(both.done, (FutureSet<Future<int>>{task, future}));
        const auto all = co_await wait(task, one(), future);
        EXPECT_EQ(all.done.size(), 3U);
        const auto tasks = co_await wait(task, one());
        static_assert(std::is_same_v<decltype(tasks), const WaitResult<Task<int>>>);
    });
}

}  // namespace
}  // namespace aio
