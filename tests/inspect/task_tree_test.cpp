// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <regex>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

// The file's line numbers, which would change with every edit, read N, and the tests' own names are left out.
std::string without_lines(std::string text) {
    text = std::regex_replace(text, std::regex("aio::\\w+::TestBody\\(\\)::"), "");
    return std::regex_replace(text, std::regex("_test\\.cpp:\\d+"), "_test.cpp:N");
}

struct TaskTree : ::testing::Test, testing::LoopTest {
    std::string tree() { return without_lines(format_task_tree(loop())); }
};

Coro<> bottom() { co_await sleep(9s); }
Coro<> middle() { co_await bottom(); }
Coro<> top() { co_await middle(); }
Coro<> other(Future<> future) { co_await future; }
Coro<> both(Future<> future) {
    auto a = create_task(top(), "a");
    auto b = create_task(other(future), "b");
    co_await gather(a, b);
}

TEST_F(TaskTree, ShowsCoroutinesBelowGatherBelowATaskBelowWait) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        Future<> future = loop().create_future<>();
        std::vector<Task<>> tasks{create_task(both(future), "both")};
        loop().call_later(1s, [&] {
            EXPECT_EQ(tree(),
                      "└── (T) main\n"
                      "    └──  <lambda> task_tree_test.cpp:N\n"
                      "        └── (T) both\n"
                      "            └──  aio::both task_tree_test.cpp:N\n"
                      "                ├── (T) a\n"
                      "                │   └──  aio::top task_tree_test.cpp:N\n"
                      "                │       └──  aio::middle task_tree_test.cpp:N\n"
                      "                │           └──  aio::bottom task_tree_test.cpp:N\n"
                      "                │               └──  sleep\n"
                      "                └── (T) b\n"
                      "                    └──  aio::other task_tree_test.cpp:N\n"
                      "                        └──  <Future pending cb=[wakeup of 'b']>\n");
            future.set_result();
        });
        co_await wait(tasks);
    });
}

TEST_F(TaskTree, TellsTheLineOfEachAwait) {
    run([&]() -> Coro<> {
        const unsigned line = __LINE__ + 1;
        auto body = []() -> Coro<> {
            const int unused = 0;
            (void)unused;
            co_await sleep(0s);
            co_await middle();
        };
        Task<> task = create_task(body);
        co_await sleep(1s);
        EXPECT_NE(format_task_tree(loop()).find("task_tree_test.cpp:" + std::to_string(line + 4) + "\n"),
                  std::string::npos)
            << format_task_tree(loop());
        task.cancel();
    });
}

TEST_F(TaskTree, MarksTheRunningAndTheUnstarted) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        Task<> fresh = create_task(top(), "fresh");
        EXPECT_EQ(tree(),
                  "└── (T) main (running)\n"
                  "    └──  <lambda> task_tree_test.cpp:N\n"
                  "└── (T) fresh (not started)\n"
                  "    └──  aio::top task_tree_test.cpp:N\n");
        fresh.cancel();
        co_return;
    });
}

TEST_F(TaskTree, ShowsWhatTwoAwaitOnce) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        Task<> inner = create_task(top(), "inner");
        Task<> a = create_task(other(inner), "a");
        Task<> b = create_task(other(inner), "b");
        co_await sleep(0s);
        EXPECT_EQ(tree().substr(tree().find("└── (T) a")),
                  "└── (T) a\n"
                  "    └──  aio::other task_tree_test.cpp:N\n"
                  "        └── (T) inner\n"
                  "            └──  aio::top task_tree_test.cpp:N\n"
                  "                └──  aio::middle task_tree_test.cpp:N\n"
                  "                    └──  aio::bottom task_tree_test.cpp:N\n"
                  "                        └──  sleep\n"
                  "└── (T) b\n"
                  "    └──  aio::other task_tree_test.cpp:N\n"
                  "        └── (T) inner (shown above)\n");
        inner.cancel();
    });
}

TEST_F(TaskTree, NamesCycles) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        std::vector<Task<>> ring(3);
        auto body = [&](std::size_t next) -> Coro<> { co_await ring[next]; };
        const char* names[] = {"a", "b", "c"};
        for (std::size_t i = 0; i < 3; ++i) {
            ring[i] = create_task(TaskOptions().name(names[i]), body, (i + 1) % 3);
        }
        co_await sleep(0s);
        const std::string text = tree();
        EXPECT_NE(text.find("└── (T) a (cycle)\n"), std::string::npos) << text;
        EXPECT_TRUE(text.ends_with("cycle: a → b → c → a\n")) << text;
        ring[0].cancel();
        co_await wait(ring);
    });
}

TEST_F(TaskTree, TakesAnyDepth) {
    constexpr int kTasks = 100'000;
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        Task<> last = create_task(other(future));
        for (int i = 1; i < kTasks; ++i) last = create_task(other(last));
        co_await sleep(1s);
        const std::string text = format_task_tree(loop());
        std::size_t shown = 0;
        for (std::size_t at = text.find("aio::other"); at != text.npos;
             at = text.find("aio::other", at + 1)) {
            ++shown;
        }
        EXPECT_EQ(shown, static_cast<std::size_t>(kTasks));
        EXPECT_LT(text.size(), 150'000'000U);
        future.set_result();
        co_await last;
    });
}

TEST_F(TaskTree, TakesAnyWidth) {
    constexpr std::size_t kTasks = 100'000;
    run([&]() -> Coro<> {
        std::vector<Coro<>> coroutines;
        for (std::size_t i = 0; i < kTasks; ++i) coroutines.push_back(bottom());
        loop().call_later(1s, [&] {
            const std::string text = format_task_tree(loop());
            EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), 3 * kTasks + 2);
        });
        co_await gather(std::move(coroutines));
    });
}

TEST_F(TaskTree, OfAnotherLoop) {
    EventLoopPtr stopped = new_event_loop();
    Task<> task = stopped->create_task(top(), "its");
    stopped->run_until_complete(sleep(0s));
    run([&]() -> Coro<> {
        EXPECT_EQ(without_lines(format_task_tree(*stopped)),
                  "└── (T) its\n"
                  "    └──  aio::top task_tree_test.cpp:N\n"
                  "        └──  aio::middle task_tree_test.cpp:N\n"
                  "            └──  aio::bottom task_tree_test.cpp:N\n"
                  "                └──  sleep\n");
        co_return;
    });
    stopped->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
}

TEST_F(TaskTree, OfALoopWithoutTasksIsEmpty) { EXPECT_EQ(tree(), ""); }

TEST_F(TaskTree, GoesThroughAsyncGenerators) {
    auto numbers = []() -> AsyncGenerator<int> {
        co_await middle();
        co_yield 1;
    };
    auto body = [&]() -> Coro<> {
        auto generator = numbers();
        co_await generator.next();
    };
    run([&]() -> Coro<> {
        current_task().set_name("main");
        Task<> task = create_task(TaskOptions().name("t"), body);
        co_await sleep(1s);
        const std::string text = tree();
        EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), 8U) << text;
        EXPECT_NE(text.find("aio::middle"), std::string::npos) << text;
        task.cancel();
    });
}

TEST_F(TaskTree, TableHasOneLineForEachAwaiter) {
    run([&]() -> Coro<> {
        current_task().set_name("main");
        Task<> inner = create_task(top(), "inner");
        Task<> a = create_task(other(inner), "a");
        Task<> b = create_task(other(inner), "b");
        co_await sleep(0s);
        const std::string text = format_task_table(loop());
        EXPECT_TRUE(text.starts_with("tid        task id              task name            coroutine stack"))
            << text;
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2 + 1 + 2 + 2) << text;
        EXPECT_NE(text.find(" sleep -> aio::bottom -> aio::middle -> aio::top "), std::string::npos) << text;
        inner.cancel();
    });
}

TEST(DumpTasksOnSignal, PrintsTheTree) {
    testing::LoopTest test(true);
    std::FILE* stream = std::tmpfile();
    test.run([&]() -> Coro<> {
        current_task().set_name("main");
        dump_tasks_on_signal(SIGUSR1, get_running_loop(), stream);
        ::raise(SIGUSR1);
        co_await sleep(10ms);
        get_running_loop().remove_signal_handler(SIGUSR1);
    });
    std::rewind(stream);
    char text[400] = {};
    const std::size_t size = std::fread(text, 1, sizeof text - 1, stream);
    std::fclose(stream);
    EXPECT_EQ(without_lines(std::string(text, size)),
              "└── (T) main\n"
              "    └──  <lambda> task_tree_test.cpp:N\n"
              "        └──  sleep\n");
}

}  // namespace
}  // namespace aio
