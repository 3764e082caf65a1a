// SPDX-License-Identifier: MIT
// Awaiting oneself, or a future of another loop: the RuntimeError comes in a later iteration, as in asyncio.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct RefusedAwait : ::testing::Test, testing::LoopTest {
    std::vector<std::string> lines;

    Coro<> await_and_tell(AnyFuture future) {
        lines.emplace_back("before");
        try {
            co_await future;
        } catch (const RuntimeError& error) {
            lines.emplace_back(error.what());
            throw;
        } catch (const CancelledError&) {
            lines.emplace_back("cancelled");
            throw;
        }
    }
};

TEST_F(RefusedAwait, OthersGoOnBeforeTheErrorComes) {
    const EventLoopPtr other = new_event_loop();
    const Future<> foreign = other->create_future();
    run([&]() -> Coro<> {
        Task<> task = create_task(await_and_tell(foreign));
        loop().call_soon([&] { loop().call_soon([&] { lines.emplace_back("other"); }); });
        loop().call_soon([&] { lines.emplace_back("same iteration"); });
        co_await wait(std::vector(1, task));
        EXPECT_NE(task.exception(), nullptr);
    });
    EXPECT_THAT(lines,
                ElementsAre("before", "same iteration", HasSubstr("attached to a different loop"), "other"));
    EXPECT_FALSE(foreign.done());
}

TEST_F(RefusedAwait, AForeignFutureThatIsDoneMeanwhileChangesNothing) {
    const EventLoopPtr other = new_event_loop();
    const Future<> foreign = other->create_future();
    run([&]() -> Coro<> {
        Task<> task = create_task(await_and_tell(foreign));
        loop().call_soon([&] { foreign.set_result(); });
        co_await wait(std::vector(1, task));
    });
    EXPECT_THAT(lines, ElementsAre("before", HasSubstr("attached to a different loop")));
}

TEST_F(RefusedAwait, APendingRequestToCancelWins) {
    const EventLoopPtr other = new_event_loop();
    const Future<> foreign = other->create_future();
    run([&]() -> Coro<> {
        Task<> task = create_task(await_and_tell(foreign));
        loop().call_soon([&] { task.cancel(); });
        co_await wait(std::vector(1, task));
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_THAT(lines, ElementsAre("before", "cancelled"));
    EXPECT_FALSE(foreign.done());
}

TEST_F(RefusedAwait, OneThatCancelledItselfBefore) {
    const EventLoopPtr other = new_event_loop();
    const Future<> foreign = other->create_future();
    run([&]() -> Coro<> {
        Task<> task = create_task([&]() -> Coro<> {
            current_task().cancel();
            co_await await_and_tell(foreign);
        });
        co_await wait(std::vector(1, task));
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_THAT(lines, ElementsAre("before", "cancelled"));
}

TEST_F(RefusedAwait, ATaskThatAwaitsItselfGoesOnWithTheError) {
    run([&]() -> Coro<> {
        Task<> task;
        task = create_task([&]() -> Coro<> { co_await await_and_tell(task); });
        loop().call_soon([&] { lines.emplace_back("same iteration"); });
        co_await wait(std::vector(1, task));
        task = Task<>();
    });
    EXPECT_THAT(lines, ElementsAre("before", "same iteration",
                                   StartsWith("Task cannot await on itself: <Task pending")));
}

}  // namespace
}  // namespace aio
