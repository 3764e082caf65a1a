// SPDX-License-Identifier: MIT
// What run() throws and nobody catches: the process dies of it, but not before the clean-up.
#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <support/child.hpp>
#include <support/latch.hpp>
#include <support/lifetime.hpp>
#include <support/nested.hpp>
#include <utility>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::AtEnd;
using tests::ChildSays;
using tests::Latch;
using tests::run_in_child;

const std::string kAborted = "signal " + std::to_string(SIGABRT);
const std::string kInterrupted = "signal " + std::to_string(SIGINT);

void interrupt() { ::kill(::getpid(), SIGINT); }

struct RunUncaught : ::testing::Test {
    ChildSays says;
    Latch stop;
    std::atomic<bool> begun{false};
    std::optional<AsyncGenerator<int>> generator;

    // A shell in the background has it ignored for whatever it starts.
    void SetUp() override { std::signal(SIGINT, SIG_DFL); }

    Coro<> other() {
        const AtEnd end([this] { says("task destroyed"); });
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
            says("task cancelled");
            stop.set();
            throw;
        }
    }
    AsyncGenerator<int> numbers() {
        try {
            co_yield 1;
        } catch (const GeneratorExit&) {
            says("generator closed");
            throw;
        }
    }
    // Something of everything that run() takes care of at the end.
    Coro<> leave_behind() {
        create_task(other());
        create_task(to_thread([this] {
            begun = true;
            stop.wait();
            says("thread ended");
        }));
        generator = numbers();
        co_await generator->next();
        while (!begun) co_await sleep(0s);
    }
    // How a child that runs fn() ends; after the clean-up of what leave_behind() has left.
    template <class F>
    std::string end_of_run(F&& fn) {
        const std::string end = run_in_child([&] { run(std::forward<F>(fn)); });
        heard = says.heard();
        for (const char* step : {"task cancelled", "task destroyed", "generator closed", "thread ended"}) {
            EXPECT_NE(heard.find(step), std::string::npos) << step << ": " << heard;
        }
        return end;
    }
    std::string heard;
};

TEST_F(RunUncaught, AnErrorOfTheProgram) {
    EXPECT_EQ(end_of_run([this]() -> Coro<> {
                  co_await leave_behind();
                  throw std::logic_error("nobody catches this");
              }),
              kAborted);
}

TEST_F(RunUncaught, AnExit) {
    EXPECT_EQ(end_of_run([this]() -> Coro<> {
                  co_await leave_behind();
                  throw SystemExit(3);
              }),
              "exit 3");
}

TEST_F(RunUncaught, AnExitOfAnotherTask) {
    EXPECT_EQ(end_of_run([this]() -> Coro<> {
                  co_await leave_behind();
                  const AtEnd end([this] { says("main destroyed"); });
                  create_task([]() -> Coro<> {
                      throw SystemExit(4);
                      co_return;
                  });
                  co_await sleep(1h);
              }),
              "exit 4");
    EXPECT_NE(heard.find("main destroyed"), std::string::npos);
}

TEST_F(RunUncaught, CtrlC) {
    EXPECT_EQ(end_of_run([this]() -> Coro<> {
                  co_await leave_behind();
                  get_running_loop().call_soon(interrupt);
                  const AtEnd end([this] { says("main destroyed"); });
                  co_await sleep(1h);
              }),
              kInterrupted);
    EXPECT_EQ(heard.find("main destroyed | "), 0u) << "before the clean-up: " << heard;
}

TEST_F(RunUncaught, CtrlCThatComesWithTheEndOfTheProgram) {
    EXPECT_EQ(end_of_run([this]() -> Coro<> {
                  co_await leave_behind();
                  interrupt();
              }),
              kInterrupted);
}

// As in asyncio: it interrupts the loop, and the clean-up cancels the main task once more.
TEST_F(RunUncaught, ASecondCtrlC) {
    EXPECT_EQ(end_of_run([this]() -> Coro<> {
                  co_await leave_behind();
                  get_running_loop().call_soon(interrupt);
                  for (const char* time : {"once", "twice"}) {
                      try {
                          co_await sleep(1h);
                      } catch (const CancelledError&) {
                          says(std::string("main cancelled ") + time);
                      }
                      if (time == std::string("once")) get_running_loop().call_soon(interrupt);
                  }
              }),
              kInterrupted);
    EXPECT_EQ(heard.find("main cancelled once | "), 0u) << heard;
    EXPECT_NE(heard.find("main cancelled twice | "), std::string::npos) << heard;
}

// A task that does not want to end, until the user wants it.
Coro<> stubborn(const ChildSays& says) {
    const AtEnd end([&says] { says("destroyed"); });
    try {
        co_await sleep(1h);
    } catch (const CancelledError&) {
        says("cancelled");
        get_running_loop().call_soon(interrupt);
    }
    co_await sleep(1h);
}

TEST_F(RunUncaught, CtrlCDuringTheCleanUpOfAnError) {
    EXPECT_EQ(run_in_child([this] {
                  run([this]() -> Coro<> {
                      create_task(stubborn(says));
                      co_await sleep(0s);
                      throw std::logic_error("the interrupt takes its place");
                  });
              }),
              kInterrupted);
    EXPECT_EQ(says.heard(), "cancelled | destroyed | ");
}

TEST_F(RunUncaught, CtrlCDuringTheCleanUpOfARunner) {
    EXPECT_EQ(run_in_child([this] {
                  {
                      Runner runner;
                      runner.run([](const ChildSays& heard) -> Coro<> {
                          create_task(stubborn(heard));
                          co_await sleep(0s);
                      }(says));
                  }
                  says("not interrupted");
              }),
              kInterrupted);
    EXPECT_EQ(says.heard(), "cancelled | destroyed | ");
}

TEST(RunUncaughtDeathTest, TellsTheWayOfTheError) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    const auto fails = []() -> Coro<> {
        co_await sleep(0s);
        throw ValueError("v");
    };
    EXPECT_DEATH(tests::call_uncaught([&] { run(fails); }),
                 "Traceback .most recent call last.:\n  File \"run_uncaught_test.cpp\", line [^\n]* "
                 "\\(after this await\\)\naio::ValueError: v\n");
}

TEST(RunUncaughtDeathTest, TellsWhatLedToTheError) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    const auto fails = []() -> Coro<> {
        tests::throw_nested(RuntimeError("outer"), ValueError("inner"));
        co_return;
    };
    EXPECT_DEATH(tests::call_uncaught([&] { run(fails); }),
                 "ValueError: inner\n\nThe above .*:\n\nTraceback .most recent call last.:\n"
                 "  File \"run_uncaught_test.cpp\", line [^\n]*\naio::RuntimeError: outer\n");
}

}  // namespace
}  // namespace aio
