// SPDX-License-Identifier: MIT
#include "queue_support.hpp"

#include <support/lifetime.hpp>

#include <memory>
#include <optional>
#include <random>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<Queue<int>> && !std::is_move_constructible_v<Queue<int>>);
static_assert(std::is_same_v<await_result_t<decltype(std::declval<Queue<int>&>().get())>, int>);
static_assert(std::is_void_v<await_result_t<decltype(std::declval<Queue<int>&>().put(1))>>);
static_assert(std::is_void_v<await_result_t<decltype(std::declval<Queue<int>&>().join())>>);

TEST_F(QueueTest, WhatIsReadyDoesNotYield) {
    run([&]() -> Coro<> {
        Queue<int> queue(2);
        loop().call_soon([&] { trace.push_back("turn"); });
        co_await queue.put(1);
        co_await queue.put(2);
        const int first = co_await queue.get();
        const int second = co_await queue.get();
        EXPECT_EQ(first * 10 + second, 12);
        EXPECT_TRUE(trace.empty());
    });
}

TEST_F(QueueTest, NoLimitForZeroAndLess) {
    for (const std::ptrdiff_t maxsize : {0, -1}) {
        Queue<int> queue(maxsize);
        for (int i = 0; i < 1000; ++i) queue.put_nowait(i);
        EXPECT_FALSE(queue.full());
        EXPECT_EQ(queue.maxsize(), maxsize);
        EXPECT_EQ(queue.qsize(), 1000u);
        for (int i = 0; i < 1000; ++i) EXPECT_EQ(queue.get_nowait(), i);
        EXPECT_TRUE(queue.empty());
    }
}

TEST_F(QueueTest, NowaitFormsThrow) {
    Queue<int> queue(1);
    EXPECT_EQ(thrown<QueueEmpty>([&] { queue.get_nowait(); }), "the queue is empty");
    queue.put_nowait(1);
    EXPECT_TRUE(queue.full());
    EXPECT_EQ(thrown<QueueFull>([&] { queue.put_nowait(2); }), "the queue is full");
    queue.shutdown();
    EXPECT_EQ(thrown<QueueShutDown>([&] { queue.put_nowait(2); }), "the queue is shut down");
    EXPECT_EQ(queue.get_nowait(), 1);
    EXPECT_EQ(thrown<QueueShutDown>([&] { queue.get_nowait(); }), "the queue is shut down");
}

TEST_F(QueueTest, GettersAreServedInOrder) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        for (const std::string& name : names("a", "b", "c")) create_task(get(queue, name));
        co_await settle();
        for (int i = 1; i <= 3; ++i) queue.put_nowait(i);
        co_await settle();
        EXPECT_EQ(trace, (Strings{"a1", "b2", "c3"}));
    });
}

TEST_F(QueueTest, PuttersAreServedInOrder) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        queue.put_nowait(0);
        for (int i = 1; i <= 3; ++i) create_task(put(queue, i));
        co_await settle();
        EXPECT_TRUE(trace.empty());
        for (int i = 0; i <= 3; ++i) {
            const int item = co_await queue.get();
            EXPECT_EQ(item, i);
            co_await settle();
        }
        EXPECT_EQ(trace, (Strings{"put 1", "put 2", "put 3"}));
    });
}

// As in asyncio: the item is not reserved for the task that was woken for it.
TEST_F(QueueTest, AWokenGetterThatFindsNothingGoesToTheEndOfTheLine) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        create_task(get(queue, "a"));
        create_task(get(queue, "b"));
        co_await settle();
        queue.put_nowait(1);
        EXPECT_EQ(queue.get_nowait(), 1);
        co_await settle();
        EXPECT_EQ(format(queue.repr()), "maxsize=0 _getters[2] tasks=1");
        queue.put_nowait(2);
        queue.put_nowait(3);
        co_await settle();
        EXPECT_EQ(trace, (Strings{"b2", "a3"}));
    });
}

TEST_F(QueueTest, AWokenPutterThatFindsNoRoomGoesToTheEndOfTheLine) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        queue.put_nowait(0);
        create_task(put(queue, 1));
        create_task(put(queue, 2));
        co_await settle();
        EXPECT_EQ(queue.get_nowait(), 0);
        queue.put_nowait(9);
        co_await settle();
        EXPECT_TRUE(trace.empty());
        std::vector<int> items;
        for (int i = 0; i < 3; ++i) {
            items.push_back(co_await queue.get());
            co_await settle();
        }
        EXPECT_EQ(py(items), "[9, 2, 1]");
    });
}

TEST_F(QueueTest, CancelledBeforeItWaits) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        auto getter = [&]() -> Coro<> {
            current_task().cancel();
            co_await queue.get();
        };
        auto putter = [&]() -> Coro<> {
            current_task().cancel();
            co_await queue.put(1);  // room: nothing is delivered
            co_await queue.put(2);
        };
        Task<> g = create_task(getter);
        co_await ended(g);
        Task<> p = create_task(putter);
        co_await ended(p);
        EXPECT_TRUE(g.cancelled() && p.cancelled());
        EXPECT_EQ(format(queue.repr()), "maxsize=1 _queue=[1] tasks=1");
    });
}

TEST_F(QueueTest, CancelledWhileTheyWait) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        Task<> a = create_task(get(queue, "a"));
        Task<> b = create_task(get(queue, "b"));
        co_await settle();
        a.cancel();
        queue.put_nowait(1);
        co_await ended(a, b);
        EXPECT_EQ(trace, Strings{"b1"});
        queue.put_nowait(2);
        Task<> c = create_task(put(queue, 3));
        Task<> d = create_task(put(queue, 4));
        co_await settle();
        c.cancel();
        EXPECT_EQ(queue.get_nowait(), 2);
        co_await ended(c, d);
        EXPECT_TRUE(c.cancelled());
        EXPECT_EQ(queue.get_nowait(), 4);
    });
}

TEST_F(QueueTest, ACancelledGetterThatWasWokenPassesTheItemOn) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        Task<> a = create_task(get(queue, "a"));
        Task<> b = create_task(get(queue, "b"));
        co_await settle();
        queue.put_nowait(1);
        a.cancel();
        co_await ended(a, b);
        EXPECT_TRUE(a.cancelled());
        EXPECT_EQ(trace, Strings{"b1"});
        Task<> c = create_task(get(queue, "c"));
        co_await settle();
        queue.put_nowait(2);
        c.cancel();
        co_await ended(c);
        EXPECT_EQ(queue.get_nowait(), 2) << "with nobody left it stays";
    });
}

TEST_F(QueueTest, ACancelledPutterThatWasWokenPassesTheRoomOn) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        queue.put_nowait(0);
        Task<> a = create_task(put(queue, 1));
        Task<> b = create_task(put(queue, 2));
        co_await settle();
        EXPECT_EQ(queue.get_nowait(), 0);
        a.cancel();
        co_await ended(a, b);
        EXPECT_TRUE(a.cancelled());
        EXPECT_EQ(queue.get_nowait(), 2);
        EXPECT_TRUE(queue.empty());
    });
}

TEST_F(QueueTest, CancelledAfterItFoundNothing) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        Task<> a = create_task(get(queue, "a"));
        co_await settle();
        queue.put_nowait(1);
        queue.get_nowait();
        a.cancel();  // woken, and what woke it is gone
        co_await ended(a);
        EXPECT_TRUE(a.cancelled());
        a = create_task(get(queue, "a"));
        co_await settle();
        queue.put_nowait(1);
        queue.get_nowait();
        co_await settle();
        a.cancel();  // back in the line
        co_await ended(a);
        EXPECT_EQ(format(queue.repr()), "maxsize=0 tasks=2");
    });
}

TEST_F(QueueTest, DestroyedWithItsLoopWhileWaitingAndWoken) {
    Queue<int> queue(1);
    for (const std::string& name : names("a", "b")) loop().create_task(get(queue, name));
    loop().run_until_complete(sleep(0s));
    queue.put_nowait(1);
    loop().create_task(put(queue, 2));
    loop().create_task(put(queue, 3));
    loop().close();
    EXPECT_EQ(format(queue.repr()), "maxsize=1 _queue=[1] tasks=1");

    aio::testing::LoopTest second;
    Queue<int> full(1);
    full.put_nowait(0);
    for (int i = 1; i <= 2; ++i) second.loop().create_task(put(full, i));
    second.loop().run_until_complete(sleep(0s));
    full.get_nowait();
    second.loop().close();
    EXPECT_EQ(format(full.repr()), "maxsize=1 tasks=1");
}

TEST_F(QueueTest, WaitersOutliveTheQueue) {
    run([&]() -> Coro<> {
        std::optional<Queue<int>> brief(std::in_place, 1);
        Task<> woken = create_task(get(*brief, "woken"));
        Task<> waiting = create_task(get(*brief, "waiting"));
        Task<> cancelled = create_task(get(*brief, "cancelled"));
        auto joining = create_task(brief->join());
        co_await settle();
        brief->put_nowait(1);
        auto joining_late = create_task(brief->join());
        cancelled.cancel();
        co_await ended(joining, cancelled);
        // "woken" has had its turn; one more that has not.
        Task<> about = create_task(get(*brief, "about"));
        co_await settle();
        waiting.cancel();
        co_await ended(waiting);
        brief->put_nowait(2);
        brief.reset();
        co_await ended(about);
        EXPECT_EQ(thrown<RuntimeError>([&] { about.result(); }),
                  "Queue.get(): destroyed when it was about to end");
        co_await sleep(1h);
        EXPECT_FALSE(joining_late.done());
        joining_late.cancel();
        co_await ended(joining_late, woken);
        EXPECT_EQ(trace, Strings{"woken1"});
    });
}

TEST_F(QueueTest, JoinWaitsForWhatWasPut) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        co_await queue.join();
        queue.put_nowait(1);
        queue.put_nowait(2);
        Task<> join = create_task(queue.join());
        Task<> other = create_task(queue.join());
        co_await settle();
        queue.task_done();
        other.cancel();
        co_await ended(other);
        EXPECT_TRUE(other.cancelled());
        EXPECT_FALSE(join.done());
        queue.task_done();
        co_await join;
        EXPECT_EQ(thrown<ValueError>([&] { queue.task_done(); }), "task_done() called too many times");
    });
}

TEST_F(QueueTest, ShutdownDrainsAndThenEnds) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        queue.put_nowait(1);
        create_task(put(queue, 2));
        create_task(put(queue, 3));
        co_await settle();
        queue.shutdown();
        queue.shutdown();
        co_await settle();
        EXPECT_EQ(trace, (Strings{"refused 2", "refused 3"}));
        co_await get(queue, "a");
        co_await get(queue, "b");
        co_await put(queue, 4);
        EXPECT_EQ(trace, (Strings{"refused 2", "refused 3", "a1", "b shut down", "refused 4"}));
        EXPECT_EQ(format(queue.repr()), "maxsize=1 tasks=1 shutdown");
    });
}

TEST_F(QueueTest, ShutdownWakesWhoWaitsForItems) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        Task<> a = create_task(get(queue, "a"));
        Task<> b = create_task(get(queue, "b"));
        co_await settle();
        queue.shutdown();
        b.cancel();
        co_await ended(a, b);
        EXPECT_TRUE(b.cancelled());
        EXPECT_EQ(trace, Strings{"a shut down"});
    });
}

TEST_F(QueueTest, ImmediateShutdownDropsTheItems) {
    run([&]() -> Coro<> {
        Lifetime life;
        Queue<std::shared_ptr<int>> queue(3);
        for (int i = 0; i < 3; ++i) queue.put_nowait(life.token());
        co_await queue.get();
        Task<> join = create_task(queue.join());
        co_await settle();
        queue.shutdown(true);
        EXPECT_TRUE(life.over());
        co_await settle();
        EXPECT_FALSE(join.done()) << "one is being worked on";
        queue.task_done();
        co_await join;
    });
}

TEST_F(QueueTest, BelongsToTheLoopOnWhichATaskHadToWaitFirst) {
    Queue<int> queue(1);
    run([&]() -> Coro<> {
        Task<> task = create_task(get(queue, "a"));
        co_await settle();
        queue.put_nowait(1);
        co_await task;
        queue.put_nowait(2);
    });
    aio::testing::LoopTest second;
    second.run(get(queue, "does not have to wait"));
    const std::string text = queue.repr();
    EXPECT_EQ(thrown<RuntimeError>([&] { second.run(get(queue, "b")); }),
              text + " is bound to a different event loop");
}

TEST_F(QueueTest, TextForms) {
    Queue<std::string> words(2);
    words.put_nowait("a");
    words.put_nowait("b");
    EXPECT_TRUE(words.repr().starts_with("<aio::Queue at 0x")) << words.repr();
    EXPECT_EQ(format(words.repr()), "maxsize=2 _queue=['a', 'b'] tasks=2");
    Queue<bool> flags;
    flags.put_nowait(true);
    EXPECT_EQ(format(flags.repr()), "maxsize=0 _queue=[True] tasks=1");
    Queue<std::unique_ptr<int>> opaque;
    opaque.put_nowait(nullptr);
    EXPECT_EQ(format(opaque.repr()), "maxsize=0 _queue=[...] tasks=1");
    run([&]() -> Coro<> {
        Task<> task = create_task(words.put("c"));
        co_await settle();
        EXPECT_EQ(format(words.repr()), "maxsize=2 _queue=['a', 'b'] _putters[1] tasks=2");
        EXPECT_TRUE(task.repr().ends_with(" wait_for=Queue.put>")) << task.repr();
        words.get_nowait();
        co_await task;
    });
}

TEST_F(QueueTest, AStoredWaitIsMovedIntoATimeLimit) {
    run([&]() -> Coro<> {
        Queue<int> queue(1);
        auto get = queue.get();
        auto put = queue.put(1);
        co_await wait_for(std::move(put), 1s);
        const int item = co_await wait_for(std::move(get), 1s);
        EXPECT_EQ(item, 1);
    });
}

}  // namespace
}  // namespace aio::tests
