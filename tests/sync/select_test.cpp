// SPDX-License-Identifier: MIT
#include "sync_support.hpp"

#include <support/log_capture.hpp>

#include <memory>
#include <optional>

namespace aio::tests {
namespace {

struct SelectTest : SyncTest {
    Queue<int> one;
    Queue<std::string> two;
    Event event;
};

TEST_F(SelectTest, AReadyBranchIsTakenWithoutYielding) {
    run([&]() -> Coro<> {
        loop().call_soon([&] { trace.push_back("turn"); });
        two.put_nowait("item");
        auto chosen = co_await select(one.get(), two.get(), event.wait(), sleep(1s));
        EXPECT_EQ(chosen.index(), 1u);
        EXPECT_EQ(chosen.get<1>(), "item");
        EXPECT_EQ(*chosen.get_if<1>(), "item");
        EXPECT_EQ(chosen.get_if<0>(), nullptr);
        EXPECT_EQ(thrown<LookupError>([&] { chosen.get<0>(); }), "select() chose another branch");
        EXPECT_TRUE(trace.empty());
        EXPECT_TRUE(two.empty());
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(SelectTest, TheFirstInTheOrderOfTheArgumentsIsTaken) {
    run([&]() -> Coro<> {
        event.set();
        one.put_nowait(1);
        two.put_nowait("kept");
        auto first = co_await select(two.get(), event.wait(), one.get());
        EXPECT_EQ(first.get<0>(), "kept");
        auto second = co_await select(event.wait(), one.get());
        EXPECT_TRUE(second.get<0>());
        EXPECT_EQ(one.qsize(), 1u) << "nothing else was consumed";
    });
}

TEST_F(SelectTest, WaitsForTheFirst) {
    run([&]() -> Coro<> {
        loop().call_later(2s, [&] { one.put_nowait(7); });
        auto chosen = co_await select(two.get(), one.get(), event.wait(), sleep(3s));
        EXPECT_EQ(chosen.get<1>(), 7);
        EXPECT_EQ(clock().elapsed(), 2s);
        EXPECT_EQ(loop().stats().timers, 0u);
        EXPECT_EQ(two.repr().find("_getters"), std::string::npos);
        EXPECT_EQ(state(event.repr()), "unset");
    });
}

TEST_F(SelectTest, SleepIsATimeLimit) {
    run([&]() -> Coro<> {
        auto chosen = co_await select(one.get(), sleep(2s), sleep(3s, std::string("late")));
        EXPECT_EQ(chosen.index(), 1u);
        EXPECT_EQ(clock().elapsed(), 2s);
        auto valued = co_await select(sleep(1s, std::make_unique<int>(5)), one.get());
        EXPECT_EQ(*valued.get<0>(), 5);
        EXPECT_EQ(loop().stats().timers, 0u);
        one.put_nowait(1);
        EXPECT_EQ(one.get_nowait(), 1) << "the withdrawn gets took nothing";
    });
}

TEST_F(SelectTest, SleepZeroLetsTheOthersHaveATurn) {
    run([&]() -> Coro<> {
        auto nothing = co_await select(one.get(), sleep(0s));
        EXPECT_EQ(nothing.index(), 1u);
        loop().call_soon([&] { one.put_nowait(1); });
        auto item = co_await select(one.get(), sleep(0s));
        EXPECT_EQ(item.get<0>(), 1);
    });
    EXPECT_EQ(clock().elapsed(), 0s);
}

TEST_F(SelectTest, PutsAreBranchesToo) {
    run([&]() -> Coro<> {
        Queue<int> full(1);
        full.put_nowait(0);
        auto none = co_await select(full.put(1), sleep(1s));
        EXPECT_EQ(none.index(), 1u);
        EXPECT_EQ(full.get_nowait(), 0);
        EXPECT_TRUE(full.empty());
        full.put_nowait(0);
        loop().call_later(1s, [&] { full.get_nowait(); });
        auto put = co_await select(full.put(2), sleep(2s));
        EXPECT_EQ(put.get<0>(), None());
        EXPECT_EQ(full.get_nowait(), 2);
    });
}

TEST_F(SelectTest, LocksAndSemaphoresAreBranchesToo) {
    run([&]() -> Coro<> {
        Lock lock;
        Semaphore semaphore(0);
        {
            auto chosen = co_await select(semaphore.guard(), lock.guard());
            EXPECT_EQ(chosen.index(), 1u);
            EXPECT_TRUE(lock.locked());
            auto timeout = co_await select(semaphore.acquire(), lock.acquire(), sleep(1s));
            EXPECT_EQ(timeout.index(), 2u);
        }
        EXPECT_FALSE(lock.locked());
        EXPECT_EQ(state(semaphore.repr()), "locked");
        EXPECT_EQ(state(lock.repr()), "unlocked");
    });
}

// Two branches are woken in the same iteration: one takes effect, the other's wake-up goes to who is next.
TEST_F(SelectTest, WhatTheOtherBranchesWereGivenIsPassedOn) {
    run([&]() -> Coro<> {
        Lock lock;
        Semaphore semaphore(0);
        co_await lock.acquire();
        auto all = [&]() -> Coro<> {
            auto chosen = co_await select(one.get(), two.get(), lock.acquire(), semaphore.acquire());
            trace.push_back("select " + std::to_string(chosen.index()));
        };
        Task<> task = create_task(all());
        auto next = [&]() -> Coro<> {
            const std::string item = co_await two.get();
            trace.push_back(item);
        };
        co_await settle();
        create_task(next());
        create_task(acquire(lock, "lock"));
        create_task(acquire(semaphore, "permit"));
        co_await settle();
        semaphore.release();
        lock.release();
        two.put_nowait("item");
        one.put_nowait(1);
        co_await settle();
        EXPECT_EQ(trace.front(), "select 0");
        EXPECT_EQ(trace.size(), 4u);
        EXPECT_EQ(state(lock.repr()), "locked");
        EXPECT_EQ(state(semaphore.repr()), "locked");
        EXPECT_TRUE(one.empty() && two.empty());
    });
}

TEST_F(SelectTest, OneObjectInSeveralBranches) {
    run([&]() -> Coro<> {
        Lock lock;
        for (int round = 0; round < 3; ++round) {
            auto body = [&]() -> Coro<> {
                co_await select(one.get(), lock.acquire(), one.get(), lock.acquire());
            };
            co_await lock.acquire();
            Task<> task = create_task(body());
            co_await settle();
            if (round != 1) one.put_nowait(1);
            if (round != 1) one.put_nowait(2);
            if (round != 0) lock.release();
            if (round == 2) task.cancel();
            co_await ended(task);
            EXPECT_EQ(one.qsize(), round == 0 ? 1u : round == 1 ? 0u : 2u);
            EXPECT_EQ(state(lock.repr()), round == 2 ? "unlocked" : "locked");
            while (!one.empty()) one.get_nowait();
            if (lock.locked()) lock.release();
            EXPECT_EQ(one.repr().find("_getters"), std::string::npos) << one.repr();
        }
    });
}

TEST_F(SelectTest, WaitsOnIfSomebodyElseWasFaster) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> {
            auto chosen = co_await select(one.get(), two.get());
            trace.push_back(std::to_string(chosen.index()));
        };
        Task<> task = create_task(body());
        co_await settle();
        one.put_nowait(1);
        one.get_nowait();
        co_await settle();
        EXPECT_TRUE(trace.empty());
        EXPECT_NE(one.repr().find("_getters[1]"), std::string::npos) << one.repr();
        one.put_nowait(2);
        co_await task;
        EXPECT_EQ(trace, Strings{"0"});
    });
}

TEST_F(SelectTest, FuturesAndTasksAreNotCancelled) {
    run([&]() -> Coro<> {
        Future<int> future = loop().create_future<int>();
        Task<int> task = create_task(sleep(2s, 5));
        auto body = [&]() -> Coro<> { co_await select(future, task, one.get()); };
        Task<> selecting = create_task(body());
        co_await settle();
        selecting.cancel();
        co_await ended(selecting);
        EXPECT_FALSE(future.done() || task.done());
        auto chosen = co_await select(future, task, one.get());
        EXPECT_EQ(chosen.get<1>(), 5);
        EXPECT_EQ(clock().elapsed(), 2s);
        EXPECT_FALSE(future.done());
        EXPECT_TRUE(future.state()->nodes().empty());
        auto done = co_await select(one.get(), task);
        EXPECT_EQ(done.get<1>(), 5) << "ready: no turn";
        Future<std::unique_ptr<int>> owned = loop().create_future<std::unique_ptr<int>>();
        owned.set_result(std::make_unique<int>(6));
        auto moved = co_await select(std::move(owned));
        EXPECT_EQ(*moved.get<0>(), 6);
    });
}

TEST_F(SelectTest, ThrowsWhatTheChosenBranchThrows) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        loop().call_soon([future] { future.set_exception(ValueError("failed")); });
        auto body = [&]() -> Coro<> { co_await select(one.get(), future, sleep(1s)); };
        const std::string failure = co_await thrown_by(body());
        EXPECT_EQ(failure, "failed");
        one.shutdown();
        const std::string shut = co_await thrown_by(body());
        EXPECT_EQ(shut, "the queue is shut down");
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(SelectTest, SeveralFuturesInOneIteration) {
    run([&]() -> Coro<> {
        Future<int> a = loop().create_future<int>();
        Future<int> b = loop().create_future<int>();
        for (int round = 0; round < 2; ++round) {
            const bool queue_first = round == 1;
            a = loop().create_future<int>();
            b = loop().create_future<int>();
            loop().call_soon([&, queue_first] {
                if (queue_first) one.put_nowait(1);
                b.set_result(2);
                a.set_result(1);
                if (!queue_first) one.put_nowait(1);
            });
            auto chosen = co_await select(a, b, one.get());
            EXPECT_EQ(chosen.get<0>(), 1);
            EXPECT_EQ(one.get_nowait(), 1);
        }
    });
}

// The timer is collected into the ready queue behind the item's wake-up.
TEST_F(SelectTest, ItemAndTimeLimitInOneIteration) {
    run([&]() -> Coro<> {
        const TimePoint when = loop().time() + 1s;
        loop().call_at(when, [&] { one.put_nowait(1); });
        auto first = co_await select(one.get(), sleep(1s));
        EXPECT_EQ(first.index(), 0u);
        loop().call_at(when + 1s, [&] { one.put_nowait(2); });
        auto second = co_await select(sleep(1s), one.get());
        EXPECT_EQ(second.index(), 0u);
        EXPECT_EQ(one.get_nowait(), 2);
        // Woken before the iteration in which the timer is due.
        loop().call_soon([&] {
            one.put_nowait(3);
            clock().advance(1s);
        });
        auto third = co_await select(one.get(), sleep(1s));
        EXPECT_EQ(third.get<0>(), 3);
        co_await settle();
    });
}

TEST_F(SelectTest, CancelledBeforeDuringAndWhenWoken) {
    run([&]() -> Coro<> {
        for (const std::string& moment : names("before", "during", "woken", "woken by a future")) {
            SCOPED_TRACE(moment);
            Future<> future = loop().create_future<>();
            auto body = [&]() -> Coro<> {
                if (moment == "before") current_task().cancel();
                co_await select(one.get(), future, event.wait(), sleep(1s));
                ADD_FAILURE();
            };
            Task<> task = create_task(body());
            co_await settle();
            if (moment == "woken") one.put_nowait(1);
            if (moment == "woken by a future") future.set_result();
            if (moment != "before") task.cancel();
            co_await ended(task);
            EXPECT_TRUE(task.cancelled());
            EXPECT_EQ(loop().stats().timers, 0u);
            EXPECT_EQ(state(event.repr()), "unset");
            EXPECT_EQ(one.qsize(), moment == "woken" ? 1u : 0u);
            if (!one.empty()) one.get_nowait();
        }
    });
}

TEST_F(SelectTest, CancelledWhenWokenPassesTheItemOn) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> { co_await select(one.get(), sleep(1s)); };
        Task<> task = create_task(body());
        co_await settle();
        Task<int> next = create_task(one.get());
        co_await settle();
        one.put_nowait(1);
        task.cancel();
        co_await ended(task, next);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(next.result(), 1);
    });
}

TEST_F(SelectTest, DestroyedWithItsLoopWhileWaitingAndWoken) {
    auto body = [&]() -> Coro<> { co_await select(one.get(), two.get(), event.wait(), sleep(1s)); };
    loop().create_task(body());
    loop().create_task(body());
    loop().run_until_complete(sleep(0s));
    EXPECT_EQ(loop().stats().timers, 2u);
    one.put_nowait(1);
    loop().close();
    EXPECT_EQ(loop().stats().timers, 0u);
    EXPECT_EQ(one.qsize(), 1u);
    EXPECT_EQ(state(event.repr()), "unset");
}

TEST_F(SelectTest, ABranchWhoseObjectIsGoneNeverComes) {
    run([&]() -> Coro<> {
        std::optional<Queue<int>> brief(std::in_place);
        auto body = [&]() -> Coro<> {
            auto chosen = co_await select(brief->get(), one.get());
            trace.push_back(std::to_string(chosen.index()));
        };
        Task<> task = create_task(body());
        co_await settle();
        brief->put_nowait(1);
        brief.reset();
        co_await settle();
        EXPECT_FALSE(task.done());
        one.put_nowait(1);
        co_await task;
        EXPECT_EQ(trace, Strings{"1"});
    });
}

TEST_F(SelectTest, ABranchOfAnotherLoopIsRefusedBeforeAnyWaits) {
    aio::testing::LoopTest second;
    Future<> foreign = second.loop().create_future<>();
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> { co_await select(one.get(), sleep(1s), foreign); };
        const std::string error = co_await thrown_by(body());
        EXPECT_EQ(error, "select() got Future <Future pending> attached to a different loop");
        EXPECT_EQ(one.repr().find("_getters"), std::string::npos);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(SelectTest, ReportsNothingAsNeverAwaitedUnlessItWasNot) {
    loop().set_debug(true);
    LogCapture log;
    run([&]() -> Coro<> {
        one.put_nowait(1);
        co_await select(one.get(), sleep(1s), event.wait());
        co_await select(two.get(), sleep(1s), sleep(2s));
        EXPECT_TRUE(log.messages().empty()) << log.messages().front();
        {
            auto forgotten = select(one.get(), sleep(1s));
        }
        EXPECT_EQ(log.messages().size(), 2u);
    });
}

TEST_F(SelectTest, TextForms) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> { co_await select(one.get(), sleep(1s)); };
        Task<> task = create_task(body());
        co_await settle();
        EXPECT_TRUE(task.repr().ends_with(" wait_for=select>")) << task.repr();
        co_await task;
    });
}

TEST_F(SelectTest, AValueThatCannotBeCopiedStaysInItsFuture) {
    auto gives = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    run([&]() -> Coro<> {
        Task<std::unique_ptr<int>> task = create_task(gives);
        auto chosen = co_await select(event.wait(), task);
        static_assert(std::is_same_v<decltype(chosen.get<1>()), const std::unique_ptr<int>&>);
        EXPECT_EQ(chosen.get<1>().get(), task.result().get());
        task = create_task(gives);
        EXPECT_EQ(*chosen.get<1>(), 7) << "as long as the result";
        const auto moved = co_await select(std::move(task), event.wait());
        EXPECT_EQ(moved.index(), 0u);
    });
}

}  // namespace
}  // namespace aio::tests
