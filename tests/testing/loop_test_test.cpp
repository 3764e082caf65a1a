// SPDX-License-Identifier: MIT
#include <aio/testing/loop_test.hpp>

#include <aio/compose.hpp>
#include <aio/task.hpp>

#include <gtest/gtest.h>
#include <cstdlib>
#include <string>
#include <support/trace.hpp>
#include <type_traits>
#include <vector>

namespace aio::testing {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<LoopTest>);

struct LoopTestTest : ::testing::Test, LoopTest {};

Coro<int> add(int a, int b) {
    co_await sleep(1h);
    co_return a + b;
}

TEST_F(LoopTestTest, RunsCoroutinesAndFunctionsInVirtualTime) {
    EXPECT_EQ(run(add(1, 2)), 3);
    EXPECT_EQ(run(add, 3, 4), 7);
    EXPECT_EQ(clock().elapsed(), 2h);
    run([&]() -> Coro<> {
        EXPECT_EQ(&get_running_loop(), &loop());
        co_return;
    });
}

TEST_F(LoopTestTest, ThrowsWhatTheBodyThrows) {
    EXPECT_THROW(run([]() -> Coro<> {
                     throw ValueError("x");
                     co_return;
                 }),
                 ValueError);
}

TEST_F(LoopTestTest, FailsOnADeadlock) {
    Future<> never = loop().create_future();
    EXPECT_THROW(run([&]() -> Coro<> { co_await never; }), DeadlockError);
    never.set_result();  // lets the fixture's end succeed
}

TEST_F(LoopTestTest, CollectsWhatReachesTheExceptionHandler) {
    run([&]() -> Coro<> {
        loop().call_exception_handler(ExceptionContext("boom").set("task", 1, "t").set("future", 2, "f"));
        loop().call_exception_handler(ExceptionContext("bare"));
        co_return;
    });
    EXPECT_EQ(reports(), (std::vector<std::string>{"boom [future, task]", "bare []"}));
}

TEST_F(LoopTestTest, FinishCancelsWhatIsLeft) {
    bool cancelled = false;
    auto forever = [&]() -> Coro<> {
        try {
            co_await sleep(24h);
        } catch (const CancelledError&) {
            cancelled = true;
            throw;
        }
    };
    run([&]() -> Coro<> {
        create_task(forever);
        co_await sleep(0s);
    });
    EXPECT_FALSE(cancelled);
    finish();
    EXPECT_TRUE(cancelled);
    finish();
    EXPECT_THROW(loop(), RuntimeError);
}

// The numbers of timers that are due at the same moment, in the order in which they ran.
std::vector<int> order_of_equal_deadlines(LoopTest& test) {
    std::vector<int> order;
    test.run([&test, &order]() -> Coro<> {
        const TimePoint when = test.loop().time() + 1s;
        for (int i = 0; i < 8; ++i) test.loop().call_at(when, [&order, i] { order.push_back(i); });
        co_await sleep(2s);
    });
    return order;
}

TEST(LoopTestOrder, IsShuffledByTheEnvironmentUnlessItIsKept) {
    const char* const before = std::getenv("AIO_SHUFFLE");
    const std::string saved = before ? before : "";
    const std::vector<int> in_order{0, 1, 2, 3, 4, 5, 6, 7};
    bool varies = false;
    for (int seed = 1; seed <= 4; ++seed) {
        ::setenv("AIO_SHUFFLE", std::to_string(seed).c_str(), 1);
        LoopTest shuffled;
        varies = varies || order_of_equal_deadlines(shuffled) != in_order;
        LoopTest kept;
        kept.keep_order();
        EXPECT_EQ(order_of_equal_deadlines(kept), in_order);
    }
    EXPECT_TRUE(varies);
    ::unsetenv("AIO_SHUFFLE");
    if (before) ::setenv("AIO_SHUFFLE", saved.c_str(), 1);
}

TEST(LoopTestRealTime, UsesTheSystemsClock) {
    LoopTest test(true);
    const auto start = std::chrono::steady_clock::now();
    test.run([]() -> Coro<> { co_await sleep(2ms); });
    EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
    EXPECT_EQ(test.clock().elapsed(), 0s);
}

}  // namespace
}  // namespace aio::testing
