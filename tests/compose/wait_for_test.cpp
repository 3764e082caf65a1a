// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <coroutine>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <support/caught.hpp>
#include <support/fails_to_begin.hpp>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::caught;
using tests::FailsToBegin;

static_assert(std::is_same_v<await_result_t<decltype(wait_for(std::declval<Coro<int>>(), 1s))>, int>);
static_assert(Awaitable<decltype(wait_for(sleep(1s), std::nullopt))>);

Coro<int> immediate(int value) { co_return value; }
Coro<int> after(Duration delay, int value) {
    co_await sleep(delay);
    co_return value;
}
Coro<int> failing() {
    throw ValueError("x");
    co_return 0;
}

/// Gives what a coroutine gives, by an awaiter that stays where it was made.
class Fixed {
    class Awaiter {
    public:
        explicit Awaiter(Coro<int>& coro) : inner_(coro.operator co_await()) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;
        ~Awaiter() { EXPECT_EQ(self_, this); }
        bool await_ready() { return inner_.await_ready(); }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiter) {
            inner_.await_suspend(awaiter);
        }
        int await_resume() { return inner_.await_resume(); }

    private:
        decltype(std::declval<Coro<int>&>().operator co_await()) inner_;
        Awaiter* self_ = this;
    };

public:
    explicit Fixed(Coro<int> coro) : coro_(std::move(coro)) {}
    Awaiter operator co_await() { return Awaiter(coro_); }

private:
    Coro<int> coro_;
};

/// Cannot be moved itself.
struct Rooted : Fixed {
    using Fixed::Fixed;
    Rooted(const Rooted&) = delete;
    Rooted& operator=(const Rooted&) = delete;
};

struct WaitForTest : ::testing::Test, testing::LoopTest {};

TEST_F(WaitForTest, AnAwaiterNeedNotBeMovable) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await wait_for(Fixed(immediate(1)), 1s), 1);
        EXPECT_EQ(co_await wait_for(Fixed(after(1s, 2)), 2s), 2);
        Fixed stored(after(1s, 3));
        auto wait = wait_for(std::move(stored), 2s);
        auto moved = std::move(wait);
        EXPECT_EQ(co_await std::move(moved), 3);
        EXPECT_EQ(co_await caught(wait_for(Fixed(after(2s, 4)), 1s)), "TimeoutError");
        EXPECT_EQ(co_await caught(wait_for(Fixed(failing()), 1s)), "x");
        EXPECT_EQ(co_await caught(wait_for(Fixed(immediate(5)), 0s)), "TimeoutError");
        EXPECT_EQ(co_await async_with(timeout(2s), [] { return Fixed(after(1s, 6)); }), 6);
        EXPECT_EQ(co_await async_with(timeout(2s), [] { return Rooted(after(1s, 7)); }), 7);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
    Task<int> left;
    {
        EventLoopPtr other = new_event_loop();
        left = other->create_task([] { return wait_for(Fixed(after(9s, 7)), 5s); });
        other->call_soon([&] { other->stop(); });
        other->run_forever();
    }
    EXPECT_FALSE(left.done());
}

TEST_F(WaitForTest, ReadyTakesNoTurnAndArmsNoTimer) {
    run([&]() -> Coro<> {
        const auto before = loop().stats().iterations;
        EXPECT_EQ(co_await wait_for(immediate(7), 1s), 7);
        Future<int> done = loop().create_future<int>();
        done.set_result(8);
        EXPECT_EQ(co_await wait_for(done, 1s), 8);
        EXPECT_EQ(co_await wait_for(immediate(9), std::nullopt), 9);
        EXPECT_EQ(loop().stats().iterations, before);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(WaitForTest, WaitsAndWithdrawsItsTimer) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await wait_for(after(2s, 7), 3s), 7);
        EXPECT_EQ(loop().stats().timers, 0u);
        Task<int> task = create_task(after(1s, 8));
        EXPECT_EQ(co_await wait_for(task, 3s), 8);
        co_await wait_for(sleep(1s), 2s);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
    EXPECT_EQ(clock().elapsed(), 4s);
}

TEST_F(WaitForTest, TakesEveryKindOfLimit) {
    run([&]() -> Coro<> {
        const std::optional<std::chrono::seconds> none;
        EXPECT_EQ(co_await wait_for(after(1s, 1), none), 1);
        EXPECT_EQ(co_await wait_for(after(1s, 2), std::chrono::duration<double>(1.5)), 2);
        EXPECT_EQ(co_await wait_for(after(1s, 3), Duration::max()), 3);
    });
}

TEST_F(WaitForTest, TimesOutLeafFutureTaskAndCoroutine) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(wait_for(sleep(9s), 1s)), "TimeoutError");
        Future<int> future = loop().create_future<int>();
        EXPECT_EQ(co_await caught(wait_for(future, 1s)), "TimeoutError");
        EXPECT_TRUE(future.cancelled());
        Task<int> task = create_task(after(9s, 1));
        EXPECT_EQ(co_await caught(wait_for(task, 1s)), "TimeoutError");
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(co_await caught(wait_for(after(9s, 1), 1s)), "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 4s);
        EXPECT_EQ(current_task().cancelling(), 0u);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(WaitForTest, ErrorsPassThrough) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(wait_for(failing(), 1s)), "x");
        EXPECT_EQ(co_await caught(wait_for(create_task(failing()), 1s)), "x");
    });
}

TEST_F(WaitForTest, WhatFailsToBeginLeavesNoTimer) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(wait_for(FailsToBegin(true), 1s)), "await_ready");
        EXPECT_EQ(co_await caught(wait_for(FailsToBegin(false), 1s)), "await_suspend");
        EXPECT_EQ(loop().stats().timers, 0U);
        co_await sleep(2s);
        EXPECT_EQ(current_task().cancelling(), 0U);
    });
}

TEST_F(WaitForTest, WithoutTimeOnlyWhatIsDoneCounts) {
    int started = 0;
    auto counts = [&]() -> Coro<> {
        ++started;
        co_return;
    };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(wait_for(counts(), 0s)), "TimeoutError");
        EXPECT_EQ(co_await caught(wait_for(sleep(0s), 0s)), "TimeoutError");
        EXPECT_EQ(started, 0);
        Future<int> failed = loop().create_future<int>();
        failed.set_exception(ValueError("y"));
        EXPECT_EQ(co_await caught(wait_for(failed, 0s)), "y");
        Future<int> cancelled = loop().create_future<int>();
        cancelled.cancel();
        EXPECT_EQ(co_await caught(wait_for(cancelled, -1s)), "CancelledError") << "it was not our doing";
    });
    EXPECT_EQ(clock().elapsed(), 0s);
}

TEST_F(WaitForTest, MoveOnlyValuesAndReferences) {
    int target = 1;
    auto box = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
    auto refers = [&]() -> Coro<int&> { co_return target; };
    run([&]() -> Coro<> {
        const std::unique_ptr<int> value = co_await wait_for(box(), 1s);
        EXPECT_EQ(*value, 5);
        int& same = co_await wait_for(refers(), 1s);
        EXPECT_EQ(&same, &target);
        const std::unique_ptr<int> from_task = co_await wait_for(create_task(box()), 1s);
        EXPECT_EQ(*from_task, 5);
    });
}

TEST_F(WaitForTest, CancelledBeforeDuringAndInTheIterationItWasWoken) {
    run([&]() -> Coro<> {
        Future<int> future = loop().create_future<int>();
        auto waits = [](Future<int> f, bool before) -> Coro<> {
            if (before) current_task().cancel();
            co_await wait_for(f, 5s);
        };
        auto first = create_task(waits, loop().create_future<int>(), true);
        auto second = create_task(waits, loop().create_future<int>(), false);
        auto third = create_task(waits, future, false);
        co_await sleep(1s);
        EXPECT_TRUE(first.cancelled());
        second.cancel();
        future.set_result(1);
        third.cancel();
        co_await sleep(0s);
        co_await sleep(0s);
        EXPECT_TRUE(second.cancelled());
        EXPECT_TRUE(third.cancelled());
        EXPECT_EQ(future.result(), 1);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(WaitForTest, NestedOnesEndWithTheInnermostThatExpires) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(wait_for(wait_for(sleep(9s), 5s), 1s)), "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 1s);
        EXPECT_EQ(co_await caught(wait_for(wait_for(sleep(9s), 1s), 5s)), "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 2s);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(WaitForTest, IsAwaitedOnce) {
    run([&]() -> Coro<> {
        auto once = wait_for(sleep(0s), 1s);
        co_await once;
        std::string what;
        try {
            co_await once;
        } catch (const RuntimeError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "cannot reuse already awaited coroutine");
    });
}

TEST_F(WaitForTest, ATaskIsShownByItsName) {
    run([&]() -> Coro<> {
        auto task = create_task(wait_for(sleep(1s), 2s));
        EXPECT_NE(task.repr().find("coro=<aio::wait_for() running at "), std::string::npos) << task.repr();
        co_await task;
    });
}

TEST_F(WaitForTest, DestroyedWhileWaiting) {
    auto waits = []() -> Coro<> { co_await wait_for(sleep(9s), 5s); };
    EventLoopPtr loop = new_event_loop();
    auto task = loop->create_task(waits());
    loop->call_soon([&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(loop->stats().timers, 2u);
    loop->close();
    EXPECT_FALSE(task.done());
}

TEST_F(WaitForTest, ManyThatEndInTheIterationOfTheirDeadline) {
    int results = 0;
    int timeouts = 0;
    auto waits = [&](Future<int> future) -> Coro<> {
        try {
            results += co_await wait_for(future, 1s);
        } catch (const TimeoutError&) {
            ++timeouts;
        }
    };
    run([&]() -> Coro<> {
        std::vector<Task<>> tasks;
        std::vector<Future<int>> futures;
        for (int i = 0; i < 1000; ++i) {
            futures.push_back(loop().create_future<int>());
            tasks.push_back(create_task(waits, futures.back()));
        }
        co_await sleep(0s);
        // They are woken before the timers are collected, and go on before those run.
        loop().call_at(loop().time() + 1s - 1ns, [&] {
            for (const auto& future : futures) future.set_result(1);
            clock().advance(1ns);
        });
        co_await gather(tasks);
    });
    EXPECT_EQ(results, 1000);
    EXPECT_EQ(timeouts, 0);
}

}  // namespace
}  // namespace aio
