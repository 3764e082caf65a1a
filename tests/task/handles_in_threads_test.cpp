// SPDX-License-Identifier: MIT
// Handles of futures and tasks that other threads have: what they may do with them while the loop runs.
#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <support/ended.hpp>
#include <support/latch.hpp>
#include <support/lifetime.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::thrown;

const std::string kRefused =
    "a future or task cannot be copied outside of its loop's thread: move it with std::move(), or give the "
    "other thread a concurrent::Future and await wrap_future() of it";

// asyncio's loop.call_soon_threadsafe(future.set_result, x), literally: each copy is a change of the count.
TEST(HandlesInThreads, ACopyIsRefusedAtOnce) {
    run([]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        const Future<int> future = loop.create_future<int>();
        std::string error;
        std::thread thread([&loop, &error, future] {  // a copy, but made by the loop's thread
            error =
                thrown<RuntimeError>([&] { loop.call_soon_threadsafe([future] { future.set_result(1); }); });
            EXPECT_EQ(thrown<RuntimeError>([&] { const AnyFuture copy = future; }), kRefused);
            EXPECT_EQ(thrown<RuntimeError>([&] { std::vector<Future<int>>(2, future); }), kRefused);
        });
        thread.join();
        EXPECT_EQ(error, kRefused);
        while (future.state()->shared()) co_await sleep(0s);  // what the thread had goes, too
        EXPECT_FALSE(future.done());
    });
}

TEST(HandlesInThreads, MovedTheyAreSafe) {
    run([]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        for (int i = 0; i < 100; ++i) {
            Future<int> future = loop.create_future<int>();
            std::thread thread([&loop, i, future]() mutable {
                loop.call_soon_threadsafe([i, future = std::move(future)] { future.set_result(i); });
            });
            EXPECT_EQ(co_await future, i);
            thread.join();
            co_await sleep(0s);
        }
    });
}

TEST(HandlesInThreads, ATaskIsCancelledByAMovedHandleOrAReference) {
    run([]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        Task<> task = create_task(sleep(1h));
        Task<> other = create_task(sleep(1h));
        std::thread thread([&loop, &other, task]() mutable {
            EXPECT_EQ(thrown<RuntimeError>([&] { loop.call_soon_threadsafe([task] { task.cancel(); }); }),
                      kRefused);
            EXPECT_EQ(thrown<RuntimeError>([&] { const AnyTask any = task; }), kRefused);
            loop.call_soon_threadsafe([task = std::move(task)] { task.cancel(); });
            loop.call_soon_threadsafe([&other] { other.cancel(); });
        });
        co_await tests::ended(task);
        co_await tests::ended(other);
        EXPECT_TRUE(task.cancelled() && other.cancelled());
        thread.join();
    });
}

TEST(HandlesInThreads, TheLastOneIsDroppedByTheLoop) {
    run([]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        std::thread::id destroyed_in;
        tests::Latch dropped;
        Future<tests::AtEnd> future = loop.create_future<tests::AtEnd>();
        future.set_result([&] { destroyed_in = std::this_thread::get_id(); });
        std::thread thread([&] {
            {
                const Future<tests::AtEnd> last = std::move(future);
            }
            dropped.set();
        });
        dropped.wait();
        EXPECT_EQ(destroyed_in, std::thread::id());
        while (destroyed_in == std::thread::id()) co_await sleep(0s);
        EXPECT_EQ(destroyed_in, std::this_thread::get_id());
        thread.join();
    });
}

TEST(HandlesInThreads, TheLoopMayCloseWithWhatWasDropped) {
    const tests::Lifetime life;
    EventLoopPtr loop = new_event_loop();
    auto future = loop->create_future<std::shared_ptr<int>>();
    future.set_result(life.token());
    loop->call_soon([&] {
        std::thread([future] {}).join();
        loop->stop();
    });
    loop->run_forever();
    future = {};
    EXPECT_FALSE(life.over());  // on its way
    loop = nullptr;
    EXPECT_TRUE(life.over());
}

TEST(HandlesInThreads, WithoutARunningLoopTheyAreAnyones) {
    EventLoopPtr loop = new_event_loop();
    const Future<int> future = loop->create_future<int>();
    std::thread([&] {
        const Future<int> copy = future;
        EXPECT_TRUE(copy.state()->shared());
    }).join();
    EXPECT_FALSE(future.state()->shared());
}

TEST(HandlesInThreads, ALoopThatIsClosedByACallbackOfAnotherDoesNotHideTheThread) {
    EventLoopPtr outer = new_event_loop();
    EventLoopPtr inner = new_event_loop();
    const Future<int> future = outer->create_future<int>();
    bool copied = false;
    // Destroyed by close(), while no loop is said to run.
    inner->call_soon([at_end = std::make_shared<tests::AtEnd>([&] {
                          const Future<int> copy = future;
                          copied = true;
                      })] {});
    outer->call_soon([&] {
        inner = nullptr;
        outer->stop();
    });
    outer->run_forever();
    EXPECT_TRUE(copied);
    EXPECT_FALSE(future.state()->shared());
}

}  // namespace
}  // namespace aio
