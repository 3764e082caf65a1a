// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

struct AwaitedByTest : ::testing::Test, testing::LoopTest {
    static std::size_t awaiters(const AnyFuture& future) {
        return detail::awaiters_of(*future.state()).size();
    }
};

TEST_F(AwaitedByTest, IsASet) {
    Future<> future = loop().create_future<>();
    Future<> waiter = loop().create_future<>();
    future_add_to_awaited_by(future, waiter);
    future_add_to_awaited_by(future, waiter);
    EXPECT_EQ(awaiters(future), 1U);
    EXPECT_EQ(detail::awaiters_of(*future.state())[0], waiter.state().get());
    future_discard_from_awaited_by(future, waiter);
    EXPECT_EQ(awaiters(future), 0U);
    future_discard_from_awaited_by(future, waiter);
    EXPECT_FALSE(waiter.state()->shared());
}

TEST_F(AwaitedByTest, EndsWithTheFuture) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        Future<> waiter = loop().create_future<>();
        future_add_to_awaited_by(future, waiter);
        EXPECT_TRUE(waiter.state()->shared());
        future.set_result();
        EXPECT_EQ(awaiters(future), 0U);
        co_await sleep(0s);
        EXPECT_FALSE(waiter.state()->shared());
        future_add_to_awaited_by(future, waiter);  // nobody waits for what is done
        EXPECT_EQ(awaiters(future), 0U);
    });
}

TEST_F(AwaitedByTest, EndsWithAFutureThatDies) {
    Future<> waiter = loop().create_future<>();
    Future<> future = loop().create_future<>();
    future_add_to_awaited_by(future, waiter);
    future = {};
    EXPECT_FALSE(waiter.state()->shared());
}

TEST_F(AwaitedByTest, WaitingTasksAreKnownAnyway) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        auto body = [&]() -> Coro<> { co_await future; };
        Task<> a = create_task(body);
        Task<> b = create_task(body);
        EXPECT_EQ(awaiters(future), 0U);
        co_await sleep(0s);
        EXPECT_EQ(awaiters(future), 2U);
        future.set_result();
        EXPECT_EQ(awaiters(future), 0U);
        co_await a;
        co_await b;
    });
}

}  // namespace
}  // namespace aio
