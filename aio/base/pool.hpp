// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>
#include <aio/base/detail/variable.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

/// Per-thread allocator for coroutine frames, tasks, futures and handles.
///
/// Blocks of up to kMaxBlock bytes come from free lists, one per 16-byte size class, that belong to
/// the calling thread; larger ones go to `operator new`. A block may be returned on another thread
/// than the one that took it: it then joins that thread's lists. Memory taken from the system is
/// kept for reuse, also when its thread ends. In a library built with AddressSanitizer or
/// ThreadSanitizer every block is its own `operator new`, so that the sanitizers see each object's life.
namespace aio::pool {

inline constexpr std::size_t kGrain = 16;
inline constexpr std::size_t kMaxBlock = 1024;
inline constexpr std::size_t kClasses = kMaxBlock / kGrain + 1;

namespace detail {
struct FreeBlock {
    FreeBlock* next;
};
struct Cache {
    FreeBlock* free[kClasses] = {};  ///< heads of the free lists, by size class
    std::int64_t live = 0;           ///< blocks out of lists; counted only for large or passed-through blocks
    std::int64_t fresh = 0;          ///< allocations that found their list empty
    std::int64_t gained = 0;         ///< small blocks cut from chunks, or inherited from threads that ended
    char* cursor = nullptr;          ///< unused rest of the newest chunk
    char* end = nullptr;
    bool registered = false;  ///< the lists are handed on when the thread ends
};
inline namespace AIO_LAYOUT {
AIO_VARIABLE constinit thread_local Cache cache;
}

/// Size classes from here on go to `operator new`: kClasses, or 0 where the library itself was built
/// with a sanitizer. The user's own build flags must not decide it. (Comparing with kClasses as well
/// costs nothing, because sizes are constants, and g++ warns without it.)
///
/// Every source refers to it. So its name for the linker says what a source and the library must agree on:
/// the version, AIO_SHARED, and libstdc++'s debug mode, in which a vector is another type, of another size.
#ifdef _GLIBCXX_DEBUG
extern const std::size_t direct_from AIO_AGREED_NAME("with_GLIBCXX_DEBUG");
#else
extern const std::size_t direct_from AIO_AGREED_NAME("without_GLIBCXX_DEBUG");
#endif

/// Takes a block for an empty list. Throws std::bad_alloc.
void* refill(std::size_t size_class);
/// Has `hook` called in this thread before memory is taken for an empty list or a growing array; it may throw
/// std::bad_alloc. For tests; null for none.
void set_refill_hook(void (*hook)()) noexcept;
/// realloc() that throws std::bad_alloc.
void* reallocate(void* block, std::size_t size);
void register_thread() noexcept;
void* allocate_direct(std::size_t size);
void deallocate_direct(void* block, std::size_t size) noexcept;
}  // namespace detail

/// Returns storage for `size` bytes, aligned to 16. Throws std::bad_alloc.
inline void* allocate(std::size_t size) {
    const std::size_t size_class = (size + kGrain - 1) / kGrain;
    if (size_class >= kClasses || size_class >= detail::direct_from) [[unlikely]]
        return detail::allocate_direct(size);
    detail::FreeBlock*& head = detail::cache.free[size_class];
    detail::FreeBlock* block = head;
    if (!block) [[unlikely]]
        return detail::refill(size_class);
    head = block->next;
    return block;
}

/// Gives back what allocate(size) returned; `size` is the same number.
inline void deallocate(void* block, std::size_t size) noexcept {
    const std::size_t size_class = (size + kGrain - 1) / kGrain;
    if (size_class >= kClasses || size_class >= detail::direct_from) [[unlikely]] {
        detail::deallocate_direct(block, size);
        return;
    }
    auto* freed = static_cast<detail::FreeBlock*>(block);
    detail::FreeBlock* head = detail::cache.free[size_class];
    if (!head && !detail::cache.registered) [[unlikely]]
        detail::register_thread();
    freed->next = head;
    detail::cache.free[size_class] = freed;
}

/// What the calling thread's pool holds.
struct Stats {
    std::size_t reserved_bytes;  ///< taken from the system for small blocks by all threads
    std::int64_t fresh_blocks;   ///< allocations that no free list could serve, so far
    std::int64_t live_blocks;    ///< blocks in use, if they are returned on the thread that took them
};

/// Counts the calling thread's pool. Costs a walk over its free lists: for tests and reports.
Stats stats() noexcept;

/// Base class that makes `new` and `delete` of a final class use the pool, for protocols and the like as
/// well.
struct Pooled {
    static void* operator new(std::size_t size) { return allocate(size); }
    static void* operator new(std::size_t, void* place) noexcept { return place; }
    static void operator delete(void* block, std::size_t size) noexcept { deallocate(block, size); }
    // Over-aligned classes; the pool's blocks are aligned to 16 only.
    static void* operator new(std::size_t size, std::align_val_t align) {
        return ::operator new(size, align);
    }
    static void operator delete(void* block, std::align_val_t align) noexcept {
        ::operator delete(block, align);
    }
};

}  // namespace aio::pool
