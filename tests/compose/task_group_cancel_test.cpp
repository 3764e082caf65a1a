// SPDX-License-Identifier: MIT
// Cancellation and TaskGroup: of the group's task from outside, and the group's own cancel().
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <compose/task_group.hpp>
#include <support/ended.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::ended;
using tests::error_of;
using tests::fail;
using tests::give;
using tests::thrown;

struct TaskGroupCancel : tests::TaskGroupTest {};

TEST_F(TaskGroupCancel, EagerChildThatCancelsTheGroupIsCancelledToo) {
    auto child = [](TaskGroup& group) -> Coro<> {
        group.cancel();
        co_await sleep(9s);
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(TaskOptions().eager_start(true), child, std::ref(group));
        co_return;
    };
    run([&]() -> Coro<> { co_await async_with(TaskGroup(), body); });
    EXPECT_EQ(clock().elapsed(), 0s);
}

// --- cancellation -------------------------------------------------------------------------------------

TEST_F(TaskGroupCancel, CancelledBeforeItStartsRunsNothing) {
    auto body = [&](TaskGroup&) -> Coro<> {
        log("body");
        co_return;
    };
    run([&]() -> Coro<> {
        auto task = create_task(async_with(TaskGroup(), body));
        task.cancel();
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_TRUE(log.empty());
}

TEST_F(TaskGroupCancel, CancelledWhileItWaitsCancelsTheChildrenAndWaitsForThem) {
    auto stubborn = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            log("child cancelled");
        }
        co_await sleep(1s);
        log("child ended");
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(stubborn);
        co_return;
    };
    run([&]() -> Coro<> {
        auto task = create_task(async_with(TaskGroup(), body));
        co_await sleep(1s);
        task.cancel("enough");
        co_await sleep(500ms);
        task.cancel("again");  // is waited out as well
        co_await ended(task);
        EXPECT_EQ(thrown<CancelledError>([&] { task.result(); }), "enough");
    });
    EXPECT_EQ(log.joined(), "child cancelled | child ended");
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(TaskGroupCancel, CancelledInTheIterationInWhichTheLastChildEnded) {
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(give(1, 1s));
        co_return;
    };
    run([&]() -> Coro<> {
        Task<> task = create_task(async_with(TaskGroup(), body));
        co_await sleep(500ms);
        // Behind the child's end, which wakes the parent, and before the parent goes on.
        auto children = all_tasks();
        children.back().add_done_callback([&](const AnyFuture&) { task.cancel(); });
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
    });
}

TEST_F(TaskGroupCancel, OutsideRequestBesideAnErrorIsKeptForTheNextAwait) {
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(fail("a", 1s));
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {  // the group's own request
        }
        co_await sleep(9s);
    };
    auto parent = [&]() -> Coro<> {
        const std::string error = co_await error_of(async_with(TaskGroup(), body));
        log(error, current_task().cancelling());
        co_await sleep(0s);
        log("not reached");
    };
    run([&]() -> Coro<> {
        auto task = create_task(parent);
        loop().call_later(1500ms, [&] { task.cancel(); });
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(log.joined(), "[aio::ValueError: a] 1");
}

TEST_F(TaskGroupCancel, CancelDuringShutdownDoesNotHideAnOutsideRequest) {
    auto stubborn = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
        co_await sleep(1s);
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(stubborn);
        co_await sleep(1s);
        group.cancel();
    };
    run([&]() -> Coro<> {
        auto task = create_task(async_with(TaskGroup(), body));
        co_await sleep(1500ms);
        task.cancel();
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
    });
}

TEST_F(TaskGroupCancel, CancelFromAChildEndsTheOthersAndTheBody) {
    auto winner = [&](TaskGroup& group) -> Coro<> {
        co_await sleep(1s);
        log("winner");
        group.cancel();
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        for (int i = 1; i <= 3; ++i) group.create_task(give(i, i * 10s));
        group.create_task(winner, std::ref(group));
        co_await sleep(9s);
        log("not reached");
    };
    run([&]() -> Coro<> {
        co_await async_with(TaskGroup(), body);
        EXPECT_EQ(current_task().cancelling(), 0U);
    });
    EXPECT_EQ(log.joined(), "winner");
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(TaskGroupCancel, CancelWhileOnlyChildrenAreLeft) {
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(give(1, 9s));
        loop().call_later(1s, [&group] { group.cancel(); });
        co_return;
    };
    run([&]() -> Coro<> { co_await async_with(TaskGroup(), body); });
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(TaskGroupCancel, ErrorsDuringCancelAreThrown) {
    auto stubborn = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            throw ValueError("cleanup");
        }
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(stubborn);
        co_await sleep(1s);
        group.cancel();
    };
    run([&]() -> Coro<> {
        const std::string error = co_await error_of(async_with(TaskGroup(), body));
        EXPECT_EQ(error, "[aio::ValueError: cleanup]");
    });
}

// A result cannot be made up, unlike in Python, where async with has none.
TEST_F(TaskGroupCancel, CancelOfABodyWithAResultIsAnError) {
    auto body = [&](TaskGroup& group) -> Coro<int> {
        group.cancel();
        co_await sleep(1s);
        co_return 1;
    };
    run([&]() -> Coro<> {
        const std::string error = co_await error_of(async_with(TaskGroup(), body));
        EXPECT_EQ(error, "aio::RuntimeError: async_with(): the error was swallowed, so there is no result");
    });
}

// --- entered by hand, and ends of the world -------------------------------------------------------------

}  // namespace
}  // namespace aio
