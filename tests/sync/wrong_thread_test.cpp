// SPDX-License-Identifier: MIT
// Debug mode: what belongs to a loop and is called from another thread than the loop's.
#include <aio/aio.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

constexpr const char* kText = "Non-thread-safe operation invoked on an event loop other than the current one";

/// Calls it in a thread, once where no loop runs and once where another one does, and expects the error.
void expect_refusal(const char* what, const std::function<void()>& call, const std::string& error = kText) {
    std::string without;
    std::string within;
    std::thread thread([&] {
        without = thrown<RuntimeError>(call);
        run([&]() -> Coro<> {
            within = thrown<RuntimeError>(call);
            co_return;
        });
    });
    thread.join();
    EXPECT_EQ(without, error) << what << " in a thread without a loop";
    EXPECT_EQ(within, error) << what << " in a thread with a loop of its own";
}
#define EXPECT_REFUSAL(...) expect_refusal(#__VA_ARGS__, [&] { (void)(__VA_ARGS__); })

struct WrongThread : ::testing::Test {
    template <class F>
    void run_debugging(F body) {
        run(body(), RunOptions().debug(true));
    }
    static Coro<> nothing() { co_return; }
    static Coro<> turns(int count = 3) {
        for (int i = 0; i < count; ++i) co_await sleep(0s);
    }
};

TEST_F(WrongThread, IsRefusedByTheLoop) {
    const LogCapture log;
    run_debugging([&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        loop.slow_callback_duration = 1h;  // the machine may be slow, and that is logged too
        TimerHandle timer = loop.call_later(1h, [] {});
        EXPECT_REFUSAL(loop.call_soon([] {}));
        EXPECT_REFUSAL(loop.create_task(nothing()));
        EXPECT_REFUSAL(loop.create_task(nothing(), TaskOptions().name("x")));
        EXPECT_REFUSAL(loop.remove_reader(0));
        EXPECT_REFUSAL(loop.run_in_executor(nullptr, [] {}));
        EXPECT_REFUSAL(timer.cancel());
        EXPECT_FALSE(timer.cancelled());
        timer.cancel();
        Handle threadsafe = loop.call_soon_threadsafe([] {});
        expect_refusal("cancel", [&] { threadsafe.cancel(); }, "no exception");
        EXPECT_EQ(all_tasks().size(), 1U);
        co_return;
    });
    EXPECT_EQ(log.messages(), std::vector<std::string>()) << "and no coroutine is reported as forgotten";
}

TEST_F(WrongThread, IsRefusedByFuturesAndTasks) {
    run_debugging([&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        const Future<std::string> future = loop.create_future<std::string>();
        const Future<> none = loop.create_future<>();
        const Task<> task = create_task(sleep(1h));
        auto callback = [](const AnyFuture&) {};
        future.add_done_callback(callback);
        co_await turns();
        EXPECT_REFUSAL(future.set_result("x"));
        EXPECT_REFUSAL(none.set_result());
        EXPECT_REFUSAL(future.set_exception(ValueError("x")));
        EXPECT_REFUSAL(future.cancel());
        EXPECT_REFUSAL(task.cancel());
        EXPECT_REFUSAL(task.cancel("why"));
        EXPECT_REFUSAL(future.add_done_callback(callback));
        EXPECT_REFUSAL(future.remove_done_callback(callback));
        EXPECT_FALSE(future.done() || none.done()) << "nothing has changed";
        EXPECT_EQ(task.cancelling(), 0U);
        EXPECT_EQ(future.remove_done_callback(callback), 1U);
        future.set_result("x");
        task.cancel();
    });
}

TEST_F(WrongThread, IsRefusedByWhatWakesTasks) {
    run_debugging([&]() -> Coro<> {
        Event event;
        Lock lock;
        Semaphore semaphore(0);
        Condition condition;
        StreamReader reader;
        co_await lock.acquire();
        co_await condition.acquire();
        std::vector<AnyTask> tasks;
        tasks.push_back(create_task(event.wait()));
        tasks.push_back(create_task(lock.acquire()));
        tasks.push_back(create_task(semaphore.acquire()));
        tasks.push_back(create_task(reader.read(1)));
        auto waiting = [&]() -> Coro<> {
            co_await condition.acquire();
            co_await condition.wait();
            condition.release();
        };
        tasks.push_back(create_task(waiting));
        condition.release();
        co_await turns();
        co_await condition.acquire();
        EXPECT_REFUSAL(event.set());
        EXPECT_REFUSAL(lock.release());
        EXPECT_REFUSAL(semaphore.release());
        EXPECT_REFUSAL(condition.notify_all());
        EXPECT_REFUSAL(reader.feed_data("x"));
        EXPECT_FALSE(event.is_set()) << "nothing has changed";
        EXPECT_TRUE(lock.locked());
        EXPECT_EQ(semaphore.value(), 0);
        co_await turns();
        for (const AnyTask& task : tasks) EXPECT_FALSE(task.done());
        event.set();
        lock.release();
        semaphore.release();
        condition.notify_all();
        condition.release();
        reader.feed_data("x");
        co_await turns();
        for (const AnyTask& task : tasks) EXPECT_TRUE(task.done());
    });
}

TEST_F(WrongThread, IsRefusedByQueues) {
    run_debugging([&]() -> Coro<> {
        Queue<int> queue(1);
        Task<int> getting = create_task(queue.get());
        co_await turns();
        EXPECT_REFUSAL(queue.put_nowait(1));
        EXPECT_REFUSAL(queue.shutdown());
        EXPECT_TRUE(queue.empty()) << "nothing has changed";
        queue.put_nowait(2);
        const int got = co_await getting;
        EXPECT_EQ(got, 2);
        EXPECT_REFUSAL(queue.put_nowait(1));  // also where nobody waits any more
        queue.put_nowait(3);
        EXPECT_REFUSAL(queue.get_nowait());
        auto joining = create_task(queue.join());
        co_await turns();
        queue.task_done();
        EXPECT_REFUSAL(queue.task_done());
        queue.task_done();
        co_await joining;
        EXPECT_EQ(queue.get_nowait(), 3);
    });
}

// Only a running loop has a thread. And while another loop is being closed, its destructors belong to none.
TEST_F(WrongThread, IsNoneWithoutARunningLoopOrWhileAnotherIsClosed) {
    EventLoopPtr loop = new_event_loop(LoopOptions().debug(true));
    const Future<> future = loop->create_future<>();
    std::string error;
    std::thread thread([&] { error = thrown<RuntimeError>([&] { future.set_result(); }); });
    thread.join();
    EXPECT_EQ(error, "no exception");
    EXPECT_TRUE(future.done());
    run_debugging([&]() -> Coro<> {
        struct Completing {
            explicit Completing(const Future<>& f) : future(f) {}
            Completing(const Completing&) = delete;
            Completing& operator=(const Completing&) = delete;
            Future<> future;
            ~Completing() { future.set_result(); }
        };
        const Future<> own = get_running_loop().create_future<>();
        auto completing = std::make_shared<Completing>(own);
        loop->call_soon([completing] {});
        completing = nullptr;
        loop->close();
        EXPECT_TRUE(own.done());
        co_return;
    });
}

TEST_F(WrongThread, IsNotLookedAtWithoutDebugMode) {
    auto body = [&]() -> Coro<> {
        const Future<> future = get_running_loop().create_future<>();
        std::string error;
        std::thread thread([&] { error = thrown<RuntimeError>([&] { future.cancel(); }); });
        thread.join();
        EXPECT_EQ(error, "no exception");
        co_return;
    };
    run(body(), RunOptions().debug(false));
}

}  // namespace
}  // namespace aio::tests
