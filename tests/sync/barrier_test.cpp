// SPDX-License-Identifier: MIT
#include "sync_support.hpp"

#include <optional>

namespace aio::tests {
namespace {

static_assert(AsyncContextManager<Barrier>);

struct BarrierTest : SyncTest {
    Barrier barrier{3};

    Coro<> party(Barrier& which, std::string name) {
        try {
            const std::size_t index = co_await which.wait();
            trace.push_back(name + std::to_string(index));
        } catch (const BrokenBarrierError& error) {
            trace.push_back(name + " " + error.what());
        }
    }
};

TEST_F(BarrierTest, NeedsAtLeastOneParty) {
    EXPECT_EQ(thrown<ValueError>([] { Barrier(0); }), "parties must be >= 1");
    EXPECT_EQ(thrown<ValueError>([] { Barrier(-5); }), "parties must be >= 1");
    EXPECT_EQ(Barrier(5).parties(), 5u);
    run([&]() -> Coro<> {
        Barrier alone(1);
        for (int i = 0; i < 3; ++i) {
            const std::size_t index = co_await alone.wait();
            EXPECT_EQ(index, 0u);
        }
    });
}

TEST_F(BarrierTest, AllLeaveTogetherWithDistinctNumbersAgainAndAgain) {
    run([&]() -> Coro<> {
        for (int round = 0; round < 3; ++round) {
            trace.clear();
            create_task(party(barrier, "a"));
            create_task(party(barrier, "b"));
            co_await settle();
            EXPECT_TRUE(trace.empty());
            EXPECT_EQ(barrier.n_waiting(), 2u);
            co_await party(barrier, "c");
            co_await settle();
            EXPECT_EQ(trace, (Strings{"c2", "a0", "b1"}));
            EXPECT_EQ(barrier.n_waiting(), 0u);
        }
    });
}

TEST_F(BarrierTest, TheNextRoundWaitsUntilTheLastIsOut) {
    run([&]() -> Coro<> {
        for (const std::string& name : names("a", "b", "c", "d", "e", "f", "g"))
            create_task(party(barrier, name));
        co_await settle();
        co_await settle();
        EXPECT_EQ(trace.size(), 6u);
        EXPECT_EQ(barrier.n_waiting(), 1u);
        for (const std::string& name : names("h", "i")) create_task(party(barrier, name));
        co_await settle();
        EXPECT_EQ(trace.size(), 9u);
    });
}

TEST_F(BarrierTest, ACancelledTaskLeavesAndBreaksNothing) {
    run([&]() -> Coro<> {
        Task<> a = create_task(party(barrier, "a"));
        create_task(party(barrier, "b"));
        co_await settle();
        a.cancel();
        co_await ended(a);
        EXPECT_EQ(barrier.n_waiting(), 1u);
        EXPECT_FALSE(barrier.broken());
        create_task(party(barrier, "c"));
        create_task(party(barrier, "d"));
        co_await settle();
        EXPECT_EQ(trace.size(), 3u);
    });
}

TEST_F(BarrierTest, CancelledWhenTheBarrierHasJustFilled) {
    run([&]() -> Coro<> {
        Task<> a = create_task(party(barrier, "a"));
        Task<> b = create_task(party(barrier, "b"));
        co_await settle();
        Task<> c = create_task(party(barrier, "c"));
        co_await sleep(0s);
        a.cancel();
        co_await ended(a, b, c);
        EXPECT_TRUE(a.cancelled());
        EXPECT_EQ(trace, (Strings{"c2", "b1"}));
        EXPECT_EQ(state(barrier.repr()), "filling, waiters:0/3");
    });
}

TEST_F(BarrierTest, CancelledBeforeItWaits) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await party(barrier, "a");
        };
        Task<> task = create_task(body);
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(barrier.n_waiting(), 0u);
    });
}

TEST_F(BarrierTest, AbortFailsAllUntilReset) {
    run([&]() -> Coro<> {
        create_task(party(barrier, "a"));
        co_await settle();
        co_await barrier.abort();
        EXPECT_TRUE(barrier.broken());
        EXPECT_EQ(state(barrier.repr()), "broken");
        co_await party(barrier, "b");
        co_await settle();
        EXPECT_EQ(trace, (Strings{"b Barrier aborted", "a Abort or reset of barrier"}));
        EXPECT_TRUE(barrier.broken());
        co_await barrier.reset();
        EXPECT_FALSE(barrier.broken());
    });
}

TEST_F(BarrierTest, ResetFailsThoseInsideOnly) {
    run([&]() -> Coro<> {
        create_task(party(barrier, "a"));
        create_task(party(barrier, "b"));
        co_await settle();
        co_await barrier.reset();
        EXPECT_EQ(state(barrier.repr()), "resetting, waiters:0/3");
        create_task(party(barrier, "c"));
        co_await settle();
        EXPECT_EQ(trace, (Strings{"a Abort or reset of barrier", "b Abort or reset of barrier"}));
        EXPECT_EQ(state(barrier.repr()), "filling, waiters:1/3");
    });
}

TEST_F(BarrierTest, AsyncWithGivesTheNumber) {
    run([&]() -> Coro<> {
        auto body = [&](std::size_t index, std::string name) -> Coro<> {
            trace.push_back(name + std::to_string(index));
            co_return;
        };
        Barrier two(2);
        Task<> first = create_task(async_with(two, body, std::string("a")));
        co_await async_with(two, body, std::string("b"));
        co_await first;
        EXPECT_EQ(trace.size(), 2u);
    });
}

TEST_F(BarrierTest, DestroyedWithItsLoopWhileWaiting) {
    loop().create_task(party(barrier, "a"));
    loop().create_task(party(barrier, "b"));
    loop().run_until_complete(sleep(0s));
    loop().close();
    EXPECT_EQ(state(barrier.repr()), "filling, waiters:0/3");
}

TEST_F(BarrierTest, WaitersOutliveTheBarrier) {
    run([&]() -> Coro<> {
        std::optional<Barrier> brief(std::in_place, 3);
        Task<> a = create_task(party(*brief, "a"));
        Task<> b = create_task(party(*brief, "b"));
        co_await settle();
        brief.reset();
        co_await sleep(1h);
        EXPECT_FALSE(a.done());
        a.cancel();
        b.cancel();
        co_await ended(a, b);
        EXPECT_TRUE(a.cancelled() && b.cancelled());
    });
}

TEST_F(BarrierTest, TextForms) {
    EXPECT_TRUE(barrier.repr().starts_with("<aio::Barrier object at 0x"));
    EXPECT_EQ(state(barrier.repr()), "filling, waiters:0/3");
}

}  // namespace
}  // namespace aio::tests
