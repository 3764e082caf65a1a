// SPDX-License-Identifier: MIT
// Every awaitable of the library is for one await: a second one, and one after a move, is a RuntimeError.
// Futures and tasks may be awaited any number of times, but not once they were moved from.
#include <net/net_support.hpp>
#include <support/caught.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

AsyncGenerator<int> numbers() {
    for (int i = 0;; ++i) co_yield i;
}
AsyncGenerator<int> few() {
    for (int i = 0; i < 3; ++i) co_yield i;
}
Coro<int> seven() {
    co_await sleep(0s);
    co_return 7;
}

/// What the awaitables are made from.
struct World {
    AsyncGenerator<int> generator = numbers();
    AsyncGenerator<int> short_one = few();
    Lock lock;
    Lock taken;
    Semaphore semaphore{1};
    Event event;
    Condition condition;
    Barrier barrier{1};
    Queue<int> queue;
    Queue<int> idle;
    TaskGroup group;
    TaskGroup entered_group;
    Timeout limit = timeout(1s);
    Timeout entered_limit = timeout(1s);
    AsyncExitStack stack;
    StreamReader reader;
    std::string memory = std::string(4, '\0');
    Socket peer;
    std::optional<StreamPair> streams;
    std::vector<Task<int>> tasks;

    Coro<> prepare() {
        event.set();
        queue.put_nowait(1);
        reader.feed_data("a line\nanother line\n");
        tasks.push_back(create_task(seven()));
        co_await taken.acquire();
        co_await condition.acquire();
        co_await entered_group.aenter();
        co_await entered_limit.aenter();
        auto [ours, theirs] = socket_pair();
        peer = std::move(theirs);
        streams = co_await open_connection(std::move(ours));
    }
    Coro<> finish() {
        if (streams) streams->second.close();
        try {
            co_await entered_limit.aexit(nullptr);
        } catch (const RuntimeError&) {  // it was what the case is about
        }
        co_await generator.aclose();
        co_await short_one.aclose();
        co_await sleep(0s);
    }
};

#define AIO_CASE(NAME, EXPRESSION)                                             \
    struct NAME {                                                              \
        static constexpr const char* name = #NAME;                             \
        static auto make([[maybe_unused]] World& world) { return EXPRESSION; } \
    };
AIO_CASE(Coroutine, seven())
AIO_CASE(Sleep, sleep(1s))
AIO_CASE(SleepZero, sleep(0s))
AIO_CASE(SleepWithResult, sleep(1s, std::string("slept")))
AIO_CASE(Wait, wait(world.tasks))
AIO_CASE(WaitCoroutines, wait(seven(), seven()))
AIO_CASE(WaitFor, wait_for(sleep(1s), 2s))
AIO_CASE(WaitForCoroutine, wait_for(seven(), 2s))
AIO_CASE(WaitForNoTime, wait_for(sleep(1s), 0s))
AIO_CASE(AsyncWith, async_with(world.lock, seven))
AIO_CASE(TimeoutBlock, async_with(timeout(1s), seven))
AIO_CASE(TimeoutAenter, world.limit.aenter())
AIO_CASE(TimeoutAexit, world.entered_limit.aexit(nullptr))
AIO_CASE(Anext, world.generator.next())
AIO_CASE(AnextWithFallback, anext(world.generator, 0))
AIO_CASE(Athrow, world.generator.athrow(ValueError("x")))
AIO_CASE(Aclose, world.generator.aclose())
AIO_CASE(Collect, collect(world.short_one))
AIO_CASE(CompletedResult, *as_completed(world.tasks).begin())
AIO_CASE(CompletedFuture, as_completed(world.tasks).next())
AIO_CASE(Race, staggered_race(std::vector{&seven}, 1s))
AIO_CASE(GroupAenter, world.group.aenter())
AIO_CASE(GroupAexit, world.entered_group.aexit(nullptr))
AIO_CASE(StackAenter, world.stack.aenter())
AIO_CASE(StackAclose, world.stack.aclose())
AIO_CASE(NullContextAenter, nullcontext().aenter())
AIO_CASE(NullContextAexit, nullcontext().aexit())
AIO_CASE(SuppressAenter, suppress<ValueError>().aenter())
AIO_CASE(SuppressAexit, suppress<ValueError>().aexit(nullptr))
AIO_CASE(LockAcquire, world.lock.acquire())
AIO_CASE(LockGuard, world.lock.guard())
AIO_CASE(LockAenter, world.lock.aenter())
AIO_CASE(LockAexit, world.taken.aexit())
AIO_CASE(SemaphoreAcquire, world.semaphore.acquire())
AIO_CASE(SemaphoreGuard, world.semaphore.guard())
AIO_CASE(SemaphoreAenter, world.semaphore.aenter())
AIO_CASE(SemaphoreAexit, world.semaphore.aexit())
AIO_CASE(EventWait, world.event.wait())
AIO_CASE(ConditionWaitFor, world.condition.wait_for([] { return true; }))
AIO_CASE(BarrierWait, world.barrier.wait())
AIO_CASE(QueueGet, world.queue.get())
AIO_CASE(QueuePut, world.queue.put(2))
AIO_CASE(QueueJoin, world.idle.join())
AIO_CASE(Select, select(world.event.wait(), sleep(1s)))
AIO_CASE(Read, world.reader.read(3))
AIO_CASE(Readexactly, world.reader.readexactly(3))
AIO_CASE(Readline, world.reader.readline())
AIO_CASE(NextLine, world.reader.next_line())
AIO_CASE(Readuntil, world.reader.readuntil("n"))
AIO_CASE(ReadInto, world.reader.read_into(world.memory))
AIO_CASE(ReadView, world.reader.read_view())
AIO_CASE(NextChunk, world.reader.next_chunk())
AIO_CASE(Fill, world.reader.fill(3))
AIO_CASE(Drain, world.streams->second.drain())
AIO_CASE(WaitClosed, (world.streams->second.close(), world.streams->second.wait_closed()))
AIO_CASE(ToThread, to_thread([] { return 1; }))
#undef AIO_CASE

using Cases = ::testing::Types<
    Coroutine, Sleep, SleepZero, SleepWithResult, Wait, WaitCoroutines, WaitFor, WaitForCoroutine,
    WaitForNoTime, AsyncWith, TimeoutBlock, TimeoutAenter, TimeoutAexit, Anext, AnextWithFallback, Athrow,
    Aclose, Collect, CompletedResult, CompletedFuture, Race, GroupAenter, GroupAexit, StackAenter,
    StackAclose, NullContextAenter, NullContextAexit, SuppressAenter, SuppressAexit, LockAcquire, LockGuard,
    LockAenter, LockAexit, SemaphoreAcquire, SemaphoreGuard, SemaphoreAenter, SemaphoreAexit, EventWait,
    ConditionWaitFor, BarrierWait, QueueGet, QueuePut, QueueJoin, Select, Read, Readexactly, Readline,
    NextLine, Readuntil, ReadInto, ReadView, NextChunk, Fill, Drain, WaitClosed, ToThread>;

struct CaseNames {
    template <class Case>
    static std::string GetName(int) {
        return Case::name;
    }
};

template <class Case>
struct Reuse : ::testing::Test, testing::LoopTest {
    Reuse() : LoopTest(true) {}
};
TYPED_TEST_SUITE(Reuse, Cases, CaseNames);

/// Whether awaiting it is refused; whatever else comes of it does not count.
template <class A>
Coro<std::string> outcome(A& awaitable) {
    try {
        static_cast<void>(co_await std::move(awaitable));
    } catch (const RuntimeError& error) {
        co_return error.what();
    } catch (...) {
    }
    co_return "awaited";
}

const char* const kRefused = "cannot reuse already awaited coroutine";

TYPED_TEST(Reuse, ASecondAwaitIsRefused) {
    this->run([]() -> Coro<> {
        World world;
        co_await world.prepare();
        auto awaitable = TypeParam::make(world);
        EXPECT_EQ(co_await outcome(awaitable), "awaited");
        const std::string what = co_await outcome(awaitable);
        EXPECT_TRUE(what.starts_with(kRefused)) << what;
        co_await world.finish();
    });
    EXPECT_TRUE(this->reports().empty());
}

TYPED_TEST(Reuse, AnAwaitAfterAMoveIsRefused) {
    this->run([]() -> Coro<> {
        World world;
        co_await world.prepare();
        auto awaitable = TypeParam::make(world);
        auto moved = std::move(awaitable);
        const std::string what = co_await outcome(awaitable);  // NOLINT(bugprone-use-after-move)
        EXPECT_TRUE(what.starts_with(kRefused)) << what;
        EXPECT_EQ(co_await outcome(moved), "awaited");
        co_await world.finish();
    });
    EXPECT_TRUE(this->reports().empty());
}

}  // namespace
}  // namespace aio::tests
