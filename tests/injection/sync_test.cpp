// SPDX-License-Identifier: MIT
#include <support/inject.hpp>
#include <support/lifetime.hpp>

#include <aio/sync.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Three tasks want the lock again and again; one at a time has it, and in the end it is free.
struct Locks : Scenario {
    Lock lock;
    int inside = 0;

    Coro<> work() {
        for (int round = 0; round < 2; ++round) {
            co_await lock.acquire();
            const AtEnd release([this] {
                --inside;
                lock.release();
            });
            ++inside;
            EXPECT_EQ(inside, 1);
            co_await sleep(1s);
        }
    }
    Coro<> subject() override { co_await work(); }
    Coro<> others() override {
        Task<> second = create_task(work());
        co_await work();
        co_await second;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(inside, 0);
        EXPECT_FALSE(lock.locked());
        EXPECT_TRUE(lock.try_acquire());
        lock.release();
    }
};

TEST(SyncInjection, LockAcquire) {
    const InjectionCounts counts = inject<Locks>(32);
    EXPECT_GT(counts.woken, 0U);
}

struct GuardsLock : Locks {
    Coro<> subject() override {
        const auto guard = co_await lock.guard();
        ++inside;
        EXPECT_EQ(inside, 1);
        const AtEnd leave([this] { --inside; });
        co_await sleep(1s);
    }
};

TEST(SyncInjection, LockGuard) { inject<GuardsLock>(14); }

// Two permits and four tasks: never more than two inside, and both permits are there in the end.
struct TakesPermits : Scenario {
    BoundedSemaphore semaphore{2};
    int inside = 0;

    Coro<> work() {
        for (int round = 0; round < 2; ++round) {
            co_await semaphore.acquire();
            const AtEnd release([this] {
                --inside;
                semaphore.release();
            });
            ++inside;
            EXPECT_LE(inside, 2);
            co_await sleep(1s);
        }
    }
    Coro<> subject() override { co_await work(); }
    Coro<> others() override {
        Task<> second = create_task(work());
        Task<> third = create_task(work());
        co_await work();
        co_await second;
        co_await third;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_TRUE(semaphore.try_acquire());
        EXPECT_TRUE(semaphore.try_acquire());
        EXPECT_FALSE(semaphore.try_acquire());
        semaphore.release();
        semaphore.release();
    }
};

TEST(SyncInjection, SemaphoreAcquire) { inject<TakesPermits>(25); }

// Another task waits for the same event and is woken each time.
struct WaitsForEvent : Scenario {
    Event event;
    int woken = 0;

    Coro<> subject() override {
        co_await event.wait();
        co_await sleep(1500ms);
        co_await event.wait();
    }
    Coro<> rival() {
        co_await event.wait();
        ++woken;
        co_await sleep(1500ms);
        co_await event.wait();
        ++woken;
    }
    Coro<> others() override {
        Task<> waiting = create_task(rival());
        for (int i = 0; i < 2; ++i) {
            co_await sleep(1s);
            event.set();
            event.clear();
            co_await sleep(1s);
        }
        co_await waiting;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(woken, 2);
    }
};

TEST(SyncInjection, EventWait) { inject<WaitsForEvent>(26); }

// One token and two waiters: a notification that the cancelled one had got must reach the other.
struct WaitsForToken : Scenario {
    Condition condition;
    int tokens = 0;
    int taken = 0;

    Coro<> take() {
        const auto guard = co_await condition.guard();
        while (tokens == 0) co_await condition.wait();
        --tokens;
        ++taken;
    }
    virtual Coro<> take_in_subject() { co_await take(); }
    Coro<> subject() override { co_await take_in_subject(); }
    Coro<> give() {
        const auto guard = co_await condition.guard();
        ++tokens;
        condition.notify();
    }
    Coro<> others() override {
        co_await sleep(1ms);  // the subject waits first
        Task<> rival = create_task(take());
        co_await sleep(1s);
        co_await give();
        co_await sleep(1s);
        EXPECT_EQ(tokens, 0) << "a notification is lost";
        if (!rival.done()) co_await give();
        co_await rival;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(tokens, 0);
        EXPECT_FALSE(condition.locked());
    }
};

TEST(SyncInjection, ConditionWait) { inject<WaitsForToken>(14); }

struct WaitsForPredicate : WaitsForToken {
    Coro<> take_in_subject() override {
        const auto guard = co_await condition.guard();
        auto there = [this] { return tokens > 0; };
        co_await condition.wait_for(there);
        --tokens;
        ++taken;
    }
};

TEST(SyncInjection, ConditionWaitFor) { inject<WaitsForPredicate>(14); }

// A task that is cancelled at the barrier no longer counts, and the barrier is whole.
struct Meets : Scenario {
    Barrier barrier{2};
    bool met = false;

    Coro<> subject() override {
        const std::size_t index = co_await barrier.wait();
        EXPECT_LT(index, 2U);
    }
    Coro<> meet() {
        try {
            const std::size_t index = co_await barrier.wait();
            met = index < 2;
        } catch (const BrokenBarrierError&) {
        }
    }
    Coro<> others() override {
        co_await sleep(1s);
        Task<> partner = create_task(meet());
        co_await sleep(1s);
        if (!partner.done()) co_await barrier.reset();
        co_await partner;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(barrier.n_waiting(), 0U);
        EXPECT_FALSE(barrier.broken());
        if (outcome.cancels == 0) {
            EXPECT_TRUE(met);
        }
    }
};

TEST(SyncInjection, BarrierWait) { inject<Meets>(10); }

// Two consumers: every item is taken once, or still there.
struct Gets : Scenario {
    static constexpr int kItems = 5;
    Queue<int> queue{1};
    std::vector<int> seen;

    Coro<> consume() {
        try {
            for (;;) {
                const int item = co_await queue.get();
                seen.push_back(item);
            }
        } catch (const QueueShutDown&) {
        }
    }
    Coro<> subject() override { co_await consume(); }
    Coro<> others() override {
        Task<> rival = create_task(consume());
        for (int item = 0; item < kItems; ++item) {
            co_await queue.put(item);
            if (item % 2 == 0) co_await sleep(1s);
        }
        queue.shutdown();
        co_await rival;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        std::sort(seen.begin(), seen.end());
        EXPECT_EQ(seen, (std::vector{0, 1, 2, 3, 4}));
        EXPECT_TRUE(queue.empty());
    }
};

TEST(SyncInjection, QueueGet) {
    const InjectionCounts counts = inject<Gets>(30);
    EXPECT_GT(counts.woken, 0U);
}

// What put() has put arrives, in order; what a cancelled put() wanted to put does not.
struct Puts : Scenario {
    Queue<int> queue{1};
    int completed = 0;
    std::vector<int> seen;

    Coro<> subject() override {
        for (int item = 0; item < 4; ++item) {
            co_await queue.put(item);
            ++completed;
        }
    }
    void take() {
        while (!queue.empty()) seen.push_back(queue.get_nowait());
    }
    Coro<> others() override {
        for (int round = 0; round < 8; ++round) {
            co_await sleep(1s);
            take();
        }
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        take();
        std::vector<int> put;
        for (int item = 0; item < completed; ++item) put.push_back(item);
        EXPECT_EQ(seen, put);
        queue.put_nowait(9);  // there is room
    }
};

TEST(SyncInjection, QueuePut) { inject<Puts>(20); }

struct Joins : Scenario {
    Queue<int> queue;

    Coro<> prepare() override {
        queue.put_nowait(1);
        queue.put_nowait(2);
        co_return;
    }
    Coro<> subject() override { co_await queue.join(); }
    Coro<> others() override {
        while (!queue.empty()) {
            co_await sleep(1s);
            queue.get_nowait();
            queue.task_done();
        }
    }
    Coro<> finish() override { co_await queue.join(); }
};

TEST(SyncInjection, QueueJoin) { inject<Joins>(12); }

// A select() that is cancelled has chosen nothing: the items are there, and the lock is free.
struct Selects : Scenario {
    Queue<int> queue;
    Lock lock;
    Event stop;
    std::vector<int> seen;

    Coro<> subject() override {
        for (;;) {
            auto chosen = co_await select(queue.get(), lock.acquire(), stop.wait(), sleep(700ms));
            if (const int* item = chosen.get_if<0>()) seen.push_back(*item);
            if (chosen.index() == 1) {
                const AtEnd release([this] { lock.release(); });
                co_await sleep(300ms);
            }
            if (chosen.index() == 2) co_return;
        }
    }
    Coro<> others() override {
        for (int item = 0; item < 3; ++item) {
            const auto guard = co_await lock.guard();
            queue.put_nowait(item);
            co_await sleep(1s);
        }
        const auto guard = co_await lock.guard();
        stop.set();
        co_await sleep(1s);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        while (!queue.empty()) seen.push_back(queue.get_nowait());
        EXPECT_EQ(seen, (std::vector{0, 1, 2}));
        EXPECT_FALSE(lock.locked());
    }
};

TEST(SyncInjection, Select) { inject<Selects>(56); }

}  // namespace
}  // namespace aio::tests
