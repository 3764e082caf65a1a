// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <support/nested.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using tests::LogCapture;
using tests::nested;

static_assert(static_cast<int>(LogLevel::warning) == 30, "Python's numbers");
static_assert(noexcept(log(LogLevel::error, "")));

TEST(Log, GoesToTheHandler) {
    LogCapture capture;
    log(LogLevel::info, "one");
    log(LogLevel::error, "two");
    EXPECT_EQ(capture.messages(), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(capture.levels(), (std::vector{LogLevel::info, LogLevel::error}));
}

TEST(Log, WritesWarningsAndErrorsToStderrByDefault) {
    const LogHandler before = set_log_handler(nullptr);
    testing::internal::CaptureStderr();
    log(LogLevel::debug, "quiet");
    log(LogLevel::info, "quiet");
    log(LogLevel::warning, "slow");
    log(LogLevel::error, "broken");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "WARNING aio: slow\nERROR aio: broken\n");
    set_log_handler(before);
}

TEST(Log, SetReturnsThePreviousHandler) {
    std::string said;
    const LogHandler before = set_log_handler([&](LogLevel, std::string_view text) { said += text; });
    const LogHandler mine = set_log_handler(nullptr);
    ASSERT_TRUE(mine);
    mine(LogLevel::info, "x");
    EXPECT_EQ(said, "x");
    set_log_handler(before);
}

TEST(Log, AHandlerThatThrowsIsIgnored) {
    int calls = 0;
    const LogHandler before = set_log_handler([&](LogLevel, std::string_view) {
        ++calls;
        throw std::runtime_error("disk full");
    });
    EXPECT_NO_THROW(log(LogLevel::error, "lost"));
    EXPECT_NO_THROW(log(LogLevel::error, "lost too"));
    EXPECT_EQ(calls, 2) << "it is called all the same";
    set_log_handler(before);
}

TEST(Log, AHandlerMayReplaceItself) {
    std::string said;
    const LogHandler before =
        set_log_handler([&said, once = std::string("once")](LogLevel, std::string_view) {
            set_log_handler([&said](LogLevel, std::string_view text) { said += text; });
            said += once;  // our captures are still there
        });
    log(LogLevel::info, "1");
    log(LogLevel::info, "2");
    EXPECT_EQ(said, "once2");
    set_log_handler(before);
}

TEST(Log, AHandlerMayLog) {
    std::vector<std::string> said;
    const LogHandler before = set_log_handler([&](LogLevel, std::string_view text) {
        said.emplace_back(text);
        if (text == "outer") log(LogLevel::info, "inner");
    });
    log(LogLevel::info, "outer");
    EXPECT_EQ(said, (std::vector<std::string>{"outer", "inner"}));
    set_log_handler(before);
}

TEST(Log, HandlerIsCalledByOneThreadAtATime_Thread) {
    int depth = 0, calls = 0;
    bool overlapped = false;
    const LogHandler before = set_log_handler([&](LogLevel, std::string_view) {
        if (++depth > 1) overlapped = true;
        ++calls;
        --depth;
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < 500; ++i) log(LogLevel::info, "x");
        });
    }
    for (std::thread& thread : threads) thread.join();
    set_log_handler(before);
    EXPECT_EQ(calls, 2000);
    EXPECT_FALSE(overlapped);
}

// Another thread is in the handler, with the lock, when the process forks. Not for ThreadSanitizer.
TEST(Log, AForkedChildMayLog) {
    std::atomic<bool> inside{false};
    std::atomic<bool> forking{false};
    const LogHandler before = set_log_handler([&](LogLevel, std::string_view message) {
        if (message != "slow") return;
        inside = true;
        while (!forking) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // for fork() to get ahead
    });
    std::thread other([] { log(LogLevel::error, "slow"); });
    while (!inside) std::this_thread::yield();
    forking = true;
    EXPECT_EQ(tests::run_in_child([] {
                  ::alarm(60);
                  log(LogLevel::error, "child");
              }),
              "exit 0");
    other.join();
    // From a handler, too.
    std::string child;
    set_log_handler([&](LogLevel, std::string_view message) {
        if (message == "fork") child = tests::run_in_child([] { log(LogLevel::error, "child"); });
    });
    log(LogLevel::error, "fork");
    EXPECT_EQ(child, "exit 0");
    set_log_handler(before);
}

TEST(Describe, NamesTypeAndText) {
    EXPECT_EQ(describe(std::make_exception_ptr(ValueError("bad"))), "aio::ValueError: bad");
    EXPECT_EQ(describe(std::make_exception_ptr(std::runtime_error("x"))), "std::runtime_error: x");
    EXPECT_EQ(describe(std::make_exception_ptr(CancelledError())), "aio::CancelledError");
    EXPECT_EQ(describe(std::make_exception_ptr(CancelledError("why"))), "aio::CancelledError: why");
    EXPECT_EQ(describe(std::make_exception_ptr(SystemExit(2))), "aio::SystemExit");
    EXPECT_EQ(describe(std::make_exception_ptr(1)), "int");
    EXPECT_EQ(describe(std::exception_ptr()), "no exception");
}

}  // namespace
}  // namespace aio
