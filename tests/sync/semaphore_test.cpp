// SPDX-License-Identifier: MIT
#include "sync_support.hpp"

#include <optional>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<Semaphore> && !std::is_move_constructible_v<Semaphore>);
static_assert(AsyncContextManager<Semaphore> && AsyncContextManager<BoundedSemaphore>);

struct SemaphoreTest : SyncTest {};

TEST_F(SemaphoreTest, FreePermitsAreTakenWithoutYielding) {
    run([&]() -> Coro<> {
        Semaphore semaphore(2);
        loop().call_soon([&] { trace.push_back("turn"); });
        const bool acquired = co_await semaphore.acquire();
        EXPECT_TRUE(acquired);
        EXPECT_FALSE(semaphore.locked());
        co_await semaphore.acquire();
        EXPECT_TRUE(semaphore.locked());
        EXPECT_EQ(semaphore.value(), 0);
        EXPECT_TRUE(trace.empty());
        EXPECT_FALSE(semaphore.try_acquire());
        semaphore.release();
        EXPECT_TRUE(semaphore.try_acquire());
    });
}

TEST_F(SemaphoreTest, NegativeValuesAreErrors) {
    EXPECT_EQ(thrown<ValueError>([] { Semaphore(-1); }), "Semaphore initial value must be >= 0");
    EXPECT_EQ(thrown<ValueError>([] { BoundedSemaphore(-1); }), "Semaphore initial value must be >= 0");
}

TEST_F(SemaphoreTest, BoundedOnesFindOneReleaseTooMany) {
    BoundedSemaphore semaphore(2);
    EXPECT_TRUE(semaphore.try_acquire());
    semaphore.release();
    EXPECT_EQ(thrown<ValueError>([&] { semaphore.release(); }), "BoundedSemaphore released too many times");
    EXPECT_EQ(semaphore.value(), 2);
    Semaphore& base = semaphore;
    EXPECT_THROW(base.release(), ValueError);
}

TEST_F(SemaphoreTest, PermitsGoToWaitersInOrderAndNobodyBarges) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        for (const std::string& name : names("a", "b", "c")) create_task(acquire(semaphore, name));
        co_await settle();
        semaphore.release();
        semaphore.release();
        EXPECT_FALSE(semaphore.try_acquire());
        create_task(acquire(semaphore, "late"));
        semaphore.release();
        EXPECT_TRUE(semaphore.locked());
        co_await settle();
        EXPECT_EQ(trace, (Strings{"a", "b", "c"}));
        semaphore.release();
        co_await settle();
        EXPECT_EQ(trace.back(), "late");
        EXPECT_EQ(state(semaphore.repr()), "locked");
    });
}

TEST_F(SemaphoreTest, ANewcomerBehindAWokenTaskGetsAFreePermitWhenThatOneHasGoneOn) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        create_task(acquire(semaphore, "a"));
        co_await settle();
        semaphore.release();
        semaphore.release();
        EXPECT_EQ(semaphore.value(), 1);
        EXPECT_TRUE(semaphore.locked()) << "'a' comes first";
        co_await acquire(semaphore, "b");
        EXPECT_EQ(trace, (Strings{"a", "b"}));
        EXPECT_EQ(semaphore.value(), 0);
    });
}

TEST_F(SemaphoreTest, CancelledBeforeItWaits) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await semaphore.acquire();
            ADD_FAILURE();
        };
        Task<> task = create_task(body);
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(state(semaphore.repr()), "locked");
    });
}

TEST_F(SemaphoreTest, CancelledWhileItWaits) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        Task<> a = create_task(acquire(semaphore, "a"));
        Task<> b = create_task(acquire(semaphore, "b"));
        co_await settle();
        a.cancel();
        semaphore.release();
        co_await ended(a, b);
        EXPECT_TRUE(a.cancelled());
        EXPECT_EQ(trace, Strings{"b"});
        EXPECT_EQ(semaphore.value(), 0);
    });
}

TEST_F(SemaphoreTest, CancelledWithAPermitGivesItToTheNext) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        Task<> a = create_task(acquire(semaphore, "a"));
        Task<> b = create_task(acquire(semaphore, "b"));
        co_await settle();
        semaphore.release();
        a.cancel();
        co_await ended(a, b);
        EXPECT_TRUE(a.cancelled());
        EXPECT_EQ(trace, Strings{"b"});
        semaphore.release();
        Task<> c = create_task(acquire(semaphore, "c"));
        co_await c;
        EXPECT_EQ(semaphore.value(), 0);
    });
}

TEST_F(SemaphoreTest, AllWaitersCancelledLeaveThePermitsFree) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        Task<> a = create_task(acquire(semaphore, "a"));
        Task<> b = create_task(acquire(semaphore, "b"));
        co_await settle();
        semaphore.release();
        semaphore.release();
        a.cancel();
        b.cancel();
        co_await ended(a, b);
        EXPECT_EQ(state(semaphore.repr()), "unlocked, value:2");
    });
}

TEST_F(SemaphoreTest, DestroyedWithItsLoopItsPermitsAreConserved) {
    Semaphore semaphore(0);
    for (const std::string& name : names("a", "b", "c")) loop().create_task(acquire(semaphore, name));
    loop().run_until_complete(sleep(0s));
    semaphore.release();
    semaphore.release();
    loop().close();
    EXPECT_EQ(state(semaphore.repr()), "unlocked, value:2");
}

TEST_F(SemaphoreTest, WaitersOutliveTheSemaphore) {
    run([&]() -> Coro<> {
        std::optional<Semaphore> brief(std::in_place, 0);
        Task<> given = create_task(acquire(*brief, "given"));
        Task<> waiting = create_task(acquire(*brief, "waiting"));
        Task<> cancelled = create_task(acquire(*brief, "cancelled"));
        co_await settle();
        brief->release();
        cancelled.cancel();
        brief.reset();
        co_await ended(given, cancelled);
        EXPECT_EQ(thrown<RuntimeError>([&] { given.result(); }),
                  "Semaphore.acquire(): destroyed when it was about to end");
        co_await sleep(1h);
        EXPECT_FALSE(waiting.done());
        waiting.cancel();
        co_await ended(waiting);
        EXPECT_TRUE(trace.empty());
    });
}

TEST_F(SemaphoreTest, GuardAndAsyncWithGiveThePermitBack) {
    run([&]() -> Coro<> {
        BoundedSemaphore semaphore(1);
        {
            auto permit = co_await semaphore.guard();
            EXPECT_TRUE(semaphore.locked());
        }
        EXPECT_EQ(semaphore.value(), 1);
        auto body = [&](std::string text) -> Coro<std::string> {
            EXPECT_TRUE(semaphore.locked());
            co_await sleep(1s);
            co_return text;
        };
        const std::string text = co_await async_with(semaphore, body, std::string("done"));
        EXPECT_EQ(text, "done");
        Task<std::string> task = create_task(async_with(semaphore, body, std::string("never")));
        co_await settle();
        EXPECT_TRUE(semaphore.locked());
        task.cancel();
        co_await ended(task);
        EXPECT_EQ(semaphore.value(), 1);
    });
}

TEST_F(SemaphoreTest, LetsNInAtATime) {
    run([&]() -> Coro<> {
        Semaphore semaphore(3);
        int inside = 0;
        int most = 0;
        auto work = [&]() -> Coro<> {
            auto permit = co_await semaphore.guard();
            most = std::max(most, ++inside);
            co_await sleep(1s);
            --inside;
        };
        std::vector<Task<>> tasks;
        for (int i = 0; i < 10; ++i) tasks.push_back(create_task(work()));
        co_await wait(tasks);
        EXPECT_EQ(most, 3);
        EXPECT_EQ(clock().elapsed(), 4s);
        EXPECT_EQ(semaphore.value(), 3);
    });
}

TEST_F(SemaphoreTest, BelongsToTheLoopOnWhichATaskHadToWaitFirst) {
    Semaphore semaphore(0);
    run([&]() -> Coro<> {
        Task<> task = create_task(acquire(semaphore, "a"));
        co_await settle();
        semaphore.release();
        co_await task;
    });
    aio::testing::LoopTest second;
    const std::string text = semaphore.repr();
    EXPECT_EQ(thrown<RuntimeError>([&] { second.run(acquire(semaphore, "b")); }),
              text + " is bound to a different event loop");
}

TEST_F(SemaphoreTest, TextForms) {
    EXPECT_TRUE(Semaphore().repr().starts_with("<aio::Semaphore object at 0x"));
    EXPECT_TRUE(BoundedSemaphore().repr().starts_with("<aio::BoundedSemaphore object at 0x"));
    EXPECT_EQ(state(Semaphore(2).repr()), "unlocked, value:2");
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        Task<> task = create_task(acquire(semaphore, "a"));
        co_await settle();
        EXPECT_EQ(state(semaphore.repr()), "locked, waiters:1");
        EXPECT_TRUE(task.repr().ends_with(" wait_for=Semaphore.acquire>")) << task.repr();
        semaphore.release();
        EXPECT_EQ(state(semaphore.repr()), "locked, waiters:1") << "until it has gone on";
        co_await task;
    });
}

}  // namespace
}  // namespace aio::tests
