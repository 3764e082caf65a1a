// SPDX-License-Identifier: MIT
// Recipes F27: how deep things may be nested is decided by the heap, not by the stack.
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <support/sanitized.hpp>

#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

constexpr int kDeep = 100'000;

struct DepthFaults : ::testing::Test, testing::LoopTest {};

Coro<int> link(Task<int> next) {
    const int below = co_await next;
    co_return below + 1;
}

Coro<int> last_link(Future<> wake) {
    co_await wake;
    co_return 0;
}

// Each awaits the one before.
std::vector<Task<int>> make_chain(const Future<>& wake) {
    std::vector<Task<int>> tasks{create_task(last_link(wake))};
    for (int i = 1; i < kDeep; ++i) tasks.push_back(create_task(link(tasks.back())));
    return tasks;
}

TEST_F(DepthFaults, F27_a_chain_of_tasks_completes) {
    run([&]() -> Coro<> {
        const Future<> wake = loop().create_future();
        const auto tasks = make_chain(wake);
        co_await sleep(0s);
        wake.set_result();
        const int length = co_await tasks.back();
        EXPECT_EQ(length, kDeep - 1);
    });
}

TEST_F(DepthFaults, F27_a_chain_of_tasks_is_cancelled_at_its_head) {
    run([&]() -> Coro<> {
        const Future<> wake = loop().create_future();
        const auto tasks = make_chain(wake);
        co_await sleep(0s);
        EXPECT_TRUE(tasks.back().cancel("why"));
        EXPECT_TRUE(wake.cancelled());
        co_await wait(tasks);
        for (const Task<int>& task : tasks) {
            if (!task.cancelled() || task.cancelling() != 1) ADD_FAILURE();
        }
        std::string message;
        try {
            co_await tasks.back();
        } catch (const CancelledError& error) {
            message = error.message();
        }
        EXPECT_EQ(message, "why");
    });
}

TEST_F(DepthFaults, F27_a_chain_of_tasks_is_cancelled_at_its_end) {
    run([&]() -> Coro<> {
        const auto tasks = make_chain(loop().create_future());
        co_await sleep(0s);
        tasks.front().cancel();
        co_await wait(tasks);
        for (const Task<int>& task : tasks) {
            if (!task.cancelled()) ADD_FAILURE();
        }
    });
}

// What the last one waits for is done already when the request arrives there: it stays with that task.
TEST_F(DepthFaults, F27_a_chain_of_tasks_is_cancelled_when_its_end_is_done) {
    run([&]() -> Coro<> {
        const Future<> wake = loop().create_future();
        const auto tasks = make_chain(wake);
        co_await sleep(0s);
        wake.set_result();
        tasks.back().cancel();
        co_await wait(tasks);
        for (const Task<int>& task : tasks) {
            if (!task.cancelled()) ADD_FAILURE();
        }
    });
}

TEST_F(DepthFaults, F27_a_chain_of_tasks_that_ends_in_a_circle_is_cancelled) {
    run([&]() -> Coro<> {
        Task<int> head;
        auto back = [&]() -> Coro<int> {
            const int value = co_await head;
            co_return value;
        };
        std::vector<Task<int>> tasks{create_task(back())};
        for (int i = 1; i < kDeep; ++i) tasks.push_back(create_task(link(tasks.back())));
        head = tasks.back();
        co_await sleep(0s);
        tasks[kDeep / 2].cancel();
        co_await wait(tasks);
        for (const Task<int>& task : tasks) {
            if (!task.cancelled()) ADD_FAILURE();
        }
        head = Task<int>();
    });
}

TEST_F(DepthFaults, F27_a_chain_of_tasks_is_destroyed_half_way) {
    const auto alive = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int>, Task<int> next) -> Coro<int> {
        const int below = co_await next;
        co_return below;
    };
    {
        const Future<> wake = loop().create_future();
        Task<int> task = loop().create_task(last_link(wake));
        for (int i = 1; i < kDeep; ++i) task = loop().create_task(holding(alive, task));
    }
    loop().call_soon([&] { loop().call_soon([&] { loop().stop(); }); });
    loop().run_forever();
    EXPECT_EQ(alive.use_count(), kDeep);
    loop().close();
    EXPECT_EQ(alive.use_count(), 1);
}

Coro<> gathering(Task<> next) { co_await gather(next, sleep(1h)); }

Coro<> in_gather(Future<> wake) { co_await wake; }

TEST_F(DepthFaults, F27_a_chain_of_tasks_and_gathers_is_cancelled) {
    run([&]() -> Coro<> {
        const Future<> wake = loop().create_future();
        Task<> task = create_task(in_gather(wake));
        for (int i = 1; i < kDeep / 2; ++i) task = create_task(gathering(task));
        co_await sleep(0s);
        co_await sleep(0s);
        task.cancel();
        EXPECT_TRUE(wake.cancelled());
        EXPECT_THROW(co_await task, CancelledError);
        co_await sleep(0s);
        EXPECT_EQ(all_tasks().size(), 1u);
    });
}

// gather() of gather() of ...: futures of one type, because a vector's gather() gives a vector.
TEST_F(DepthFaults, F27_gathers_within_each_other_are_cancelled_and_complete) {
    run([&]() -> Coro<> {
        for (const bool cancelling : {true, false}) {
            const Future<> wake = loop().create_future();
            AnyFuture outer = wake;
            for (int i = 0; i < kDeep; ++i) outer = gather(std::vector<AnyFuture>{outer});
            if (cancelling) {
                EXPECT_TRUE(outer.cancel());
                EXPECT_TRUE(wake.cancelled());
            } else {
                wake.set_result();
            }
            co_await wait(std::vector<AnyFuture>(1, outer));
            EXPECT_EQ(outer.exception() != nullptr, cancelling);
        }
    });
}

TEST_F(DepthFaults, F27_gathers_and_shields_within_each_other_are_destroyed) {
    run([&]() -> Coro<> {
        Future<> end = loop().create_future();
        AnyFuture outer = end;
        for (int i = 0; i < kDeep; ++i) outer = gather(std::vector<AnyFuture>{outer});
        end = Future<>();
        outer = AnyFuture();
        Future<> inner = loop().create_future();
        Future<> last = inner;
        for (int i = 0; i < kDeep; ++i) last = shield(last);
        inner = Future<>();
        last = Future<>();
        co_await sleep(0s);
    });
    EXPECT_TRUE(reports().empty());
}

// A limit in every task, and the outermost one comes to pass.
Coro<> limited(Task<> next) {
    co_await async_with(timeout(1h), [&](Timeout&) -> Coro<> { co_await next; });
}

TEST_F(DepthFaults, F27_a_limit_passes_above_a_hundred_thousand_others) {
    run([&]() -> Coro<> {
        Task<> task = create_task(sleep(2h));
        for (int i = 1; i < kDeep; ++i) task = create_task(limited(task));
        co_await sleep(0s);
        bool timed_out = false;
        try {
            co_await wait_for(task, 1s);
        } catch (const TimeoutError&) {
            timed_out = true;
        }
        EXPECT_TRUE(timed_out);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(all_tasks().size(), 1u);
    });
}

}  // namespace
}  // namespace aio
