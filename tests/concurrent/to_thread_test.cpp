// SPDX-License-Identifier: MIT
// to_thread(): blocking calls that a task awaits.
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/testing.hpp>

#include "add.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <memory>
#include <string>
#include <support/caught.hpp>
#include <support/ended.hpp>
#include <support/latch.hpp>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::add;
using tests::caught;
using tests::Latch;
using tests::Lifetime;
using tests::thrown;
using tests::Trace;

struct ToThread : ::testing::Test, testing::LoopTest {
    Trace print;
    Latch go;
};

TEST_F(ToThread, GivesTheResult) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await to_thread(add, 1, 2), 3);
        co_await to_thread([] {});
        auto given = std::make_unique<int>(4);
        auto back = co_await to_thread([](std::unique_ptr<int> p) { return p; }, std::move(given));
        EXPECT_EQ(*back, 4);
        const auto here = std::this_thread::get_id();
        const auto there = co_await to_thread(std::this_thread::get_id);
        EXPECT_NE(here, there);
    });
}

TEST_F(ToThread, ThrowsWhatTheFunctionThrew) {
    run([&]() -> Coro<> {
        std::string what;
        try {
            co_await to_thread([] { throw ValueError("bad"); });
        } catch (const ValueError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "bad");
        bool cancelled = false;
        try {  // a thread future's CancelledError becomes asyncio's
            co_await to_thread([] { throw concurrent::CancelledError(); });
        } catch (const CancelledError&) {
            cancelled = true;
        }
        EXPECT_TRUE(cancelled);
    });
}

TEST_F(ToThread, CallablesAreDestroyedByTheThread) {
    const Lifetime life;
    run([&]() -> Coro<> {
        co_await to_thread([](std::shared_ptr<int>) {}, life.token());
        EXPECT_TRUE(life.over());
    });
}

TEST_F(ToThread, OthersRunMeanwhileAndItYieldsEvenIfTheCallIsOver) {
    run([&]() -> Coro<> {
        auto ticker = create_task(
            [](Latch& latch, Trace& out) -> Coro<> {
                out("tick");
                latch.set();
                co_return;
            },
            std::ref(go), std::ref(print));
        co_await to_thread(&Latch::wait, &go);
        print("done");
        co_await ticker;
    });
    EXPECT_EQ(print.joined(), "tick | done");
}

TEST_F(ToThread, IsAnAwaitableForTasksGatherAndRun) {
    EXPECT_EQ(run(to_thread(add, 2, 3)), 5);
    run([&]() -> Coro<> {
        auto task = create_task(to_thread(add, 1, 1));
        EXPECT_EQ(function_name(task.get_coro()), "aio::to_thread");
        EXPECT_EQ(co_await task, 2);
        auto both = co_await gather(to_thread(add, 1, 2), to_thread(add, 3, 4));
        EXPECT_EQ(both, std::make_tuple(3, 7));
    });
}

TEST_F(ToThread, CancelledBeforeItsStartNothingIsCalled) {
    run([&]() -> Coro<> {
        auto task = create_task(to_thread([this] { print("called"); }));
        task.cancel();
        co_await tests::ended(task);
        EXPECT_TRUE(task.cancelled());
        co_await to_thread([] {});
    });
    EXPECT_EQ(print.joined(), "");
}

TEST_F(ToThread, CancelledWhileItRunsTheFunctionGoesOnAndItsResultIsDropped) {
    Latch started;
    const Lifetime life;
    run([&]() -> Coro<> {
        auto task = create_task(to_thread([&] {
            started.set();
            go.wait();
            print("ran to the end");
            return life.token();
        }));
        co_await to_thread(&Latch::wait, &started);
        EXPECT_EQ(task.repr().substr(task.repr().find("wait_for")), "wait_for=to_thread>");
        task.cancel();
        co_await tests::ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(loop().stats().threads, 1U);
        go.set();
    });
    finish();  // waits for the thread
    EXPECT_EQ(print.joined(), "ran to the end");
    EXPECT_TRUE(life.over());
    EXPECT_TRUE(reports().empty());
}

TEST_F(ToThread, ALateErrorIsDroppedToo) {
    Latch started;
    run([&]() -> Coro<> {
        auto task = create_task(to_thread([&] {
            started.set();
            go.wait();
            throw ValueError("late");
        }));
        co_await to_thread(&Latch::wait, &started);
        task.cancel();
        co_await tests::ended(task);
        go.set();
    });
    finish();
    EXPECT_TRUE(reports().empty());
}

TEST_F(ToThread, CancelledWhileQueuedTheCallIsWithdrawn) {
    const Lifetime life;
    run([&]() -> Coro<> {
        auto pool = std::make_shared<concurrent::ThreadPoolExecutor>(1);
        loop().set_default_executor(pool);
        auto busy = create_task(to_thread(&Latch::wait, &go));
        auto queued = create_task(to_thread([this, token = life.token()] { print("called"); }));
        co_await sleep(0s);
        EXPECT_EQ(pool->stats().queued, 1U);
        queued.cancel();
        co_await tests::ended(queued);
        EXPECT_EQ(loop().stats().threads, 1U);
        go.set();
        co_await busy;
    });
    finish();
    EXPECT_EQ(print.joined(), "");
    EXPECT_TRUE(life.over());
}

TEST_F(ToThread, CancelledInTheIterationItWasWokenTheResultIsLost) {
    run([&]() -> Coro<> {
        Trace& out = print;
        auto task = create_task(to_thread([] { return 1; }));
        co_await sleep(0s);
        while (loop().stats().threads > 0) co_await sleep(0s);  // the call is back, the task is queued
        const bool accepted = task.cancel();
        out(accepted);
        co_await tests::ended(task);
        out(task.cancelled());
    });
    EXPECT_EQ(print.joined(), "True | True");
}

TEST_F(ToThread, NeverAwaitedIsReportedAndHarmless) {
    const tests::LogCapture log;
    loop().set_debug(true);
    run([&]() -> Coro<> {
        {
            auto unused = to_thread(add, 1, 2);
        }
        co_return;
    });
    const Lifetime life;
    (void)to_thread([token = life.token()] {});
    EXPECT_TRUE(life.over());
}

TEST_F(ToThread, TwiceIsAnError) {
    run([&]() -> Coro<> {
        auto once = to_thread(add, 1, 2);
        co_await std::move(once);
        std::string what;
        try {
            co_await std::move(once);  // NOLINT(bugprone-use-after-move)
        } catch (const RuntimeError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "cannot reuse already awaited coroutine");
    });
}

TEST_F(ToThread, WhatWasMovedFromIsNoFreshCall) {
    run([&]() -> Coro<> {
        auto first = to_thread(add, 1, 2);
        auto second = std::move(first);
        EXPECT_EQ(co_await std::move(second), 3);
        std::string what;
        try {
            co_await std::move(first);  // NOLINT(bugprone-use-after-move)
        } catch (const RuntimeError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "cannot reuse already awaited coroutine");
    });
}

TEST_F(ToThread, AfterShutdownItThrows) {
    run([&]() -> Coro<> {
        co_await loop().shutdown_default_executor();
        EXPECT_EQ(co_await caught(to_thread(add, 1, 2)), "Executor shutdown has been called");
    });
}

// The executor of the user's, which refuses the call when it is there already.
TEST_F(ToThread, AfterTheExecutorsOwnShutdownItThrowsAndTheTaskGoesOn) {
    run([&]() -> Coro<> {
        auto pool = std::make_shared<concurrent::ThreadPoolExecutor>(1);
        loop().set_default_executor(pool);
        pool->shutdown();
        EXPECT_EQ(co_await caught(to_thread(add, 1, 2)), "cannot schedule new futures after shutdown");
        co_await sleep(0s);
        loop().set_default_executor(std::make_shared<concurrent::ThreadPoolExecutor>(1));
        EXPECT_EQ(co_await to_thread(add, 1, 2), 3);
    });
}

TEST_F(ToThread, ShutdownWithCancelFuturesCancelsTheAwaitingTask) {
    run([&]() -> Coro<> {
        auto pool = std::make_shared<concurrent::ThreadPoolExecutor>(1);
        loop().set_default_executor(pool);
        auto busy = create_task(to_thread(&Latch::wait, &go));
        auto queued = create_task(to_thread(add, 1, 2));
        co_await sleep(0s);
        pool->shutdown(false, true);
        go.set();
        co_await tests::ended(queued);
        EXPECT_TRUE(queued.cancelled());
        co_await busy;
    });
}

// A loop that is closed while a thread works for it.
TEST(ToThreadThread, TheLoopMayCloseFirst) {
    Latch started;
    Latch go;
    std::atomic<bool> returned{false};
    {
        EventLoopPtr loop = new_event_loop();
        auto task = loop->create_task(to_thread([&] {
            started.set();
            go.wait();
            returned = true;
            return std::string("nobody wants it, and it is long enough to be on the heap");
        }));
        auto waits = loop->create_task(to_thread(&Latch::wait, &started));
        loop->run_until_complete(waits);
        loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        EXPECT_EQ(loop->stats().threads, 1U);
        loop->close();
        EXPECT_EQ(loop->stats().threads, 0U);
        EXPECT_FALSE(task.done());
    }
    go.set();
    while (!returned) std::this_thread::yield();
}

TEST(ToThreadThread, AThousandCallsFromAThousandTasks) {
    run([]() -> Coro<> {
        std::vector<Task<int>> tasks;
        for (int i = 0; i < 1000; ++i) tasks.push_back(create_task(to_thread(add, i, 1)));
        int sum = 0;
        for (const auto& task : tasks) sum += co_await task;
        EXPECT_EQ(sum, 500500);
    });
}

}  // namespace
}  // namespace aio
