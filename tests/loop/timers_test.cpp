// SPDX-License-Identifier: MIT
// call_later() and call_at() on the virtual and on the real clock.
#include <aio/loop.hpp>
#include <aio/testing/virtual_clock.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <support/trace.hpp>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using aio::testing::VirtualClock;
using tests::py;
using tests::thrown;
using tests::Trace;

struct Timers : ::testing::Test {
    std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
    // Equal deadlines in the order of arming is the promise of aio that these tests rely on.
    EventLoopPtr owner = new_event_loop(LoopOptions().clock(clock).shuffle(0));
    EventLoop& loop = *owner;
    Trace print;

    void run_for(Duration time) {
        loop.call_later(time, [this] { loop.stop(); });
        loop.run_forever();
    }
};

TEST_F(Timers, RunAtTheirDeadlines) {
    std::vector<Duration> times;
    for (const Duration delay : {Duration(5s), Duration(1ms), Duration(3h), Duration(1ns)}) {
        loop.call_later(delay, [&] { times.push_back(clock->elapsed()); });
    }
    run_for(24h);
    EXPECT_EQ(times, (std::vector<Duration>{1ns, 1ms, 5s, 3h}));
    EXPECT_EQ(clock->elapsed(), 24h);
}

TEST_F(Timers, TakeAnyChronoDuration) {
    const TimePoint now = loop.time();
    EXPECT_EQ(loop.call_later(std::chrono::duration<double>(0.5), [] {}).when() - now, 500ms);
    EXPECT_EQ(loop.call_later(std::chrono::duration<float, std::milli>(1.5F), [] {}).when() - now, 1500us);
    EXPECT_EQ(loop.call_later(2min, [] {}).when() - now, 120s);
    EXPECT_EQ(loop.call_later(-1s, [] {}).when() - now, -1s);
}

TEST_F(Timers, RefuseNaN) {
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(thrown<ValueError>([&] { loop.call_later(nan, [] {}); }), "Invalid delay: NaN (not a number)");
    EXPECT_EQ(loop.stats().timers, 0U);
}

TEST_F(Timers, VeryFarDeadlinesNeverRunAndHarmNothing) {
    for (const auto delay : {std::chrono::hours::max(), std::chrono::hours::min()}) {
        loop.call_later(delay, print.later(delay > 0h ? "future" : "past"));
    }
    loop.call_at(TimePoint::max(), print.later("never"));
    loop.call_at(TimePoint::min(), print.later("first"));
    run_for(1s);
    EXPECT_EQ(print.joined(), "first | past");
}

TEST(RealTimers, VeryFarDeadlinesNeverRunAndHarmNothing) {
    EventLoopPtr loop = new_event_loop();
    Trace print;
    loop->call_at(TimePoint::max(), print.later("never"));
    loop->call_at(TimePoint::min(), print.later("first"));
    loop->call_later(1ms, [&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(print.joined(), "first");
    EXPECT_EQ(loop->stats().timers, 1U);
}

TEST_F(Timers, CancelledOnesNeitherRunNorWait) {
    const TimerHandle late = loop.call_later(1h, print.later("late"));
    TimerHandle early = loop.call_later(1s, print.later("early"));
    early.cancel();
    early.cancel();
    EXPECT_TRUE(early.cancelled());
    EXPECT_FALSE(late.cancelled());
    EXPECT_EQ(loop.stats().timers, 1U);
    run_for(30min);
    EXPECT_EQ(print.joined(), "");
    run_for(1h);
    EXPECT_EQ(print.joined(), "late");
    EXPECT_EQ(early.when() - late.when(), 1s - 1h);  // the deadline stays known
}

TEST_F(Timers, MayBeCancelledWhenDueAlready) {
    TimerHandle second;
    loop.call_later(1s, [&] {
        print("first");
        second.cancel();
    });
    second = loop.call_later(1s, print.later("second"));
    run_for(2s);
    EXPECT_EQ(print.joined(), "first");
    EXPECT_TRUE(second.cancelled());
}

TEST_F(Timers, ACallbackMayArmForNow) {
    loop.call_later(1s, [&] {
        print("one");
        loop.call_at(loop.time(), print.later("two"));
        loop.call_later(0s, print.later("three"));
        loop.call_soon(print.later("soon"));
    });
    run_for(2s);
    EXPECT_EQ(print.joined(), "one | soon | two | three");
}

TEST_F(Timers, ADroppedHandleDoesNotCancel) {
    {
        const TimerHandle dropped = loop.call_later(1s, print.later("ran"));
    }
    run_for(2s);
    EXPECT_EQ(print.joined(), "ran");
}

TEST_F(Timers, RunInTheContextGiven) {
    static const ContextVar<int> var("timer", 0);
    const Context context;
    loop.call_later(context, 1s, [] { var.set(1); });
    loop.call_at(context, loop.time() + 2s, [] { var.set(var.get() + 1); });
    run_for(3s);
    EXPECT_EQ(context[var], 2);
    EXPECT_EQ(var.get(), 0);
}

// 100,000 random operations against a model: a map by (deadline, number of arming).
TEST_F(Timers, RandomArmingAndCancellingAgreesWithAModel) {
    std::mt19937 random(1234);
    struct Armed {
        TimePoint when;
        int number;
        TimerHandle handle;
    };
    std::map<std::pair<TimePoint, int>, int> model;
    std::vector<Armed> live;
    std::vector<int> ran, expected;
    int next = 0;
    for (int round = 0; round < 1000; ++round) {
        for (int step = 0; step < 100; ++step) {
            if (live.empty() || random() % 5 < 3) {
                // Few distinct deadlines, so that equal ones are frequent.
                const TimePoint when = loop.time() + std::chrono::milliseconds(1 + random() % 50);
                const int number = next++;
                live.push_back({when, number, loop.call_at(when, [&ran, number] { ran.push_back(number); })});
                model[{when, number}] = number;
            } else {
                const std::size_t pick = random() % live.size();
                live[pick].handle.cancel();
                model.erase({live[pick].when, live[pick].number});
                std::swap(live[pick], live.back());
                live.pop_back();
            }
        }
        ASSERT_EQ(loop.stats().timers, model.size());
        const TimePoint now = loop.time() + std::chrono::milliseconds(random() % 30);
        clock->advance(now - loop.time());
        loop.stop();
        loop.run_forever();
        while (!model.empty() && model.begin()->first.first <= now) {
            expected.push_back(model.begin()->second);
            model.erase(model.begin());
        }
        ASSERT_EQ(ran, expected) << "round " << round;
        ran.clear();
        expected.clear();
        std::erase_if(live, [&](const Armed& timer) { return timer.when <= now; });
    }
}

TEST(RealTimers, NeverRunEarlyAndInOrder) {
    EventLoopPtr loop = new_event_loop();
    std::mt19937 random(99);
    TimePoint last{};
    int left = 300;
    for (int i = 0; i < 300; ++i) {
        const TimePoint when = loop->time() + std::chrono::microseconds(random() % 20'000);
        loop->call_at(when, [&, when] {
            EXPECT_GE(loop->time(), when);
            EXPECT_GE(when, last);
            last = when;
            if (--left == 0) loop->stop();
        });
    }
    loop->run_forever();
    EXPECT_EQ(left, 0);
}

// The loop does not poll in every iteration while callbacks are ready.
TEST(RealTimers, OneThatIsDueWhenItIsArmedRunsInTheNextIterationAlsoBehindAnother) {
    EventLoopPtr loop = new_event_loop();
    Trace print;
    std::function<void()> round = [&] {
        const TimePoint overdue_at = loop->time() + 200us;
        Handle overdue = loop->call_at(overdue_at, print.later("overdue"));
        loop->call_soon([&, overdue_at, overdue]() mutable {
            // Where the machine stood still the loop may have found it due already, before this callback.
            if (loop->time() >= overdue_at) {
                overdue.cancel();
                return round();
            }
            while (loop->time() < overdue_at + 10us) continue;
            loop->call_later(0s, print.later("due at once"));
            loop->call_soon([&] {
                print("first");
                loop->call_soon([&] {
                    print("last");
                    loop->stop();
                });
            });
        });
    };
    loop->call_soon(round);
    loop->run_forever();
    EXPECT_EQ(print.joined(), "first | overdue | due at once | last");
}

/// Callbacks that follow each other without a pause; some take longer than a loop may go without a poll.
struct BusyLoop {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Duration length{};
    int since_tick = 0;
    int most = 0;
    int stop_after = 0;
    int polls = 0;

    BusyLoop() {
        loop.set_poll_hooks([](void* self) { ++static_cast<BusyLoop*>(self)->polls; }, nullptr, this);
    }
    void work() {
        const TimePoint end = loop.time() + length;
        while (loop.time() < end) continue;
        ++since_tick;
        if (stop_after > 0 && --stop_after == 0) loop.stop();
        loop.call_soon([this] { work(); });
    }
    // A timer that is due after the first of them.
    void tick(int left) {
        most = std::max(most, std::exchange(since_tick, 0));
        if (left == 0) return loop.stop();
        loop.call_later(1us, [this, left] { tick(left - 1); });
    }
    int most_between_ticks(int ticks) {
        most = since_tick = 0;
        loop.call_soon([this, ticks] { tick(ticks); });
        loop.run_forever();
        return most;
    }
};

TEST(RealTimers, WaitForAFewLongCallbacksOnly) {
    BusyLoop busy;
    busy.length = 1ms;
    busy.loop.call_soon([&] { busy.work(); });
    EXPECT_LE(busy.most_between_ticks(20), 3);
}

// Short callbacks are looked at seldom, so that the first long ones go unnoticed for a while.
TEST(RealTimers, WaitForAFewLongCallbacksOnlyAlsoAfterShortOnes) {
    BusyLoop busy;
    busy.loop.call_soon([&] { busy.work(); });
    busy.stop_after = 10'000;
    busy.loop.run_forever();
    EXPECT_LT(busy.polls, 10'000 / 4);
    busy.length = 1ms;
    busy.stop_after = 100;
    busy.loop.run_forever();
    EXPECT_LE(busy.most_between_ticks(20), 3);
}

TEST(RealTimers, ASleepingLoopWakesForThem) {
    EventLoopPtr loop = new_event_loop();
    const TimePoint start = loop->time();
    loop->call_later(3ms, [&] { loop->stop(); });
    loop->run_forever();
    EXPECT_GE(loop->time() - start, 3ms);
    EXPECT_LE(loop->stats().iterations, 10U) << "it must sleep, not spin";
}

}  // namespace
}  // namespace aio
