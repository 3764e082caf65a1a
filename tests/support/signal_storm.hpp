// SPDX-License-Identifier: MIT
#pragma once

#include <sys/time.h>
#include <atomic>
#include <csignal>
#include <stdexcept>

namespace aio::tests {

/// For as long as it lives a signal comes every 100 us, and interrupts whatever call the process waits in:
/// its handler is installed without SA_RESTART.
class SignalStorm {
public:
    SignalStorm() {
        struct sigaction action{};
        action.sa_handler = [](int) { count_.fetch_add(1, std::memory_order_relaxed); };
        count_ = 0;
        if (::sigaction(SIGALRM, &action, &before_) != 0) throw std::runtime_error("sigaction");
        every(100);
    }
    SignalStorm(const SignalStorm&) = delete;
    SignalStorm& operator=(const SignalStorm&) = delete;
    ~SignalStorm() {
        every(0);
        ::sigaction(SIGALRM, &before_, nullptr);
    }
    int count() const noexcept { return count_; }
    /// Whether what is repeated under it has met enough of them.
    bool enough() const noexcept { return count_ >= 200; }

private:
    static void every(int microseconds) {
        const itimerval timer{{0, microseconds}, {0, microseconds}};
        ::setitimer(ITIMER_REAL, &timer, nullptr);
    }
    static inline std::atomic<int> count_ = 0;
    struct sigaction before_{};
};

}  // namespace aio::tests
