// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/detail/inbox.hpp>
#include <aio/loop/detail/ready_queue.hpp>
#include <aio/loop/detail/signals.hpp>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace aio::detail {
namespace {

// What the kernel's handler may touch: the inbox to wake, how many threads are in the handler, and since
// when the signal waits for the loop (nanoseconds of the monotonic clock, 0 if it does not).
struct Target {
    std::atomic<Inbox*> inbox{nullptr};
    std::atomic<int> users{0};
    std::atomic<std::int64_t> waiting_since{0};
};
Target targets[NSIG];

constexpr std::int64_t kPatience = 200'000'000;

std::int64_t now() noexcept {  // async-signal-safe
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

void on_signal(int signal) {
    const int saved = errno;
    Target& target = targets[signal];
    const std::int64_t time = now();
    std::int64_t since = 0;
    if (!target.waiting_since.compare_exchange_strong(since, time) && signal == SIGINT &&
        time - since > kPatience) {
        // The loop has not come round to the SIGINT before: the program hangs in its own code, so the
        // user gets what Ctrl-C does to any program. Not for a burst: timeout(1) always sends two.
        ::signal(SIGINT, SIG_DFL);
        ::raise(SIGINT);
    }
    target.users.fetch_add(1);
    if (Inbox* inbox = target.inbox.load()) inbox->wake();
    target.users.fetch_sub(1);
    errno = saved;
}

}  // namespace

bool in_main_thread() noexcept { return ::getpid() == static_cast<pid_t>(::syscall(SYS_gettid)); }

void SignalWatcher::check_number(int signal) {
    if (signal < 1 || signal >= NSIG) {
        throw ValueError("sig must be in range(1, " + std::to_string(NSIG) + "), not " +
                         std::to_string(signal));
    }
}

bool SignalWatcher::all_in(std::uint64_t set) const noexcept {
    for (const auto& [signal, entry] : handlers_) {
        if (signal >= 64 || !(set >> signal & 1)) return false;
    }
    return true;
}

void SignalWatcher::forget_after_fork() noexcept {
    for (Target& target : targets) {
        target.inbox.store(nullptr);
        target.users.store(0);
    }
}

void SignalWatcher::add(int signal, Ref<HandleState> handle) {
    check_number(signal);
    if (!in_main_thread()) throw ValueError("signal handlers only work in the main thread");
    const auto found = handlers_.find(signal);
    if (found != handlers_.end()) {  // a second handler replaces the first
        std::swap(found->second.handle, handle);
        handle->cancel();  // last: destroys a callable, which may come back to the loop
        return;
    }
    if (targets[signal].inbox.load()) {
        throw RuntimeError("sig " + std::to_string(signal) + " is handled by another event loop");
    }
    targets[signal].waiting_since.store(0);
    targets[signal].inbox.store(&inbox_);
    struct sigaction action{};
    struct sigaction previous{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    if (::sigaction(signal, &action, &previous) != 0) {
        targets[signal].inbox.store(nullptr);
        throw RuntimeError("sig " + std::to_string(signal) + " cannot be caught");
    }
    handlers_.emplace(signal, Entry{std::move(handle), previous});
}

bool SignalWatcher::remove(int signal) {
    const auto found = handlers_.find(signal);
    if (found == handlers_.end()) return false;
    ::sigaction(signal, &found->second.previous, nullptr);
    targets[signal].inbox.store(nullptr);
    while (targets[signal].users.load() != 0) ::sched_yield();  // another thread is waking the inbox
    targets[signal].waiting_since.store(0);
    const Ref<HandleState> handle = std::move(found->second.handle);
    handlers_.erase(found);
    handle->cancel();  // last: destroys a callable, which may come back to the loop
    return true;
}

void SignalWatcher::collect(ReadyQueue& ready) {
    for (auto& [signal, entry] : handlers_) {
        if (targets[signal].waiting_since.load(std::memory_order_relaxed) == 0) continue;
        targets[signal].waiting_since.store(0);
        entry.handle->add_ref();  // the queue's reference
        ready.push(*entry.handle);
    }
}

void SignalWatcher::clear() noexcept {
    while (!handlers_.empty()) remove(handlers_.begin()->first);
}

}  // namespace aio::detail
