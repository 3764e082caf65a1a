// SPDX-License-Identifier: MIT
#include "sync_support.hpp"

#include <memory>
#include <optional>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<Lock> && !std::is_move_constructible_v<Lock>);
static_assert(std::is_nothrow_move_constructible_v<decltype(std::declval<Lock&>().acquire())>);
static_assert(!std::is_copy_constructible_v<decltype(std::declval<Lock&>().acquire())>);
static_assert(std::is_same_v<await_result_t<decltype(std::declval<Lock&>().acquire())>, bool>);
static_assert(std::is_same_v<await_result_t<decltype(std::declval<Lock&>().guard())>, Guard<Lock>>);
static_assert(AsyncContextManager<Lock>);

struct LockTest : SyncTest {
    Lock lock;
};

TEST_F(LockTest, AFreeLockIsTakenWithoutYielding) {
    run([&]() -> Coro<> {
        loop().call_soon([&] { trace.push_back("turn"); });
        const bool acquired = co_await lock.acquire();
        EXPECT_TRUE(acquired);
        EXPECT_TRUE(lock.locked());
        EXPECT_TRUE(trace.empty());
        lock.release();
        EXPECT_FALSE(lock.locked());
    });
}

TEST_F(LockTest, WaitersGetItInTheOrderInWhichTheyCame) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        for (const std::string& name : names("a", "b", "c")) create_task(acquire(lock, name));
        co_await settle();
        EXPECT_TRUE(trace.empty());
        for (int i = 0; i < 3; ++i) {
            lock.release();
            co_await settle();
        }
        EXPECT_EQ(trace, (Strings{"a", "b", "c"}));
        EXPECT_TRUE(lock.locked());
    });
}

TEST_F(LockTest, NobodyBargesInBetweenReleaseAndWakeUp) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        create_task(acquire(lock, "waiter"));
        co_await settle();
        lock.release();
        EXPECT_FALSE(lock.locked());
        EXPECT_FALSE(lock.try_acquire());
        Task<> late = create_task(acquire(lock, "late"));
        co_await settle();
        EXPECT_EQ(trace, Strings{"waiter"});
        lock.release();
        co_await late;
        EXPECT_EQ(trace, (Strings{"waiter", "late"}));
    });
}

TEST_F(LockTest, TryAcquireNeverWaits) {
    EXPECT_TRUE(lock.try_acquire());
    EXPECT_FALSE(lock.try_acquire());
    lock.release();
    EXPECT_TRUE(lock.try_acquire());
}

TEST_F(LockTest, ReleaseOfAFreeLockIsAnError) {
    EXPECT_EQ(thrown<RuntimeError>([&] { lock.release(); }), "Lock is not acquired.");
}

TEST_F(LockTest, AnAcquireCanBeAwaitedOnce) {
    run([&]() -> Coro<> {
        auto acquire = lock.acquire();
        co_await acquire;
        std::string error;
        try {
            co_await acquire;
        } catch (const RuntimeError& e) {
            error = e.what();
        }
        EXPECT_EQ(error, "cannot reuse already awaited coroutine");
    });
}

TEST_F(LockTest, CancelledBeforeItWaits) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await lock.acquire();  // free: taken without a turn, so nothing is delivered
            trace.push_back("taken");
            co_await lock.acquire();
            ADD_FAILURE();
        };
        Task<> task = create_task(body);
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(trace, Strings{"taken"});
        EXPECT_EQ(state(lock.repr()), "locked");
    });
}

TEST_F(LockTest, CancelledWhileItWaits) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> a = create_task(acquire(lock, "a"));
        Task<> b = create_task(acquire(lock, "b"));
        co_await settle();
        a.cancel();
        co_await ended(a);
        EXPECT_TRUE(a.cancelled());
        EXPECT_EQ(state(lock.repr()), "locked, waiters:1");
        lock.release();
        co_await b;
        EXPECT_EQ(state(lock.repr()), "locked");
    });
}

TEST_F(LockTest, CancelledWhenItWasWokenPassesItOn) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> a = create_task(acquire(lock, "a"));
        Task<> b = create_task(acquire(lock, "b"));
        co_await settle();
        lock.release();
        a.cancel();
        co_await ended(a);
        EXPECT_TRUE(a.cancelled());
        co_await b;
        EXPECT_EQ(trace, Strings{"b"});
    });
}

// In the order of asyncio: the first in line is cancelled but has not gone on yet.
TEST_F(LockTest, ReleasedWhileTheFirstIsBeingCancelled) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> a = create_task(acquire(lock, "a"));
        Task<> b = create_task(acquire(lock, "b"));
        co_await settle();
        a.cancel();
        lock.release();
        co_await ended(a);
        co_await b;
        EXPECT_EQ(trace, Strings{"b"});
    });
}

TEST_F(LockTest, ALineOfCancelledTasksIsNoLine) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> a = create_task(acquire(lock, "a"));
        Task<> b = create_task(acquire(lock, "b"));
        co_await settle();
        a.cancel();
        b.cancel();
        lock.release();
        EXPECT_TRUE(lock.try_acquire());
        co_await ended(a, b);
        EXPECT_EQ(state(lock.repr()), "locked");
    });
}

TEST_F(LockTest, ARequestThatIsTakenBackInTimeChangesNothing) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> a = create_task(acquire(lock, "a"));
        co_await settle();
        lock.release();
        a.cancel();
        a.uncancel();
        co_await a;
        EXPECT_EQ(trace, Strings{"a"});
    });
}

TEST_F(LockTest, DestroyedWithItsLoopWhileWaitingOrWoken) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        for (const std::string& name : names("a", "b", "c")) loop().create_task(acquire(lock, name));
    });
    loop().run_until_complete(sleep(0s));
    EXPECT_EQ(state(lock.repr()), "locked, waiters:3");
    lock.release();
    loop().close();
    EXPECT_EQ(state(lock.repr()), "unlocked");
    EXPECT_TRUE(trace.empty());
}

TEST_F(LockTest, WaitersOfADestroyedLockWaitUntilTheyAreCancelled) {
    run([&]() -> Coro<> {
        std::optional<Lock> brief(std::in_place);
        co_await brief->acquire();
        Task<> a = create_task(acquire(*brief, "a"));
        Task<> b = create_task(acquire(*brief, "b"));
        co_await settle();
        b.cancel();
        brief.reset();
        co_await ended(b);
        co_await sleep(1h);
        EXPECT_FALSE(a.done());
        a.cancel();
        co_await ended(a);
        EXPECT_TRUE(a.cancelled() && b.cancelled());
    });
}

TEST_F(LockTest, OneThatWasAboutToGetADestroyedLockIsTold) {
    run([&]() -> Coro<> {
        std::optional<Lock> brief(std::in_place);
        co_await brief->acquire();
        Task<> task = create_task(acquire(*brief, "a"));
        co_await settle();
        brief->release();
        brief.reset();
        co_await ended(task);
        EXPECT_EQ(thrown<RuntimeError>([&] { task.result(); }),
                  "Lock.acquire(): destroyed when it was about to end");
    });
}

TEST_F(LockTest, GuardReleasesAtTheEndOfItsScope) {
    run([&]() -> Coro<> {
        {
            auto guard = co_await lock.guard();
            EXPECT_TRUE(guard && lock.locked());
            Guard<Lock> moved = std::move(guard);
            EXPECT_TRUE(moved && !guard);
        }
        EXPECT_FALSE(lock.locked());
        auto guard = co_await lock.guard();
        guard.release();
        EXPECT_FALSE(lock.locked());
        guard = co_await lock.guard();
        lock.release();  // by hand: the guard finds nothing to do
    });
    EXPECT_FALSE(lock.locked());
}

TEST_F(LockTest, GuardWaitsItsTurnAndReleasesWhenItsTaskIsCancelled) {
    run([&]() -> Coro<> {
        auto hold = [&]() -> Coro<> {
            auto guard = co_await lock.guard();
            trace.push_back("held");
            co_await sleep(1h);
        };
        co_await lock.acquire();
        Task<> task = create_task(hold());
        co_await settle();
        EXPECT_TRUE(trace.empty());
        lock.release();
        co_await settle();
        EXPECT_EQ(trace, Strings{"held"});
        task.cancel();
        co_await ended(task);
        EXPECT_FALSE(lock.locked());
    });
}

TEST_F(LockTest, AsyncWithHoldsItForTheBody) {
    run([&]() -> Coro<> {
        auto body = [&](int a, int b) -> Coro<int> {
            EXPECT_TRUE(lock.locked());
            co_return a + b;
        };
        const int sum = co_await async_with(lock, body, 1, 2);
        EXPECT_EQ(sum, 3);
        EXPECT_FALSE(lock.locked());
        auto fail = []() -> Coro<> {
            throw ValueError("body");
            co_return;
        };
        const std::string error = co_await thrown_by(async_with(lock, fail));
        EXPECT_EQ(error, "body");
        EXPECT_FALSE(lock.locked());
    });
}

TEST_F(LockTest, BelongsToTheLoopOnWhichATaskHadToWaitFirst) {
    run([&]() -> Coro<> {
        co_await lock.acquire();
        lock.release();
    });
    aio::testing::LoopTest second;
    second.run([&]() -> Coro<> {  // only waiting binds
        co_await lock.acquire();
        Task<> task = create_task(acquire(lock, "a"));
        co_await sleep(0s);
        lock.release();
        co_await task;
    });
    run([&]() -> Coro<> {
        const std::string text = lock.repr();
        const std::string error = co_await thrown_by(acquire(lock, "b"));
        EXPECT_EQ(error, text + " is bound to a different event loop");
        current_task().cancel();  // and the task is in order: it can be cancelled, for one
        current_task().uncancel();
    });
}

TEST_F(LockTest, OutsideOfATaskItThrows) {
    auto raw = acquire(lock, "a");
    EXPECT_TRUE(lock.try_acquire());
    auto frame = raw.release();
    frame.resume();
    EXPECT_TRUE(frame.done());
    EXPECT_TRUE(frame.promise().error() != nullptr);
    frame.destroy();
}

TEST_F(LockTest, TextForms) {
    EXPECT_TRUE(lock.repr().starts_with("<aio::Lock object at 0x")) << lock.repr();
    EXPECT_EQ(state(lock.repr()), "unlocked");
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> task = create_task(acquire(lock, "a"));
        co_await settle();
        EXPECT_EQ(state(lock.repr()), "locked, waiters:1");
        EXPECT_TRUE(task.repr().ends_with(" wait_for=Lock.acquire>")) << task.repr();
        lock.release();
        EXPECT_EQ(state(lock.repr()), "unlocked, waiters:1") << "until it has gone on";
        co_await task;
    });
}

}  // namespace
}  // namespace aio::tests
