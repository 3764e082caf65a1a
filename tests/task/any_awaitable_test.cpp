// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(Awaitable<AnyAwaitable<int>> && std::is_convertible_v<Coro<int>, AnyAwaitable<int>>);
static_assert(std::is_convertible_v<const Task<int>&, AnyAwaitable<int>>);
static_assert(!std::is_convertible_v<Coro<int>, AnyAwaitable<>>);
static_assert(!std::is_copy_constructible_v<AnyAwaitable<int>>);

struct AnyAwaitables : ::testing::Test, testing::LoopTest {};

Coro<int> give(int value, Duration after = 1s) {
    co_await sleep(after);
    co_return value;
}

/// A coroutine, a task, a future and a bare operation.
std::vector<AnyAwaitable<int>> one_of_each(const Task<int>& task, const Future<int>& future,
                                           Queue<int>& queue) {
    std::vector<AnyAwaitable<int>> all;
    all.emplace_back(give(1));
    all.emplace_back(task);
    all.emplace_back(future);
    all.emplace_back(queue.get());
    return all;
}

TEST_F(AnyAwaitables, AreAwaitedAsWhatTheyAre) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(give(2));
        Queue<int> queue;
        queue.put_nowait(4);
        Future<int> future = loop().create_future<int>();
        future.set_result(3);
        int sum = 0;
        auto all = one_of_each(task, future, queue);
        for (AnyAwaitable<int>& each : all) {
            const int value = co_await std::move(each);
            sum = sum * 10 + value;
        }
        EXPECT_EQ(sum, 1234);
        const std::string refused = co_await tests::caught(std::move(all[0]));
        EXPECT_TRUE(refused.starts_with("cannot reuse already awaited coroutine ")) << refused;
        EXPECT_EQ(co_await tests::caught(std::move(all[2])), "cannot reuse already awaited coroutine");
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(AnyAwaitables, EnsureFutureKeepsFuturesAndMakesTasks) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(give(2));
        AnyAwaitable<int> from_task = task;
        EXPECT_EQ(ensure_future(std::move(from_task)), task);
        AnyAwaitable<int> from_coroutine = give(1);
        Future<int> future = ensure_future(std::move(from_coroutine));
        EXPECT_TRUE(future.state()->as_task());
        EXPECT_EQ(co_await future, 1);
        EventLoopPtr other = new_event_loop();
        AnyAwaitable<int> foreign = other->create_future<int>();
        EXPECT_THROW((void)ensure_future(std::move(foreign), loop()), ValueError);
    });
}

TEST_F(AnyAwaitables, CancellationReachesWhatIsAwaited) {
    run([&]() -> Coro<> {
        Task<int> inner = create_task(give(2));
        Task<int> outer = create_task(AnyAwaitable<int>(inner));
        co_await sleep(0s);
        outer.cancel();
        EXPECT_EQ(co_await tests::caught(outer), "CancelledError");
        EXPECT_TRUE(inner.cancelled());
    });
}

TEST_F(AnyAwaitables, GatherTakesAListThatMixes) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(give(2));
        Queue<int> queue;
        Future<int> future = loop().create_future<int>();
        loop().call_later(1s, [&] { future.set_result(3); });
        loop().call_later(1s, [&] { queue.put_nowait(4); });
        const std::vector<int> values = co_await gather(one_of_each(task, future, queue));
        EXPECT_EQ(values, (std::vector{1, 2, 3, 4}));
        std::vector<AnyAwaitable<int>> again = one_of_each(task, future, queue);
        queue.put_nowait(5);
        again.emplace_back(task);  // runs once, counts twice
        const auto results = co_await gather(return_exceptions, std::move(again));
        EXPECT_EQ(results.back().value(), 2);
    });
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(AnyAwaitables, WaitAndAsCompletedTakeThemToo) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(give(2, 2s));
        Queue<int> queue;
        queue.put_nowait(4);
        Future<int> future = loop().create_future<int>();
        auto some = co_await wait(one_of_each(task, future, queue), WaitOptions(FIRST_COMPLETED));
        EXPECT_EQ(some.done.pop().result(), 4);
        EXPECT_TRUE(some.pending.contains(task) && some.pending.contains(future));
        future.set_result(3);
        queue.put_nowait(5);
        std::vector<int> order;
        for (auto&& next : as_completed(one_of_each(task, future, queue))) order.push_back(co_await next);
        EXPECT_EQ(order, (std::vector{3, 5, 1, 2}));
    });
}

// A list of those that have no value, or one that cannot be copied.
TEST_F(AnyAwaitables, AnyTypeOfResult) {
    auto boxed = [](int value) -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(value); };
    run([&]() -> Coro<> {
        std::vector<AnyAwaitable<>> pauses;
        pauses.emplace_back(sleep(1s));
        pauses.emplace_back(loop().create_task(sleep(2s)));
        co_await gather(std::move(pauses));
        EXPECT_EQ(clock().elapsed(), 2s);
        std::vector<AnyAwaitable<std::unique_ptr<int>>> boxes;
        boxes.emplace_back(boxed(1));
        boxes.emplace_back(create_task(boxed(2)));
        int sum = 0;
        for (auto&& next : as_completed(std::move(boxes))) {
            const std::unique_ptr<int> box = co_await next;
            sum += *box;
        }
        EXPECT_EQ(sum, 3);
    });
}

}  // namespace
}  // namespace aio
