// SPDX-License-Identifier: MIT
// Waiting allocates nothing: this executable's operator new counts. Under sanitizers, where every block is a
// system block on purpose, nothing is claimed.
#include "sync_support.hpp"

#include <support/sanitized.hpp>

#include <aio/base/pool.hpp>

#include <cstdlib>
#include <new>

#if !AIO_TEST_SANITIZED

namespace {
constinit thread_local std::size_t allocations = 0;  // of this thread: other ones may run
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* block = std::malloc(size ? size : 1)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace aio::tests {
namespace {

struct AllocationTest : SyncTest {
    AllocationTest() { loop().set_debug(false); }  // debug mode makes the name of whatever runs

    // Two tasks that take turns, each `rounds` times. The first rounds warm up.
    template <class Here, class There>
    void check(Here here, There there) {
        run([&]() -> Coro<> {
            auto other = [&]() -> Coro<> {
                for (int i = 0; i < 1010; ++i) co_await there();
            };
            Task<> task = create_task(other());
            for (int i = 0; i < 10; ++i) co_await here();
            const std::size_t before = allocations;
            const auto fresh = pool::stats().fresh_blocks;
            for (int i = 0; i < 1000; ++i) co_await here();
            EXPECT_EQ(allocations - before, 0u);
            EXPECT_EQ(pool::stats().fresh_blocks - fresh, 0);
            co_await task;
        });
    }
};

TEST_F(AllocationTest, TheCounterCounts) {
    const std::size_t before = allocations;
    auto* volatile block = new std::vector<int>(100);
    delete block;
    EXPECT_GT(allocations - before, 0u);
}

TEST_F(AllocationTest, Locks) {
    Lock lock;
    auto hold = [&]() -> Coro<> {
        auto guard = co_await lock.guard();
        co_await sleep(0s);
    };
    check(hold, hold);
}

TEST_F(AllocationTest, Semaphores) {
    Semaphore semaphore(1);
    auto hold = [&]() -> Coro<> {
        auto guard = co_await semaphore.guard();
        co_await sleep(0s);
    };
    check(hold, hold);
}

TEST_F(AllocationTest, QueuesBothWays) {
    Queue<int> there(1);
    Queue<int> back(1);
    auto ping = [&]() -> Coro<> {
        co_await there.put(1);
        co_await back.get();
    };
    auto pong = [&]() -> Coro<> {
        co_await there.get();
        co_await back.put(1);
    };
    check(ping, pong);
}

TEST_F(AllocationTest, EventsAndConditions) {
    Condition condition;
    Event event;
    auto wait = [&]() -> Coro<> {
        auto guard = co_await condition.guard();
        co_await condition.wait();
        event.set();
    };
    auto notify = [&]() -> Coro<> {
        event.clear();
        {
            auto guard = co_await condition.guard();
            condition.notify();
        }
        co_await event.wait();
    };
    check(wait, notify);
}

TEST_F(AllocationTest, Select) {
    Queue<int> there(1);
    Queue<int> back(1);
    Event never;
    auto ping = [&]() -> Coro<> {
        co_await there.put(1);
        co_await select(never.wait(), back.get(), sleep(1h));
    };
    auto pong = [&]() -> Coro<> {
        co_await select(never.wait(), there.get(), sleep(1h));
        co_await back.put(1);
    };
    check(ping, pong);
}

}  // namespace
}  // namespace aio::tests

#endif
