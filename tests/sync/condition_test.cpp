// SPDX-License-Identifier: MIT
#include "sync_support.hpp"

#include <memory>
#include <optional>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<Condition> && !std::is_move_constructible_v<Condition>);
static_assert(AsyncContextManager<Condition>);

struct ConditionTest : SyncTest {
    Condition condition;

    Coro<> waiter(Condition& which, std::string name) {
        auto guard = co_await which.guard();
        try {
            const bool result = co_await which.wait();
            EXPECT_TRUE(result);
        } catch (const CancelledError&) {
            EXPECT_TRUE(which.locked());
            trace.push_back(name + " cancelled");
            throw;
        }
        EXPECT_TRUE(which.locked());
        trace.push_back(name);
    }
    Coro<> notify(std::size_t n) {
        auto guard = co_await condition.guard();
        condition.notify(n);
    }
};

TEST_F(ConditionTest, NotifyWakesThoseWhoWaitLongest) {
    run([&]() -> Coro<> {
        for (const std::string& name : names("a", "b", "c", "d")) create_task(waiter(condition, name));
        co_await settle();
        EXPECT_FALSE(condition.locked());
        co_await notify(1);
        co_await settle();
        EXPECT_EQ(trace, Strings{"a"});
        co_await notify(2);
        co_await settle();
        EXPECT_EQ(trace, (Strings{"a", "b", "c"}));
        auto guard = co_await condition.guard();
        condition.notify_all();
        EXPECT_EQ(trace.size(), 3u);
        guard.release();
        co_await settle();
        EXPECT_EQ(trace.back(), "d");
        EXPECT_EQ(state(condition.repr()), "unlocked");
    });
}

TEST_F(ConditionTest, NeedsTheLock) {
    EXPECT_EQ(thrown<RuntimeError>([&] { condition.notify(); }), "cannot notify on un-acquired lock");
    EXPECT_EQ(thrown<RuntimeError>([&] { condition.notify_all(); }), "cannot notify on un-acquired lock");
    EXPECT_EQ(thrown<RuntimeError>([&] { condition.release(); }), "Lock is not acquired.");
    EXPECT_EQ(thrown<RuntimeError>([&] { run(condition.wait()); }), "cannot wait on un-acquired lock");
}

TEST_F(ConditionTest, SharesALock) {
    Lock lock;
    Condition empty(lock);
    Condition full(lock);
    run([&]() -> Coro<> {
        co_await empty.acquire();
        EXPECT_TRUE(lock.locked() && full.locked());
        empty.release();
        create_task(waiter(empty, "empty"));
        create_task(waiter(full, "full"));
        co_await settle();
        auto guard = co_await lock.guard();
        full.notify_all();
        guard.release();
        co_await settle();
        EXPECT_EQ(trace, Strings{"full"});
        EXPECT_EQ(state(empty.repr()), "unlocked, waiters:1");
        co_await lock.acquire();
        empty.notify();
        lock.release();
        co_await settle();
        EXPECT_EQ(trace.back(), "empty");
    });
}

TEST_F(ConditionTest, WaitForGivesThePredicatesValue) {
    run([&]() -> Coro<> {
        auto guard = co_await condition.guard();
        const int seven = co_await condition.wait_for([](int n) { return n; }, 7);
        EXPECT_EQ(seven, 7);
        const auto box = co_await condition.wait_for([] { return std::make_unique<int>(8); });
        EXPECT_EQ(*box, 8);
    });
}

TEST_F(ConditionTest, CancelledBeforeItWaitsHoldsTheLockAgain) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await waiter(condition, "a");
        };
        Task<> task = create_task(body);
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(trace, Strings{"a cancelled"});
        EXPECT_EQ(state(condition.repr()), "unlocked");
    });
}

TEST_F(ConditionTest, CancelledWhileItWaits) {
    run([&]() -> Coro<> {
        Task<> a = create_task(waiter(condition, "a"));
        co_await settle();
        a.cancel("why");
        co_await ended(a);
        EXPECT_EQ(trace, Strings{"a cancelled"});
        EXPECT_EQ(state(condition.repr()), "unlocked");
        EXPECT_EQ(thrown<CancelledError>([&] { a.result(); }), "why");
    });
}

TEST_F(ConditionTest, CancelledWhileItGetsTheLockBack) {
    run([&]() -> Coro<> {
        Task<> a = create_task(waiter(condition, "a"));
        Task<> b = create_task(waiter(condition, "b"));
        co_await settle();
        co_await condition.acquire();
        condition.notify();
        co_await settle();
        EXPECT_EQ(state(condition.repr()), "locked, waiters:1");
        a.cancel("first");
        co_await settle();
        EXPECT_FALSE(a.done()) << "it waits for the lock in any case";
        a.cancel("second");
        co_await settle();
        EXPECT_FALSE(a.done());
        condition.release();
        co_await ended(a, b);
        EXPECT_EQ(trace, (Strings{"a cancelled", "b"})) << "its notification went to b";
        EXPECT_EQ(thrown<CancelledError>([&] { a.result(); }), "second");
        EXPECT_EQ(state(condition.repr()), "unlocked");
    });
}

TEST_F(ConditionTest, CancelledInTheIterationInWhichItWasNotified) {
    run([&]() -> Coro<> {
        Task<> a = create_task(waiter(condition, "a"));
        Task<> b = create_task(waiter(condition, "b"));
        co_await settle();
        co_await condition.acquire();
        condition.notify();
        a.cancel();
        condition.release();
        co_await ended(a, b);
        EXPECT_EQ(trace, (Strings{"a cancelled", "b"}));
    });
}

TEST_F(ConditionTest, DestroyedWithItsLoopWhileWaitingNotifiedAndGettingTheLockBack) {
    for (const std::string& name : names("a", "b", "c")) loop().create_task(waiter(condition, name));
    run([&]() -> Coro<> {
        co_await settle();
        co_await condition.acquire();
        condition.notify();
        co_await settle();
        condition.notify();
    });
    loop().close();
    EXPECT_TRUE(trace.empty());
    EXPECT_EQ(state(condition.repr()).find("waiters"), std::string::npos) << condition.repr();
}

// The condition's own lock is gone with it, and the tasks do not ask for it.
TEST_F(ConditionTest, WaitersOutliveTheCondition) {
    run([&]() -> Coro<> {
        std::optional<Condition> brief(std::in_place);
        auto bare = [&](std::string name) -> Coro<> {
            co_await brief->acquire();
            try {
                co_await brief->wait();
            } catch (const CancelledError&) {
                trace.push_back(name + " cancelled");
            }
        };
        Task<> notified = create_task(bare("notified"));
        Task<> returning = create_task(bare("returning"));
        Task<> waiting = create_task(bare("waiting"));
        co_await settle();
        co_await brief->acquire();
        brief->notify();
        co_await settle();  // the first one waits for the lock
        brief->notify();
        brief.reset();
        co_await ended(returning);
        EXPECT_EQ(thrown<RuntimeError>([&] { returning.result(); }),
                  "Condition.wait(): destroyed when it was about to end");
        co_await sleep(1h);
        EXPECT_FALSE(waiting.done() || notified.done());
        notified.cancel();
        waiting.cancel();
        co_await ended(waiting, notified);
        EXPECT_EQ(trace, (Strings{"notified cancelled", "waiting cancelled"}));
    });
}

TEST_F(ConditionTest, AsyncWithHoldsTheLock) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<bool> { co_return condition.locked(); };
        const bool held = co_await async_with(condition, body);
        EXPECT_TRUE(held);
        EXPECT_FALSE(condition.locked());
    });
}

TEST_F(ConditionTest, BelongsToTheLoopOnWhichATaskWaitedFirst) {
    run([&]() -> Coro<> {
        Task<> task = create_task(waiter(condition, "a"));
        co_await settle();
        co_await notify(1);
        co_await task;
    });
    aio::testing::LoopTest second;
    const std::string error = thrown<RuntimeError>([&] { second.run(waiter(condition, "b")); });
    EXPECT_TRUE(error.starts_with("<aio::Condition object at 0x")) << error;
    EXPECT_TRUE(error.ends_with(" [locked]> is bound to a different event loop")) << error;
    EXPECT_FALSE(condition.locked());
}

TEST_F(ConditionTest, TextForms) {
    EXPECT_TRUE(condition.repr().starts_with("<aio::Condition object at 0x"));
    run([&]() -> Coro<> {
        Task<> task = create_task(waiter(condition, "a"));
        co_await settle();
        EXPECT_EQ(state(condition.repr()), "unlocked, waiters:1");
        EXPECT_TRUE(task.repr().ends_with(" wait_for=Condition.wait>")) << task.repr();
        co_await notify(1);
        EXPECT_EQ(state(condition.repr()), "unlocked, waiters:1");
        co_await task;
        EXPECT_EQ(state(condition.repr()), "unlocked");
    });
}

}  // namespace
}  // namespace aio::tests
