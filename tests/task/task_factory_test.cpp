// SPDX-License-Identifier: MIT
// Ways to make a task: eager start, factories, ensure_future().
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

struct TaskFactoryTest : ::testing::Test, testing::LoopTest {
    Strings trace;
};

Coro<int> doubled(int value) { co_return 2 * value; }

TEST_F(TaskFactoryTest, EagerStartRunsTheFirstStepAtOnce) {
    run([&]() -> Coro<> {
        const AnyTask self = current_task();
        auto options = TaskOptions().eager_start(true).name("eager");
        auto body = [&]() -> Coro<int> {
            EXPECT_EQ(current_task().get_name(), "eager");
            trace.emplace_back("first");
            co_await sleep(0s);
            trace.emplace_back("second");
            co_return 7;
        };
        Task<int> task = create_task(options, body);
        EXPECT_EQ(trace, Strings{"first"});
        EXPECT_EQ(current_task(), self);
        EXPECT_FALSE(task.done());
        const int value = co_await task;
        EXPECT_EQ(value, 7);
        Task<int> finished = create_task(doubled(2), options);
        EXPECT_TRUE(finished.done());
        EXPECT_EQ(all_tasks().size(), 1u);
    });
}

TEST_F(TaskFactoryTest, EagerStartOutsideOfTheLoopIsAnOrdinaryOne) {
    auto options = TaskOptions().eager_start(true);
    Task<int> task = loop().create_task(doubled(1), options);
    EXPECT_FALSE(task.done());
    EXPECT_EQ(loop().run_until_complete(task), 2);
}

TEST_F(TaskFactoryTest, EagerErrorsAreKeptExitsPassThrough) {
    run([&]() -> Coro<> {
        auto options = TaskOptions().eager_start(true);
        auto failing = []() -> Coro<> {
            throw ValueError("kept");
            co_return;
        };
        Task<> failed = create_task(options, failing);
        EXPECT_NE(failed.exception(), nullptr);
        auto exiting = []() -> Coro<> {
            throw SystemExit(3);
            co_return;
        };
        EXPECT_THROW(create_task(options, exiting), SystemExit);
        co_return;
    });
    EXPECT_EQ(reports(), Strings{"Task exception was never retrieved [exception, future]"});
}

TEST_F(TaskFactoryTest, AFactorySeesAndChangesEveryTask) {
    int made = 0;
    set_task_factory(loop(), [&](EventLoop&, TaskRequest& request) {
        request.options.name("made " + std::to_string(++made));
        return request.create();
    });
    EXPECT_NE(get_task_factory(loop()), nullptr);
    run([&]() -> Coro<> {
        Task<int> task = create_task(doubled(1));
        EXPECT_EQ(task.get_name(), "made 2");
        co_await gather(doubled(2), task);
        set_task_factory(loop(), nullptr);
        EXPECT_EQ(get_task_factory(loop()), nullptr);
        Task<int> plain = create_task(doubled(1));
        EXPECT_TRUE(plain.get_name().starts_with("Task-"));
        co_await plain;
    });
    EXPECT_EQ(made, 3);
}

TEST_F(TaskFactoryTest, AFactoryMayReplaceItself) {
    auto owned = std::make_shared<int>(5);
    set_task_factory(loop(), [this, owned](EventLoop& on, TaskRequest& request) {
        set_task_factory(on, nullptr);
        AnyTask task = request.create();
        EXPECT_EQ(*owned, 5) << "what it captured still exists";
        trace.emplace_back("called");
        return task;
    });
    run([&]() -> Coro<> { co_await create_task(doubled(1)); });
    EXPECT_EQ(trace, Strings{"called"});
    EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(TaskFactoryTest, AFactoryHasToReturnTheTask) {
    run([&]() -> Coro<> {
        Task<> other = create_task(sleep(0s));
        set_task_factory(loop(), [&](EventLoop&, TaskRequest&) { return other; });
        EXPECT_THROW(create_task(doubled(1)), TypeError);
        set_task_factory(loop(), [&](EventLoop&, TaskRequest&) { return AnyTask(); });
        EXPECT_THROW(create_task(doubled(1)), TypeError);
        set_task_factory(loop(), nullptr);
        co_await other;
    });
}

TEST_F(TaskFactoryTest, EnsureFutureKeepsFuturesAndMakesTasks) {
    run([&]() -> Coro<> {
        Future<int> future = loop().create_future<int>();
        EXPECT_EQ(ensure_future(future), future);
        Task<int> task = create_task(doubled(1));
        static_assert(std::is_same_v<decltype(ensure_future(task)), Task<int>>);
        EXPECT_EQ(ensure_future(task), task);
        auto made = ensure_future(doubled(2));
        static_assert(std::is_same_v<decltype(made), Task<int>>);
        const int value = co_await made;
        EXPECT_EQ(value, 4);
        future.cancel();
    });
}

TEST_F(TaskFactoryTest, EnsureFutureOnALoopThatDoesNotRunYet) {
    EventLoopPtr other = new_event_loop();
    Task<int> task = ensure_future(doubled(1), loop());
    EXPECT_EQ(ensure_future(task, loop()), task);
    EXPECT_THROW(ensure_future(task, *other), ValueError);
    EXPECT_EQ(loop().run_until_complete(task), 2);
}

}  // namespace
}  // namespace aio
