// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

/// Locks and sleeps on plain words. The standard's cost every user of the headers more than all the rest of
/// this module, and have no timed wait on an atomic.
namespace aio::concurrent::detail {

/// Sleeps while `word` has the value `expected`, at most until `deadline`; may also return for no reason.
/// False if the deadline has passed.
bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                const std::optional<TimePoint>& deadline = std::nullopt) noexcept;

/// Wakes up to `count` threads that sleep on `word`. The word may be gone by then.
void futex_wake(std::atomic<std::uint32_t>& word, int count) noexcept;

inline constexpr int kEverybody = 0x7fffffff;

/// A mutex of one word.
class Lock {
public:
    Lock() noexcept = default;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void lock() noexcept {
        std::uint32_t expected = kFree;
        if (!word_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire)) [[unlikely]]
            lock_contended();
    }
    void unlock() noexcept {
        if (word_.exchange(kFree, std::memory_order_release) == kContended) [[unlikely]]
            futex_wake(word_, 1);
    }

private:
    static constexpr std::uint32_t kFree = 0, kHeld = 1, kContended = 2;
    void lock_contended() noexcept;
    std::atomic<std::uint32_t> word_{kFree};
};

/// Holds a Lock for a scope.
class LockGuard {
public:
    explicit LockGuard(Lock& lock) noexcept : lock_(lock) { lock_.lock(); }
    LockGuard(const LockGuard&) = delete;
    LockGuard& operator=(const LockGuard&) = delete;
    ~LockGuard() { lock_.unlock(); }

private:
    Lock& lock_;
};

}  // namespace aio::concurrent::detail
