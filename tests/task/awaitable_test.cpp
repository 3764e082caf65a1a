// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <coroutine>
#include <memory>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

// What a user writes: an awaiter of its own, a type with a member operator co_await, one with a free one.
struct Ready {
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    std::unique_ptr<int> await_resume() const { return std::make_unique<int>(1); }
};
struct WithMember {
    Duration delay;
    auto operator co_await() const { return sleep(delay, std::string("member")); }
};
struct NotAwaitable {};

static_assert(Awaitable<Ready> && Awaitable<Ready&> && Awaitable<WithMember> && Awaitable<const WithMember&>);
static_assert(Awaitable<Coro<>> && Awaitable<Task<int>> && Awaitable<Future<>&> && Awaitable<AnyFuture>);
static_assert(Awaitable<decltype(sleep(1s))>);
static_assert(!Awaitable<int> && !Awaitable<NotAwaitable> && !Awaitable<std::string>);
static_assert(std::is_same_v<await_result_t<Ready>, std::unique_ptr<int>>);
static_assert(std::is_same_v<await_result_t<WithMember>, std::string>);
static_assert(std::is_same_v<await_result_t<decltype(sleep(1s, 1))>, int>);
static_assert(std::is_void_v<await_result_t<Coro<>>>);

struct AwaitableTest : ::testing::Test, testing::LoopTest {};

TEST_F(AwaitableTest, AnythingAwaitableCanBeATask) {
    run([&]() -> Coro<> {
        Task<std::unique_ptr<int>> ready = create_task(Ready());
        const auto one = co_await std::move(ready);
        EXPECT_EQ(*one, 1);
        Task<std::string> member = create_task(WithMember{1s});
        const std::string text = co_await member;
        EXPECT_EQ(text, "member");
        const WithMember second{1s};
        auto [a, b] = co_await gather(Ready(), second);
        EXPECT_EQ(*a, 1);
        EXPECT_EQ(b, "member");
    });
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(AwaitableTest, CancellationPassesThroughTheWrapper) {
    run([&]() -> Coro<> {
        Task<std::string> task = create_task(WithMember{9s});
        co_await sleep(1s);
        task.cancel();
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

}  // namespace
}  // namespace aio
