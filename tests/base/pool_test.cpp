// SPDX-License-Identifier: MIT
#include <aio/base/pool.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <support/child.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

static_assert(pool::kMaxBlock % pool::kGrain == 0);

// Under sanitizers every block is an allocation of its own, and there are no lists to look at.
bool has_lists() { return pool::detail::direct_from != 0; }

struct Block {
    explicit Block(std::size_t bytes) : size(bytes), place(pool::allocate(bytes)) {}
    Block(Block&& other) noexcept : size(other.size), place(std::exchange(other.place, nullptr)) {}
    ~Block() {
        if (place) pool::deallocate(place, size);
    }
    std::size_t size;
    void* place;
};

TEST(Pool, BlocksAreAlignedDistinctAndWholeForEverySize) {
    std::vector<Block> blocks;
    for (std::size_t size = 0; size <= pool::kMaxBlock + 100; ++size) {
        blocks.emplace_back(size);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back().place) % 16, 0U) << size;
        std::memset(blocks.back().place, static_cast<int>(size % 251), size);
    }
    for (const Block& block : blocks) {
        const auto* bytes = static_cast<const unsigned char*>(block.place);
        for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(bytes[i], block.size % 251) << block.size;
    }
}

TEST(Pool, LastReturnedIsFirstReused) {
    if (!has_lists()) GTEST_SKIP() << "passed through to operator new";
    void* one = pool::allocate(100);
    void* two = pool::allocate(100);
    pool::deallocate(one, 100);
    pool::deallocate(two, 100);
    EXPECT_EQ(pool::allocate(97), two);  // the same size class: 97 to 112
    EXPECT_EQ(pool::allocate(112), one);
    pool::deallocate(one, 112);
    pool::deallocate(two, 97);
    void* other = pool::allocate(113);
    EXPECT_NE(other, one);
    EXPECT_NE(other, two);
    pool::deallocate(other, 113);
}

TEST(Pool, StatsCountFreshAndLiveBlocks) {
    const pool::Stats before = pool::stats();
    {
        std::vector<Block> blocks;
        for (int i = 0; i < 100; ++i) blocks.emplace_back(1000);
        blocks.emplace_back(100'000);  // not from the lists, but live all the same
        EXPECT_EQ(pool::stats().live_blocks - before.live_blocks, 101);
    }
    const pool::Stats after = pool::stats();
    EXPECT_EQ(after.live_blocks, before.live_blocks);
    {
        const Block again(1000);
    }
    EXPECT_EQ(pool::stats().fresh_blocks, after.fresh_blocks) << "a list could serve it";
}

TEST(Pool, ABlockMayBeReturnedOnAnotherThread) {
    std::vector<void*> blocks;
    for (int i = 0; i < 50; ++i) blocks.push_back(pool::allocate(64));
    std::thread thread([&] {
        for (void* block : blocks) pool::deallocate(block, 64);
        if (!has_lists()) return;
        EXPECT_EQ(pool::allocate(64), blocks.back());  // it joined this thread's list
        pool::deallocate(blocks.back(), 64);
    });
    thread.join();
}

// Runs fn() on a thread of its own, to its end.
template <class F>
void on_thread(F fn) {
    std::thread(fn).join();
}

TEST(Pool, BlocksOfAThreadThatEndedAreInherited) {
    if (!has_lists()) GTEST_SKIP() << "passed through to operator new";
    constexpr std::size_t kSize = 688;  // a size class that nothing else uses
    std::set<void*> left;
    on_thread([&] {
        std::vector<Block> blocks;
        for (int i = 0; i < 200; ++i) left.insert(blocks.emplace_back(kSize).place);
    });
    const std::size_t reserved = pool::stats().reserved_bytes;
    on_thread([&] {
        std::vector<Block> blocks;
        for (int i = 0; i < 200; ++i) EXPECT_TRUE(left.contains(blocks.emplace_back(kSize).place)) << i;
        EXPECT_EQ(pool::stats().live_blocks, 200);
        blocks.clear();
        EXPECT_EQ(pool::stats().live_blocks, 0);
    });
    EXPECT_EQ(pool::stats().reserved_bytes, reserved);
}

TEST(Pool, AThreadThatOnlyReturnsBlocksLeavesThemToo) {
    if (!has_lists()) GTEST_SKIP() << "passed through to operator new";
    constexpr std::size_t kSize = 704;
    for (int round = 0; round < 20; ++round) {
        std::vector<void*> blocks;
        on_thread([&] {
            for (int i = 0; i < 1000; ++i) blocks.push_back(pool::allocate(kSize));
        });
        on_thread([&] {
            for (void* block : blocks) pool::deallocate(block, kSize);
        });
        static std::size_t after_first = 0;
        if (round == 0) after_first = pool::stats().reserved_bytes;
        EXPECT_LE(pool::stats().reserved_bytes, after_first + 2'000'000) << "round " << round;
    }
}

// Pairs of threads that run at the same time share what earlier pairs left; if the first took it all,
// each pair would need fresh memory.
TEST(Pool, MemoryDoesNotGrowWithTheThreadsThatWereStarted) {
    if (!has_lists()) GTEST_SKIP() << "passed through to operator new";
    std::size_t early = 0;
    for (int round = 0; round < 60; ++round) {
        const auto use = [] {
            std::vector<Block> blocks;
            for (int i = 0; i < 100; ++i) blocks.emplace_back(720);
        };
        // Nested, so that both hold their blocks at once whatever the scheduler does.
        on_thread([&] {
            std::vector<Block> blocks;
            for (int i = 0; i < 100; ++i) blocks.emplace_back(720);
            on_thread(use);
        });
        if (round == 9) early = pool::stats().reserved_bytes;
    }
    EXPECT_EQ(pool::stats().reserved_bytes, early);
}

struct Plain : pool::Pooled {
    char text[40] = {};
};
struct alignas(64) Wide : pool::Pooled {
    char text[40] = {};
};

TEST(Pooled, NewAndDeleteUseThePool) {
    const std::int64_t before = pool::stats().live_blocks;
    auto* object = new Plain;
    EXPECT_EQ(pool::stats().live_blocks - before, 1);
    delete object;
    EXPECT_EQ(pool::stats().live_blocks, before);
}

TEST(Pooled, OverAlignedClassesAreAligned) {
    std::vector<Wide*> objects;
    for (int i = 0; i < 8; ++i) {
        objects.push_back(new Wide);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(objects.back()) % 64, 0U);
    }
    for (const Wide* object : objects) delete object;
}

// The mutex behind all threads' lists is taken all the time while the process forks. Not for ThreadSanitizer.
TEST(Pool, AForkedChildMayAllocate) {
    if (!has_lists()) GTEST_SKIP() << "blocks are passed through to operator new";
    std::atomic<bool> stop{false};
    std::thread others([&] {
        while (!stop) std::thread([] { const Block block(64); }).join();
    });
    std::string child = "exit 0";
    for (int i = 0; i < 100 && child == "exit 0"; ++i) {
        child = tests::run_in_child([] {
            ::alarm(60);
            std::vector<Block> blocks;
            for (int n = 0; n < 1000; ++n) blocks.emplace_back(pool::kMaxBlock);
        });
    }
    stop = true;
    others.join();
    EXPECT_EQ(child, "exit 0");
}

}  // namespace
}  // namespace aio
