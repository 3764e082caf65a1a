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
// when the signal waits for the loop (nanoseconds of the monotonic clock, 0 if it does not). And what was in
// place before.
struct Target {
    std::atomic<Inbox*> inbox{nullptr};
    std::atomic<int> users{0};
    std::atomic<std::int64_t> waiting_since{0};
    struct sigaction previous{};
};
Target targets[NSIG];
// How many signals have come, so that loops look at their targets only if one has.
std::atomic<unsigned> arrivals{0};

constinit thread_local sigset_t mask_before_fork{};
constinit thread_local unsigned fork_handlers = 0;  // that have begun and not ended

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
    arrivals.fetch_add(1);
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
    for (const auto& [signal, handle] : handlers_) {
        if (signal >= 64 || !(set >> signal & 1)) return false;
    }
    return true;
}

// A signal that comes to the child before it has forgotten the parent's handlers would be lost. A plug-in
// with aio's code in itself registers us once more.
void SignalWatcher::before_fork() noexcept {
    if (fork_handlers++ > 0) return;
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &mask_before_fork);
}

void SignalWatcher::after_fork() noexcept {
    if (--fork_handlers == 0) ::pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr);
}

void SignalWatcher::forget_after_fork() noexcept {
    for (int signal = 1; signal < NSIG; ++signal) {
        Target& target = targets[signal];
        if (!target.inbox.exchange(nullptr)) continue;
        target.users.store(0);
        target.waiting_since.store(0);
        struct sigaction current{};
        ::sigaction(signal, nullptr, &current);  // the program may have put its own in our place
        if (current.sa_handler == on_signal) ::sigaction(signal, &target.previous, nullptr);
    }
}

void SignalWatcher::add(int signal, Ref<HandleState> handle) {
    check_number(signal);
    if (!in_main_thread()) throw ValueError("signal handlers only work in the main thread");
    const auto found = handlers_.find(signal);
    if (found != handlers_.end()) {  // a second handler replaces the first
        std::swap(found->second, handle);
        if (handle->queued() && targets[signal].inbox.load() == &inbox_) {
            targets[signal].waiting_since.store(now());
            arrivals.fetch_add(1);
            inbox_.wake();
        }
        handle->cancel();  // last: destroys a callable, which may come back to the loop
        return;
    }
    if (targets[signal].inbox.load()) {
        throw RuntimeError("sig " + std::to_string(signal) + " is handled by another event loop");
    }
    const auto added = handlers_.emplace(signal, std::move(handle)).first;
    targets[signal].waiting_since.store(0);
    targets[signal].inbox.store(&inbox_);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    if (::sigaction(signal, &action, &targets[signal].previous) != 0) {
        targets[signal].inbox.store(nullptr);
        handle = std::move(added->second);  // goes last
        handlers_.erase(added);
        throw RuntimeError("sig " + std::to_string(signal) + " cannot be caught");
    }
}

SignalWatcher::Removed SignalWatcher::remove(int signal) {
    const auto found = handlers_.find(signal);
    if (found == handlers_.end()) return {false, false};
    Target& target = targets[signal];
    bool unanswered = false;
    if (target.inbox.load() == &inbox_) {  // else a forked child, which has handlers of its own, or none
        ::sigaction(signal, &target.previous, nullptr);
        target.inbox.store(nullptr);
        while (target.users.load() != 0) ::sched_yield();  // another thread is waking the inbox
        unanswered = take(signal) || found->second->queued();
    }
    const Ref<HandleState> handle = std::move(found->second);
    handlers_.erase(found);
    handle->cancel();  // last: destroys a callable, which may come back to the loop
    return {true, unanswered};
}

bool SignalWatcher::take(int signal) noexcept {
    if (targets[signal].waiting_since.load(std::memory_order_relaxed) == 0) return false;
    targets[signal].waiting_since.store(0);
    return true;
}

void SignalWatcher::collect(ReadyQueue& ready) {
    const unsigned arrived = arrivals.load(std::memory_order_acquire);
    if (arrived == arrivals_) return;
    arrivals_ = arrived;
    for (auto& [signal, handle] : handlers_) {
        if (!take(signal)) continue;
        handle->add_ref();  // the queue's reference
        ready.push(*handle);
    }
}

void SignalWatcher::clear() noexcept {
    while (!handlers_.empty()) remove(handlers_.begin()->first);
}

}  // namespace aio::detail
