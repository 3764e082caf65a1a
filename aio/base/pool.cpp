// SPDX-License-Identifier: MIT
#include <aio/base/pool.hpp>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace aio::pool {
namespace {

constexpr std::size_t kChunk = 256 * 1024;

// Chunks are reachable from here for the life of the process, so leak checkers see them as in use.
// Lists of threads that ended wait here for the next thread that runs short.
struct Shared {
    std::mutex mutex;
    std::vector<void*> chunks;
    detail::FreeBlock* orphans[kClasses] = {};
    std::atomic<std::size_t> reserved{0};
};

Shared& shared() {
    static auto* instance = new Shared;  // never destroyed: threads may end after main
    return *instance;
}

// Its destructor runs at thread exit and hands the thread's free lists on.
struct Reaper {
    Reaper() = default;
    Reaper(const Reaper&) = delete;
    Reaper& operator=(const Reaper&) = delete;
    ~Reaper() {
        Shared& pool = shared();
        const std::lock_guard lock(pool.mutex);
        for (std::size_t i = 0; i < kClasses; ++i) {
            detail::FreeBlock* block = detail::cache.free[i];
            detail::cache.free[i] = nullptr;
            while (block) {
                detail::FreeBlock* next = block->next;
                block->next = pool.orphans[i];
                pool.orphans[i] = block;
                block = next;
            }
        }
    }
};

bool adopt_orphans(std::size_t size_class) {
    Shared& pool = shared();
    const std::lock_guard lock(pool.mutex);
    if (!pool.orphans[size_class]) return false;
    detail::cache.free[size_class] = pool.orphans[size_class];
    pool.orphans[size_class] = nullptr;
    return true;
}

void new_chunk() {
    void* chunk = ::operator new(kChunk, std::align_val_t{64});
    Shared& pool = shared();
    {
        const std::lock_guard lock(pool.mutex);
        pool.chunks.push_back(chunk);
    }
    pool.reserved.fetch_add(kChunk, std::memory_order_relaxed);
    detail::cache.cursor = static_cast<char*>(chunk);
    detail::cache.end = detail::cache.cursor + kChunk;
}

}  // namespace

namespace detail {

void* refill(std::size_t size_class) {
    thread_local Reaper reaper;
    (void)reaper;
    const std::size_t size = (size_class ? size_class : 1) * kGrain;
    ++cache.carved;
    if (static_cast<std::size_t>(cache.end - cache.cursor) < size) {
        if (adopt_orphans(size_class)) {
            FreeBlock* block = cache.free[size_class];
            cache.free[size_class] = block->next;
            return block;
        }
        new_chunk();
    }
    void* block = cache.cursor;
    cache.cursor += size;
    return block;
}

void* allocate_direct(std::size_t size) {
    void* block = ::operator new(size);
    ++cache.live;
    return block;
}

void deallocate_direct(void* block, std::size_t size) noexcept {
    --cache.live;
    ::operator delete(block, size);
}

}  // namespace detail

Stats stats() noexcept {
    std::int64_t idle = 0;
    for (const detail::FreeBlock* head : detail::cache.free) {
        for (; head; head = head->next) ++idle;
    }
    const std::int64_t carved = detail::cache.carved;
    return {shared().reserved.load(std::memory_order_relaxed), carved, carved - idle + detail::cache.live};
}

}  // namespace aio::pool
