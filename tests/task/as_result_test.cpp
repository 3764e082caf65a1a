// SPDX-License-Identifier: MIT
#include <aio/task/as_result.hpp>

#include <aio/compose.hpp>
#include <aio/testing.hpp>

#include <cerrno>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

Coro<std::string> fetch_text(std::string text) {
    co_await sleep(1s);
    co_return text;
}
Coro<int> break_off() {
    co_await sleep(1s);
    throw ConnectionResetError(ECONNRESET, "recv()");
}

struct AsResultTest : ::testing::Test, testing::LoopTest {};

TEST_F(AsResultTest, GivesTheValue) {
    run([]() -> Coro<> {
        Result<std::string> text = co_await as_result(fetch_text("text"));
        EXPECT_EQ(text.value(), "text");
        Result<void> nothing = co_await as_result(sleep(1s));
        EXPECT_TRUE(nothing.has_value());
        auto one = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(1); };
        Result<std::unique_ptr<int>> owned = co_await as_result(one());
        const std::unique_ptr<int> number = std::move(owned).value();
        EXPECT_EQ(*number, 1);
        int object = 0;
        auto refer = [](int& given) -> Coro<int&> { co_return given; };
        Result<int&> reference = co_await as_result(refer(object));
        EXPECT_EQ(&reference.value(), &object);
    });
}

TEST_F(AsResultTest, GivesTheErrorWhichCanBeLookedAtAndAwaitedAfter) {
    run([]() -> Coro<> {
        const Result<int> result = co_await as_result(break_off());
        co_await sleep(1s);
        EXPECT_FALSE(result);
        EXPECT_TRUE(result.raised<ConnectionResetError>());
        EXPECT_TRUE(result.raised<ConnectionError>()) << "a class above it";
        EXPECT_TRUE((result.raised<ValueError, OSError>()));
        EXPECT_FALSE((result.raised<ValueError, TimeoutError>()));
        EXPECT_THROW(result.value(), ConnectionResetError);
    });
    EXPECT_FALSE(Result<int>(1).raised<OSError>());
}

TEST_F(AsResultTest, TakesTasksFuturesAndFunctions) {
    run([]() -> Coro<> {
        Task<int> task = create_task(break_off());
        const Result<int> failed = co_await as_result(task);
        EXPECT_TRUE(failed.raised<ConnectionResetError>());
        EXPECT_TRUE(task.done()) << "the handle is the caller's still";

        auto future = get_running_loop().create_future<int>();
        future.set_result(3);
        const Result<int> three = co_await as_result(future);
        EXPECT_EQ(three.value(), 3);

        const Result<std::string> text = co_await as_result(fetch_text, "by name");
        EXPECT_EQ(text.value(), "by name");
        int steps = 0;
        const Result<void> block = co_await as_result([&]() -> Coro<> {
            ++steps;
            co_await break_off();
            ++steps;
        });
        EXPECT_TRUE(block.raised<ConnectionResetError>());
        EXPECT_EQ(steps, 1);
    });
}

TEST_F(AsResultTest, ACancellationReachesTheAwaitableAndIsInTheResult) {
    run([]() -> Coro<> {
        bool cleaned = false;
        auto work = [&]() -> Coro<> {
            Result<std::string> text = co_await as_result(fetch_text("text"));
            EXPECT_TRUE(text.raised<CancelledError>());
            co_await sleep(1s);  // finally: await
            cleaned = true;
            static_cast<void>(std::move(text).value());
        };
        Task<> task = create_task(work());
        co_await sleep(0s);
        task.cancel("enough");
        const Result<void> result = co_await as_result(task);
        EXPECT_TRUE(cleaned);
        EXPECT_TRUE(task.cancelled());
        EXPECT_TRUE(result.raised<CancelledError>());
    });
}

TEST_F(AsResultTest, ATimeLimitAroundItHolds) {
    run([]() -> Coro<> {
        bool raised = false;
        try {
            co_await async_with(timeout(500ms), []() -> Coro<> {
                const Result<std::string> text = co_await as_result(fetch_text("text"));
                static_cast<void>(text.value());
            });
        } catch (const TimeoutError&) {
            raised = true;
        }
        EXPECT_TRUE(raised);
    });
    EXPECT_EQ(clock().elapsed(), 500ms);
}

TEST_F(AsResultTest, WhatEndsTheProgramPasses) {
    auto leave = []() -> Coro<> {
        throw SystemExit(3);
        co_return;
    };
    EXPECT_THROW(run([&]() -> Coro<> { co_await as_result(leave()); }), SystemExit);
}

TEST_F(AsResultTest, ACoroutineGivenTwiceIsAnErrorInTheResult) {
    run([]() -> Coro<> {
        auto text = fetch_text("text");
        const Result<std::string> first = co_await as_result(text);
        EXPECT_TRUE(first);
        const Result<std::string> second = co_await as_result(text);
        EXPECT_TRUE(second.raised<RuntimeError>());
    });
}

}  // namespace
}  // namespace aio
