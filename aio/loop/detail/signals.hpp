// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/handle.hpp>

#include <signal.h>
#include <cstdint>
#include <map>

namespace aio::detail {

class Inbox;
class ReadyQueue;

/// Turns signals into loop callbacks. The handler the kernel calls only sets a bit and wakes the loop.
///
/// One loop of the process can own a signal at a time; all of it happens in the main thread.
class SignalWatcher {
public:
    explicit SignalWatcher(Inbox& inbox) noexcept : inbox_(inbox) {}
    SignalWatcher(const SignalWatcher&) = delete;
    SignalWatcher& operator=(const SignalWatcher&) = delete;
    ~SignalWatcher() { clear(); }

    /// Throws ValueError for a number that is no signal or outside the main thread, RuntimeError for
    /// a signal that cannot be caught or that another loop handles. Who replaces a handler is told what that
    /// one has not been told yet.
    void add(int signal, Ref<HandleState> handle);
    struct Removed {
        bool found;       ///< there was a handler
        bool unanswered;  ///< the signal had arrived, and the handler was not called; nor will it be
    };
    /// Restores what was in place before add().
    Removed remove(int signal);
    bool empty() const noexcept { return handlers_.empty(); }
    bool contains(int signal) const { return handlers_.contains(signal); }
    /// Whether every handled signal is one of `set`, in bits.
    bool all_in(std::uint64_t set) const noexcept;

    /// Whether `signal` has arrived and its callback was not queued, which it then will not be.
    static bool take(int signal) noexcept;
    /// Queues the callbacks of signals that arrived, lowest number first.
    void collect(ReadyQueue& ready);
    void clear() noexcept;

    /// Throws ValueError for a number that is no signal.
    static void check_number(int signal);
    /// Around a fork(), in the thread that forks: signals wait.
    static void before_fork() noexcept;
    static void after_fork() noexcept;
    /// In a forked child: signals no longer reach the parent's loop, but do what they did before.
    static void forget_after_fork() noexcept;

private:
    Inbox& inbox_;
    std::map<int, Ref<HandleState>> handlers_;
    unsigned arrivals_ = 0;  // how many signals had come when they were last looked at
};

/// Whether the caller runs in the process's main thread.
bool in_main_thread() noexcept;

}  // namespace aio::detail
