// SPDX-License-Identifier: MIT
#include <support/inject.hpp>
#include <support/lifetime.hpp>
#include <support/machine.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct Sleeps : Scenario {
    int slept = 0;
    Coro<> subject() override {
        co_await sleep(0s);
        ++slept;
        co_await sleep(2s);
        ++slept;
        const auto result = co_await sleep(1s, std::make_unique<int>(5));
        slept += *result;
    }
    // Timers of the same moment, before and behind the subject's.
    Coro<> others() override {
        for (int i = 0; i < 6; ++i) co_await sleep(500ms);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(slept == 7, outcome.cancels == 0);
    }
};

TEST(TaskInjection, Sleep) {
    const InjectionCounts counts = inject<Sleeps>(29);
    EXPECT_GT(counts.runs, 60U);
    EXPECT_GT(counts.waiting, 20U);
    EXPECT_GT(counts.woken, 5U);
}

Coro<int> nested(int depth) {
    if (depth == 0) {
        co_await sleep(1s);
        co_return 1;
    }
    const int below = co_await nested(depth - 1);
    co_await sleep(0s);
    co_return below + 1;
}

struct NestedCoroutines : Scenario {
    int unwound = 0;
    Coro<> subject() override {
        const AtEnd count([this] { ++unwound; });
        const int depth = co_await nested(4);
        EXPECT_EQ(depth, 5);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_LE(unwound, 1);
    }
};

TEST(TaskInjection, NestedCoroutines) { inject<NestedCoroutines>(14); }

// The subject awaits a future that others complete: cancelling the waiter cancels the future (S45).
struct AwaitsFuture : Scenario {
    std::optional<Future<int>> future;
    bool set = false;
    Coro<> prepare() override {
        future = get_running_loop().create_future<int>();
        co_return;
    }
    Coro<> subject() override {
        const int value = co_await *future;
        EXPECT_EQ(value, 7);
    }
    Coro<> others() override {
        co_await sleep(1s);
        if (future->done()) co_return;
        future->set_result(7);
        set = true;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_TRUE(future->done());
        EXPECT_EQ(future->cancelled(), !set);
        future.reset();
    }
};

TEST(TaskInjection, Future) {
    const InjectionCounts counts = inject<AwaitsFuture>(8);
    EXPECT_GT(counts.woken, 0U);
}

// Cancelling a task that awaits a task cancels the inner one first (S45).
struct AwaitsTask : Scenario {
    std::optional<Task<int>> inner;
    Coro<> subject() override {
        inner = create_task(nested(2), "inner");
        const int depth = co_await *inner;
        EXPECT_EQ(depth, 3);
    }
    Coro<> finish() override {
        if (inner) co_await ended(*inner);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        inner.reset();
    }
};

TEST(TaskInjection, Task) { inject<AwaitsTask>(14); }

// The children are cancelled with gather(), all of them.
struct Gathers : Scenario {
    int finished = 0;
    std::vector<AnyTask> children;
    Coro<int> child(int number) {
        co_await sleep(std::chrono::seconds(number));
        ++finished;
        co_return number;
    }
    Coro<> subject() override {
        auto a = create_task(child(1));
        auto b = create_task(child(2));
        auto c = create_task(child(2));
        children = {a, b, c};
        const auto result = co_await gather(a, b, c);
        EXPECT_EQ(std::get<1>(result), 2);
    }
    Coro<> finish() override {
        if (!children.empty()) co_await wait(children);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        int done = 0;
        for (const AnyTask& child : children) {
            EXPECT_TRUE(child.done());
            done += child.cancelled() ? 0 : 1;
        }
        EXPECT_EQ(done, finished);
        children.clear();
    }
};

TEST(TaskInjection, Gather) { inject<Gathers>(22); }

struct GathersReturningExceptions : Scenario {
    Coro<> failing(bool now) {
        if (!now) co_await sleep(1s);
        throw ValueError("wrong");
    }
    Coro<> subject() override {
        auto result = co_await gather(return_exceptions, failing(true), failing(false));
        EXPECT_FALSE(std::get<0>(result).has_value());
    }
};

TEST(TaskInjection, GatherReturningExceptions) { inject<GathersReturningExceptions>(15); }

// wait() cancels nothing: the tasks go on (S60).
struct Waits : Scenario {
    ReturnWhen when;
    Duration timeout;
    std::vector<AnyTask> tasks;
    Waits(ReturnWhen until, Duration limit) : when(until), timeout(limit) {}
    Coro<> prepare() override {
        for (int i = 1; i <= 3; ++i) tasks.push_back(create_task(sleep(std::chrono::seconds(i))));
        co_return;
    }
    Coro<> subject() override {
        auto result = co_await wait(tasks, WaitOptions(when).timeout(timeout));
        EXPECT_EQ(result.done.size() + result.pending.size(), 3U);
    }
    Coro<> finish() override {
        for (const AnyTask& task : tasks) co_await ended(task);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        for (const AnyTask& task : tasks) EXPECT_FALSE(task.cancelled());
        tasks.clear();
    }
};

// What is no coroutine.
struct Drives : Scenario {
    std::optional<Lock> lock;
    Future<int> future;
    Coro<> prepare() override {
        lock.emplace();
        future = get_running_loop().create_future<int>();
        co_return;
    }
    // A driver that awaits a coroutine that awaits a driver.
    Coro<> awaits() {
        const int value = co_await machine(*lock, future, [](const std::string&) {});
        EXPECT_EQ(value, 1);
    }
    Coro<> subject() override {
        return awaits_once([this] { return awaits(); });
    }
    Coro<> others() override {
        co_await lock->acquire();
        co_await sleep(1s);
        lock->release();
        co_await sleep(3s);
        if (!future.done()) future.set_result(1);
    }
    Coro<> finish() override {
        EXPECT_FALSE(lock->locked());
        future = {};
        co_return;
    }
};

TEST(TaskInjection, Driver) { inject<Drives>(18); }

TEST(TaskInjection, Wait) { inject<Waits>(25, ALL_COMPLETED, Duration(10s)); }
TEST(TaskInjection, WaitForTheFirst) { inject<Waits>(13, FIRST_COMPLETED, Duration(10s)); }
TEST(TaskInjection, WaitInVain) { inject<Waits>(15, ALL_COMPLETED, Duration(2s)); }

}  // namespace
}  // namespace aio::tests
