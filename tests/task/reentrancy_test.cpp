// SPDX-License-Identifier: MIT
// No undefined behaviour, continued: things that destroy, cancel or complete what is just calling them.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <compose/guard.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using tests::Guard;

struct ReentrancyTest : ::testing::Test, testing::LoopTest {
    int alive = 0;
};

TEST_F(ReentrancyTest, TasksThatWaitForEachOtherCanBeShownAndCancelled) {
    run([&]() -> Coro<> {
        std::vector<Task<>> ring(5);
        auto body = [&](std::size_t next) -> Coro<> { co_await ring[next]; };
        for (std::size_t i = 0; i < 5; ++i) ring[i] = create_task(body, (i + 1) % 5);
        co_await sleep(0s);
        EXPECT_NE(ring[0].repr().find(" wait_for=... cb=[wakeup of 'Task-"), std::string::npos)
            << ring[0].repr();
        EXPECT_TRUE(ring[0].cancel("cut"));
        EXPECT_TRUE(ring[0].cancel("again"));
        co_await wait(ring);
        for (const Task<>& task : ring) EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(ring[0].cancelling(), 2u);
    });
}

TEST_F(ReentrancyTest, ATaskMayCancelItselfAndThenJoinACircle) {
    run([&]() -> Coro<> {
        Task<> first;
        Task<> second;
        auto waits = [](Task<>& other) -> Coro<> { co_await other; };
        auto cancels = [](Task<>& other) -> Coro<> {
            current_task().cancel("own");
            co_await other;
        };
        second = create_task(waits, std::ref(first));
        first = create_task(cancels, std::ref(second));
        std::vector<Task<>> both{first, second};
        co_await wait(both);
        EXPECT_TRUE(first.cancelled() && second.cancelled());
    });
}

TEST_F(ReentrancyTest, ALongChainOfTasksCanBeCancelledShownAndDestroyed) {
    auto body = [](Task<> next) -> Coro<> { co_await next; };
    auto chain = [&](int length) {
        Task<> task = loop().create_task(sleep(9s));
        for (int i = 0; i < length; ++i) task = loop().create_task(body, std::move(task));
        return task;
    };
    run([&]() -> Coro<> {
        Task<> head = chain(1000);
        co_await sleep(0s);
        EXPECT_LT(head.repr().size(), 5000u);
        head.cancel();
        std::vector<Task<>> heads{head};
        co_await wait(heads);
        EXPECT_TRUE(head.cancelled());
    });
    Task<> left = chain(1000);
    loop().run_until_complete(sleep(0s));
    loop().close();
    EXPECT_FALSE(left.done());
}

TEST_F(ReentrancyTest, AGeneratorsBodyMayDropItsHandle) {
    std::optional<AsyncGenerator<int>> values;
    auto body = [&](Guard) -> AsyncGenerator<int> {
        values.reset();
        co_await sleep(0s);
        co_yield 1;
    };
    run([&]() -> Coro<> {
        values = body(Guard(alive));
        const auto value = co_await values->next();
        EXPECT_EQ(value, 1);
        EXPECT_FALSE(values);
        co_await sleep(1s);
        EXPECT_EQ(alive, 0);
    });
}

TEST_F(ReentrancyTest, ATaskMayDropTheLastHandleToItself) {
    auto own = std::make_unique<Task<>>();
    auto body = [&](Guard) -> Coro<> {
        own.reset();
        co_await sleep(0s);
    };
    run([&]() -> Coro<> {
        *own = create_task(body, Guard(alive));
        co_await sleep(0s);
        EXPECT_EQ(own, nullptr);
        co_await sleep(1s);
        EXPECT_EQ(alive, 0);
    });
}

TEST_F(ReentrancyTest, ATaskMayDropTheFutureItHasJustAwaited) {
    run([&]() -> Coro<> {
        Future<std::string> future = loop().create_future<std::string>();
        loop().call_soon([future] { future.set_result("value"); });
        const std::string value = co_await std::exchange(future, Future<std::string>());
        EXPECT_EQ(value, "value");
    });
}

TEST_F(ReentrancyTest, ADoneCallbackMayDropItsFutureAndItself) {
    auto future = std::make_unique<Future<>>(loop().create_future<>());
    auto owner = std::make_shared<DoneCallback>();
    int calls = 0;
    *owner = future->add_done_callback([&, guard = Guard(alive), owner](const Future<>& done) {
        *owner = DoneCallback();
        future.reset();
        EXPECT_TRUE(done.done());
        calls += alive;
    });
    owner.reset();
    loop().call_soon([&] { future->set_result(); });
    loop().run_until_complete(sleep(0s));
    loop().run_until_complete(sleep(0s));
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(alive, 0);
}

// A callable that owns its own future: only the completion, or the loop's end, breaks the circle.
TEST_F(ReentrancyTest, ACallbackThatIsRemovedByItsOwnDestruction) {
    {
        Future<> future = loop().create_future<>();
        auto callback = std::make_shared<DoneCallback>();
        *callback = future.add_done_callback([guard = Guard(alive)](const Future<>&) {});
        EXPECT_EQ(future.remove_done_callback(*callback), 1u);
        callback.reset();
        EXPECT_EQ(alive, 0);
        future.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    }
    EXPECT_EQ(alive, 0) << "a future that dies pending drops its callbacks";
}

TEST_F(ReentrancyTest, CallbacksQueuedWhenTheLoopClosesAreDropped) {
    Future<> future = loop().create_future<>();
    future.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    Future<> failed = loop().create_future<>();
    failed.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    future.set_result();
    failed.set_exception(ValueError("x"));
    failed = {};
    loop().close();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(reports(), Strings{"Future exception was never retrieved [exception, future]"});
    future.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    EXPECT_EQ(alive, 0);
}

// What a dying frame destroys may use the loop, other tasks and its own task.
TEST_F(ReentrancyTest, DestructorsThatComeBack) {
    struct Meddler {
        std::function<void()> at_end;
        ~Meddler() {
            if (at_end) at_end();
        }
    };
    std::vector<Task<>> tasks;
    auto body = [](std::unique_ptr<Meddler>) -> Coro<> { co_await sleep(9s); };
    for (int i = 0; i < 3; ++i) {
        auto meddler = std::make_unique<Meddler>();
        meddler->at_end = [&] {
            for (const Task<>& task : tasks) task.cancel();
            EXPECT_THROW(loop().call_soon([] {}), RuntimeError);
            EXPECT_THROW(loop().create_task(sleep(1s)).done(), RuntimeError);
            EXPECT_LE(all_tasks(loop()).size(), 3u);
            tasks.clear();
        };
        tasks.push_back(loop().create_task(body, std::move(meddler)));
    }
    loop().run_until_complete(sleep(0s));
    loop().close();
    EXPECT_TRUE(tasks.empty());
    EXPECT_EQ(reports().size(), 3u);
}

TEST_F(ReentrancyTest, AFinishingTasksLocalsMayCancelIt) {
    struct Canceller {
        AnyTask task = current_task();
        ~Canceller() { task.cancel("at the end"); }
    };
    auto body = []() -> Coro<int> {
        const Canceller canceller;
        co_return 1;
    };
    run([&]() -> Coro<> {
        Task<int> task = create_task(body);
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
}

// The clean-up of many programs cancels all tasks, also those that have failed meanwhile.
TEST_F(ReentrancyTest, WhatIsCancelledAfterItFailedIsNotReported) {
    run([&]() -> Coro<> {
        auto task = create_task([]() -> Coro<> {
            throw ValueError("x");
            co_return;
        });
        Future<> future = loop().create_future<>();
        future.set_exception(ValueError("y"));
        co_await sleep(0s);
        EXPECT_FALSE(task.cancel());
        EXPECT_FALSE(future.cancel());
    });
    EXPECT_EQ(reports(), Strings{});
}

}  // namespace
}  // namespace aio
