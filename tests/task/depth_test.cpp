// SPDX-License-Identifier: MIT
// Neither long loops of awaits nor deep chains of them may use up the stack. This file is compiled
// without optimisation in every build (tests/CMakeLists.txt): then no compiler makes tail calls unless
// it has to, which is where coroutine libraries overflow.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

constexpr int kMany = 1'000'000;
constexpr int kDeep = 10'000;

// A type of this file, so that the templates made for it are this file's as well and not optimised.
struct Number {
    long value;
};

struct DepthTest : ::testing::Test, testing::LoopTest {};

Coro<Number> immediate(long value) { co_return Number{value}; }

Coro<Number> sometimes_suspending(long value) {
    if (value % 1000 == 0) co_await sleep(0s);
    co_return Number{value};
}

Coro<Number> sum_of_immediate() {
    long sum = 0;
    for (int i = 0; i < kMany; ++i) {
        const Number one = co_await immediate(1);
        sum += one.value;
    }
    co_return Number{sum};
}

TEST_F(DepthTest, AMillionImmediateCoroutines) { EXPECT_EQ(run(sum_of_immediate()).value, kMany); }

// The loop goes on inside of a resumed coroutine's end, not of the task's own step.
TEST_F(DepthTest, AMillionCoroutinesSomeOfWhichSuspend) {
    run([]() -> Coro<> {
        long right = 0;
        for (int i = 0; i < kMany; ++i) {
            const Number same = co_await sometimes_suspending(i);
            if (same.value == i) ++right;
        }
        EXPECT_EQ(right, kMany);
        const Number sum = co_await sum_of_immediate();
        EXPECT_EQ(sum.value, kMany);
    });
}

TEST_F(DepthTest, AMillionReadyFuturesAndTasks) {
    run([&]() -> Coro<> {
        Future<Number> future = loop().create_future<Number>();
        future.set_result(Number{1});
        Task<Number> task = create_task(immediate(1));
        co_await task;
        long sum = 0;
        for (int i = 0; i < kMany / 2; ++i) {
            const Number one = co_await future;
            const Number another = co_await task;
            sum += one.value + another.value;
        }
        EXPECT_EQ(sum, kMany);
    });
}

AsyncGenerator<Number> counting(int last) {
    for (int i = 0; i < last; ++i) {
        const Number number{i};
        co_yield number;
    }
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

Coro<Number> nested(int depth, bool suspend) {
    if (depth > 0) {
        const Number deeper = co_await nested(depth - 1, suspend);
        co_return Number{deeper.value + 1};
    }
    if (suspend) co_await sleep(0s);
    co_return Number{0};
}

TEST_F(DepthTest, TenThousandNestedAwaits) {
    EXPECT_EQ(run(nested(kDeep, false)).value, kDeep);
    EXPECT_EQ(run(nested(kDeep, true)).value, kDeep);
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

Coro<Number> chained(Task<Number> next) {
    const Number before = co_await next;
    co_return Number{before.value + 1};
}

TEST_F(DepthTest, AChainOfTenThousandTasks) {
    run([]() -> Coro<> {
        Task<Number> task = create_task(immediate(0));
        for (int i = 0; i < kDeep; ++i) task = create_task(chained(task));
        const Number length = co_await task;
        EXPECT_EQ(length.value, kDeep);
    });
}

}  // namespace
}  // namespace aio
