// SPDX-License-Identifier: MIT
// EventLoop::run_in_executor(), set_default_executor(), shutdown_default_executor().
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/testing.hpp>

#include "add.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <atomic>
#include <limits>
#include <memory>
#include <string>
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
using concurrent::ThreadPoolExecutor;
using tests::add;
using tests::Latch;
using tests::thrown;
using tests::Trace;

struct RunInExecutor : ::testing::Test, testing::LoopTest {
    Trace print;
    Latch go;
};

std::string thread_name() {
    char name[16] = "";
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    return name;
}

/// Makes each call at once, in the caller's thread: the least that an executor is.
class InlineExecutor final : public concurrent::Executor {
public:
    void execute(concurrent::Job& job) override { job.execute(); }
    void shutdown(bool, bool) override {}
};

TEST_F(RunInExecutor, GivesALoopFutureWhateverTheExecutor) {
    run([&]() -> Coro<> {
        ThreadPoolExecutor pool(1);
        InlineExecutor inline_executor;
        Future<int> future = loop().run_in_executor(nullptr, add, 1, 2);
        EXPECT_EQ(co_await future, 3);
        EXPECT_EQ(co_await loop().run_in_executor(&pool, add, 2, 2), 4);
        EXPECT_EQ(co_await loop().run_in_executor(pool, add, 2, 3), 5);
        EXPECT_EQ(co_await loop().run_in_executor(inline_executor, add, 3, 3), 6);
        auto given = std::make_unique<int>(7);
        auto back = co_await loop().run_in_executor(
            &pool, [](std::unique_ptr<int> p) { return p; }, std::move(given));
        EXPECT_EQ(*back, 7);
        EXPECT_EQ((co_await loop().run_in_executor(nullptr, thread_name)).substr(0, 8), "asyncio_");
    });
}

TEST_F(RunInExecutor, AJobThatFailsWithoutAnErrorFailsAllTheSame) {
    class Failing final : public concurrent::Executor {
    public:
        void execute(concurrent::Job& job) override { job.fail(nullptr); }
        void shutdown(bool, bool) override {}
    } failing;
    run([&]() -> Coro<> {
        Future<int> future = loop().run_in_executor(failing, add, 1, 2);
        EXPECT_THROW(co_await future, TypeError);
    });
}

TEST_F(RunInExecutor, StartsAtOnceWithoutBeingAwaited) {
    Latch started;
    run([&]() -> Coro<> {
        auto future = loop().run_in_executor(nullptr, &Latch::set, &started);
        started.wait();  // in the same step
        EXPECT_FALSE(future.done());
        co_await future;
        EXPECT_TRUE(future.done());
    });
}

TEST_F(RunInExecutor, AnErrorThatNobodyTakesIsReported) {
    run([&]() -> Coro<> {
        loop().run_in_executor(nullptr, [] { throw ValueError("x"); });
        while (loop().stats().threads > 0) co_await sleep(1ms);
    });
    EXPECT_EQ(reports().size(), 1U);
    EXPECT_EQ(reports().at(0), "Future exception was never retrieved [exception, future]");
}

TEST_F(RunInExecutor, AClosedPoolAndAClosedLoopRefuse) {
    run([&]() -> Coro<> {
        ThreadPoolExecutor pool(1);
        pool.shutdown();
        EXPECT_EQ(thrown<RuntimeError>([&] { loop().run_in_executor(&pool, add, 1, 2); }),
                  "cannot schedule new futures after shutdown");
        co_return;
    });
    EventLoopPtr closed = new_event_loop();
    closed->close();
    EXPECT_EQ(thrown<RuntimeError>([&] { closed->run_in_executor(nullptr, add, 1, 2); }),
              "Event loop is closed");
}

TEST_F(RunInExecutor, TheDefaultExecutorCanBeChosen) {
    EXPECT_THROW(loop().set_default_executor(nullptr), TypeError);
    run([&]() -> Coro<> {
        loop().set_default_executor(std::make_shared<ThreadPoolExecutor>(
            concurrent::ThreadPoolOptions(1).thread_name_prefix("mine")));
        const std::string name = co_await to_thread(thread_name);
        EXPECT_EQ(name, "mine_0");
        loop().set_default_executor(std::make_shared<ThreadPoolExecutor>(
            concurrent::ThreadPoolOptions(1).thread_name_prefix("other")));
        EXPECT_EQ(co_await to_thread(thread_name), "other_0");
    });
}

TEST_F(RunInExecutor, ShutdownWithoutAnExecutorIsNothing) {
    run([&]() -> Coro<> {
        co_await loop().shutdown_default_executor();
        co_await loop().shutdown_default_executor(1s);
        EXPECT_EQ(thrown<RuntimeError>([&] { loop().run_in_executor(nullptr, add, 1, 2); }),
                  "Executor shutdown has been called");
    });
}

TEST_F(RunInExecutor, ShutdownOfIdleThreads) {
    run([&]() -> Coro<> {
        co_await to_thread([] {});
        co_await loop().shutdown_default_executor();
        co_await loop().shutdown_default_executor();
    });
    EXPECT_EQ(loop().stats().threads, 0U);
}

TEST_F(RunInExecutor, ShutdownThatTakesTooLongIsLogged) {
    const tests::LogCapture log;
    run([&]() -> Coro<> {
        auto future = loop().run_in_executor(nullptr, &Latch::wait, &go);
        co_await loop().shutdown_default_executor(20ms);
        EXPECT_FALSE(future.done());
        go.set();
        EXPECT_TRUE(co_await future);
    });
    EXPECT_EQ(log.messages(),
              std::vector<std::string>{"RuntimeWarning: The executor did not finishing joining its threads "
                                       "within 0.02 seconds."});
    EXPECT_EQ(log.levels(), std::vector{LogLevel::warning});
}

TEST_F(RunInExecutor, ShutdownTakesEveryTimeLimitButNaN) {
    const tests::LogCapture log;
    run([&]() -> Coro<> {
        const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
        EXPECT_THROW((void)loop().shutdown_default_executor(nan), ValueError);
        auto future = loop().run_in_executor(nullptr, &Latch::wait, &go);
        auto shutdown = create_task(loop().shutdown_default_executor(std::chrono::hours::max()));
        for (int turn = 0; turn < 5; ++turn) co_await sleep(0s);
        EXPECT_FALSE(shutdown.done());
        go.set();
        EXPECT_TRUE(co_await future);
        co_await shutdown;
    });
    EXPECT_TRUE(log.messages().empty());
}

TEST_F(RunInExecutor, CancelledShutdownOnlyStopsWaiting) {
    run([&]() -> Coro<> {
        auto future = loop().run_in_executor(nullptr, &Latch::wait, &go);
        auto shutdown = create_task(loop().shutdown_default_executor(1h));
        co_await sleep(0s);
        shutdown.cancel();
        co_await tests::ended(shutdown);
        EXPECT_TRUE(shutdown.cancelled());
        go.set();
        EXPECT_TRUE(co_await future);
    });
}

TEST_F(RunInExecutor, SeveralTasksMayWaitForTheShutdown) {
    run([&]() -> Coro<> {
        auto future = loop().run_in_executor(nullptr, &Latch::wait, &go);
        auto first = create_task(loop().shutdown_default_executor());
        auto second = create_task(loop().shutdown_default_executor());
        auto cancelled = create_task(loop().shutdown_default_executor());
        auto last = create_task(loop().shutdown_default_executor());
        co_await sleep(0s);
        cancelled.cancel();
        co_await tests::ended(cancelled);
        go.set();
        co_await first;
        co_await second;
        co_await last;
        EXPECT_TRUE(future.done());
    });
    EXPECT_EQ(loop().stats().threads, 0U);
}

TEST_F(RunInExecutor, ShutdownDestroyedWhileItWaits) {
    const tests::LogCapture log;
    Latch started;
    Latch ended;
    {
        EventLoopPtr other = new_event_loop();
        other->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        auto future = other->run_in_executor(nullptr, [&] {
            started.set();
            go.wait();
            ended.set();
        });
        auto shutdown = other->create_task(other->shutdown_default_executor());
        other->call_soon([&] { other->call_soon([&] { other->stop(); }); });
        other->run_forever();
        started.wait();
        EXPECT_FALSE(future.done() || shutdown.done());
        EXPECT_EQ(other->stats().threads, 2U);  // the call, and the news that the threads have ended
        other->close();
        EXPECT_EQ(other->stats().threads, 0U);
    }
    go.set();
    ended.wait();  // before the latches are destroyed
    EXPECT_TRUE(log.messages().empty());
}

TEST(RunInExecutorThread, SeveralLoopsMayShutDownThePoolTheyShare) {
    const tests::LogCapture log;
    Latch go;
    std::atomic<int> waiting{0};
    const auto pool = std::make_shared<ThreadPoolExecutor>(1);
    pool->submit(&Latch::wait, &go);
    const auto amain = [&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        loop.set_default_executor(pool);
        auto shutdown = create_task(loop.shutdown_default_executor(60s));
        co_await sleep(0s);
        ++waiting;
        co_await shutdown;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back(
            [&] { EXPECT_EQ(thrown<RuntimeError>([&] { aio::run(amain); }), "no exception"); });
    }
    while (waiting < 3) std::this_thread::yield();
    go.set();
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(log.messages().empty());
}

TEST(RunInExecutorThread, TheLoopMayCloseWhileAThreadWorks) {
    Latch started;
    Latch go;
    Latch ended;
    const tests::Lifetime life;
    const tests::LogCapture log;
    {
        EventLoopPtr loop = new_event_loop();
        auto future = loop->run_in_executor(nullptr, [&] {
            started.set();
            go.wait();
            return tests::AtEnd([&] { ended.set(); });
        });
        started.wait();
        loop->close();
        EXPECT_FALSE(future.done());
    }
    go.set();
    ended.wait();  // the result is destroyed
    EXPECT_TRUE(log.messages().empty());
}

}  // namespace
}  // namespace aio
