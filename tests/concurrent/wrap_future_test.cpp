// SPDX-License-Identifier: MIT
// wrap_future(): a loop's future for a thread's.
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <support/ended.hpp>
#include <support/lifetime.hpp>
#include <support/trace.hpp>
#include <support/watched_copy.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::thrown;
using tests::Trace;

struct WrapFuture : ::testing::Test, testing::LoopTest {
    Trace print;
};

TEST_F(WrapFuture, ResultsAndErrorsComeOver) {
    run([&]() -> Coro<> {
        concurrent::Future<int> c;
        Future<int> w = wrap_future(c);
        EXPECT_EQ(w.get_loop().is_running(), true);
        c.set_result(5);
        EXPECT_FALSE(w.done());
        EXPECT_EQ(co_await w, 5);
        EXPECT_EQ(co_await wrap_future(c), 5);  // done already, and the value is still there
        EXPECT_EQ(c.result(), 5);

        concurrent::Future<> failing;
        auto v = wrap_future(failing, loop());
        failing.set_exception(concurrent::InvalidStateError("odd"));
        bool converted = false;
        try {
            co_await v;
        } catch (const InvalidStateError&) {
            converted = true;
        }
        EXPECT_TRUE(converted);
        concurrent::Future<std::unique_ptr<int>> moved;
        moved.set_result(std::make_unique<int>(3));
        auto pointer = co_await wrap_future(moved);
        EXPECT_EQ(*pointer, 3);
        EXPECT_EQ(wrap_future(w), w);
    });
}

TEST_F(WrapFuture, CancellationGoesBothWays) {
    run([&]() -> Coro<> {
        concurrent::Future<int> c;
        Future<int> w = wrap_future(c);
        w.cancel();
        EXPECT_FALSE(c.cancelled());
        co_await sleep(0s);
        EXPECT_TRUE(c.cancelled());

        concurrent::Future<int> d;
        Future<int> x = wrap_future(d);
        d.cancel();
        co_await tests::ended(x);
        EXPECT_TRUE(x.cancelled());

        concurrent::Future<int> running;
        running.set_running_or_notify_cancel();
        Future<int> y = wrap_future(running);
        y.cancel();
        co_await sleep(0s);
        EXPECT_FALSE(running.cancelled());
        running.set_result(1);  // dropped
        co_await sleep(0s);
        EXPECT_TRUE(y.cancelled());
    });
    EXPECT_EQ(loop().stats().threads, 0U);
}

TEST_F(WrapFuture, CancelledAndFinishedInTheSameIteration) {
    run([&]() -> Coro<> {
        concurrent::Future<int> c;
        Future<int> w = wrap_future(c);
        c.set_result(1);
        w.cancel();
        co_await sleep(0s);
        EXPECT_TRUE(w.cancelled());
        EXPECT_FALSE(c.cancelled());
    });
    EXPECT_EQ(loop().stats().threads, 0U);
}

TEST_F(WrapFuture, TheLoopMayCloseFirst) {
    concurrent::Future<int> c;
    {
        EventLoopPtr other = new_event_loop();
        Future<int> w = wrap_future(c, *other);
        other->close();
        EXPECT_FALSE(w.done());
    }
    c.set_result(1);
    const tests::Lifetime life;
    {
        EventLoopPtr other = new_event_loop();
        concurrent::Future<std::shared_ptr<int>> d;
        Future<std::shared_ptr<int>> w = wrap_future(d, *other);
        d.set_result(life.token());  // on its way when the loop closes
    }
    EXPECT_TRUE(life.over());
}

// The second loop usually gets the first one's memory, and is not to be taken for it.
TEST(WrapFutureOfADeadLoop, IsNotGivenToALoopThatCameAfter) {
    for (int i = 0; i < 10; ++i) {
        concurrent::Future<int> c;
        {
            EventLoopPtr dead = new_event_loop();
            wrap_future(c, *dead);
        }
        EventLoopPtr later = new_event_loop();
        later->call_soon([&] {
            c.set_result(1);
            later->stop();
        });
        later->run_forever();
        EXPECT_EQ(later->stats().ready, 0U);
        EXPECT_EQ(c.result(), 1);
    }
}

TEST_F(WrapFuture, AThreadFutureThatDiesUnfinishedLeavesThePending) {
    EventLoopPtr other = new_event_loop();
    Future<int> w = wrap_future(concurrent::Future<int>(), *other);
    other->call_soon([&] { other->stop(); });
    other->run_forever();
    EXPECT_FALSE(w.done());
}

// What runs cannot be cancelled, and who gave up waiting for it leaves no trace: first, last or in between.
TEST_F(WrapFuture, ARunningOneForgetsThoseThatWereCancelled) {
    for (const std::size_t cancelled : {0U, 1U, 2U}) {
        run([&]() -> Coro<> {
            concurrent::Future<int> c;
            c.set_running_or_notify_cancel();
            std::vector<Future<int>> all;
            for (int i = 0; i < 3; ++i) all.push_back(wrap_future(c));
            EXPECT_EQ(loop().stats().threads, 3U);
            all[cancelled].cancel();
            co_await sleep(0s);
            EXPECT_EQ(loop().stats().threads, 2U);
            EXPECT_TRUE(c.running());
            all.push_back(wrap_future(c));
            c.set_result(5);
            co_await wait(all);
            for (std::size_t i = 0; i < all.size(); ++i) {
                EXPECT_EQ(all[i].cancelled(), i == cancelled);
                if (i != cancelled) {
                    EXPECT_EQ(all[i].result(), 5);
                }
            }
            EXPECT_EQ(loop().stats().threads, 0U);
        });
    }
}

// A copy constructor is the user's code.
TEST_F(WrapFuture, ACopyMayCancelItOrFail) {
    using Copied = tests::WatchedCopy;
    auto& meanwhile = Copied::while_copied;
    run([&]() -> Coro<> {
        concurrent::Future<Copied> thread_future;
        Future<Copied> future = wrap_future(thread_future);
        thread_future.set_result();
        meanwhile = [&] { future.cancel(); };
        co_await sleep(0s);
        co_await sleep(0s);
        EXPECT_TRUE(future.cancelled());
        thread_future = concurrent::Future<Copied>();
        future = wrap_future(thread_future);
        thread_future.set_result();
        meanwhile = [] { throw ValueError("cannot be copied"); };
        EXPECT_THROW(co_await future, ValueError);
        thread_future = concurrent::Future<Copied>();
        meanwhile = [&] { thread_future.cancel(); };
        const Copied value;
        EXPECT_THROW(thread_future.set_result(value), concurrent::InvalidStateError)
            << "not under the future's lock";
        meanwhile = nullptr;
        EXPECT_TRUE(thread_future.cancelled());
    });
}

TEST(WrapFutureThread, FinishedByAnotherThread) {
    run([]() -> Coro<> {
        for (int i = 0; i < 100; ++i) {
            concurrent::Future<int> c;
            std::thread setter([c, i] { c.set_result(i); });
            EXPECT_EQ(co_await wrap_future(c), i);
            setter.join();
        }
    });
}

TEST(WrapFutureThread, CancelledWhileAnotherThreadFinishesIt) {
    run([]() -> Coro<> {
        for (int i = 0; i < 300; ++i) {
            concurrent::Future<int> c;
            c.set_running_or_notify_cancel();
            Future<int> given_up = wrap_future(c);
            Future<int> kept = wrap_future(c);
            std::thread setter([c, i] { c.set_result(i); });
            given_up.cancel();
            EXPECT_EQ(co_await kept, i);
            EXPECT_TRUE(given_up.cancelled());
            setter.join();
        }
        co_await sleep(0s);
        EXPECT_EQ(get_running_loop().stats().threads, 0U);
    });
}

}  // namespace
}  // namespace aio
