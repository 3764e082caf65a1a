// SPDX-License-Identifier: MIT
// Reports show tasks that are no coroutines like others: the state machine of support/machine.hpp.
#include <aio/compose.hpp>
#include <aio/inspect.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/machine.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <regex>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::awaits_once;
using tests::machine;

constexpr unsigned kTop = tests::Machine::kTop;

// Addresses are replaced, and lines counted from kTop.
std::string from_top(std::string text) {
    text = std::regex_replace(text, std::regex("0x[0-9a-f]+"), "0x1");
    std::string result;
    const std::regex line("machine\\.hpp(:|', line )(\\d+)");
    std::smatch found;
    while (std::regex_search(text, found, line)) {
        const int lines = std::stoi(found[2]) - static_cast<int>(kTop);
        result += found.prefix().str() + "machine.hpp:+" + std::to_string(lines);
        text = found.suffix();
    }
    return std::regex_replace(result + text, std::regex("'[^']*/machine"), "'machine");
}

struct InspectDriver : ::testing::Test, testing::LoopTest {
    Lock lock;
    Future<int> future{loop()};

    Task<int> start(const char* name) {
        return loop().create_task(machine(lock, future, [](const std::string&) {}), name);
    }
    static Coro<int> awaits(Task<int> task) { co_return co_await task; }
    static Coro<int> sleeps() { co_return co_await sleep(1s, 1); }
    static Coro<int> drives() { co_return co_await awaits_once(sleeps); }
};

TEST_F(InspectDriver, IsInTheTaskTree) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        const Task<int> first = start("first");
        const Task<int> outer = create_task(awaits(first), "outer");
        EXPECT_NE(format_task_tree().find("(T) first (not started)\n"), std::string::npos);
        co_await sleep(1s);
        const Task<int> second = start("second");
        co_await sleep(0s);
        const std::string tree = from_top(format_task_tree());
        EXPECT_NE(tree.find("└── (T) first\n"
                            "            └──  aio::tests::Machine::machine machine.hpp:+36\n"
                            "                └──  aio::tests::Machine::go_on machine.hpp:+14\n"
                            "                    └──  sleep\n"),
                  std::string::npos)
            << tree;
        EXPECT_NE(tree.find("aio::tests::Machine::go_on machine.hpp:+6\n"), std::string::npos) << tree;
        future.set_result(1);
    });
}

TEST_F(InspectDriver, HasACallGraph) {
    run([&]() -> Coro<> {
        const Task<int> task = start("machine");
        const Task<int> outer = create_task(awaits(task), "outer");
        co_await sleep(3s);
        const std::string graph = from_top(format_call_graph(task));
        EXPECT_TRUE(
            graph.starts_with("* Task(name='machine', id=0x1)\n"
                              "  + Waits for: <Future pending cb=[wakeup of 'machine']>\n"
                              "  + Call stack:\n"
                              "  |   File 'machine.hpp:+21, in async aio::tests::Machine::go_on()\n"
                              "  |   File 'machine.hpp:+36, in async aio::tests::Machine::machine()\n"
                              "  + Awaited by:\n"
                              "    * Task(name='outer', id=0x1)\n"))
            << graph;
        EXPECT_EQ(task.get_stack().size(), 2U);
        EXPECT_EQ(getcoroutinestate(task), CoroutineState::suspended);
        EXPECT_NE(task.repr().find("coro=<aio::tests::Machine::machine() running at machine.hpp:"),
                  std::string::npos)
            << task.repr();
        future.set_result(1);
        co_await outer;
        EXPECT_EQ(getcoroutinestate(task), CoroutineState::closed);
        EXPECT_NE(task.repr().find("coro=<aio::tests::Machine::machine() done"), std::string::npos)
            << task.repr();
    });
}

TEST_F(InspectDriver, ShowsTheCoroutinesThatItAwaitsAndThatAwaitIt) {
    run([&]() -> Coro<> {
        const Task<int> task = create_task(drives());
        co_await sleep(0s);
        std::vector<std::string> names;
        for (const FrameCallGraphEntry& entry : task.get_stack()) names.push_back(entry.name());
        const std::string here = "aio::InspectDriver::";
        const std::vector<std::string> expected{here + "drives", here + "drives", here + "sleeps"};
        EXPECT_EQ(names, expected);
        // Of a running one its function is known.
        bool running = false;
        const auto look = [&]() -> Coro<> {
            running = getcoroutinestate(current_task()) == CoroutineState::running;
            EXPECT_EQ(capture_call_graph()->call_stack.size(), 2U);
            co_return;
        };
        co_await create_task(awaits_once(look));
        EXPECT_TRUE(running);
    });
}

TEST_F(InspectDriver, IsNamedInADeadlock) {
    const std::string text = tests::thrown<DeadlockError>([&] { run(start("machine")); });
    EXPECT_NE(from_top(text).find("└── (T) machine\n"
                                  "            └──  aio::tests::Machine::machine machine.hpp:+36\n"
                                  "                └──  aio::tests::Machine::go_on machine.hpp:+21\n"
                                  "                    └──  <Future pending cb=[wakeup of 'machine']>"),
              std::string::npos)
        << text;
    future.set_result(1);
}

}  // namespace
}  // namespace aio
