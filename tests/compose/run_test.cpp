// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>

#include <unistd.h>
#include <chrono>
#include <cmath>
#include <csignal>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<Runner> && !std::is_move_constructible_v<Runner>);
static_assert(std::is_same_v<decltype(run(std::declval<Coro<>>())), int>, "so that main() can return it");
static_assert(std::is_same_v<decltype(run(std::declval<Coro<std::string>>())), std::string>);

RunOptions virtual_time() {
    return RunOptions().loop_factory(
        [] { return new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>())); });
}

Coro<int> twice(int value) {
    co_await sleep(0s);
    co_return 2 * value;
}

TEST(Run, GivesTheResult) {
    EXPECT_EQ(run(twice(2)), 4);
    EXPECT_EQ(run(twice, 3), 6);
    EXPECT_EQ(run([](std::unique_ptr<int> v) -> Coro<int> { co_return *v; }, std::make_unique<int>(5)), 5);
    EXPECT_EQ(run([]() -> Coro<> { co_return; }), 0);
    EXPECT_EQ(*run(sleep(0s, std::make_unique<int>(6))), 6);
}

TEST(Run, TakesItsOptionsBeforeWhatItRuns) {
    EXPECT_EQ(run(virtual_time(), twice(2)), 4);
    EXPECT_EQ(run(virtual_time(), twice, 3), 6);
    EXPECT_EQ(run(virtual_time(), sleep(24h)), 0);
}

// A task that does not let itself be cancelled.
Coro<> stubborn(Duration time) {
    const TimePoint end = get_running_loop().time() + time;
    while (get_running_loop().time() < end) {
        try {
            co_await sleep(end - get_running_loop().time());
        } catch (const CancelledError&) {
        }
    }
}

struct ShutdownTimeout : ::testing::Test {
    std::vector<std::string> reports;
    Coro<int> main(Task<>& left, Duration time) {
        get_running_loop().set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
            reports.push_back(context.message());
            EXPECT_EQ(context.keys(), std::vector<std::string>{"task"});
        });
        left = create_task(stubborn(time));
        co_await sleep(0s);
        co_return 7;
    }
};

TEST_F(ShutdownTimeout, ByDefaultLeftoverTasksAreWaitedForWithoutALimit) {
    Task<> left;
    EXPECT_EQ(run(main(left, 24h), virtual_time()), 7);
    EXPECT_TRUE(left.done());
    EXPECT_TRUE(reports.empty());
}

TEST_F(ShutdownTimeout, TasksThatEndInTimeAreNotReported) {
    Task<> left;
    EXPECT_EQ(run(main(left, 2s), virtual_time().shutdown_timeout(3s)), 7);
    EXPECT_TRUE(left.done());
    EXPECT_TRUE(reports.empty());
}

TEST_F(ShutdownTimeout, TasksThatTakeLongerAreReportedOnceAndDropped) {
    Task<> left;
    EXPECT_EQ(run(main(left, 24h), virtual_time().shutdown_timeout(3s)), 7);
    EXPECT_FALSE(left.done());
    left = Task<>();
    EXPECT_EQ(reports,
              std::vector<std::string>{"task did not end within the shutdown timeout of asyncio.run()"});
}

// Nothing of the runner's own is among the tasks that end.
TEST(Run, LeftoverTasksSeeOnlyEachOther) {
    std::vector<std::string> names;
    auto ends = [&]() -> Coro<> {
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
            for (const AnyTask& task : all_tasks()) names.push_back(task.get_name());
            throw;
        }
    };
    Task<> left;
    run([&]() -> Coro<> {
        left = create_task(ends(), "left");
        co_await sleep(0s);
    });
    EXPECT_TRUE(left.cancelled());
    EXPECT_EQ(names, std::vector<std::string>{"left"});
}

TEST(Run, SaysWhichOfThemWasCalledInARunningLoop) {
    bool made = false;
    const RunOptions options = RunOptions().loop_factory([&] {
        made = true;
        return new_event_loop();
    });
    run([&]() -> Coro<> {
        EXPECT_EQ(tests::thrown<RuntimeError>([&] { run(sleep(0s), options); }),
                  "asyncio.run() cannot be called from a running event loop");
        EXPECT_EQ(tests::thrown<RuntimeError>([&] { Runner(options).run(sleep(0s)); }),
                  "Runner.run() cannot be called from a running event loop");
        co_return;
    });
    EXPECT_FALSE(made);
}

TEST(RunOptionsTest, ShutdownTimeoutMustNotBeNegative) {
    EXPECT_THROW(RunOptions().shutdown_timeout(-1s), ValueError);
    EXPECT_THROW(RunOptions().shutdown_timeout(std::chrono::duration<double>(NAN)), ValueError);
}

TEST(RunOptionsTest, CanBeCopiedAndAssigned) {
    const RunOptions debugging = RunOptions().debug(true);
    RunOptions options;
    options = debugging;
    const RunOptions copy = options;
    options = RunOptions();
    auto debugged = []() -> Coro<bool> { co_return get_running_loop().get_debug(); };
    EXPECT_TRUE(run(debugged(), copy));
    EXPECT_FALSE(run(debugged(), options));
}

TEST(Run, ThrowsWhatTheProgramThrows) {
    auto failing = []() -> Coro<> {
        throw ValueError("x");
        co_return;
    };
    EXPECT_THROW(run(failing), ValueError);
    auto exiting = []() -> Coro<> {
        throw SystemExit(3);
        co_return;
    };
    EXPECT_THROW(run(exiting), SystemExit);
    auto cancelled = []() -> Coro<> {
        current_task().cancel("enough");
        co_await sleep(1s);
    };
    EXPECT_THROW(run(cancelled), CancelledError);
    EXPECT_EQ(get_running_loop_or_null(), nullptr);
}

// SystemExit of a task ends the program also when main has just returned.
TEST(Run, AnExitOfAnotherTaskWinsOverTheResult) {
    auto exiting = []() -> Coro<> {
        throw SystemExit(3);
        co_return;
    };
    auto main = [&]() -> Coro<int> {
        create_task(exiting);
        co_return 1;
    };
    const tests::LogCapture log;  // that nobody looked at the task is reported
    EXPECT_THROW(run(main), SystemExit);
}

TEST(Run, TakesDebugMode) {
    auto debugging = []() -> Coro<bool> { co_return get_running_loop().get_debug(); };
    EXPECT_TRUE(run(debugging(), RunOptions().debug(true)));
    EXPECT_FALSE(run(debugging(), RunOptions().debug(false)));
}

TEST(Run, LeftoverTasksMayWaitWhileTheyAreCancelled) {
    std::string trace;
    auto stubborn = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
        co_await sleep(1s);
        trace += "finished ";
    };
    auto main = [&]() -> Coro<> {
        create_task(stubborn);
        co_await sleep(0s);
        trace += "main ";
    };
    run(main(), virtual_time());
    EXPECT_EQ(trace, "main finished ");
}

// Each awaits the other: in CPython cancelling them recurses until it fails.
TEST(Run, EndsTasksThatWaitForEachOther) {
    Task<> a;
    Task<> b;
    auto waiting_for = [](Task<>& other) -> Coro<> { co_await other; };
    auto main = [&]() -> Coro<> {
        a = create_task(waiting_for, std::ref(b));
        b = create_task(waiting_for, std::ref(a));
        co_await sleep(0s);
    };
    run(main(), virtual_time());
    EXPECT_TRUE(a.cancelled() && b.cancelled());
}

struct RunnerTest : ::testing::Test {
    Runner runner{virtual_time()};
};

TEST_F(RunnerTest, RunsSeveralTimesOnOneLoop) {
    EventLoop& loop = runner.get_loop();
    auto which = []() -> Coro<EventLoop*> { co_return &get_running_loop(); };
    EXPECT_EQ(runner.run(which()), &loop);
    EXPECT_EQ(runner.run(which()), &loop);
    EXPECT_FALSE(loop.is_running());
}

TEST_F(RunnerTest, TakesFuturesAndReferences) {
    Future<std::string> future = runner.get_loop().create_future<std::string>();
    runner.get_loop().call_later(1s, [&] { future.set_result("x"); });
    EXPECT_EQ(runner.run(future), "x");
    EXPECT_EQ(future.result(), "x") << "the future keeps its value";
    int target = 5;
    auto reference = [&]() -> Coro<int&> { co_return target; };
    EXPECT_EQ(runner.run(reference()), 5);
}

TEST_F(RunnerTest, RunsInItsOwnOrTheGivenContext) {
    static ContextVar<int> variable("v", 0);
    auto setter = [](int value) -> Coro<int> {
        const int before = variable.get();
        variable.set(value);
        co_return before;
    };
    EXPECT_EQ(runner.run(setter(1)), 0);
    EXPECT_EQ(runner.run(setter(2)), 1);
    Context other;
    EXPECT_EQ(runner.run(setter(3), other), 0);
    EXPECT_EQ(other[variable], 3);
    EXPECT_EQ(runner.run(setter(4)), 2);
    EXPECT_EQ(variable.get(), 0);
}

TEST_F(RunnerTest, CannotBeClosedByWhatItRuns) {
    auto closing = [&]() -> Coro<> {
        EXPECT_THROW(runner.close(), RuntimeError);
        co_return;
    };
    runner.run(closing());
    runner.close();
    EXPECT_THROW(runner.get_loop(), RuntimeError);
    EXPECT_THROW(runner.run(twice(1)), RuntimeError);
    runner.close();
}

TEST_F(RunnerTest, AnExitLeavesTheLoopUsable) {
    auto exiting = []() -> Coro<> {
        throw SystemExit(3);
        co_return;
    };
    EXPECT_THROW(runner.run(exiting()), SystemExit);
    EXPECT_EQ(runner.run(twice(2)), 4);
}

// The first run's end must not stop the second before its time.
TEST_F(RunnerTest, AnInterruptedRunDoesNotStopTheNext) {
    EventLoop& loop = runner.get_loop();
    auto main = [&]() -> Coro<> {
        loop.call_soon([] { throw KeyboardInterrupt(); });
        co_return;
    };
    EXPECT_THROW(loop.run_until_complete(main()), KeyboardInterrupt);
    EXPECT_EQ(loop.run_until_complete(twice(2)), 4);
}

TEST_F(RunnerTest, RunUntilCompleteOfEverything) {
    EventLoop& loop = runner.get_loop();
    EXPECT_EQ(loop.run_until_complete(twice(2)), 4);
    EXPECT_EQ(*loop.run_until_complete(sleep(1s, std::make_unique<int>(5))), 5);
    Task<std::string> task = loop.create_task(sleep(1s, std::string("x")));
    EXPECT_EQ(loop.run_until_complete(task), "x");
    EXPECT_EQ(loop.run_until_complete(task), "x") << "also when it is done, and again";
    loop.call_soon([&] { loop.stop(); });
    Future<> never = loop.create_future<>();
    EXPECT_THROW(loop.run_until_complete(never), RuntimeError);
    never.cancel();
    EXPECT_THROW(loop.run_until_complete(never), CancelledError);
}

TEST(RunUntilComplete, InARunningLoopMakesNoTask) {
    const EventLoopPtr loop = new_event_loop();
    const EventLoopPtr other = new_event_loop();
    bool ran = false;
    auto work = [&]() -> Coro<> {
        ran = true;
        co_return;
    };
    loop->run_until_complete([&]() -> Coro<> {
        EXPECT_THROW(loop->run_until_complete(work()), RuntimeError);
        EXPECT_THROW(other->run_until_complete(work()), RuntimeError);
        co_await sleep(0s);
        co_await sleep(0s);
    }());
    EXPECT_FALSE(ran);
    EXPECT_EQ(all_tasks(*other).size(), 0U);
}

// The error tells of it already.
TEST(Run, WhatItRefusesWasNotForgotten) {
    const EventLoopPtr other = new_event_loop();
    EventLoopPtr closed = new_event_loop(LoopOptions().debug(true));
    closed->close();
    Runner closed_runner(RunOptions().debug(true));
    closed_runner.close();
    Queue<int> queue;
    const tests::LogCapture log;
    auto body = [&](Coro<int> kept) -> Coro<> {
        EXPECT_THROW(run(twice(1)), RuntimeError);
        EXPECT_THROW(run(twice, 1), RuntimeError);
        EXPECT_THROW(run(queue.get()), RuntimeError);
        EXPECT_THROW(Runner().run(twice(1)), RuntimeError);
        EXPECT_THROW(get_running_loop().run_until_complete(twice(1)), RuntimeError);
        EXPECT_THROW(other->run_until_complete(twice(1)), RuntimeError);
        EXPECT_THROW(closed->run_until_complete(twice(1)), RuntimeError);
        EXPECT_THROW(closed_runner.run(twice(1)), RuntimeError);
        EXPECT_THROW(run(kept), RuntimeError);
        const int value = co_await kept;
        EXPECT_EQ(value, 2) << "what is somebody's variable stays as it is";
        EXPECT_EQ(log.messages(), std::vector<std::string>());
        [[maybe_unused]] const Coro<int> forgotten = twice(1);
    };
    run(body(twice(1)), RunOptions().debug(true));
    EXPECT_EQ(log.messages().size(), 1U) << "afterwards they are reported as before";
}

TEST(RunUntilComplete, TakesNoFutureOfAnotherLoop) {
    const EventLoopPtr loop = new_event_loop();
    const EventLoopPtr other = new_event_loop();
    const Future<int> future = other->create_future<int>();
    EXPECT_THROW(loop->run_until_complete(future), ValueError);
    future.set_result(3);
    EXPECT_THROW(loop->run_until_complete(future), ValueError);
    EXPECT_EQ(other->run_until_complete(future), 3);
}

}  // namespace
}  // namespace aio
