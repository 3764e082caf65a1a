// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <cstdio>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

struct TaskStack : ::testing::Test, testing::LoopTest {
    static std::string printed(const AnyTask& task, std::optional<int> limit = {}) {
        std::FILE* stream = std::tmpfile();
        task.print_stack(limit, stream);
        std::rewind(stream);
        char text[2000] = {};
        const std::size_t size = std::fread(text, 1, sizeof text - 1, stream);
        std::fclose(stream);
        return std::string(text, size);
    }
};

constexpr unsigned kInner = __LINE__ + 1;
Coro<> inner() { co_await sleep(9s); }
Coro<> outer() {
    co_await sleep(0s);
    co_await inner();
}

TEST_F(TaskStack, HasTheOldestFrameFirst) {
    run([&]() -> Coro<> {
        Task<> task = create_task(outer());
        EXPECT_EQ(task.get_stack().size(), 1U);
        co_await sleep(1s);
        const std::vector<FrameCallGraphEntry> stack = task.get_stack();
        EXPECT_EQ(stack.size(), 2U);
        EXPECT_EQ(stack[0].name(), "aio::outer");
        EXPECT_EQ(stack[0].line, kInner + 3);
        EXPECT_EQ(stack[1].name(), "aio::inner");
        EXPECT_EQ(stack[1].line, kInner);
        EXPECT_STREQ(stack[1].file(), __FILE__);
        EXPECT_EQ(stack[1].kind, FrameCallGraphEntry::Kind::coroutine);
        task.cancel();
    });
}

TEST_F(TaskStack, LimitKeepsTheNewest) {
    run([&]() -> Coro<> {
        Task<> task = create_task(outer());
        co_await sleep(1s);
        EXPECT_EQ(task.get_stack(1).size(), 1U);
        EXPECT_EQ(task.get_stack(1)[0].name(), "aio::inner");
        EXPECT_EQ(task.get_stack(0).size(), 0U);
        task.cancel();
    });
}

TEST_F(TaskStack, IsPrinted) {
    run([&]() -> Coro<> {
        Task<> task = create_task(outer(), "t");
        co_await sleep(1s);
        const std::string file = __FILE__;
        EXPECT_EQ(printed(task), "Stack for " + task.repr() + " (most recent call last):\n  File \"" + file +
                                     "\", line " + std::to_string(kInner + 3) + ", in aio::outer\n  File \"" +
                                     file + "\", line " + std::to_string(kInner) + ", in aio::inner\n");
        task.cancel();
    });
}

TEST_F(TaskStack, OfAnEndedTaskIsEmptyAndNamesItsError) {
    run([&]() -> Coro<> {
        auto failing = []() -> Coro<> {
            throw ValueError("why");
            co_return;
        };
        Task<> task = create_task(failing);
        co_await sleep(0s);
        EXPECT_TRUE(task.get_stack().empty());
        EXPECT_EQ(printed(task), "No stack for " + task.repr() + "\naio::ValueError: why\n");
        task.exception();
    });
}

}  // namespace
}  // namespace aio
