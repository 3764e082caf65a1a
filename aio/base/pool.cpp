// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/base/pool.hpp>

#include <sys/mman.h>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

namespace aio::pool {
namespace {

// Chunks grow with what the thread uses, so that a small program stays small and a large one gets
// huge pages, where the kernel gives them on request.
constexpr std::size_t kSmallestChunk = 64 * 1024;
constexpr std::size_t kLargestChunk = 2 * 1024 * 1024;

// How many blocks a thread inherits at a time: not all, so that threads which run at the same time
// share what earlier ones left, and a program's memory does not grow with the threads it has started.
constexpr int kInherited = 64;

// The unused part of a chunk whose thread ended; stands at its beginning.
struct Rest {
    Rest* next;
    char* end;
};

// Stands at the beginning of each chunk, and leaves what follows aligned. Only chunks from operator new are
// chained: leak checkers look for these, and do not look into those that are mapped.
struct Chunk {
    Chunk* next;
};
static_assert(sizeof(Chunk) <= kGrain);

// Chunks are reachable from here for the life of the process, so leak checkers see them as in use.
// What threads that ended have left waits here for the next thread that runs short.
struct Shared {
    std::mutex mutex;
    Chunk* chunks = nullptr;
    detail::FreeBlock* orphans[kClasses] = {};
    Rest* rests = nullptr;
    std::atomic<std::size_t> reserved{0};
};

constinit aio::detail::Immortal<Shared> the_shared;  // threads may end after main
Shared& shared() noexcept { return the_shared.value; }

// A thread that has the mutex when the process forks does not exist in the child, to give it back.
[[gnu::init_priority(60001)]] const aio::detail::AtFork at_fork([] { shared().mutex.lock(); },
                                                                [] { shared().mutex.unlock(); },
                                                                [] { shared().mutex.unlock(); });

// Its destructor runs at thread exit and hands on what the thread has.
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
        char* const cursor = std::exchange(detail::cache.cursor, nullptr);
        char* const end = std::exchange(detail::cache.end, nullptr);
        if (static_cast<std::size_t>(end - cursor) >= kMaxBlock) {
            pool.rests = new (cursor) Rest{pool.rests, end};
        }
    }
};

// Fills the empty list of `size_class` with up to kInherited orphans.
bool adopt_orphans(std::size_t size_class) {
    Shared& pool = shared();
    const std::lock_guard lock(pool.mutex);
    detail::FreeBlock* last = pool.orphans[size_class];
    if (!last) return false;
    detail::cache.free[size_class] = last;
    ++detail::cache.gained;
    for (int i = 1; i < kInherited && last->next; ++i) {
        last = last->next;
        ++detail::cache.gained;
    }
    pool.orphans[size_class] = std::exchange(last->next, nullptr);
    return true;
}

bool adopt_rest() {
    Shared& pool = shared();
    const std::lock_guard lock(pool.mutex);
    Rest* rest = pool.rests;
    if (!rest) return false;
    pool.rests = rest->next;
    detail::cache.end = rest->end;
    detail::cache.cursor = reinterpret_cast<char*>(rest);
    return true;
}

thread_local std::size_t reserved_here = 0;
using RefillHook = void (*)();
constinit thread_local RefillHook refill_hook = nullptr;

// A huge page's worth of address space, aligned to it: mapped with room to spare, then trimmed.
void* huge_chunk() {
    constexpr std::size_t size = kLargestChunk;
    void* map = ::mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    char* begin = static_cast<char*>(map);
    const std::size_t head = (size - reinterpret_cast<std::uintptr_t>(begin) % size) % size;
    if (head) ::munmap(begin, head);
    ::munmap(begin + head + size, size - head);
    ::madvise(begin + head, size, MADV_HUGEPAGE);
    return begin + head;
}

void new_chunk() {
    std::size_t size = kSmallestChunk;
    while (size < kLargestChunk && size < reserved_here / 4) size *= 2;
    void* const chunk = size == kLargestChunk ? huge_chunk() : ::operator new(size, std::align_val_t{64});
    Shared& pool = shared();
    {
        const std::lock_guard lock(pool.mutex);
        if (size != kLargestChunk) pool.chunks = new (chunk) Chunk{pool.chunks};
    }
    reserved_here += size;
    pool.reserved.fetch_add(size, std::memory_order_relaxed);
    detail::cache.cursor = static_cast<char*>(chunk) + kGrain;
    detail::cache.end = static_cast<char*>(chunk) + size;
}

}  // namespace

namespace detail {

#ifdef AIO_SHARED
inline namespace AIO_LAYOUT {
constinit thread_local Cache cache;
}
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
const std::size_t direct_from = 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
const std::size_t direct_from = 0;
#else
const std::size_t direct_from = kClasses;
#endif
#else
const std::size_t direct_from = kClasses;
#endif

void register_thread() noexcept {
    thread_local Reaper reaper;
    (void)reaper;
    cache.registered = true;
}

void set_refill_hook(void (*hook)()) noexcept { refill_hook = hook; }

void* reallocate(void* block, std::size_t size) {
    if (refill_hook) refill_hook();
    void* larger = std::realloc(block, size);
    if (!larger) throw std::bad_alloc();
    return larger;
}

void* refill(std::size_t size_class) {
    if (refill_hook) refill_hook();
    if (!cache.registered) register_thread();
    const std::size_t size = (size_class ? size_class : 1) * kGrain;
    ++cache.fresh;
    if (static_cast<std::size_t>(cache.end - cache.cursor) < size) {
        if (adopt_orphans(size_class)) {
            FreeBlock* block = cache.free[size_class];
            cache.free[size_class] = block->next;
            return block;
        }
        if (!adopt_rest()) new_chunk();
    }
    void* block = cache.cursor;
    cache.cursor += size;
    ++cache.gained;
    return block;
}

void* allocate_direct(std::size_t size) {
    void* block = ::operator new(size);
    ++cache.live;
    return block;
}

void deallocate_direct(void* block, [[maybe_unused]] std::size_t size) noexcept {
    --cache.live;
#ifdef __cpp_sized_deallocation
    ::operator delete(block, size);  // AddressSanitizer compares the size with what was asked for
#else
    ::operator delete(block);  // clang before 19 has the other one with -fsized-deallocation only
#endif
}

}  // namespace detail

Stats stats() noexcept {
    std::int64_t idle = 0;
    for (const detail::FreeBlock* head : detail::cache.free) {
        for (; head; head = head->next) ++idle;
    }
    const detail::Cache& cache = detail::cache;
    return {shared().reserved.load(std::memory_order_relaxed), cache.fresh, cache.gained - idle + cache.live};
}

}  // namespace aio::pool
