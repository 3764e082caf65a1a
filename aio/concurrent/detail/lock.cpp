// SPDX-License-Identifier: MIT
#include <aio/concurrent/detail/lock.hpp>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <ctime>

namespace aio::concurrent::detail {

bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                const std::optional<TimePoint>& deadline) noexcept {
    timespec until{};
    if (deadline) {
        const auto since_start = deadline->time_since_epoch();
        if (since_start < Duration::zero()) return false;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_start);
        until.tv_sec = seconds.count();
        until.tv_nsec = (since_start - seconds).count();
    }
    // With a bitset the time is a point on the monotonic clock.
    const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected,
                                  deadline ? &until : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
    return result == 0 || errno != ETIMEDOUT;
}

void futex_wake(std::atomic<std::uint32_t>& word, int count) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void Lock::lock_contended() noexcept {
    while (word_.exchange(kContended, std::memory_order_acquire) != kFree) futex_wait(word_, kContended);
}

}  // namespace aio::concurrent::detail
