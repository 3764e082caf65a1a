// SPDX-License-Identifier: MIT
// F23 and F24: timers that are taken out of the middle, delays from a stale clock, and those that overflow.
#include <support/lifetime.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// --- F23 ------------------------------------------------------------------------------------------------

struct TimerFaults : ::testing::Test, testing::LoopTest {
    static constexpr std::size_t kTimers = 10'000;
    static constexpr std::size_t kCancelled = 7'000;
    static constexpr std::size_t kArmedAgain = 2'000;

    std::mt19937 random{23};
    Lifetime callables;  // of timers that are armed
    TimePoint last;
    std::size_t fired = 0;

    Duration any_delay() { return std::chrono::microseconds(random() % 500'000); }
    void fire(TimePoint when) {
        EXPECT_GE(loop().time(), when) << "early";
        EXPECT_GE(when, last) << "out of order";
        EXPECT_EQ(loop().time(), when) << "the virtual clock stops at every deadline";
        last = when;
        ++fired;
    }
};

TEST_F(TimerFaults, F23_cancelled_in_the_middle_and_armed_again) {
    struct Armed {
        TimerHandle handle;
        bool over = false;
    };
    std::vector<Armed> timers;
    std::vector<std::size_t> live;  // places in `timers`
    std::size_t cancelled = 0;
    std::size_t again = 0;
    const UniqueFunction<void()> arm = [&] {
        const std::size_t place = timers.size();
        const TimePoint when = loop().time() + any_delay();
        timers.emplace_back();
        live.push_back(place);
        timers[place].handle = loop().call_at(when, [&, place, when, token = callables.token()] {
            EXPECT_FALSE(std::exchange(timers[place].over, true)) << "cancelled, or for the second time";
            fire(when);
            std::erase(live, place);
            if (cancelled < kCancelled) {
                for (int i = 0; i < 2 && !live.empty(); ++i) {
                    const std::size_t pick = random() % live.size();
                    Armed& other = timers[std::exchange(live[pick], live.back())];
                    live.pop_back();
                    other.handle.cancel();
                    other.over = true;
                    ++cancelled;
                }
            }
            if (again < kArmedAgain) {
                ++again;
                arm();
            }
        });
    };
    timers.reserve(kTimers + kArmedAgain);
    for (std::size_t i = 0; i < kTimers; ++i) arm();
    std::shuffle(live.begin(), live.end(), random);
    for (; cancelled < kCancelled - 2000; ++cancelled) {
        Armed& timer = timers[live.back()];
        live.pop_back();
        timer.handle.cancel();
        timer.over = true;
        EXPECT_EQ(loop().stats().timers, live.size());
    }
    EXPECT_EQ(callables.holders(), static_cast<long>(live.size())) << "what was cancelled is destroyed";
    loop().call_later(10s, [&] { loop().stop(); });
    loop().run_forever();
    EXPECT_GE(cancelled, kCancelled);
    EXPECT_EQ(again, kArmedAgain);
    EXPECT_EQ(fired, kTimers + kArmedAgain - cancelled);
    EXPECT_TRUE(std::all_of(timers.begin(), timers.end(), [](const Armed& timer) { return timer.over; }));
    EXPECT_EQ(loop().stats().timers, 0U);
    EXPECT_EQ(callables.holders(), 0);
}

TEST_F(TimerFaults, F23_sleeping_tasks_cancelled_in_the_middle) {
    run([&]() -> Coro<> {
        std::vector<Task<>> tasks;
        auto sleeps = [&]() -> Coro<> {
            const Duration delay = any_delay();
            const TimePoint when = loop().time() + delay;
            co_await sleep(delay);
            fire(when);
        };
        for (std::size_t i = 0; i < kTimers; ++i) tasks.push_back(create_task(sleeps));
        co_await sleep(0s);
        std::shuffle(tasks.begin(), tasks.end(), random);
        std::size_t cancelled = 0;
        for (; cancelled < kCancelled - 2000; ++cancelled) tasks[cancelled].cancel();
        for (std::size_t i = 0; i < kArmedAgain; ++i) tasks.push_back(create_task(sleeps));
        while (cancelled < kCancelled) {
            co_await sleep(1ms);
            for (int i = 0; i < 20; ++i) tasks[cancelled++].cancel();
        }
        co_await wait(tasks);
        const auto was_cancelled = [](const Task<>& task) { return task.cancelled(); };
        const auto gone = std::count_if(tasks.begin(), tasks.end(), was_cancelled);
        EXPECT_EQ(fired, tasks.size() - static_cast<std::size_t>(gone));
        EXPECT_GT(gone, 5000);
        EXPECT_EQ(loop().stats().timers, 0U);
    });
    EXPECT_LE(clock().elapsed(), 1s);
}

TEST_F(TimerFaults, F23_memory_of_cancelled_timers_is_bounded) {
    struct Memory {
        std::int64_t blocks = pool::stats().live_blocks;
        std::size_t bytes = ::mallinfo2().uordblks;
    };
    loop().call_later(1ns, [] {});  // live ones, before and behind
    loop().call_later(1h, [] {});
    Memory before;
    for (int round = 0; round < 20; ++round) {
        std::vector<TimerHandle> timers;
        for (std::size_t i = 0; i < kTimers; ++i) timers.push_back(loop().call_later(any_delay(), [] {}));
        std::shuffle(timers.begin(), timers.end(), random);
        for (TimerHandle& timer : timers) timer.cancel();
        EXPECT_EQ(loop().stats().timers, 2U);
        timers = {};
        if (round == 0) before = Memory();
    }
    const Memory after;
    EXPECT_EQ(after.blocks, before.blocks);
    EXPECT_LT(after.bytes, before.bytes + 50'000);
}

// --- F24 ------------------------------------------------------------------------------------------------

// On the system's clock. None may end early; late is right.
struct RealTimerFaults : ::testing::Test, testing::LoopTest {
    RealTimerFaults() : LoopTest(true) {}
};

TEST_F(RealTimerFaults, F24_delays_behind_a_long_callback_count_from_the_call) {
    using Clock = std::chrono::steady_clock;
    Clock::time_point start;
    const auto block = [&](Duration time) {
        std::this_thread::sleep_for(time);
        start = Clock::now();
    };
    run([&]() -> Coro<> {
        co_await sleep(0s);
        block(200ms);
        co_await sleep(100ms);
        EXPECT_GE(Clock::now() - start, 100ms);
        const Future<> called = loop().create_future();
        block(30ms);
        loop().call_later(20ms, [&] { called.set_result(); });
        co_await called;
        EXPECT_GE(Clock::now() - start, 20ms);
        const Future<> called_at = loop().create_future();
        block(30ms);
        loop().call_at(loop().time() + 20ms, [&] { called_at.set_result(); });
        co_await called_at;
        EXPECT_GE(Clock::now() - start, 20ms);
        const std::vector<AnyFuture> never{loop().create_future()};
        block(30ms);
        co_await wait(never, 20ms);
        EXPECT_GE(Clock::now() - start, 20ms);
        block(30ms);
        try {
            co_await wait_for(sleep(1h), 20ms);
            ADD_FAILURE();
        } catch (const TimeoutError&) {
        }
        EXPECT_GE(Clock::now() - start, 20ms);
        auto body = [] { return sleep(1h); };
        block(30ms);
        try {
            co_await async_with(timeout(20ms), body);
            ADD_FAILURE();
        } catch (const TimeoutError&) {
        }
        EXPECT_GE(Clock::now() - start, 20ms);
    });
}

/// Delays that nothing can count.
const std::chrono::duration<double> kHuge[] = {
    std::chrono::duration<double>(1e12), std::chrono::duration<double>(1e18),
    std::chrono::duration<double>(std::numeric_limits<double>::infinity()),
    std::chrono::duration<double>(std::numeric_limits<double>::max()), std::chrono::hours::max()};

/// Everything that takes a delay or a deadline, with one that never comes.
template <class Delay>
std::vector<Task<>> never_ending(Delay delay) {
    auto sleeps = [delay]() -> Coro<> { co_await sleep(delay); };
    auto times_out = [delay]() -> Coro<> {
        auto body = []() -> Coro<> { co_await get_running_loop().create_future(); };
        co_await async_with(timeout(delay), body);
    };
    auto is_rescheduled = []() -> Coro<> {
        auto body = [](Timeout& limit) -> Coro<> {
            limit.reschedule(TimePoint::max());
            co_await get_running_loop().create_future();
        };
        co_await async_with(timeout(1s), body);
    };
    auto waits_for = [delay]() -> Coro<> { co_await wait_for(get_running_loop().create_future(), delay); };
    auto waits = [delay]() -> Coro<> {
        const std::vector<AnyFuture> never{get_running_loop().create_future()};
        co_await wait(never, delay);
    };
    auto selects = [delay]() -> Coro<> {
        Event never;
        co_await select(never.wait(), sleep(delay));
    };
    std::vector<Task<>> tasks;
    tasks.push_back(create_task(sleeps));
    tasks.push_back(create_task(times_out));
    tasks.push_back(create_task(is_rescheduled));
    tasks.push_back(create_task(waits_for));
    tasks.push_back(create_task(waits));
    tasks.push_back(create_task(selects));
    return tasks;
}

TEST_F(TimerFaults, F24_huge_delays_never_end_and_can_be_cancelled) {
    run([&]() -> Coro<> {
        int called = 0;
        std::vector<TimerHandle> handles{loop().call_at(TimePoint::max(), [&] { ++called; })};
        std::vector<Task<>> tasks = never_ending(Duration::max());
        for (const auto& delay : kHuge) {
            handles.push_back(loop().call_later(delay, [&] { ++called; }));
            for (Task<>& task : never_ending(delay)) tasks.push_back(std::move(task));
        }
        for (int decade = 0; decade < 28; ++decade) co_await sleep(24h * 3650);
        EXPECT_EQ(called, 0);
        for (Task<>& task : tasks) EXPECT_FALSE(task.done());
        for (TimerHandle& handle : handles) handle.cancel();
        for (Task<>& task : tasks) task.cancel();
        co_await wait(tasks);
        for (Task<>& task : tasks) EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(loop().stats().timers, 0U);
    });
    EXPECT_TRUE(reports().empty());
}

// The poll is given what the timers say: a number that the system refuses, or takes for none, would show.
TEST_F(RealTimerFaults, F24_huge_delays_let_the_loop_sleep_Thread) {
    run([&]() -> Coro<> {
        loop().call_at(TimePoint::max(), [] { ADD_FAILURE(); });
        for (const auto& delay : kHuge) loop().call_later(delay, [] { ADD_FAILURE(); });
        std::vector<Task<>> tasks = never_ending(kHuge[1]);
        for (int turn = 0; turn < 3; ++turn) co_await sleep(0s);
        const Future<> woken = loop().create_future();
        const auto wake = [&] { woken.set_result(); };
        const std::uint64_t before = loop().stats().iterations;
        std::thread waker([&] {
            std::this_thread::sleep_for(30ms);
            loop().call_soon_threadsafe(wake);
        });
        co_await woken;
        waker.join();
        EXPECT_LE(loop().stats().iterations - before, 20U) << "it spins";
        for (Task<>& task : tasks) {
            EXPECT_FALSE(task.done());
            task.cancel();
        }
        co_await wait(tasks);
    });
}

}  // namespace
}  // namespace aio::tests
