// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace aio::testing {

/// Makes the calling thread run out of memory at a chosen allocation: for tests of what a program does then.
///
///     AIO_REPLACE_OPERATOR_NEW()   // once, in one source file of the test program
///
///     for (std::size_t n = 1;; ++n) {
///         FailingAllocation failing(n);    // the n-th allocation from here on throws std::bad_alloc
///         try { work(); } catch (const std::bad_alloc&) {}
///         if (!failing.failed()) break;    // it needs fewer than n
///     }
///
/// What counts: `operator new` in all its forms, and every time one of the library's pools or arrays needs
/// memory. While it lives the thread's pools hold nothing, so that what was warmed up before does not
/// hide allocations. malloc() and exceptions themselves do not count.
/// Threads: each has its own; one at a time.
class FailingAllocation {
public:
    /// `how_many` allocations fail, from the `nth` on; 0 is none, which counts only. Throws RuntimeError
    /// unless available(), and if the thread has one already.
    explicit FailingAllocation(std::size_t nth, std::size_t how_many = 1);
    FailingAllocation(const FailingAllocation&) = delete;
    FailingAllocation& operator=(const FailingAllocation&) = delete;
    ~FailingAllocation();

    /// Whether an allocation has failed.
    bool failed() const noexcept;
    /// How many allocations there were so far, those that failed included.
    std::size_t count() const noexcept;

    /// Whether the program has replaced its operator new. Never under ThreadSanitizer and MemorySanitizer,
    /// which insist on their own.
    static bool available() noexcept;

    // --- what the replaced operators do -----------------------------------------------------------

    static constexpr std::size_t kAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    static void* allocate(std::size_t size, std::size_t alignment);
    static void* allocate(std::size_t size, std::size_t alignment, const std::nothrow_t&) noexcept;

private:
    struct Lists;
    Lists* const lists_;  ///< of the pools, while they are empty
};

}  // namespace aio::testing

/// Once, at the global scope of one source file: replaces the program's operator new and operator delete by
/// ones that FailingAllocation can make fail.
#if defined(__SANITIZE_THREAD__)
#define AIO_REPLACE_OPERATOR_NEW() static_assert(true)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define AIO_REPLACE_OPERATOR_NEW() static_assert(true)
#endif
#endif
#ifndef AIO_REPLACE_OPERATOR_NEW
#define AIO_REPLACE_OPERATOR_NEW()             \
    AIO_REPLACE_OPERATOR_NEW_FORM(new)         \
    AIO_REPLACE_OPERATOR_NEW_FORM(new[])       \
    AIO_REPLACE_OPERATOR_DELETE_FORM(delete)   \
    AIO_REPLACE_OPERATOR_DELETE_FORM(delete[]) \
    static_assert(true)
#define AIO_REPLACE_OPERATOR_NEW_FORM(form)                                                                \
    void* operator form(std::size_t size) {                                                                \
        return ::aio::testing::FailingAllocation::allocate(size,                                           \
                                                           ::aio::testing::FailingAllocation::kAlignment); \
    }                                                                                                      \
    void* operator form(std::size_t size, std::align_val_t align) {                                        \
        return ::aio::testing::FailingAllocation::allocate(size, static_cast<std::size_t>(align));         \
    }                                                                                                      \
    void* operator form(std::size_t size, const std::nothrow_t & tag) noexcept {                           \
        return ::aio::testing::FailingAllocation::allocate(                                                \
            size, ::aio::testing::FailingAllocation::kAlignment, tag);                                     \
    }                                                                                                      \
    void* operator form(std::size_t size, std::align_val_t align, const std::nothrow_t & tag) noexcept {   \
        return ::aio::testing::FailingAllocation::allocate(size, static_cast<std::size_t>(align), tag);    \
    }
#define AIO_REPLACE_OPERATOR_DELETE_FORM(form)                                                    \
    void operator form(void* block) noexcept { std::free(block); }                                \
    void operator form(void* block, std::size_t) noexcept { std::free(block); }                   \
    void operator form(void* block, std::align_val_t) noexcept { std::free(block); }              \
    void operator form(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); } \
    void operator form(void* block, const std::nothrow_t&) noexcept { std::free(block); }         \
    void operator form(void* block, std::align_val_t, const std::nothrow_t&) noexcept { std::free(block); }
#endif
