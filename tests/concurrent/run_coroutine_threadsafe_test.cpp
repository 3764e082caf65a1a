// SPDX-License-Identifier: MIT
// run_coroutine_threadsafe(): coroutines from another thread.
#include <aio/aio.hpp>
#include <aio/concurrent/wait.hpp>
#include <aio/loop/loop_handle.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <memory>
#include <string>
#include <support/latch.hpp>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Latch;
using tests::thrown;

// A loop that another thread runs.
class LoopThread {
public:
    LoopThread() : loop_(new_event_loop()), thread_([this] { loop_->run_forever(); }) {}
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;
    ~LoopThread() {
        loop_->call_soon_threadsafe([this] { loop_->stop(); });
        thread_.join();
    }
    EventLoop& loop() { return *loop_; }

private:
    EventLoopPtr loop_;
    std::thread thread_;
};

Coro<int> give(int value) {
    co_await sleep(0s);
    co_return value;
}
Coro<> fail() {
    co_await sleep(0s);
    throw ValueError("x");
}
Coro<> wait_for_cancellation(Latch& started, Latch& ended) {
    try {
        started.set();
        co_await sleep(1h);
    } catch (const CancelledError&) {
        ended.set();
        throw;
    }
}

TEST(ThreadsafeThread, ResultsAndErrorsComeBack) {
    LoopThread other;
    const concurrent::Future<int> f = run_coroutine_threadsafe(give(3), other.loop());
    EXPECT_EQ(f.result(10s), 3);
    EXPECT_EQ(run_coroutine_threadsafe(sleep(0s, 4), other.loop()).result(10s), 4);
    EXPECT_EQ(run_coroutine_threadsafe(other.loop(), give, 5).result(10s), 5);
    run_coroutine_threadsafe(sleep(0s), other.loop()).result(10s);
    EXPECT_EQ(thrown<ValueError>([&] { run_coroutine_threadsafe(fail(), other.loop()).result(10s); }), "x");
    const std::string name = run_coroutine_threadsafe(other.loop(), []() -> Coro<std::string> {
                                 co_return std::string("a result that is long enough to be on the heap");
                             }).result(10s);
    EXPECT_EQ(name.size(), 46U);
}

// It is moved from the coroutine to the task, and from the task to the thread future.
TEST(ThreadsafeThread, AResultWhoseMoveThrows) {
    struct Fragile {
        explicit Fragile(int moves) : left(moves) {}
        Fragile(Fragile&& other) : left(other.left - 1) {
            if (left == 0) throw ValueError("broken");
        }
        int left;
    };
    LoopThread other;
    for (int moves = 1; moves < 10; ++moves) {
        const auto future = run_coroutine_threadsafe(other.loop(), [moves]() -> Coro<Fragile> {
            Fragile result(moves);
            co_return std::move(result);
        });
        const std::exception_ptr error = future.exception(10s);
        if (error) {
            EXPECT_EQ(aio::describe(error), "aio::ValueError: broken");
        }
    }
}

TEST(ThreadsafeThread, ATimeoutCancelsNothingAndCancelCancelsTheTask) {
    LoopThread other;
    Latch started;
    Latch ended;
    const auto f =
        run_coroutine_threadsafe(other.loop(), wait_for_cancellation, std::ref(started), std::ref(ended));
    started.wait();
    EXPECT_THROW(f.result(1ms), TimeoutError);
    EXPECT_FALSE(f.done());
    EXPECT_TRUE(f.cancel());
    EXPECT_THROW(f.result(), concurrent::CancelledError);
    ended.wait();
}

TEST(ThreadsafeThread, ATaskThatIsCancelledCancelsTheFuture) {
    LoopThread other;
    const auto f = run_coroutine_threadsafe(other.loop(), []() -> Coro<> {
        current_task().cancel();
        co_await sleep(1h);
    });
    EXPECT_THROW(f.result(10s), concurrent::CancelledError);
}

// Runs `loop` for some iterations.
void turn(EventLoop& loop, int count = 5) {
    for (int i = 0; i < count; ++i) {
        loop.call_soon([&] { loop.stop(); });
        loop.run_forever();
    }
}

Coro<> never(tests::Trace& print, std::shared_ptr<int>) {
    print("began");
    co_await sleep(1h);
}

TEST(ThreadsafeThread, CancelledBeforeTheLoopRunsItNeverBegins) {
    const tests::LogCapture log;
    EventLoopPtr loop = new_event_loop(LoopOptions().debug(true));
    tests::Trace print;
    const tests::Lifetime life;
    const auto f = run_coroutine_threadsafe(*loop, never, std::ref(print), life.token());
    EXPECT_TRUE(f.cancel());
    EXPECT_FALSE(life.over());
    EXPECT_EQ(concurrent::wait(std::vector{f}, WaitOptions().timeout(0s)).done.size(), 0U);
    turn(*loop);
    EXPECT_TRUE(print.empty());
    EXPECT_TRUE(life.over());
    EXPECT_EQ(concurrent::wait(std::vector{f}).done.size(), 1U);
    EXPECT_EQ(loop->stats().tasks, 0U);
    EXPECT_EQ(loop->stats().threads, 0U);
    EXPECT_TRUE(log.messages().empty());  // nor was it forgotten
}

TEST(ThreadsafeThread, CancelledBetweenItsTaskAndTheFirstStepItNeverBegins) {
    EventLoopPtr loop = new_event_loop();
    tests::Trace print;
    const tests::Lifetime life;
    const auto f = run_coroutine_threadsafe(*loop, never, std::ref(print), life.token());
    // Comes behind the making of the task, in the same iteration.
    loop->call_soon_threadsafe([&] {
        EXPECT_EQ(loop->stats().tasks, 1U);
        std::thread([&] { EXPECT_TRUE(f.cancel()); }).join();
    });
    turn(*loop);
    EXPECT_TRUE(print.empty());
    EXPECT_TRUE(life.over());
    EXPECT_EQ(concurrent::wait(std::vector{f}).done.size(), 1U);
}

TEST(ThreadsafeThread, ACancelledOneIsDoneForWaitWhenTheTaskHasEnded) {
    EventLoopPtr loop = new_event_loop();
    const tests::Lifetime life;
    const auto stubborn = [](std::shared_ptr<int> token) -> Coro<std::shared_ptr<int>> {
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
        }
        co_await sleep(0s);
        co_return token;  // its result is dropped before the future says that all is over
    };
    const auto f = run_coroutine_threadsafe(*loop, stubborn, life.token());
    turn(*loop, 3);
    EXPECT_TRUE(f.cancel());
    bool over_at_the_end = false;
    std::thread waits([&] {
        concurrent::wait(std::vector{f});
        over_at_the_end = life.over();
    });
    turn(*loop, 1);
    EXPECT_FALSE(life.over());
    EXPECT_EQ(concurrent::wait(std::vector{f}, WaitOptions().timeout(0s)).done.size(), 0U);
    turn(*loop, 10);
    waits.join();
    EXPECT_TRUE(over_at_the_end);
}

TEST(ThreadsafeThread, ACancelledOneIsDoneForWaitWhenTheLoopHasClosed) {
    const tests::LogCapture log;
    for (const bool cancelled_before : {false, true}) {
        EventLoopPtr loop = new_event_loop();
        loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        const tests::Lifetime life;
        tests::Trace print;
        std::vector<concurrent::Future<>> futures;
        futures.push_back(run_coroutine_threadsafe(*loop, never, std::ref(print), life.token()));
        turn(*loop, 3);
        futures.push_back(run_coroutine_threadsafe(*loop, never, std::ref(print), life.token()));
        EXPECT_EQ(print.joined(), "began");
        const auto cancel = [&] {
            for (const auto& f : futures) EXPECT_TRUE(f.cancel());
        };
        if (cancelled_before) cancel();
        EXPECT_EQ(concurrent::wait(futures, WaitOptions().timeout(0s)).done.size(), 0U);
        loop->close();
        EXPECT_TRUE(life.over());
        if (!cancelled_before) cancel();
        EXPECT_EQ(concurrent::wait(futures).done.size(), 2U);
    }
}

TEST(ThreadsafeThread, TheTaskHasACopyOfTheCallersContext) {
    static const ContextVar<std::string> var("var", "default");
    LoopThread other;
    const auto get_and_set = []() -> Coro<std::string> {
        co_await sleep(0s);
        std::string seen = var.get();
        var.set("the task's");
        co_return seen;
    };
    const TokenScope scope(var.set("the caller's"));
    EXPECT_EQ(run_coroutine_threadsafe(other.loop(), get_and_set).result(10s), "the caller's");
    EXPECT_EQ(run_coroutine_threadsafe(get_and_set(), other.loop()).result(10s), "the caller's");
    EXPECT_EQ(var.get(), "the caller's");
    const auto queued = [&] {
        const TokenScope inner(var.set("as it was at the call"));
        return run_coroutine_threadsafe(other.loop(), get_and_set);
    }();
    EXPECT_EQ(queued.result(10s), "as it was at the call");
}

TEST(ThreadsafeThread, AFailingTaskFactoryFailsTheFutureAndIsReported) {
    EventLoopPtr loop = new_event_loop();
    tests::Trace print;
    loop->set_exception_handler(
        [&](EventLoop&, const ExceptionContext& context) { print(context.message()); });
    set_task_factory(*loop, [](EventLoop&, TaskRequest&) -> AnyTask { throw ValueError("no tasks today"); });
    const auto f = run_coroutine_threadsafe(*loop, give, 1);
    const auto cancelled = run_coroutine_threadsafe(*loop, give, 2);
    EXPECT_TRUE(cancelled.cancel());
    turn(*loop, 2);
    EXPECT_EQ(thrown<ValueError>([&] { f.result(); }), "no tasks today");
    EXPECT_THROW(cancelled.result(), concurrent::CancelledError);
    EXPECT_EQ(print.joined(), "Exception in callback run_coroutine_threadsafe()");
    EXPECT_EQ(loop->stats().ready, 0U);
}

TEST(ThreadsafeThread, AClosedLoopRefuses) {
    EventLoopPtr loop = new_event_loop();
    loop->close();
    EXPECT_EQ(thrown<RuntimeError>([&] { run_coroutine_threadsafe(sleep(0s), *loop); }),
              "Event loop is closed");
}

TEST(ThreadsafeThread, AHandleServesAsTheLoop) {
    EventLoopPtr loop = new_event_loop();
    const LoopHandle handle = loop->handle();
    const auto one = run_coroutine_threadsafe(handle, give, 1);
    const auto other = run_coroutine_threadsafe(give(2), handle);
    turn(*loop, 4);
    EXPECT_EQ(one.result() + other.result(), 3);
    loop = nullptr;
    const tests::LogCapture log;
    EXPECT_EQ(thrown<RuntimeError>([&] { run_coroutine_threadsafe(give(2), handle); }),
              "Event loop is closed");
    EXPECT_EQ(thrown<RuntimeError>([&] { run_coroutine_threadsafe(handle, give, 1); }),
              "Event loop is closed");
    EXPECT_EQ(thrown<RuntimeError>([&] { run_coroutine_threadsafe(LoopHandle(), give, 1); }),
              "run_coroutine_threadsafe() on an empty handle");
    EXPECT_TRUE(log.messages().empty());
}

TEST(ThreadsafeThread, TheLoopMayCloseBeforeTheTaskStartsOrEnds) {
    const tests::LogCapture log;
    EventLoopPtr loop = new_event_loop();
    loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    Latch started;
    Latch ended;
    const auto running =
        run_coroutine_threadsafe(*loop, wait_for_cancellation, std::ref(started), std::ref(ended));
    loop->call_soon([&] { loop->call_soon([&] { loop->stop(); }); });
    loop->run_forever();
    const auto queued = run_coroutine_threadsafe(*loop, give, 1);
    loop->close();
    EXPECT_FALSE(running.done() || queued.done());
    EXPECT_TRUE(queued.cancel());
    EXPECT_TRUE(log.messages().empty());
    EXPECT_TRUE(running.cancel());  // its callback finds no loop to tell
    ASSERT_EQ(log.messages().size(), 1U);
    EXPECT_EQ(log.messages()[0], "exception calling callback for " + running.repr() +
                                     "\naio::RuntimeError: Event loop is closed");
}

// The loop has two things to throw away that refer to one another: what follows the task's end, and the
// cancellation.
TEST(ThreadsafeThread, TheLoopMayCloseWhenTheTaskHasEndedAndTheFutureIsCancelled) {
    for (const bool from_the_loop : {false, true}) {
        EventLoopPtr loop = new_event_loop();
        concurrent::Future<int> ends;
        ends = run_coroutine_threadsafe(*loop, [&]() -> Coro<int> {
            get_running_loop().stop();
            if (from_the_loop) ends.cancel();
            co_return 1;
        });
        loop->run_forever();
        EXPECT_TRUE(ends.cancel());
        loop->close();
        EXPECT_THROW(ends.result(), concurrent::CancelledError);
    }
}

// Nobody is told: the future was cancelled before.
TEST(Threadsafe, ACoroutineThatWasAwaitedBeforeAndIsCancelledIsDropped) {
    const tests::LogCapture log;
    auto amain = []() -> Coro<> {
        Coro<int> used = give(1);
        co_await used;
        const auto future = run_coroutine_threadsafe(std::move(used), get_running_loop());
        EXPECT_TRUE(future.cancel());
        co_await sleep(0s);
        co_await sleep(0s);
    };
    run(amain());
    EXPECT_TRUE(log.messages().empty());
}

TEST(ThreadsafeThread, ManyFromManyThreads) {
    LoopThread other;
    std::atomic<int> sum{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                const auto f = run_coroutine_threadsafe(give(1), other.loop());
                if (i % 3 == 0) {
                    f.cancel();
                } else {
                    sum += f.result(10s);
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sum, 3 * 66);
    auto others_end = []() -> Coro<> {
        while (get_running_loop().stats().tasks > 1) co_await sleep(0s);
    };
    run_coroutine_threadsafe(others_end(), other.loop()).result(10s);
}

}  // namespace
}  // namespace aio
