// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>
#include <support/lifetime.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::AtEnd;

static_assert(AsyncContextManager<AsyncExitStack>);
static_assert(!std::is_copy_constructible_v<AsyncExitStack>);
static_assert(std::is_nothrow_move_constructible_v<AsyncExitStack>);

struct ExitStack : ::testing::Test, testing::LoopTest {
    tests::Trace log;

    // Prints what it is told, and swallows errors if asked to.
    class Door {
    public:
        Door(tests::Trace& log, std::string name, bool swallows = false)
            : log_(&log), name_(std::move(name)), swallows_(swallows) {}
        Coro<std::string> aenter() {
            co_await sleep(0s);
            (*log_)("enter", name_);
            co_return "value of " + name_;
        }
        Coro<bool> aexit(std::exception_ptr error) {
            co_await sleep(0s);
            (*log_)("exit", name_, error ? describe(error) : "None");
            co_return swallows_;
        }

    private:
        tests::Trace* log_;
        std::string name_;
        bool swallows_;
    };
    Coro<> say(std::string text) {
        log(text);
        co_return;
    }
};

TEST_F(ExitStack, LeavesManagersInReverseOrder) {
    Door outside(log, "b");
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        const std::string a = co_await stack.enter_async_context(Door(log, "a"));
        const std::string b = co_await stack.enter_async_context(outside);
        log(a, b);
    };
    run([&]() -> Coro<> { co_await async_with(AsyncExitStack(), body); });
    EXPECT_EQ(log.joined(), "enter a | enter b | value of a value of b | exit b None | exit a None");
}

TEST_F(ExitStack, GivesTheManagersReference) {
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        TaskGroup& group = co_await stack.enter_async_context(TaskGroup());
        co_await stack.enter_async_context(suppress<ValueError>());  // gives nothing
        group.create_task([this] { return say("child"); });
        throw ValueError("v");
    };
    run([&]() -> Coro<> { co_await async_with(AsyncExitStack(), body); });
    EXPECT_EQ(log.joined(), "child");
}

TEST_F(ExitStack, RunsEveryKindOfExit) {
    auto told_async = [&](std::exception_ptr error) -> Coro<> {
        log("push_async_exit", describe(error));
        co_return;
    };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.callback([&](int number) { log("callback", number); }, 1);
        stack.push([&](std::exception_ptr error) { log("push", describe(error)); });
        stack.push_async_exit(told_async);
        stack.push_async_exit(Door(log, "manager"));
        stack.push_async_callback(&ExitStack::say, this, "push_async_callback");
        stack.enter_context(AtEnd([&] { log("object"); }));
        log("body");
        throw ValueError("v");
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(AsyncExitStack(), body);
        } catch (const ValueError&) {
            log("thrown");
        }
    });
    EXPECT_EQ(log.joined(),
              "body | object | push_async_callback | exit manager aio::ValueError: v | push_async_exit "
              "aio::ValueError: v | push aio::ValueError: v | callback 1 | thrown");
}

TEST_F(ExitStack, AnExitThatGivesTrueSwallowsTheErrorForTheRest) {
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.push_async_exit(Door(log, "last"));
        stack.push([&](std::exception_ptr) { return true; });
        stack.push_async_exit(Door(log, "first"));
        throw ValueError("v");
        co_return;
    };
    run([&]() -> Coro<> { co_await async_with(AsyncExitStack(), body); });
    EXPECT_EQ(log.joined(), "exit first aio::ValueError: v | exit last None");
}

TEST_F(ExitStack, ResultOfACallbackSwallowsNothing) {
    auto yes = []() -> Coro<bool> { co_return true; };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.callback([] { return true; });
        stack.push_async_callback(yes);
        throw ValueError("v");
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(AsyncExitStack(), body);
        } catch (const ValueError&) {
            log("thrown");
        }
    });
    EXPECT_EQ(log.joined(), "thrown");
}

TEST_F(ExitStack, AnErrorOfAnExitReplacesTheOneBeforeAndTheRestStillRuns) {
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.push_async_exit(Door(log, "last"));
        stack.callback([] { throw RuntimeError("second"); });
        stack.push_async_exit(Door(log, "swallows", true));
        stack.push([](std::exception_ptr) { throw TypeError("first"); });
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(AsyncExitStack(), body);
        } catch (const RuntimeError& e) {
            log("thrown", e.what());
        }
    });
    EXPECT_EQ(log.joined(),
              "exit swallows aio::TypeError: first | exit last aio::RuntimeError: second | thrown second");
}

TEST_F(ExitStack, AManagerThatCannotBeEnteredIsNotLeft) {
    struct Closed {
        Coro<> aenter() {
            throw ValueError("closed");
            co_return;
        }
        Coro<> aexit() {
            ADD_FAILURE();
            co_return;
        }
    };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        co_await stack.enter_async_context(Door(log, "a"));
        co_await stack.enter_async_context(Closed());
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(AsyncExitStack(), body);
        } catch (const ValueError& e) {
            log("thrown", e.what());
        }
    });
    EXPECT_EQ(log.joined(), "enter a | exit a aio::ValueError: closed | thrown closed");
}

TEST_F(ExitStack, PopAllMovesTheObligationsAway) {
    AsyncExitStack kept;
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.callback([&] { log("exit"); });
        kept = stack.pop_all();
        stack.callback([&] { log("registered later"); });
        co_return;
    };
    run([&]() -> Coro<> {
        co_await async_with(AsyncExitStack(), body);
        log("scope ended");
        co_await kept.aclose();
        co_await kept.aclose();  // nothing left
    });
    EXPECT_EQ(log.joined(), "registered later | scope ended | exit");
}

TEST_F(ExitStack, AnExitMayRegisterOthers) {
    run([&]() -> Coro<> {
        AsyncExitStack stack;
        stack.callback([&] { stack.callback([&] { log("registered late"); }); });
        co_await stack.aclose();
    });
    EXPECT_EQ(log.joined(), "registered late");
}

TEST_F(ExitStack, CancellationReachesTheExitThatWaitsAndTheRestRuns) {
    auto slow = [&](std::exception_ptr) -> Coro<> { co_await sleep(9s); };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.push_async_exit(Door(log, "last"));
        stack.push_async_exit(slow);
        co_return;
    };
    run([&]() -> Coro<> {
        auto task = create_task(async_with(AsyncExitStack(), body));
        co_await sleep(1s);
        task.cancel();
        co_await tests::ended(task);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(log.joined(), "exit last aio::CancelledError");
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(ExitStack, DestroyedWithoutBeingLeftItOnlyDestroysItsObjectsLastFirst) {
    {
        AsyncExitStack stack;
        stack.enter_context(AtEnd([&] { log("first"); }));
        stack.callback([&] { log("not called"); });
        AtEnd& last = stack.enter_context(AtEnd([&] { log("last"); }));
        static_cast<void>(last);
    }
    EXPECT_EQ(log.joined(), "last | first");
}

TEST_F(ExitStack, DestroyedWithItsLoopWhileAnExitWaits) {
    tests::Lifetime life;
    auto slow = [](std::shared_ptr<int>) -> Coro<> { co_await sleep(9s); };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.enter_context(life.token());
        stack.push_async_callback(slow, life.token());
        co_return;
    };
    EventLoopPtr own = new_event_loop();
    own->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    Task<> task = own->create_task(async_with(AsyncExitStack(), body));
    own->call_soon([&] { own->stop(); });
    own->run_forever();
    own = nullptr;
    task = Task<>();
    EXPECT_TRUE(life.over());
}

}  // namespace
}  // namespace aio
