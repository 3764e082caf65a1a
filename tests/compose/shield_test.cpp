// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <support/ended.hpp>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_same_v<decltype(shield(std::declval<Coro<int>>())), Future<int>>);
static_assert(std::is_same_v<decltype(shield(std::declval<Task<>&>())), Future<>>);

struct ShieldTest : ::testing::Test, testing::LoopTest {
    static Coro<int> after(Duration delay, int value) {
        co_await sleep(delay);
        if (value < 0) throw ValueError("late");
        co_return value;
    }
};

TEST_F(ShieldTest, GivesTheResultOfEverythingThatCanBeAwaited) {
    int target = 1;
    auto refers = [&]() -> Coro<int&> {
        co_await sleep(0s);
        co_return target;
    };
    auto box = []() -> Coro<std::unique_ptr<int>> {
        co_await sleep(0s);
        co_return std::make_unique<int>(6);
    };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await shield(after(1s, 5)), 5);
        co_await shield(sleep(1s));
        int& same = co_await shield(refers());
        EXPECT_EQ(&same, &target);
        const std::unique_ptr<int> moved = co_await shield(box());
        EXPECT_EQ(*moved, 6);
        const AnyTask any = create_task(after(1s, 7));
        co_await shield(any);
        EXPECT_TRUE(any.done());
    });
    EXPECT_EQ(clock().elapsed(), 3s);
}

TEST_F(ShieldTest, ErrorsPassThroughAndCountAsSeen) {
    run([&]() -> Coro<> {
        std::string what;
        try {
            co_await shield(after(1s, -1));
        } catch (const ValueError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "late");
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(ShieldTest, CancellingTheAwaiterLeavesTheInnerTaskAlone) {
    run([&]() -> Coro<> {
        Task<int> inner = create_task(after(3s, 5));
        auto waits = [&](bool before) -> Coro<> {
            if (before) current_task().cancel();
            co_await shield(inner);
        };
        auto first = create_task(waits, true);
        auto second = create_task(waits, false);
        co_await sleep(1s);
        second.cancel();
        co_await tests::ended(first, second);
        EXPECT_TRUE(first.cancelled() && second.cancelled());
        EXPECT_EQ(inner.cancelling(), 0u);
        EXPECT_EQ(co_await inner, 5);
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(ShieldTest, CancelledInTheIterationInWhichTheInnerOneEnded) {
    run([&]() -> Coro<> {
        Future<int> inner = loop().create_future<int>();
        Future<int> outer = shield(inner);
        inner.set_result(1);
        EXPECT_TRUE(outer.cancel());
        co_await sleep(0s);
        EXPECT_TRUE(outer.cancelled());
        Future<int> failed = loop().create_future<int>();
        Future<int> other = shield(failed);
        failed.set_exception(ValueError("x"));
        other.cancel();
        co_await sleep(0s);
        failed = Future<int>();
        EXPECT_EQ(reports().size(), 1u) << "the error was not seen by anybody";
    });
}

TEST_F(ShieldTest, SeveralCancelledOnesReportALateErrorOnce) {
    run([&]() -> Coro<> {
        Task<int> inner = create_task(after(2s, -1));
        std::vector<Future<int>> shields{shield(inner), shield(inner), shield(inner)};
        co_await sleep(1s);
        shields[0].cancel();
        shields[1].cancel();
        co_await sleep(2s);
        EXPECT_EQ(reports(),
                  (std::vector<std::string>{"ValueError exception in shielded future [exception, future]"}));
        EXPECT_TRUE(shields[2].exception());
    });
    EXPECT_EQ(reports().size(), 1u);
}

TEST_F(ShieldTest, NeitherResultsNorCancellationsAreReportedLate) {
    run([&]() -> Coro<> {
        Task<int> inner = create_task(after(2s, 1));
        Task<int> other = create_task(after(2s, 1));
        shield(inner).cancel();
        shield(other).cancel();
        co_await sleep(1s);
        other.cancel();
        co_await sleep(2s);
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(ShieldTest, ADroppedOneStillCollectsTheError) {
    run([&]() -> Coro<> {
        shield(after(1s, -1));
        co_await sleep(2s);
    });
    EXPECT_EQ(reports(),
              (std::vector<std::string>{"Future exception was never retrieved [exception, future]"}));
}

TEST_F(ShieldTest, TheInnerFutureMayDieWhileItIsWaitedFor) {
    run([&]() -> Coro<> {
        Future<> outer = shield(loop().create_future<>());
        co_await sleep(0s);
        EXPECT_FALSE(outer.done());
        outer.cancel();
        co_await sleep(0s);
    });
}

TEST_F(ShieldTest, ShieldsOfShields) {
    run([&]() -> Coro<> {
        Task<int> inner = create_task(after(2s, 4));
        Future<int> middle = shield(inner);
        Future<int> outer = shield(middle);
        co_await sleep(1s);
        outer.cancel();
        EXPECT_EQ(co_await middle, 4);
    });
}

TEST_F(ShieldTest, DestroyedWhileWaiting) {
    auto waits = []() -> Coro<> { co_await shield(after(9s, 1)); };
    EventLoopPtr loop = new_event_loop();
    auto task = loop->create_task(waits());
    Future<int> future = loop->create_future<int>();
    Future<int> kept;
    loop->call_soon([&] {
        kept = shield(future);
        kept.cancel();
        shield(future).cancel();
        future.set_result(1);
        loop->stop();  // both callbacks are queued
    });
    loop->run_forever();
    loop->close();
    EXPECT_FALSE(task.done());
}

// A result is copied where others want it too, and a copy constructor is the user's code.
struct CopiedWith {
    explicit CopiedWith(std::function<void()>& meanwhile) : hook(&meanwhile) {}
    CopiedWith(const CopiedWith& other) : hook(other.hook) {
        if (*hook) (*hook)();
    }
    std::function<void()>* hook;
};

TEST_F(ShieldTest, ACopyMayCancelItOrFail) {
    std::function<void()> meanwhile;
    run([&]() -> Coro<> {
        Future<CopiedWith> inner = loop().create_future<CopiedWith>();
        Future<CopiedWith> outer = shield(inner);
        inner.set_result(meanwhile);
        meanwhile = [&] { outer.cancel(); };
        co_await sleep(0s);
        meanwhile = nullptr;
        EXPECT_TRUE(outer.cancelled());
        inner = loop().create_future<CopiedWith>();
        outer = shield(inner);
        inner.set_result(meanwhile);
        meanwhile = [] { throw ValueError("cannot be copied"); };
        co_await sleep(0s);
        meanwhile = nullptr;
        EXPECT_THROW(std::rethrow_exception(outer.exception()), ValueError);
    });
    EXPECT_TRUE(reports().empty());
}

}  // namespace
}  // namespace aio
