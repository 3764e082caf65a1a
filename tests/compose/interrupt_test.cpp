// SPDX-License-Identifier: MIT
// run() and SIGINT.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/log_capture.hpp>

#include <unistd.h>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

// Real signals: the process gets SIGINT at known moments of its own loop.
struct InterruptTest : ::testing::Test {
    // A shell in the background has it ignored for whatever it starts.
    void SetUp() override { std::signal(SIGINT, SIG_DFL); }
    static void interrupt() { ::kill(::getpid(), SIGINT); }
    static bool default_action() {
        struct sigaction action{};
        ::sigaction(SIGINT, nullptr, &action);
        return action.sa_handler == SIG_DFL;
    }
};

TEST_F(InterruptTest, F61_the_first_one_cancels_the_main_task) {
    bool cleaned = false;
    auto main = [&]() -> Coro<> {
        get_running_loop().call_soon(interrupt);
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
            cleaned = true;
            throw;
        }
    };
    EXPECT_THROW(run(main), KeyboardInterrupt);
    EXPECT_TRUE(cleaned);
    EXPECT_TRUE(default_action());
}

TEST_F(InterruptTest, AbsorbedItCountsAsNormal) {
    auto main = [&]() -> Coro<int> {
        get_running_loop().call_soon(interrupt);
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
        }
        co_await sleep(0s);
        co_return 5;
    };
    EXPECT_EQ(run(main), 5);
}

TEST_F(InterruptTest, ACancellationOfTheProgramsOwnIsNoInterrupt) {
    auto main = [&]() -> Coro<> {
        get_running_loop().call_soon([self = current_task()] { self.cancel(); });
        co_await sleep(1h);
    };
    EXPECT_THROW(run(main), CancelledError);
}

TEST_F(InterruptTest, F61_the_second_one_ends_the_loop_at_once) {
    int interrupts = 0;
    auto main = [&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        loop.call_soon(interrupt);
        while (interrupts < 2) {
            try {
                co_await sleep(1h);
            } catch (const CancelledError&) {
                if (++interrupts == 1) loop.call_soon(interrupt);
            }
        }
    };
    EXPECT_THROW(run(main), KeyboardInterrupt);
    EXPECT_EQ(interrupts, 2) << "the clean-up cancels what is left";
    EXPECT_TRUE(default_action());
}

TEST_F(InterruptTest, TheProgramMayHandleItItself) {
    int handled = 0;
    auto main = [&]() -> Coro<int> {
        EventLoop& loop = get_running_loop();
        Future<> stop = loop.create_future<>();
        loop.add_signal_handler(SIGINT, [&handled, stop] {
            ++handled;
            stop.set_result();
        });
        loop.call_soon(interrupt);
        co_await stop;
        co_return 7;
    };
    Runner runner;
    EXPECT_EQ(runner.run(main()), 7);
    EXPECT_EQ(handled, 1);
    EXPECT_FALSE(default_action()) << "its handler stays until the loop is closed";
    runner.close();
    EXPECT_TRUE(default_action());
}

TEST_F(InterruptTest, IsLeftAloneWhereTheProgramHasAHandler) {
    static volatile std::sig_atomic_t seen = 0;
    const auto before = ::signal(SIGINT, [](int) { seen = 1; });
    auto main = []() -> Coro<int> {
        interrupt();
        co_await sleep(0s);
        co_return 3;
    };
    EXPECT_EQ(run(main), 3);
    EXPECT_EQ(seen, 1);
    ::signal(SIGINT, before);
}

}  // namespace
}  // namespace aio
