// SPDX-License-Identifier: MIT
#include <support/inject.hpp>

#include <aio/sync.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Items, time limits and requests meet in every order: each item is taken once, or still there.
struct WaitsForItems : Scenario {
    Queue<int> queue;
    std::vector<int> seen;
    int timeouts = 0;

    Coro<> subject() override {
        while (seen.size() < 3) {
            try {
                const int item = co_await wait_for(queue.get(), 1s);
                seen.push_back(item);
            } catch (const TimeoutError&) {
                ++timeouts;
            }
        }
    }
    Coro<> others() override {
        for (int item = 0; item < 3; ++item) {
            co_await sleep(item == 1 ? 2s : 1s);  // the moment of the time limit, too
            queue.put_nowait(item);
        }
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        while (!queue.empty()) seen.push_back(queue.get_nowait());
        EXPECT_EQ(seen, (std::vector{0, 1, 2}));
    }
};

TEST(TimeoutsInjection, WaitFor) { inject<WaitsForItems>(21); }

// The task that wait_for() waits for is cancelled with it, and has ended before wait_for() does.
struct WaitsForTask : Scenario {
    std::optional<Task<>> inner;
    Coro<> slow_to_end() {
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
        }
        co_await sleep(0s);
    }
    Coro<> subject() override {
        inner = create_task(slow_to_end(), "inner");
        try {
            co_await wait_for(*inner, 1s);
        } catch (const TimeoutError&) {
        }
        EXPECT_TRUE(inner->done());
    }
    Coro<> finish() override {
        if (inner) co_await ended(*inner);
    }
    void check(const Outcome& outcome) override {
        // The inner task swallows what is forwarded to it, so the subject may go on.
        if (outcome.cancels == 0) {
            Scenario::check(outcome);
        }
        inner.reset();
    }
};

TEST(TimeoutsInjection, WaitForATask) { inject<WaitsForTask>(12); }

Coro<> two_steps() {
    co_await sleep(500ms);
    co_await sleep(1h);
}

struct TimesOut : Scenario {
    int timeouts = 0;
    Coro<> subject() override {
        for (int round = 0; round < 2; ++round) {
            try {
                co_await async_with(timeout(1s), two_steps);
            } catch (const TimeoutError&) {
                ++timeouts;
            }
        }
    }
    Coro<> others() override {
        for (int i = 0; i < 4; ++i) co_await sleep(500ms);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (outcome.cancels == 0) {
            EXPECT_EQ(timeouts, 2);
        }
    }
};

TEST(TimeoutsInjection, Timeout) { inject<TimesOut>(21); }

struct TimesOutAt : Scenario {
    bool expired = false;
    Coro<> subject() override {
        const TimePoint deadline = get_running_loop().time() + 1s;
        try {
            co_await async_with(timeout_at(deadline), two_steps);
        } catch (const TimeoutError&) {
            expired = true;
            EXPECT_EQ(get_running_loop().time(), deadline);
        }
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (outcome.cancels == 0) {
            EXPECT_TRUE(expired);
        }
    }
};

TEST(TimeoutsInjection, TimeoutAt) { inject<TimesOutAt>(10); }

// A shielded task goes on whatever happens to who waits for it.
struct Shields : Scenario {
    std::optional<Task<>> inner;
    Coro<> prepare() override {
        inner = create_task(sleep(1s), "inner");
        co_return;
    }
    Coro<> subject() override { co_await shield(*inner); }
    Coro<> finish() override { co_await ended(*inner); }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_FALSE(inner->cancelled());
        inner.reset();
    }
};

TEST(TimeoutsInjection, Shield) { inject<Shields>(12); }

// as_completed() cancels nothing, and leaves neither a timer nor a callback.
struct TakesAsCompleted : Scenario {
    std::vector<Task<int>> tasks;
    int seen = 0;
    static Coro<int> number(int n) {
        co_await sleep(std::chrono::seconds(n));
        co_return n;
    }
    Coro<> prepare() override {
        for (int n = 3; n > 0; --n) tasks.push_back(create_task(number(n)));
        co_return;
    }
    Coro<> subject() override {
        const auto arriving = as_completed(tasks, 10s);
        while (auto task = co_await arriving.next()) {
            ++seen;
            EXPECT_EQ(task->result(), seen);
        }
    }
    Coro<> finish() override {
        for (const Task<int>& task : tasks) co_await ended(task);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        for (const Task<int>& task : tasks) EXPECT_FALSE(task.cancelled());
        if (outcome.cancels == 0) {
            EXPECT_EQ(seen, 3);
        }
        tasks.clear();
    }
};

TEST(TimeoutsInjection, AsCompletedNext) { inject<TakesAsCompleted>(29); }

struct TakesEachResult : TakesAsCompleted {
    Coro<> subject() override {
        for (auto&& next : as_completed(tasks, 10s)) {
            const int result = co_await next;
            ++seen;
            EXPECT_EQ(result, seen);
        }
    }
};

TEST(TimeoutsInjection, AsCompleted) { inject<TakesEachResult>(29); }

}  // namespace
}  // namespace aio::tests
