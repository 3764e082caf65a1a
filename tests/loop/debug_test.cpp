// SPDX-License-Identifier: MIT
// Debug mode: AIO_DEBUG, slow callbacks, calls from a wrong thread.
#include <aio/loop.hpp>
#include <aio/testing/virtual_clock.hpp>

#include <gtest/gtest.h>
#include <cstdlib>
#include <string>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using aio::testing::VirtualClock;
using tests::LogCapture;
using tests::thrown;

struct Debug : ::testing::Test {
    std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
    EventLoopPtr owner = new_event_loop(LoopOptions().clock(clock).debug(true));
    EventLoop& loop = *owner;
    LogCapture log;

    void turn() {
        loop.stop();
        loop.run_forever();
    }
};

struct SlowCallback {
    std::shared_ptr<VirtualClock> clock;
    Duration time;
    void operator()() const { clock->advance(time); }
};

TEST_F(Debug, ReportsSlowCallbacksWithNameAndDuration) {
    loop.call_soon(SlowCallback{clock, 1234ms});
    turn();
    ASSERT_EQ(log.messages().size(), 1U);
    const std::string message = log.messages().front();
    EXPECT_TRUE(message.starts_with("Executing <Handle ")) << message;
    EXPECT_NE(message.find("SlowCallback"), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with("> took 1.234 seconds")) << message;
    EXPECT_EQ(log.levels().front(), LogLevel::warning);
}

TEST_F(Debug, TheThresholdCanBeChanged) {
    EXPECT_EQ(loop.slow_callback_duration, 100ms);
    loop.call_soon(SlowCallback{clock, 99ms});
    turn();
    EXPECT_TRUE(log.messages().empty());
    loop.call_soon(SlowCallback{clock, 100ms});
    turn();
    EXPECT_EQ(log.messages().size(), 1U);
    loop.slow_callback_duration = 1s;
    loop.call_soon(SlowCallback{clock, 999ms});
    turn();
    EXPECT_EQ(log.messages().size(), 1U);
}

TEST_F(Debug, ReportsTimersAndThrowingCallbacksToo) {
    loop.call_later(1s, SlowCallback{clock, 200ms});
    loop.call_soon([this] {
        clock->advance(300ms);
        throw ValueError("x");
    });
    loop.call_later(3s, [this] { loop.stop(); });
    loop.run_forever();
    std::vector<std::string> slow;
    for (const std::string& message : log.messages()) {
        if (message.starts_with("Executing ")) slow.push_back(message);
    }
    ASSERT_EQ(slow.size(), 2U);
    EXPECT_TRUE(slow[0].ends_with("took 0.300 seconds")) << slow[0];
    EXPECT_TRUE(slow[1].ends_with("took 0.200 seconds")) << slow[1];
}

TEST_F(Debug, WithoutItNothingIsMeasured) {
    loop.set_debug(false);
    EXPECT_FALSE(loop.get_debug());
    loop.call_soon(SlowCallback{clock, 10s});
    turn();
    EXPECT_TRUE(log.messages().empty());
}

TEST_F(Debug, MayBeSwitchedInsideACallback) {
    loop.set_debug(false);
    loop.call_soon([this] { loop.set_debug(true); });
    loop.call_soon([this] { loop.call_soon(SlowCallback{clock, 10s}); });
    turn();
    turn();
    EXPECT_EQ(log.messages().size(), 1U);
}

TEST_F(Debug, RefusesCallsFromAWrongThread_Thread) {
    std::vector<std::string> errors;
    loop.call_soon([&] {
        std::thread thread([&] {
            errors.push_back(thrown<RuntimeError>([&] { loop.call_soon([] {}); }));
            errors.push_back(thrown<RuntimeError>([&] { loop.call_later(1s, [] {}); }));
            errors.push_back(thrown<RuntimeError>([&] { loop.call_at(TimePoint(), [] {}); }));
            errors.push_back(thrown<RuntimeError>([&] { loop.call_soon_threadsafe([] {}); }));
        });
        thread.join();
    });
    turn();
    const std::string text = "Non-thread-safe operation invoked on an event loop other than the current one";
    EXPECT_EQ(errors, (std::vector<std::string>{text, text, text, "no exception"}));
}

TEST_F(Debug, AllowsCallsBeforeTheLoopRuns_Thread) {
    std::thread thread([&] { loop.call_soon([] {}); });
    thread.join();
    EXPECT_EQ(loop.stats().ready, 1U);
}

TEST(DebugEnvironment, SwitchesItOn) {
    ::setenv("AIO_DEBUG", "1", 1);
    EXPECT_TRUE(new_event_loop()->get_debug());
    EXPECT_FALSE(new_event_loop(LoopOptions().debug(false))->get_debug());
    ::setenv("AIO_DEBUG", "0", 1);
    EXPECT_FALSE(new_event_loop()->get_debug());
    EXPECT_TRUE(new_event_loop(LoopOptions().debug(true))->get_debug());
    ::setenv("AIO_DEBUG", "", 1);
    EXPECT_FALSE(new_event_loop()->get_debug());
    ::unsetenv("AIO_DEBUG");
    EXPECT_FALSE(new_event_loop()->get_debug());
}

}  // namespace
}  // namespace aio
