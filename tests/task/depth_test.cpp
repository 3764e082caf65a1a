// SPDX-License-Identifier: MIT
// Neither long loops of awaits nor deep chains of them may use up the stack. This file is compiled
// without optimisation in every build (tests/CMakeLists.txt): then no compiler makes tail calls unless
// it has to, which is where coroutine libraries overflow.
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

constexpr int kMany = 1'000'000;
constexpr int kDeep = 10'000;

struct DepthTest : ::testing::Test, testing::LoopTest {};

Coro<int> immediate(int value) { co_return value; }

Coro<int> sometimes_suspending(int value) {
    if (value % 1000 == 0) co_await sleep(0s);
    co_return value;
}

Coro<long> sum_of_immediate() {
    long sum = 0;
    for (int i = 0; i < kMany; ++i) sum += co_await immediate(1);
    co_return sum;
}

TEST_F(DepthTest, AMillionImmediateCoroutines) { EXPECT_EQ(run(sum_of_immediate()), kMany); }

// The loop goes on inside of a resumed coroutine's end, not of the task's own step.
TEST_F(DepthTest, AMillionCoroutinesSomeOfWhichSuspend) {
    run([]() -> Coro<> {
        long sum = 0;
        for (int i = 0; i < kMany; ++i) sum += co_await sometimes_suspending(i) == i;
        EXPECT_EQ(sum, kMany);
        sum = co_await sum_of_immediate();
        EXPECT_EQ(sum, kMany);
    });
}

TEST_F(DepthTest, AMillionReadyFuturesAndTasks) {
    run([&]() -> Coro<> {
        Future<int> future = loop().create_future<int>();
        future.set_result(1);
        Task<int> task = create_task(immediate(1));
        co_await task;
        long sum = 0;
        for (int i = 0; i < kMany / 2; ++i) {
            sum += co_await future;
            sum += co_await task;
        }
        EXPECT_EQ(sum, kMany);
    });
}

AsyncGenerator<int> counting(int last) {
    for (int i = 0; i < last; ++i) co_yield i;
}

TEST_F(DepthTest, AMillionGeneratedValues) {
    run([]() -> Coro<> {
        long count = 0;
        auto values = counting(kMany);
        while (true) {
            auto value = co_await values.next();
            if (!value) break;
            ++count;
        }
        EXPECT_EQ(count, kMany);
    });
}

Coro<int> nested(int depth, bool suspend) {
    if (depth > 0) co_return 1 + co_await nested(depth - 1, suspend);
    if (suspend) co_await sleep(0s);
    co_return 0;
}

TEST_F(DepthTest, TenThousandNestedAwaits) {
    EXPECT_EQ(run(nested(kDeep, false)), kDeep);
    EXPECT_EQ(run(nested(kDeep, true)), kDeep);
}

Coro<> failing_nested(int depth) {
    if (depth == 0) {
        co_await sleep(0s);
        throw ValueError("deep");
    }
    co_await failing_nested(depth - 1);
}

TEST_F(DepthTest, AnExceptionFromAThousandAwaitsDown) { EXPECT_THROW(run(failing_nested(1000)), ValueError); }

TEST_F(DepthTest, TenThousandNestedFramesAreDestroyed) {
    loop().create_task(nested(kDeep, true));
    loop().call_soon([&] { loop().stop(); });
    loop().run_forever();
    loop().close();
    EXPECT_EQ(reports().size(), 1u);
}

Coro<int> chained(Task<int> next) { co_return co_await next + 1; }

TEST_F(DepthTest, AChainOfTenThousandTasks) {
    run([]() -> Coro<> {
        Task<int> task = create_task(immediate(0));
        for (int i = 0; i < kDeep; ++i) task = create_task(chained(task));
        const int length = co_await task;
        EXPECT_EQ(length, kDeep);
    });
}

}  // namespace
}  // namespace aio
