// SPDX-License-Identifier: MIT
// What awaiting costs in memory: after the first time nothing comes from the system. This executable's
// operator new counts; under sanitizers, where every block is a system block on purpose, nothing is
// claimed.
#include <support/sanitized.hpp>

#include <aio/base/pool.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#if !AIO_TEST_SANITIZED

namespace {
constinit thread_local std::size_t allocations = 0;  // of this thread: other ones may run
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* block = std::malloc(size ? size : 1)) return block;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t align) {
    ++allocations;
    const auto alignment = static_cast<std::size_t>(align);
    if (void* block = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment))
        return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

namespace aio {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 1000;

struct AllocationTest : ::testing::Test, testing::LoopTest {
    AllocationTest() { loop().set_debug(false); }  // debug mode makes the name of whatever runs

    // Runs `round` until its memory is warm, then counts what kRounds of it take from the system and
    // from the pool's stock.
    template <class Round>
    Coro<> expect_none(Round round) {
        for (int i = 0; i < 10; ++i) co_await round();
        const std::size_t before = allocations;
        const auto fresh = pool::stats().fresh_blocks;
        for (int i = 0; i < kRounds; ++i) co_await round();
        EXPECT_EQ(allocations - before, 0u);
        EXPECT_EQ(pool::stats().fresh_blocks - fresh, 0);
    }
    template <class Round>
    void check(Round round) {
        run([&]() -> Coro<> { co_await expect_none(round); });
    }
};

Coro<int> immediate() { co_return 1; }
Coro<int> suspending() {
    co_await sleep(0s);
    co_return 1;
}
Coro<int> nested(int depth) {
    if (depth == 0) co_return 1;
    co_return co_await nested(depth - 1);
}

TEST_F(AllocationTest, TheCounterCounts) {
    const std::size_t before = allocations;
    auto* volatile block = new std::vector<int>(100);
    delete block;
    EXPECT_GT(allocations - before, 0u);
}

TEST_F(AllocationTest, SleepZero) {
    check([]() -> Coro<> { co_await sleep(0s); });
}

TEST_F(AllocationTest, SleepWithATimer) {
    check([]() -> Coro<> { co_await sleep(1ms); });
}

TEST_F(AllocationTest, NestedCoroutines) {
    check([]() -> Coro<> {
        co_await immediate();
        co_await suspending();
        co_await nested(10);
    });
}

TEST_F(AllocationTest, ReadyQueueSlots) {
    int calls = 0;
    check([&]() -> Coro<> {
        loop().call_soon([&calls] { ++calls; });
        co_await sleep(0s);
    });
    EXPECT_EQ(calls, kRounds + 10);
}

TEST_F(AllocationTest, TimersArmedAndCancelled) {
    check([&]() -> Coro<> {
        loop().call_later(1s, [] {}).cancel();
        co_return;
    });
}

TEST_F(AllocationTest, TasksAndTheirAwait) {
    check([]() -> Coro<> {
        co_await create_task(immediate());
        co_await create_task(suspending);
    });
}

TEST_F(AllocationTest, FuturesAndTheirAwait) {
    check([&]() -> Coro<> {
        Future<int> future = loop().create_future<int>();
        loop().call_soon([future] { future.set_result(1); });
        co_await future;
    });
}

TEST_F(AllocationTest, DoneCallbacks) {
    int calls = 0;
    check([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        future.add_done_callback([&calls](const Future<>&) { ++calls; });
        future.set_result();
        co_await sleep(0s);
    });
    EXPECT_EQ(calls, kRounds + 10);
}

AsyncGenerator<int> endless() {
    for (int i = 0;; ++i) {
        if (i % 2) co_await sleep(0s);
        co_yield i;
    }
}

TEST_F(AllocationTest, GeneratorSteps) {
    run([&]() -> Coro<> {
        auto values = endless();
        auto round = [&]() -> Coro<> { co_await values.next(); };
        co_await expect_none(round);
        co_await values.aclose();
    });
}

TEST_F(AllocationTest, CancellationsCostOnlyTheException) {
    run([&]() -> Coro<> {
        auto round = []() -> Coro<> {
            Task<> task = create_task(sleep(9s));
            co_await sleep(0s);
            task.cancel();
            co_await sleep(0s);
        };
        for (int i = 0; i < 10; ++i) co_await round();
        const auto fresh = pool::stats().fresh_blocks;
        for (int i = 0; i < 100; ++i) co_await round();
        EXPECT_EQ(pool::stats().fresh_blocks - fresh, 0);
    });
}

}  // namespace
}  // namespace aio

#endif
