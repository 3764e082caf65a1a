// SPDX-License-Identifier: MIT
// F7: a future that lives as long as the program keeps no trace of those that waited for it.
#include <net/net_support.hpp>
#include <support/ended.hpp>
#include <support/sanitized.hpp>

#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/inspect.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// What the library holds at the moment: blocks of its pool, and of malloc.
struct Memory {
    std::int64_t blocks = pool::stats().live_blocks;
    std::size_t bytes = ::mallinfo2().uordblks;
};

struct WaiterFaults : ::testing::Test, testing::LoopTest {
    /// Awaits round() again and again; then nothing may be left of it.
    template <class F>
    Coro<> often(int rounds, F& round) {
        constexpr int kWarm = 10;
        Memory before;
        for (int i = 0; i < rounds + kWarm; ++i) {
            if (i == kWarm) {
                co_await sleep(0s);
                before = Memory();
            }
            co_await round();
        }
        co_await sleep(0s);
        const Memory after;
        EXPECT_EQ(after.blocks, before.blocks);
        // gtest's own is in it as well; eight bytes for each round are 80 kB and more
        EXPECT_LT(after.bytes, before.bytes + 50'000);
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(loop().stats().tasks, 1U);
        EXPECT_EQ(loop().stats().threads, 0U);
    }
    /// Awaits fn(stop) often, where `stop` is never completed. `callbacks`: how many it may keep.
    template <class F>
    void wait_often(int rounds, F fn, std::size_t callbacks = 0) {
        run([&]() -> Coro<> {
            const Future<> stop = loop().create_future();
            auto round = [&] { return fn(stop); };
            co_await often(rounds, round);
            std::size_t left = 0;
            stop.state()->nodes().for_each([&](aio::detail::CallbackNode&) { ++left; });
            EXPECT_EQ(left, callbacks);
            EXPECT_TRUE(aio::detail::awaiters_of(*stop.state()).empty());
            EXPECT_FALSE(stop.done());
        });
        EXPECT_TRUE(reports().empty());
    }
    /// Has tasks await wait() that are cancelled there.
    template <class F>
    Coro<> cancel_often(F wait);
};

constexpr int kRounds = kSanitized ? 10'000 : 100'000;
constexpr int kFewer = kSanitized ? 2'000 : 10'000;  // of its siblings

Coro<> short_task() { co_await sleep(0s); }

TEST_F(WaiterFaults, F7_wait_for_the_first_of_a_short_task_and_a_long_future) {
    wait_often(kRounds, [](Future<> stop) -> Coro<> {
        const std::vector<AnyFuture> both{create_task(short_task()), stop};
        const auto result = co_await wait(both, FIRST_COMPLETED);
        EXPECT_EQ(result.done.size(), 1U);
    });
}

/// Begins a task, lets it wait, cancels it.
Coro<> cancelled_in_mid_wait(Task<> task) {
    co_await sleep(0s);
    EXPECT_TRUE(task.cancel());
    co_await ended(task);
    EXPECT_TRUE(task.cancelled());
}

template <class F>
Coro<> WaiterFaults::cancel_often(F wait) {
    auto round = [&] { return cancelled_in_mid_wait(create_task(wait)); };
    co_await often(kFewer, round);
}

TEST_F(WaiterFaults, F7_cancelled_wait_for_a_long_future) {
    wait_often(kRounds, [](Future<> stop) -> Coro<> {
        auto waits = [](Future<> future) -> Coro<> {
            const std::vector<AnyFuture> one{future};
            co_await wait(one);
        };
        co_await cancelled_in_mid_wait(create_task(waits(stop)));
    });
}

// --- its siblings: whatever else can wait for a future without cancelling it ---------------------------

TEST_F(WaiterFaults, F7_wait_with_a_time_limit) {
    wait_often(kFewer, [](Future<> stop) -> Coro<> {
        const std::vector<AnyFuture> one{stop};
        const auto result = co_await wait(one, 1ms);
        EXPECT_TRUE(result.done.empty());
    });
}
// One callback stays, however many shields there were: it reports an error that nobody will see.
TEST_F(WaiterFaults, F7_cancelled_await_of_shield) {
    auto round = [](Future<> stop) -> Coro<> {
        auto shields = [](Future<> future) -> Coro<> { co_await shield(future); };
        co_await cancelled_in_mid_wait(create_task(shields(stop)));
    };
    wait_often(kFewer, round, 1);
}
TEST_F(WaiterFaults, F7_wait_for_of_shield) {
    auto round = [](Future<> stop) -> Coro<> {
        bool in_time = true;
        try {
            co_await wait_for(shield(stop), 1ms);
        } catch (const TimeoutError&) {
            in_time = false;
        }
        EXPECT_FALSE(in_time);
    };
    wait_often(kFewer, round, 1);
}
TEST_F(WaiterFaults, F7_as_completed_of_which_one_is_taken) {
    wait_often(kFewer, [](Future<> stop) -> Coro<> {
        std::vector<Future<>> both{create_task(short_task()), stop};
        auto results = as_completed(both);
        const auto first = co_await results.next();
        EXPECT_TRUE(first.has_value());
    });
}
TEST_F(WaiterFaults, F7_select_that_takes_another_branch) {
    wait_often(kFewer, [](Future<> stop) -> Coro<> {
        auto chosen = co_await select(stop, sleep(0s));
        EXPECT_EQ(chosen.index(), 1U);
    });
}
TEST_F(WaiterFaults, F7_cancelled_select) {
    wait_often(kFewer, [](Future<> stop) -> Coro<> {
        auto selects = [](Future<> future) -> Coro<> { co_await select(future, sleep(1h)); };
        co_await cancelled_in_mid_wait(create_task(selects(stop)));
    });
}
TEST_F(WaiterFaults, F7_callbacks_that_are_removed) {
    wait_often(kFewer, [](Future<> stop) -> Coro<> {
        auto callback = stop.add_done_callback([](const AnyFuture&) {});
        EXPECT_EQ(stop.remove_done_callback(callback), 1U);
        co_return;
    });
}

// --- other things that live long -----------------------------------------------------------------------

/// Whether nobody stands in line, as repr() tells.
template <class T>
bool nobody_waits(const T& primitive) {
    const std::string text = primitive.repr();
    return text.find("waiters") == std::string::npos && text.find("getters") == std::string::npos &&
           text.find("putters") == std::string::npos;
}

TEST_F(WaiterFaults, F7_event) {
    run([&]() -> Coro<> {
        Event event;
        co_await cancel_often([&]() -> Coro<> { co_await event.wait(); });
        EXPECT_TRUE(nobody_waits(event));
    });
}
TEST_F(WaiterFaults, F7_lock) {
    run([&]() -> Coro<> {
        Lock lock;
        const auto held = co_await lock.guard();
        co_await cancel_often([&]() -> Coro<> { co_await lock.acquire(); });
        co_await cancel_often([&]() -> Coro<> { const auto guard = co_await lock.guard(); });
        EXPECT_TRUE(nobody_waits(lock));
    });
}
TEST_F(WaiterFaults, F7_condition) {
    run([&]() -> Coro<> {
        Condition condition;
        co_await cancel_often([&]() -> Coro<> {
            const auto guard = co_await condition.guard();
            co_await condition.wait();
        });
        co_await cancel_often([&]() -> Coro<> {
            const auto guard = co_await condition.guard();
            auto never = [] { return false; };
            co_await condition.wait_for(never);
        });
        EXPECT_TRUE(nobody_waits(condition));
        EXPECT_FALSE(condition.locked());
    });
}
TEST_F(WaiterFaults, F7_semaphore) {
    run([&]() -> Coro<> {
        Semaphore semaphore(0);
        co_await cancel_often([&]() -> Coro<> { co_await semaphore.acquire(); });
        EXPECT_TRUE(nobody_waits(semaphore));
    });
}
TEST_F(WaiterFaults, F7_barrier) {
    run([&]() -> Coro<> {
        Barrier barrier(2);
        co_await cancel_often([&]() -> Coro<> { co_await barrier.wait(); });
        EXPECT_EQ(barrier.n_waiting(), 0U);
    });
}
TEST_F(WaiterFaults, F7_queue) {
    run([&]() -> Coro<> {
        Queue<std::string> queue(1);
        co_await cancel_often([&]() -> Coro<> { co_await queue.get(); });
        queue.put_nowait("full");
        co_await cancel_often([&]() -> Coro<> { co_await queue.put("more"); });
        co_await cancel_often([&]() -> Coro<> { co_await queue.join(); });
        EXPECT_TRUE(nobody_waits(queue));
        EXPECT_EQ(queue.qsize(), 1U);
    });
}
TEST_F(WaiterFaults, F7_stream_reader) {
    run([&]() -> Coro<> {
        StreamReader reader;
        reader.feed_data("no line");
        co_await cancel_often([&]() -> Coro<> { co_await reader.readline(); });
        co_await cancel_often([&]() -> Coro<> { co_await reader.readexactly(100); });
        co_await cancel_often([&]() -> Coro<> { co_await reader.read(); });
        reader.feed_eof();
        EXPECT_EQ(co_await reader.read(), "no line");
    });
}
TEST_F(WaiterFaults, F7_stream_writer) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair();
        auto streams = co_await open_connection(std::move(ours));
        StreamWriter& writer = streams.second;
        write_beyond(writer.transport());
        co_await cancel_often([&]() -> Coro<> { co_await writer.drain(); });
        co_await cancel_often([&]() -> Coro<> { co_await writer.wait_closed(); });
        writer.transport().abort();
    });
}
TEST_F(WaiterFaults, F7_server) {
    run([&]() -> Coro<> {
        const auto unused = [](StreamReader, StreamWriter) {};
        Server server = co_await start_server(unused, "127.0.0.1", 0);
        co_await cancel_often([&]() -> Coro<> { co_await server.wait_closed(); });
        server.close();
    });
}

// A call of a thread that has begun cannot be cancelled, and lasts as long as it likes.
TEST_F(WaiterFaults, F7_future_of_a_thread) {
    run([&]() -> Coro<> {
        concurrent::Future<int> stop;
        EXPECT_TRUE(stop.set_running_or_notify_cancel());
        co_await cancel_often([&]() -> Coro<> { co_await wrap_future(stop); });
        auto waits_in_vain = [&]() -> Coro<> {
            const std::vector<concurrent::Future<int>> one{stop};
            EXPECT_TRUE(concurrent::wait(one, WaitOptions(0s)).done.empty());
            co_return;
        };
        co_await often(kFewer, waits_in_vain);
        EXPECT_TRUE(stop.running());
        stop.set_result(1);
    });
}

}  // namespace
}  // namespace aio::tests
