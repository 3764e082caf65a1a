// SPDX-License-Identifier: MIT
// Cancellation of what waits for a thread.
#include <support/inject.hpp>

#include <aio/concurrent.hpp>

#include <atomic>
#include <chrono>
#include <memory>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Another thread's future that is set on this one, so that every point of the run is the same each time.
struct WrapsFuture : Scenario {
    concurrent::Future<int> given;
    Coro<> subject() override {
        const int value = co_await wrap_future(given);
        EXPECT_EQ(value, 7);
    }
    Coro<> others() override {
        co_await sleep(1ms);  // real time, because a thread could set it as well
        if (given.set_running_or_notify_cancel()) given.set_result(7);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_TRUE(given.done());
        if (outcome.cancels == 0) {
            EXPECT_FALSE(given.cancelled());
        }
    }
};

TEST(ExecutorInjection, WrapFuture) { inject<WrapsFuture>(12); }

// A call that has begun runs to its end, also after a loop that was closed around it; one that has not may be
// dropped. None is left when the executor is shut down.
struct Calls : Scenario {
    static constexpr bool kOneThread = false;
    std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
    Coro<> finish() override {
        co_await get_running_loop().shutdown_default_executor();
        EXPECT_LE(*calls, 2);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (outcome.cancels == 0) {
            EXPECT_EQ(*calls, 2);
        }
    }
};

struct CallsToThread : Calls {
    Coro<> subject() override {
        auto call = [calls = calls](int value) { return value + ++*calls; };
        const int first = co_await to_thread(call, 1);
        EXPECT_EQ(first, 2);
        const int second = co_await to_thread(call, 2);
        EXPECT_EQ(second, 4);
    }
};

// What comes from a thread is taken in the poll of the iteration behind, however early it comes; a later one
// means more iterations, not fewer.
TEST(ExecutorInjection, ToThread_Thread) { inject<CallsToThread>(8); }

struct CallsInExecutor : Calls {
    Coro<> subject() override {
        auto call = [calls = calls](int value) { return value + ++*calls; };
        const int first = co_await get_running_loop().run_in_executor(nullptr, call, 1);
        EXPECT_EQ(first, 2);
        const int second = co_await get_running_loop().run_in_executor(nullptr, call, 2);
        EXPECT_EQ(second, 4);
    }
};

TEST(ExecutorInjection, RunInExecutor_Thread) { inject<CallsInExecutor>(8); }

}  // namespace
}  // namespace aio::tests
