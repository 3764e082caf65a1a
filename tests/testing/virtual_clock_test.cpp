// SPDX-License-Identifier: MIT
#include <aio/testing/virtual_clock.hpp>

#include <aio/compose.hpp>
#include <aio/loop.hpp>
#include <aio/task.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <support/fd.hpp>
#include <support/trace.hpp>
#include <type_traits>
#include <vector>

namespace aio::testing {
namespace {

using namespace std::chrono_literals;
using tests::SocketPair;
using tests::thrown;
using tests::Trace;

static_assert(std::is_base_of_v<Clock, VirtualClock>);
static_assert(std::is_base_of_v<RuntimeError, DeadlockError>);

struct VirtualClockTest : ::testing::Test {
    std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
    EventLoopPtr owner = new_event_loop(LoopOptions().clock(clock));
    EventLoop& loop = *owner;
    Trace print;

    void turn() {
        loop.stop();
        loop.run_forever();
    }
};

TEST(UseVirtualClocks, GivesLoopsThatHaveNoneAClockThatJumps) {
    use_virtual_clocks();
    const auto start = std::chrono::steady_clock::now();
    Duration passed{};
    aio::run([&]() -> Coro<> {
        const TimePoint before = get_running_loop().time();
        co_await sleep(24h);
        passed = get_running_loop().time() - before;
    });
    aio::detail::make_default_clock = nullptr;
    EXPECT_EQ(passed, 24h);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 12h);

    const EventLoopPtr given = new_event_loop(LoopOptions().clock(std::make_shared<VirtualClock>()));
    const EventLoopPtr real = new_event_loop();
    EXPECT_EQ(given->time().time_since_epoch(), 1000s);
    EXPECT_NEAR(std::chrono::duration<double>(real->time() - std::chrono::steady_clock::now()).count(), 0,
                60);
}

TEST_F(VirtualClockTest, StandsStillWhileAnythingIsReady) {
    const TimePoint start = loop.time();
    loop.call_later(1h, [&] { loop.stop(); });
    for (int i = 0; i < 1000; ++i) {
        loop.call_soon([&] { EXPECT_EQ(loop.time(), start); });
    }
    loop.run_forever();
    EXPECT_EQ(clock->elapsed(), 1h);
    EXPECT_EQ(loop.time(), start + 1h);
}

TEST_F(VirtualClockTest, JumpsFromTimerToTimer) {
    std::vector<Duration> times;
    for (const auto delay : {24h * 365, 1h, 24h}) {
        loop.call_later(delay, [&] { times.push_back(clock->elapsed()); });
    }
    loop.call_later(24h * 400, [&] { loop.stop(); });
    loop.run_forever();
    EXPECT_EQ(times, (std::vector<Duration>{1h, 24h, 24h * 365}));
}

TEST_F(VirtualClockTest, AdvanceMakesTimersDueInTheNextIteration) {
    loop.call_later(1s, print.later("timer"));
    loop.call_soon([&] {
        clock->advance(2s);
        loop.call_soon([&] {
            print("next");
            loop.call_soon(print.later("after"));
        });
    });
    turn();
    turn();
    turn();
    EXPECT_EQ(print.joined(), "next | timer | after");
}

TEST_F(VirtualClockTest, ALoopWithNothingToWaitForIsADeadlock) {
    EXPECT_EQ(thrown<DeadlockError>([&] { loop.run_forever(); }),
              "deadlock: nothing is ready, no timer is armed, no descriptor is watched");
    EXPECT_FALSE(loop.is_running());
}

TEST_F(VirtualClockTest, ADeadlockListsTheTasks) {
    Future<> never = loop.create_future();
    const std::string text = thrown<DeadlockError>(
        [&] { loop.run_until_complete([](Future<> result) -> Coro<> { co_await result; }(never)); });
    EXPECT_TRUE(text.starts_with("deadlock: nothing is ready")) << text;
    EXPECT_NE(text.find("\n└── (T) Task-"), std::string::npos) << text;
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
}

TEST_F(VirtualClockTest, WatchedDescriptorsGetRealTime) {
    SocketPair pair;
    clock->io_patience = 1ms;
    loop.add_reader(pair.a.fd, [] {});
    EXPECT_EQ(thrown<DeadlockError>([&] { loop.run_forever(); }),
              "deadlock: nothing is ready, no timer is armed, no watched descriptor became ready");
    pair.b.send("x");
    loop.add_reader(pair.a.fd, [&] { loop.stop(); });
    loop.run_forever();
}

TEST_F(VirtualClockTest, DescriptorsGoBeforeTimersThatAreNotDue) {
    SocketPair pair;
    loop.call_later(1s, [&] {
        print("timer");
        loop.stop();
    });
    loop.add_reader(pair.a.fd, [&] { print("io", pair.a.recv()); });
    pair.b.send("x");
    loop.run_forever();
    EXPECT_EQ(print.joined(), "io x | timer");
}

}  // namespace
}  // namespace aio::testing
