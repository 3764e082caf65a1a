// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <cstdio>
#include <regex>
#include <string>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<FutureCallGraph>);

// Addresses, lines and folders replaced.
std::string plain(std::string text) {
    text = std::regex_replace(text, std::regex("0x[0-9a-f]+"), "0x1");
    text = std::regex_replace(text, std::regex("line \\d+"), "line N");
    text = std::regex_replace(text, std::regex("cpp:\\d+"), "cpp:N");
    return std::regex_replace(text, std::regex("'[^']*/([a-z_]+\\.cpp)'"), "'$1'");
}

Strings names(const std::vector<FrameCallGraphEntry>& stack) {
    Strings result;
    for (const FrameCallGraphEntry& entry : stack) result.push_back(entry.name());
    return result;
}

struct CallGraph : ::testing::Test, testing::LoopTest {};

Coro<> third() { co_await sleep(9s); }
Coro<> second() { co_await third(); }
Coro<> first() { co_await second(); }
Coro<> awaits(AnyFuture future) { co_await future; }
Coro<> prints(std::string& text) {
    text = format_call_graph();
    co_return;
}

TEST_F(CallGraph, HasTheLayoutOfAsyncio) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        Task<> inner = create_task(first(), "inner");
        Task<> outer = create_task(awaits(inner), "outer");
        co_await sleep(0s);
        EXPECT_EQ(plain(format_call_graph(inner)),
                  "* Task(name='inner', id=0x1)\n"
                  "  + Waits for: sleep\n"
                  "  + Call stack:\n"
                  "  |   File 'call_graph_test.cpp', line N, in async aio::third()\n"
                  "  |   File 'call_graph_test.cpp', line N, in async aio::second()\n"
                  "  |   File 'call_graph_test.cpp', line N, in async aio::first()\n"
                  "  + Awaited by:\n"
                  "    * Task(name='outer', id=0x1)\n"
                  "      + Waits for: <Task pending name='inner' coro=<aio::first() running at "
                  "call_graph_test.cpp:N> "
                  "cb=[wakeup of 'outer']>\n"
                  "      + Call stack:\n"
                  "      |   File 'call_graph_test.cpp', line N, in async aio::awaits()");
        inner.cancel();
    });
}

TEST_F(CallGraph, OfTheRunningTaskBeginsWithTheCaller) {
    std::string text;
    run([&]() -> Coro<> {
        Task<> task = create_task(prints(text), "core");
        std::vector<Task<>> tasks{task};
        current_task().set_name("main");
        co_await wait(tasks);
    });
    EXPECT_EQ(plain(text.substr(0, text.find("\n    *"))),
              "* Task(name='core', id=0x1)\n"
              "  + Call stack:\n"
              "  |   File 'call_graph_test.cpp', line N, in async aio::prints()\n"
              "  + Awaited by:");
    EXPECT_NE(text.find("\n    * Task(name='main', id="), std::string::npos) << text;
}

TEST_F(CallGraph, OfTheRunningTaskHasTheAskingFunctionUnlessDepthSkipsIt) {
    struct Asks {
        static std::optional<FutureCallGraph> now(int depth) {
            return capture_call_graph(AnyFuture(), CallGraphOptions().depth(depth));
        }
    };
    run([&]() -> Coro<> {
        const auto whole = Asks::now(1);
        EXPECT_EQ(whole->call_stack.size(), 2U);
        EXPECT_EQ(whole->call_stack[0].kind, FrameCallGraphEntry::Kind::function);
        EXPECT_NE(whole->call_stack[0].name().find("Asks::now"), std::string::npos);
        EXPECT_EQ(whole->future, current_task());
        EXPECT_EQ(Asks::now(2)->call_stack.size(), 1U);
        co_return;
    });
}

TEST_F(CallGraph, LimitKeepsTheOutermostOrIfNegativeTheInnermost) {
    run([&]() -> Coro<> {
        Task<> task = create_task(first());
        co_await sleep(0s);
        auto stack = [&](int limit) {
            return names(capture_call_graph(task, CallGraphOptions().limit(limit))->call_stack);
        };
        EXPECT_EQ(stack(2), (Strings{"aio::second", "aio::first"}));
        EXPECT_EQ(stack(-2), (Strings{"aio::third", "aio::second"}));
        EXPECT_EQ(stack(9), (Strings{"aio::third", "aio::second", "aio::first"}));
        EXPECT_EQ(stack(0), Strings());
        task.cancel();
    });
}

TEST_F(CallGraph, NeedsATaskOrAFuture) {
    EXPECT_THROW(capture_call_graph(), RuntimeError);
    run([&]() -> Coro<> {
        bool called = false;
        loop().call_soon([&] {
            EXPECT_FALSE(capture_call_graph());
            EXPECT_EQ(format_call_graph(), "");
            called = true;
        });
        co_await sleep(0s);
        EXPECT_TRUE(called);
    });
}

TEST_F(CallGraph, GoesThroughGather) {
    run([&]() -> Coro<> {
        Task<> inner = create_task(first(), "inner");
        auto gathers = [&]() -> Coro<> { co_await gather(inner, sleep(5s)); };
        Task<> outer = create_task(TaskOptions().name("outer"), gathers);
        co_await sleep(1s);
        const auto graph = capture_call_graph(inner);
        EXPECT_EQ(graph->awaited_by.size(), 1U);
        const FutureCallGraph& gathering = graph->awaited_by[0];
        EXPECT_TRUE(gathering.call_stack.empty());
        EXPECT_TRUE(gathering.future.repr().starts_with("<_GatheringFuture pending cb=[wakeup of 'outer']"));
        EXPECT_EQ(gathering.awaited_by.size(), 1U);
        EXPECT_EQ(gathering.awaited_by[0].future, outer);
        outer.cancel();
    });
}

// Each way to wait for a task that is not a plain await leads to the task that waits.
TEST_F(CallGraph, GoesThroughShieldWaitForAsCompletedAndSelect) {
    run([&]() -> Coro<> {
        Task<> inner = create_task(first(), "inner");
        const std::vector<Task<>> tasks{inner};
        auto shields = [&]() -> Coro<> { co_await shield(inner); };
        auto limits = [&]() -> Coro<> { co_await wait_for(inner, 99s); };
        auto takes = [&]() -> Coro<> {
            auto all = as_completed(tasks);
            co_await all.next();
        };
        auto selects = [&]() -> Coro<> { co_await select(inner, sleep(99s)); };
        auto waits = [&]() -> Coro<> { co_await wait(tasks); };
        create_task(TaskOptions().name("shields"), shields);
        create_task(TaskOptions().name("limits"), limits);
        create_task(TaskOptions().name("takes"), takes);
        create_task(TaskOptions().name("selects"), selects);
        create_task(TaskOptions().name("waits"), waits);
        co_await sleep(1s);
        const std::string tree = format_task_tree(loop());
        const char* const names_of_tasks[] = {"shields", "limits", "takes", "selects", "waits"};
        for (const char* name : names_of_tasks) {
            const std::size_t at = tree.find("(T) " + std::string(name) + "\n");
            EXPECT_NE(at, std::string::npos) << name << "\n" << tree;
            EXPECT_LT(tree.find("(T) inner", at), tree.find("\n└──", at)) << name << "\n" << tree;
        }
        const auto graph = capture_call_graph(inner);
        EXPECT_EQ(graph->awaited_by.size(), 5U);
        co_await inner;
        co_await sleep(1s);
    });
}

TEST_F(CallGraph, CutsCirclesAndRepetitions) {
    run([&]() -> Coro<> {
        Future<> start = loop().create_future<>();
        Task<> a = create_task(awaits(start), "a");
        Task<> b = create_task(awaits(start), "b");
        auto waits = [&]() -> Coro<> { co_await gather(return_exceptions, a, b); };
        Task<> both = create_task(TaskOptions().name("both"), waits);
        co_await sleep(0s);
        const std::string text = format_call_graph(start);
        EXPECT_NE(text.find(" (shown above)"), std::string::npos) << text;
        future_add_to_awaited_by(both, a);
        EXPECT_NE(format_call_graph(a).find(" (cycle)"), std::string::npos) << format_call_graph(a);
        future_discard_from_awaited_by(both, a);
        EXPECT_EQ(format_call_graph(a).find(" (cycle)"), std::string::npos);
        start.set_result();
        co_await both;
    });
}

TEST_F(CallGraph, TakesAChainOfAHundredThousandTasks) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        Task<> head = create_task(awaits(future));
        Task<> last = head;
        for (int i = 0; i < 100'000; ++i) last = create_task(awaits(last));
        co_await sleep(1s);
        const auto graph = capture_call_graph(head);
        std::size_t depth = 0;
        for (const FutureCallGraph* node = &*graph; !node->awaited_by.empty(); node = &node->awaited_by[0]) {
            ++depth;
        }
        EXPECT_EQ(depth, 100'000U);
        EXPECT_GT(format_call_graph(head, CallGraphOptions().limit(0)).size(), 100'000U);
        future.set_result();
        co_await last;
    });
}

TEST_F(CallGraph, OfTasksThatHaveNotStartedOrHaveEnded) {
    run([&]() -> Coro<> {
        Task<> task = create_task(first(), "t");
        EXPECT_EQ(getcoroutinestate(task), CoroutineState::created);
        EXPECT_EQ(names(capture_call_graph(task)->call_stack), Strings{"aio::first"});
        EXPECT_EQ(capture_call_graph(task)->waits_for, "");
        EXPECT_EQ(getcoroutinestate(current_task()), CoroutineState::running);
        co_await sleep(0s);
        EXPECT_EQ(getcoroutinestate(task), CoroutineState::suspended);
        task.cancel();
        std::vector<Task<>> tasks{task};
        co_await wait(tasks);
        EXPECT_EQ(getcoroutinestate(task), CoroutineState::closed);
        EXPECT_EQ(plain(format_call_graph(task)), "* Task(name='t', id=0x1)");
    });
}

// A task that started another eagerly runs, but is not the current one.
TEST_F(CallGraph, OfATaskThatHasStartedAnotherEagerly) {
    run([&]() -> Coro<> {
        const AnyTask outer = current_task();
        auto body = [&]() -> Coro<> {
            EXPECT_EQ(getcoroutinestate(outer), CoroutineState::running);
            EXPECT_EQ(capture_call_graph(outer)->call_stack.size(), 1U);
            co_return;
        };
        co_await sleep(0s);
        co_await create_task(TaskOptions().eager_start(true), body);
    });
}

TEST_F(CallGraph, IsPrinted) {
    std::FILE* stream = std::tmpfile();
    Future<> future = loop().create_future<>();
    print_call_graph(future, CallGraphOptions(), stream);
    std::rewind(stream);
    char text[100] = {};
    const std::size_t size = std::fread(text, 1, sizeof text - 1, stream);
    std::fclose(stream);
    EXPECT_EQ(plain(std::string(text, size)), "* Future(id=0x1)\n");
}

}  // namespace
}  // namespace aio
