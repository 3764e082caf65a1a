// SPDX-License-Identifier: MIT
// Life-cycle, callbacks, thread's current loop, poll hooks and statistics. Timers, descriptors, signals,
// threads and debug mode have files of their own.
#include <aio/loop.hpp>
#include <aio/testing/virtual_clock.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <functional>
#include <memory>
#include <string>
#include <support/fd.hpp>
#include <support/trace.hpp>
#include <thread>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::py;
using tests::thrown;
using tests::Trace;

static_assert(!std::is_copy_constructible_v<EventLoop> && !std::is_move_constructible_v<EventLoop>);
static_assert(!std::is_default_constructible_v<EventLoop>, "made by new_event_loop()");
static_assert(std::is_nothrow_move_constructible_v<EventLoopPtr>);
static_assert(std::is_same_v<decltype(std::declval<EventLoop&>().time()), TimePoint>);
static_assert(noexcept(std::declval<EventLoop&>().stop()));

struct Loop : ::testing::Test {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Trace print;

    /// Runs what is ready now, and what that makes ready, for `iterations`.
    void turn(int iterations = 1) {
        for (; iterations > 0; --iterations) {
            loop.stop();
            loop.run_forever();
        }
    }
};

TEST_F(Loop, BeginsIdle) {
    EXPECT_FALSE(loop.is_running());
    EXPECT_FALSE(loop.is_closed());
    const EventLoop::Stats stats = loop.stats();
    EXPECT_EQ(stats.ready, 0U);
    EXPECT_EQ(stats.timers, 0U);
    EXPECT_EQ(stats.tasks, 0U);
    EXPECT_EQ(stats.descriptors, 0U);
    EXPECT_EQ(stats.iterations, 0U);
}

TEST_F(Loop, CallSoonMovesCallableAndArgumentsIn) {
    auto value = std::make_unique<int>(5);
    loop.call_soon([&](std::unique_ptr<int>& p, const std::string& text) { print(*p, text); },
                   std::move(value), "text");
    EXPECT_EQ(value, nullptr);  // NOLINT(bugprone-use-after-move)
    turn();
    EXPECT_EQ(print.joined(), "5 text");
}

TEST_F(Loop, CallSoonTakesMembersAndReferences) {
    struct Object {
        int sum = 0;
        void add(int n) { sum += n; }
    } object;
    loop.call_soon(&Object::add, &object, 3);
    loop.call_soon(&Object::add, std::ref(object), 4);
    turn();
    EXPECT_EQ(object.sum, 7);
}

TEST_F(Loop, ACallbacksResultIsDropped) {
    std::weak_ptr<int> result;
    bool called = false;
    const Handle handle = loop.call_soon([&] {
        called = true;
        auto made = std::make_shared<int>(1);
        result = made;
        return made;
    });
    turn();
    EXPECT_TRUE(called);
    EXPECT_TRUE(result.expired()) << "nobody keeps it, although the handle is there";
}

TEST_F(Loop, IsRunningInsideCallbacksOnly) {
    loop.call_soon([&] { print(loop.is_running(), &get_running_loop() == &loop); });
    turn();
    EXPECT_EQ(print.joined(), "True True");
    EXPECT_FALSE(loop.is_running());
    EXPECT_EQ(get_running_loop_or_null(), nullptr);
}

TEST_F(Loop, StopBeforeRunGivesOneIterationThatDoesNotBlock) {
    loop.call_later(1h, print.later("never"));
    loop.call_soon(print.later("one"));
    turn();
    EXPECT_EQ(print.joined(), "one");
    EXPECT_EQ(loop.stats().iterations, 1U);
    EXPECT_EQ(loop.stats().timers, 1U);
}

TEST_F(Loop, CanRunAgainAfterAnException) {
    loop.call_soon([] { throw SystemExit(1); });
    loop.call_soon(print.later("kept"));
    EXPECT_THROW(loop.run_forever(), SystemExit);
    EXPECT_FALSE(loop.is_running());
    EXPECT_EQ(get_running_loop_or_null(), nullptr);
    turn();
    EXPECT_EQ(print.joined(), "kept");
}

TEST_F(Loop, AFailedReentryLeavesTheRunningLoopAlone) {
    EventLoopPtr other = new_event_loop();
    loop.call_soon([&] {
        EXPECT_EQ(thrown<RuntimeError>([&] { loop.run_forever(); }), "This event loop is already running");
        EXPECT_EQ(thrown<RuntimeError>([&] { other->run_forever(); }),
                  "Cannot run the event loop while another loop is running");
        print(&get_running_loop() == &loop, loop.is_running(), other->is_running());
    });
    turn();
    EXPECT_EQ(print.joined(), "True True False");
}

TEST_F(Loop, AClosedLoopRefusesEverything) {
    loop.close();
    loop.close();
    EXPECT_TRUE(loop.is_closed());
    const std::string closed = "Event loop is closed";
    const Context context;
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.run_forever(); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_soon([] {}); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_soon(context, [] {}); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_soon_threadsafe([] {}); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_later(1s, [] {}); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_at(loop.time(), [] {}); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.add_reader(0, [] {}); }), closed);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.add_signal_handler(10, [] {}); }), closed);
    EXPECT_FALSE(loop.remove_reader(0));
    EXPECT_FALSE(loop.remove_signal_handler(10));
    EXPECT_EQ(loop.stats().descriptors, 0U);
    loop.set_debug(true);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_soon([] {}); }), closed);
}

TEST_F(Loop, SeveralLoopsRunInTurnOrInDifferentThreads_Thread) {
    EventLoopPtr other = new_event_loop();
    other->call_soon(print.later("other"));
    other->stop();
    other->run_forever();
    turn();
    int ran = 0;
    std::thread thread([&ran] {
        EventLoopPtr inner = new_event_loop();
        inner->call_soon([&] {
            ++ran;
            inner->stop();
        });
        inner->run_forever();
    });
    thread.join();
    EXPECT_EQ(print.joined(), "other");
    EXPECT_EQ(ran, 1);
}

TEST_F(Loop, TheCurrentLoopIsPerThread_Thread) {
    set_event_loop(&loop);
    EXPECT_EQ(&get_event_loop(), &loop);
    std::string error;
    std::thread thread([&] { error = thrown<RuntimeError>([] { get_event_loop(); }); });
    thread.join();
    EXPECT_EQ(error, "There is no current event loop in this thread.");
    set_event_loop(nullptr);
    EXPECT_THROW(get_event_loop(), RuntimeError);
}

TEST_F(Loop, ACurrentLoopThatDiedInAnotherThreadIsNone_Thread) {
    EventLoopPtr other = new_event_loop();
    set_event_loop(other.get());
    EXPECT_EQ(&get_event_loop(), other.get());
    std::thread([&] { other = nullptr; }).join();
    EXPECT_EQ(thrown<RuntimeError>([] { get_event_loop(); }),
              "There is no current event loop in this thread.");
    set_event_loop(nullptr);
}

TEST_F(Loop, InsideACallbackTheRunningLoopIsTheCurrentOne) {
    EventLoopPtr other = new_event_loop();
    set_event_loop(other.get());
    loop.call_soon([&] { EXPECT_EQ(&get_event_loop(), &loop); });
    turn();
    EXPECT_EQ(&get_event_loop(), other.get());
    set_event_loop(nullptr);
}

TEST_F(Loop, FifoHoldsWhileTheQueueGrowsAndWraps) {
    std::vector<int> seen;
    std::function<void(int)> spawn = [&](int n) {
        seen.push_back(n);
        if (n < 700) {  // each queues two, so the ring grows several times with its head anywhere
            loop.call_soon(spawn, 2 * n + 1);
            loop.call_soon(spawn, 2 * n + 2);
        }
    };
    spawn(0);
    turn(20);
    ASSERT_EQ(seen.size(), 1401U);
    for (int i = 0; i < 1401; ++i) ASSERT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST_F(Loop, ASelfRenewingCallbackDoesNotStarveTimers) {
    std::uint64_t spins = 0;
    std::function<void()> spin = [&] {
        ++spins;
        loop.call_soon(spin);
    };
    loop.call_soon(spin);
    loop.call_later(2ms, [&] { loop.stop(); });
    loop.run_forever();  // a starved timer would hang here
    EXPECT_GT(spins, 0U);
    loop.close();
}

TEST_F(Loop, PollHooksSurroundEveryPoll) {
    struct Hooks {
        int before = 0, after = 0;
    } hooks;
    loop.set_poll_hooks([](void* h) { ++static_cast<Hooks*>(h)->before; },
                        [](void* h) { ++static_cast<Hooks*>(h)->after; }, &hooks);
    loop.call_soon([&] {
        EXPECT_EQ(hooks.before, 1);
        EXPECT_EQ(hooks.after, 1);
        loop.call_later(1ms, [&] { loop.stop(); });
    });
    loop.run_forever();
    EXPECT_GE(hooks.before, 2);
    EXPECT_EQ(hooks.before, hooks.after);
    const int seen = hooks.before;
    loop.set_poll_hooks(nullptr, nullptr, nullptr);
    turn();
    EXPECT_EQ(hooks.before, seen);
}

TEST_F(Loop, WhatAPollHookThrowsLeavesTheLoopWhichCanBeRunAgain) {
    struct Hooks {
        EventLoop& loop;
        Trace& print;
        int before_fails = 0, after_fails = 0;
        void before() {
            loop.call_soon_threadsafe(print.later("posted"));
            if (before_fails-- > 0) throw ValueError("before");
        }
        void after() {
            print("after");
            if (after_fails-- > 0) throw ValueError("after");
        }
    } hooks{loop, print};
    loop.set_poll_hooks([](void* h) { static_cast<Hooks*>(h)->before(); },
                        [](void* h) { static_cast<Hooks*>(h)->after(); }, &hooks);
    loop.call_soon(print.later("ran"));
    hooks.before_fails = 1;
    EXPECT_EQ(thrown<ValueError>([&] { turn(); }), "before");
    EXPECT_EQ(print.joined(), "");
    hooks.after_fails = 1;
    EXPECT_EQ(thrown<ValueError>([&] { turn(); }), "after");
    EXPECT_FALSE(loop.is_running());
    turn();
    EXPECT_EQ(print.joined(), "after | after | ran | posted | posted | posted");
}

TEST_F(Loop, TheHookAfterThePollIsCalledIfItFails) {
    const tests::SocketPair pair;
    const EventLoopPtr broken = new_event_loop();
    ::dup2(pair.a.fd, broken->poller().descriptor());  // behind the loop's back
    broken->set_poll_hooks([](void*) {}, [](void* trace) { (*static_cast<Trace*>(trace))("after"); }, &print);
    EXPECT_THROW(broken->run_forever(), OSError);
    EXPECT_EQ(print.joined(), "after");
}

TEST_F(Loop, StatsFollowWhatIsQueued) {
    loop.call_soon([] {});
    loop.call_soon([] {});
    const TimerHandle timer = loop.call_later(1h, [] {});
    EXPECT_EQ(loop.stats().ready, 2U);
    EXPECT_EQ(loop.stats().timers, 1U);
    turn();
    EXPECT_EQ(loop.stats().ready, 0U);
    EXPECT_EQ(loop.stats().iterations, 1U);
}

TEST_F(Loop, RefusesAnUnknownPoller) {
    EXPECT_EQ(thrown<ValueError>([] { new_event_loop(LoopOptions().poller("kqueue")); }),
              "unknown poller 'kqueue': there are 'epoll' and 'io_uring' (see AIO_POLLER)");
    EXPECT_EQ(new_event_loop(LoopOptions().poller("epoll"))->poller().name(), "epoll");
}

TEST_F(Loop, TimeIsMonotonic) {
    const TimePoint before = std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
    const TimePoint one = loop.time();
    const TimePoint two = loop.time();
    EXPECT_LE(before, one);
    EXPECT_LE(one, two);
}

}  // namespace
}  // namespace aio
