// SPDX-License-Identifier: MIT
// F1: a task that is cancelled in the very iteration in which what it waits for finishes.
#include <support/ended.hpp>
#include <support/inject.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <string>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

/// Waits for the future, and cleans up for two turns if it is cancelled there.
Coro<int> careful(Future<int> future, std::string& trace) {
    bool cancelled = false;
    try {
        const int value = co_await future;
        trace += "value ";
        co_return value;
    } catch (const CancelledError&) {
        cancelled = true;
    }
    if (cancelled) {
        trace += "cancelled ";
        co_await sleep(0s);
        co_await sleep(0s);
        trace += "cleaned up ";
        throw CancelledError();
    }
    co_return 0;
}

struct CancellationFaults : ::testing::Test, testing::LoopTest {
    std::string trace;  // of an inner coroutine

    /// Runs fn(future), a task's coroutine, until it waits; then one callback sets the future and cancels the
    /// task, in this order or the other. It must end as cancelled.
    template <class F>
    void cancel_as_it_finishes(F fn, bool cancel_first = false) {
        run([&]() -> Coro<> {
            Future<int> future = loop().create_future<int>();
            Task<int> task = create_task(fn, future);
            for (int turn = 0; turn < 3; ++turn) co_await sleep(0s);
            loop().call_soon([&] {
                if (!cancel_first) future.set_result(1);
                EXPECT_TRUE(task.cancel());
                if (cancel_first && !future.done()) future.set_result(1);
            });
            co_await ended(task);
            EXPECT_TRUE(task.cancelled());
            EXPECT_EQ(task.cancelling(), 1U);
            EXPECT_EQ(loop().stats().timers, 0U);
        });
        EXPECT_EQ(clock().elapsed(), 0s);
        EXPECT_TRUE(reports().empty());
    }
};

Coro<int> in_wait_for(Future<int> future) { co_return co_await wait_for(future, 10s); }
Coro<int> in_timeout(Future<int> future) {
    auto body = [future]() -> Coro<int> { co_return co_await future; };
    co_return co_await async_with(timeout(10s), body);
}
Coro<int> in_bare_timeout(Future<int> future) {
    auto body = [future] { return future; };
    co_return co_await async_with(timeout(10s), body);
}
Coro<int> in_timeout_by_hand(Future<int> future) {
    Timeout limit = timeout(10s);
    co_await limit.aenter();
    std::exception_ptr error;
    int value = 0;
    try {
        value = co_await future;
    } catch (...) {
        error = std::current_exception();
    }
    co_await limit.aexit(error);
    if (error) std::rethrow_exception(error);
    co_return value;
}

TEST_F(CancellationFaults, F1_wait_for_keeps_a_cancel_beside_the_result) {
    cancel_as_it_finishes(in_wait_for);
}
TEST_F(CancellationFaults, F1_wait_for_keeps_a_cancel_beside_the_result_swapped) {
    cancel_as_it_finishes(in_wait_for, true);
}
TEST_F(CancellationFaults, F1_timeout_keeps_a_cancel_beside_the_result) { cancel_as_it_finishes(in_timeout); }
TEST_F(CancellationFaults, F1_timeout_keeps_a_cancel_beside_the_result_swapped) {
    cancel_as_it_finishes(in_timeout, true);
}
TEST_F(CancellationFaults, F1_timeout_keeps_a_cancel_beside_the_result_bare_await) {
    cancel_as_it_finishes(in_bare_timeout);
    cancel_as_it_finishes(in_bare_timeout, true);
}
TEST_F(CancellationFaults, F1_timeout_keeps_a_cancel_beside_the_result_by_hand) {
    cancel_as_it_finishes(in_timeout_by_hand);
    cancel_as_it_finishes(in_timeout_by_hand, true);
}

// An inner coroutine sees the cancellation at its own await, and can clean up.
const char* const kCleaned = "cancelled cleaned up ";

TEST_F(CancellationFaults, F1_wait_for_inner_coroutine) {
    auto outer = [this](Future<int> future) -> Coro<int> {
        co_return co_await wait_for(careful(future, trace), 10s);
    };
    cancel_as_it_finishes(outer);
    EXPECT_EQ(trace, kCleaned);
}
TEST_F(CancellationFaults, F1_wait_for_inner_coroutine_swapped) {
    auto outer = [this](Future<int> future) -> Coro<int> {
        co_return co_await wait_for(careful(future, trace), 10s);
    };
    cancel_as_it_finishes(outer, true);
    EXPECT_EQ(trace, kCleaned);
}
TEST_F(CancellationFaults, F1_wait_for_inner_task) {
    auto outer = [this](Future<int> future) -> Coro<int> {
        co_return co_await wait_for(create_task(careful(future, trace)), 10s);
    };
    cancel_as_it_finishes(outer);
    EXPECT_EQ(trace, kCleaned);
    trace.clear();
    cancel_as_it_finishes(outer, true);
    EXPECT_EQ(trace, kCleaned);
}
TEST_F(CancellationFaults, F1_timeout_inner_coroutine) {
    auto outer = [this](Future<int> future) -> Coro<int> {
        auto body = [&] { return careful(future, trace); };
        co_return co_await async_with(timeout(10s), body);
    };
    cancel_as_it_finishes(outer);
    EXPECT_EQ(trace, kCleaned);
}
TEST_F(CancellationFaults, F1_timeout_inner_coroutine_swapped) {
    auto outer = [this](Future<int> future) -> Coro<int> {
        auto body = [&] { return careful(future, trace); };
        co_return co_await async_with(timeout(10s), body);
    };
    cancel_as_it_finishes(outer, true);
    EXPECT_EQ(trace, kCleaned);
}

// --- cancelled everywhere -------------------------------------------------------------------------------

/// Awaits a future that others complete, by wait_for() or in a timeout().
struct Awaits : Scenario {
    Future<int> future;
    std::string trace;
    Coro<> prepare() override {
        future = get_running_loop().create_future<int>();
        co_return;
    }
    Coro<> others() override {
        co_await sleep(1s);
        if (!future.done()) future.set_result(1);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        future = Future<int>();
    }
};
struct AwaitsByWaitFor : Awaits {
    Coro<> subject() override { co_await wait_for(future, 10s); }
};
struct AwaitsByWaitForInner : Awaits {
    Coro<> subject() override { co_await wait_for(careful(future, trace), 10s); }
};
struct AwaitsByTimeout : Awaits {
    Coro<> subject() override {
        auto body = [this] { return careful(future, trace); };
        co_await async_with(timeout(10s), body);
    }
};

TEST_F(CancellationFaults, F1_cancel_is_kept_at_every_point_wait_for) { inject<AwaitsByWaitFor>(8); }
TEST_F(CancellationFaults, F1_cancel_is_kept_at_every_point_wait_for_inner) {
    inject<AwaitsByWaitForInner>(8);
}
TEST_F(CancellationFaults, F1_cancel_is_kept_at_every_point_timeout) { inject<AwaitsByTimeout>(8); }

}  // namespace
}  // namespace aio::tests
