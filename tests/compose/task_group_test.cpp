// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <compose/task_group.hpp>
#include <support/ended.hpp>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <optional>
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

struct TaskGroups : tests::TaskGroupTest {};

static_assert(AsyncContextManager<TaskGroup>);
static_assert(!std::is_copy_constructible_v<TaskGroup> && std::is_nothrow_move_constructible_v<TaskGroup>);

TEST_F(TaskGroups, GivesTheBodysResultAfterTheChildrenEnded) {
    std::optional<Task<int>> slow;
    auto body = [&](TaskGroup& group, int base) -> Coro<int> {
        slow = group.create_task(give(2, 1s));
        Task<int> quick = group.create_task(give, 3, 0s);
        const int value = co_await quick;
        co_return base + value;
    };
    const int result = run([&]() -> Coro<int> { co_return co_await async_with(TaskGroup(), body, 10); });
    EXPECT_EQ(result, 13);
    EXPECT_EQ(slow->result(), 2);
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(TaskGroups, WithoutChildrenEndsAtOnce) {
    auto body = [](TaskGroup&) -> Coro<> { co_return; };
    bool other = false;
    run([&]() -> Coro<> {
        loop().call_soon([&] { other = true; });
        co_await async_with(TaskGroup(), body);
        EXPECT_FALSE(other);  // it has not yielded
    });
}

TEST_F(TaskGroups, CreateTaskTakesWhatAioCreateTaskTakes) {
    static ContextVar<int> var("var", 0);
    auto show = [&](std::string what) -> Coro<> {
        log(what, current_task().get_name(), var.get());
        co_return;
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        Context context;
        context.run([] { var.set(5); });
        group.create_task(show("named"), "a");
        group.create_task(show("options"), TaskOptions().name("b").context(context));
        group.create_task(TaskOptions().name("c").eager_start(true), show, "eager");
        group.create_task(TaskOptions().name("d"), show("before"));
        log("created");
        group.create_task(sleep(0s));
        co_return;
    };
    run([&]() -> Coro<> { co_await async_with(TaskGroup(), body); });
    EXPECT_EQ(log.joined(), "eager c 0 | created | named a 0 | options b 5 | before d 0");
}

TEST_F(TaskGroups, ErrorsComeInTheOrderOfCompletion) {
    auto body = [](TaskGroup& group) -> Coro<> {
        group.create_task(fail("late", 1s));  // cancelled by the first
        group.create_task(fail("b"));
        group.create_task(fail("a"));
        co_return;
    };
    run([&]() -> Coro<> {
        const std::string errors = co_await error_of(async_with(TaskGroup(), body));
        EXPECT_EQ(errors, "[aio::ValueError: b, aio::ValueError: a]");
        EXPECT_EQ(current_task().cancelling(), 0U);
    });
}

TEST_F(TaskGroups, ErrorThatIsNoStdExceptionMakesABaseExceptionGroup) {
    auto odd = []() -> Coro<> {
        throw 7;
        co_return;
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(odd);
        co_return;
    };
    run([&]() -> Coro<> {
        std::string caught;
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const std::exception&) {
            caught = "std::exception";
        } catch (const BaseExceptionGroup& group) {
            caught = group.what();
        }
        EXPECT_EQ(caught, "unhandled errors in a TaskGroup (1 sub-exception)");
    });
}

TEST_F(TaskGroups, ErrorsOfChildrenAreNotReportedAsUnretrieved) {
    auto body = [](TaskGroup& group) -> Coro<> {
        group.create_task(fail("a"));
        group.create_task(fail("b"));
        co_return;
    };
    run([&]() -> Coro<> { co_await error_of(async_with(TaskGroup(), body)); });
    EXPECT_TRUE(reports().empty());
}

TEST_F(TaskGroups, ExitErrorHidesTheOthersWhichAreReported) {
    keep_order();
    auto quit = []() -> Coro<> {
        co_await sleep(1s);
        throw KeyboardInterrupt();
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(fail("lost", 1s));
        group.create_task(quit);
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            log("body cancelled");
            throw;
        }
    };
    auto main = [&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const KeyboardInterrupt&) {
            log("interrupted");
        }
    };
    try {
        run(main);
        ADD_FAILURE();
    } catch (const KeyboardInterrupt&) {  // out of the child's step
    }
    finish();
    EXPECT_EQ(log.joined(), "body cancelled | interrupted");
    EXPECT_EQ(reports(), (std::vector<std::string>{
                             "TaskGroup task exception was not propagated because the TaskGroup body is "
                             "being closed with a BaseException [exception, task_group]"}));
}

TEST_F(TaskGroups, GeneratorExitAloneIsNoGroup) {
    auto close = [](TaskGroup& group) -> Coro<> {
        group.create_task(sleep(9s));
        throw GeneratorExit();
        co_return;
    };
    auto close_badly = [](TaskGroup& group) -> Coro<> {
        group.create_task(fail("a"));
        co_await sleep(0s);
        co_await sleep(0s);
        throw GeneratorExit();
    };
    run([&]() -> Coro<> {
        std::string error = co_await error_of(async_with(TaskGroup(), close));
        EXPECT_EQ(error, "aio::GeneratorExit");
        auto swallow_cancel = [&](TaskGroup& group) -> Coro<> {
            try {
                co_await close_badly(group);
            } catch (const CancelledError&) {
            }
            throw GeneratorExit();
        };
        error = co_await error_of(async_with(TaskGroup(), swallow_cancel));
        EXPECT_EQ(error, "[aio::ValueError: a, aio::GeneratorExit]");
    });
}

// --- when tasks may be added --------------------------------------------------------------------------

TEST_F(TaskGroups, RefusesTasksWhileItShutsDown) {
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(fail("a"));
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            log(thrown<RuntimeError>([&] { group.create_task(give(1)); }));
            throw;
        }
    };
    run([&]() -> Coro<> { co_await error_of(async_with(TaskGroup(), body)); });
    EXPECT_EQ(log.joined(), "TaskGroup <TaskGroup errors=1 cancelling> is shutting down");
}

TEST_F(TaskGroups, RefusalSaysWhyAndClosesTheCoroutineSilently) {
    tests::LogCapture capture;
    loop().set_debug(true);
    auto body = [](TaskGroup&) -> Coro<> { co_return; };
    run([&]() -> Coro<> {
        TaskGroup group;
        log(thrown<RuntimeError>([&] { group.create_task(give(1)); }));
        co_await async_with(group, body);
        log(thrown<RuntimeError>([&] { group.create_task(give(1)); }));
        const std::string again = co_await error_of(async_with(group, body));
        log(again);
    });
    EXPECT_EQ(log.joined(),
              "TaskGroup <TaskGroup> has not been entered | TaskGroup <TaskGroup entered> is finished | "
              "aio::RuntimeError: TaskGroup <TaskGroup entered> has already been entered");
    EXPECT_TRUE(capture.messages().empty());
}

TEST_F(TaskGroups, OnlyInsideATask) {
    TaskGroup group;
    EXPECT_EQ(thrown<RuntimeError>([&] { group.aenter(); }),
              "TaskGroup <TaskGroup> cannot determine the parent task");
}

TEST_F(TaskGroups, FailingFactoryLeavesNoChildBehind) {
    auto body = [&](TaskGroup& group) -> Coro<> {
        set_task_factory(loop(), [](EventLoop&, TaskRequest&) -> AnyTask { throw RuntimeError("no"); });
        log(thrown<RuntimeError>([&] { group.create_task(give(1)); }), group.repr());
        set_task_factory(loop(), nullptr);
        co_return;
    };
    run([&]() -> Coro<> { co_await async_with(TaskGroup(), body); });
    EXPECT_EQ(log.joined(), "no <TaskGroup entered>");
}

TEST_F(TaskGroups, ErrorAfterTheParentHasEndedIsReported) {
    TaskGroup group;
    auto parent = [&]() -> Coro<> {
        co_await group.aenter();
        group.create_task(fail("a", 1s));
    };
    run([&]() -> Coro<> {
        co_await create_task(parent);
        const std::string error = co_await error_of(group.aexit(nullptr));
        EXPECT_EQ(error, "[aio::ValueError: a]");
    });
    ASSERT_EQ(reports().size(), 1U);
    EXPECT_NE(reports()[0].find("has errored out but its parent task"), std::string::npos);
}

TEST_F(TaskGroups, WaitIsShownInReports) {
    auto body = [](TaskGroup& group) -> Coro<> {
        group.create_task(give(1, 1s));
        co_return;
    };
    run([&]() -> Coro<> {
        auto task = create_task(async_with(TaskGroup(), body));
        co_await sleep(500ms);
        EXPECT_NE(task.repr().find("wait_for=TaskGroup"), std::string::npos) << task.repr();
        co_await task;
    });
}

TEST_F(TaskGroups, MayBeDestroyedWithItsLoopWhileItWaits) {
    tests::Lifetime life;
    auto child = [](std::shared_ptr<int>) -> Coro<> { co_await sleep(9s); };
    auto quick = [](std::shared_ptr<int>) -> Coro<> { co_return; };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(child, life.token());
        group.create_task(quick, life.token());
        co_return;
    };
    auto scope = [&]() -> Coro<> { co_await async_with(TaskGroup(), body); };
    for (const int iterations : {1, 2, 3, 4}) {
        tests::LogCapture silent;
        EventLoopPtr own = new_event_loop();
        Task<> task = own->create_task(scope);
        for (int i = 0; i < iterations; ++i) {
            own->call_soon([&] { own->stop(); });
            own->run_forever();
        }
        own = nullptr;
        task = Task<>();
        EXPECT_TRUE(life.over()) << iterations;
    }
}

TEST_F(TaskGroups, TenThousandChildrenAtATime) {
    std::size_t sum = 0;
    auto body = [&](TaskGroup& group) -> Coro<> {
        for (int i = 0; i < 10000; ++i) {
            group.create_task(give(1)).add_done_callback(
                [&](const Task<int>& done) { sum += done.result(); });
        }
        co_return;
    };
    run([&]() -> Coro<> {
        for (int i = 0; i < 3; ++i) co_await async_with(TaskGroup(), body);
    });
    EXPECT_EQ(sum, 30000U);
}

TEST_F(TaskGroups, LeftWithoutHavingBeenEnteredOrAgainIsRefused) {
    auto fails = []() -> Coro<> { throw ValueError("x"); };
    run([&]() -> Coro<> {
        TaskGroup group;
        EXPECT_EQ(co_await error_of(group.aexit(nullptr)),
                  "aio::RuntimeError: TaskGroup <TaskGroup> has not been entered");
        co_await group.aenter();
        auto task = group.create_task(sleep(1s));
        Task<bool> leaves = create_task(group.aexit(nullptr));
        co_await sleep(0s);
        EXPECT_EQ(co_await error_of(group.aexit(nullptr)),
                  "aio::RuntimeError: TaskGroup <TaskGroup tasks=1 entered> is being left already");
        co_await leaves;
        EXPECT_TRUE(task.done());
        EXPECT_EQ(co_await error_of(group.aexit(nullptr)),
                  "aio::RuntimeError: TaskGroup <TaskGroup entered> is finished");
        TaskGroup failed;
        co_await failed.aenter();
        failed.create_task(fails);
        EXPECT_EQ(co_await error_of(failed.aexit(nullptr)), "[aio::ValueError: x]");
        EXPECT_EQ(co_await error_of(failed.aexit(nullptr)),
                  "aio::RuntimeError: TaskGroup <TaskGroup cancelling> is finished");
        failed.cancel();
        EXPECT_EQ(current_task().cancelling(), 0U);
    });
}

}  // namespace
}  // namespace aio
