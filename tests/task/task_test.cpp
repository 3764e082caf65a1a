// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

static_assert(std::is_copy_constructible_v<Task<std::unique_ptr<int>>>, "handles are shared");
static_assert(std::is_convertible_v<Task<int>, Future<int>> && std::is_convertible_v<Task<int>, AnyTask>);
static_assert(sizeof(Task<std::string>) == sizeof(void*));
static_assert(std::is_same_v<await_result_t<Task<int>>, int>);
static_assert(std::is_same_v<await_result_t<AnyTask>, void>);

struct TaskTest : ::testing::Test, testing::LoopTest {
    Strings trace;
};

Coro<int> times_two(int value) { co_return 2 * value; }

TEST_F(TaskTest, IsMadeOfCoroutinesCallablesAndAwaitables) {
    run([&]() -> Coro<> {
        Task<int> of_coroutine = create_task(times_two(1));
        Task<int> of_function = create_task(times_two, 2);
        auto owned = std::make_unique<int>(3);
        Task<int> of_lambda = create_task(
            [](std::unique_ptr<int> value) -> Coro<int> { co_return 2 * *value; }, std::move(owned));
        Task<int> named = create_task(times_two(4), "four");
        auto options = TaskOptions().name("five");
        Task<int> with_options = create_task(options, times_two, 5);
        Task<int> on_loop = loop().create_task(times_two(6));
        const auto values =
            co_await gather(of_coroutine, of_function, of_lambda, named, with_options, on_loop);
        EXPECT_EQ(values, std::tuple(2, 4, 6, 8, 10, 12));
        EXPECT_EQ(named.get_name(), "four");
        EXPECT_EQ(with_options.get_name(), "five");
    });
}

TEST_F(TaskTest, OptionsStandBeforeCoroutinesAndFunctionsAlike) {
    const auto options = [] { return TaskOptions().name("named"); };
    run([&]() -> Coro<> {
        std::vector<Task<int>> tasks;
        tasks.push_back(create_task(options(), times_two(1)));
        tasks.push_back(create_task(times_two(2), options()));
        tasks.push_back(create_task(options(), times_two, 3));
        tasks.push_back(loop().create_task(options(), times_two(4)));
        tasks.push_back(loop().create_task(times_two(5), options()));
        tasks.push_back(loop().create_task(options(), times_two, 6));
        const Task<> of_awaitable = create_task(options(), sleep(0s));
        EXPECT_EQ(of_awaitable.get_name(), "named");
        for (const auto& task : tasks) EXPECT_EQ(task.get_name(), "named");
        const std::vector<int> values = co_await gather(tasks);
        EXPECT_EQ(values, (std::vector{2, 4, 6, 8, 10, 12}));
        co_await of_awaitable;
    });
}

TEST_F(TaskTest, NeedsARunningLoop) { EXPECT_THROW(create_task(times_two(1)), RuntimeError); }

TEST_F(TaskTest, NeedsAnOpenLoop) {
    EventLoopPtr closed = new_event_loop();
    closed->close();
    EXPECT_THROW(closed->create_task(times_two(1)), RuntimeError);
}

// The four cases of an awaitable.
TEST_F(TaskTest, AwaitReadyAndWaiting) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(sleep(1s, 7));
        const int waited = co_await task;
        const int ready = co_await task;
        EXPECT_EQ(waited + ready, 14);
        EXPECT_EQ(task.result(), 7);
        EXPECT_EQ(task.exception(), nullptr);
    });
}

TEST_F(TaskTest, AwaitCancelledDuringCancelsTheTask) {
    run([&]() -> Coro<> {
        Task<> inner = create_task(sleep(9s));
        Task<> outer = create_task([](Task<> of) -> Coro<> { co_await of; }, inner);
        co_await sleep(0s);
        outer.cancel();
        EXPECT_FALSE(inner.done());
        co_await sleep(0s);
        EXPECT_TRUE(inner.cancelled());
        EXPECT_FALSE(outer.done());
        co_await sleep(0s);
        EXPECT_TRUE(outer.cancelled());
    });
}

TEST_F(TaskTest, AValueIsMovedOutOfTheLastHandle) {
    run([&]() -> Coro<> {
        Task<std::unique_ptr<int>> task = create_task(sleep(0s, std::make_unique<int>(5)));
        const auto box = co_await std::move(task);
        EXPECT_EQ(*box, 5);
    });
}

TEST_F(TaskTest, GivesReferences) {
    int target = 1;
    auto body = [&]() -> Coro<int&> { co_return target; };
    run([&]() -> Coro<> {
        Task<int&> task = create_task(body());
        int& same = co_await task;
        same = 2;
    });
    EXPECT_EQ(target, 2);
}

TEST_F(TaskTest, ErrorsAreRaisedInEveryAwaiter) {
    auto failing = []() -> Coro<> {
        throw ValueError("x");
        co_return;
    };
    run([&]() -> Coro<> {
        Task<> task = create_task(failing);
        for (int i = 0; i < 2; ++i) {
            try {
                co_await task;
                ADD_FAILURE();
            } catch (const ValueError&) {
            }
        }
        AnyTask any = task;
        try {
            co_await any;
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(TaskTest, NamesAreNumberedPerProcess) {
    run([&]() -> Coro<> {
        Task<int> a = create_task(times_two(1));
        Task<int> b = create_task(times_two(1));
        EXPECT_TRUE(a.get_name().starts_with("Task-"));
        EXPECT_EQ(std::stoull(a.get_name().substr(5)) + 1, std::stoull(b.get_name().substr(5)));
        a.set_name("io");
        a.set_name("input");
        EXPECT_EQ(a.get_name(), "input");
        co_await gather(a, b);
        EXPECT_EQ(a.get_name(), "input");
    });
}

TEST_F(TaskTest, CurrentTaskIsTheOneThatRuns) {
    EXPECT_FALSE(current_task());
    run([&]() -> Coro<> {
        const AnyTask self = current_task();
        auto nested = []() -> Coro<std::string> { co_return current_task().get_name(); };
        const std::string in_nested = co_await nested();
        EXPECT_EQ(in_nested, self.get_name());
        const std::string in_other = co_await create_task(nested(), "other");
        EXPECT_EQ(in_other, "other");
        EXPECT_EQ(current_task(), self);
        bool in_callback = true;
        loop().call_soon([&] { in_callback = static_cast<bool>(current_task()); });
        co_await sleep(0s);
        EXPECT_FALSE(in_callback);
    });
}

TEST_F(TaskTest, AllTasksAreTheUnfinishedOnesOldestFirst) {
    EXPECT_THROW(all_tasks(), RuntimeError);
    run([&]() -> Coro<> {
        Task<> a = create_task(sleep(1s));
        Task<> b = create_task(sleep(2s));
        const std::vector<AnyTask> all = all_tasks();
        EXPECT_EQ(all, (std::vector<AnyTask>{current_task(), a, b}));
        co_await a;
        EXPECT_EQ(all_tasks(loop()), (std::vector<AnyTask>{current_task(), b}));
    });
}

TEST_F(TaskTest, ADetachedTaskRunsToItsEnd) {
    auto detached = [&]() -> Coro<> {
        co_await sleep(1s);
        trace.emplace_back("done");
    };
    run([&]() -> Coro<> {
        create_task(detached);
        co_await sleep(2s);
    });
    EXPECT_EQ(trace, Strings{"done"});
}

TEST_F(TaskTest, HasItsContext) {
    static ContextVar<int> variable("v", 0);
    run([&]() -> Coro<> {
        variable.set(1);
        auto body = [&]() -> Coro<> {
            auto token = variable.set(2);
            Context own = current_task().get_context();
            EXPECT_EQ(own[variable], 2);
            variable.reset(token);
            EXPECT_EQ(own[variable], 1) << "the very context, not a copy";
            variable.set(3);
            co_return;
        };
        Task<> task = create_task(body);
        co_await task;
        EXPECT_EQ(task.get_context()[variable], 3);
        EXPECT_EQ(variable.get(), 1);
    });
}

TEST_F(TaskTest, ReprTellsNameStateCoroutineAndWhatItWaitsFor) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(times_two(1), "calc");
        EXPECT_TRUE(task.repr().starts_with("<Task pending name='calc' coro=<")) << task.repr();
        EXPECT_NE(task.repr().find("times_two() running at task_test.cpp:"), std::string::npos)
            << task.repr();
        co_await task;
        EXPECT_TRUE(task.repr().starts_with("<Task finished name='calc' coro=<")) << task.repr();
        EXPECT_TRUE(task.repr().ends_with("> result=2>")) << task.repr();
        Task<> sleeper = create_task(sleep(9s), "sleeper");
        Task<> waiter = create_task([](Task<> of) -> Coro<> { co_await of; }, sleeper);
        co_await sleep(0s);
        EXPECT_NE(waiter.repr().find(" wait_for=<Task pending name='sleeper' "), std::string::npos);
        sleeper.cancel();
        EXPECT_TRUE(sleeper.repr().starts_with("<Task cancelling name=")) << sleeper.repr();
        co_await sleep(0s);
        EXPECT_TRUE(sleeper.repr().starts_with("<Task cancelled name=")) << sleeper.repr();
        auto failing = []() -> Coro<> {
            throw ValueError("why");
            co_return;
        };
        Task<> failed = create_task(failing);
        co_await sleep(0s);
        EXPECT_TRUE(failed.repr().ends_with(" exception=aio::ValueError: why>")) << failed.repr();
        failed.exception();
    });
}

TEST_F(TaskTest, ACallablesTaskGoesByItsCoroutinesName) {
    run([&]() -> Coro<> {
        Task<int> task = create_task(times_two, 1);
        co_await task;
        EXPECT_NE(task.repr().find("times_two() done, defined at task_test.cpp:"), std::string::npos)
            << task.repr();
        EXPECT_EQ(function_name(task.get_coro()), function_name(create_task(times_two(1)).get_coro()));
    });
}

TEST_F(TaskTest, KindsAreKnown) {
    Task<int> task = loop().create_task(times_two(1));
    Coro<int> coroutine = times_two(1);
    EXPECT_TRUE(isfuture(task) && isfuture(AnyFuture(task)) && !isfuture(coroutine) && !isfuture(1));
    EXPECT_TRUE(iscoroutine(coroutine) && !iscoroutine(task));
    coroutine.close();
    EXPECT_EQ(loop().run_until_complete(task), 2);
}

TEST_F(TaskTest, CurrentTaskOfALoop) {
    EventLoopPtr other = new_event_loop();
    run([&]() -> Coro<> {
        EXPECT_EQ(current_task(loop()), current_task());
        EXPECT_FALSE(current_task(*other));
        co_return;
    });
    EXPECT_FALSE(current_task(loop()));
}

Coro<> note_numbers(int count, std::vector<int>& into) {
    for (int i = 0; i < count; ++i) {
        const Task<> task = create_task(sleep(0s));
        into.push_back(std::stoi(task.get_name().substr(5)));
        co_await task;
    }
}

// Threads take a thousand numbers at a time; others may have taken the next thousand.
TEST(TaskNumbers, CountOnInEachThread_Thread) {
    std::vector<int> here;
    std::vector<int> there;
    run(note_numbers(700, here));
    std::thread([&] { run(note_numbers(1500, there)); }).join();
    run(note_numbers(700, here));
    for (const std::vector<int>& numbers : {here, there}) {
        int gaps = 0;
        for (std::size_t i = 1; i < numbers.size(); ++i) {
            ASSERT_GT(numbers[i], numbers[i - 1]);
            if (numbers[i] - numbers[i - 1] > 2) ++gaps;  // run() has a task of its own
        }
        EXPECT_LE(gaps, 2);
    }
    here.insert(here.end(), there.begin(), there.end());
    std::ranges::sort(here);
    EXPECT_EQ(std::ranges::adjacent_find(here), here.end());
}

}  // namespace
}  // namespace aio
