// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/inbox.hpp>
#include <aio/loop/ready_queue.hpp>
#include <aio/loop/signals.hpp>

#include <atomic>
#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

namespace aio {
namespace {

// What the kernel's handler may touch: the inbox to wake, and whether the signal is waiting.
struct Target {
    std::atomic<Inbox*> inbox{nullptr};
    std::atomic<bool> waiting{false};
};
Target targets[NSIG];

void on_signal(int signal) {
    const int saved = errno;
    Target& target = targets[signal];
    // A second SIGINT before the loop came round to the first: the program hangs in its own code, so
    // the user gets what Ctrl-C does to any program.
    if (target.waiting.exchange(true) && signal == SIGINT) {
        ::signal(SIGINT, SIG_DFL);
        ::raise(SIGINT);
    }
    if (Inbox* inbox = target.inbox.load()) inbox->wake();
    errno = saved;
}

}  // namespace

bool in_main_thread() noexcept { return ::getpid() == static_cast<pid_t>(::syscall(SYS_gettid)); }

void SignalWatcher::add(int signal, Ref<detail::HandleState> handle) {
    if (signal < 1 || signal >= NSIG) {
        throw ValueError("sig must be in range(1, " + std::to_string(NSIG) + "), not " +
                         std::to_string(signal));
    }
    if (!in_main_thread()) throw ValueError("signal handlers only work in the main thread");
    const auto found = handlers_.find(signal);
    if (found != handlers_.end()) {  // a second handler replaces the first
        found->second.handle->cancel();
        found->second.handle = std::move(handle);
        return;
    }
    targets[signal].waiting.store(false);
    targets[signal].inbox.store(&inbox_);
    struct sigaction action {};
    struct sigaction previous {};
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
    targets[signal].waiting.store(false);
    found->second.handle->cancel();
    handlers_.erase(found);
    return true;
}

void SignalWatcher::collect(ReadyQueue& ready) {
    for (auto& [signal, entry] : handlers_) {
        if (!targets[signal].waiting.load(std::memory_order_relaxed)) continue;
        targets[signal].waiting.store(false);
        entry.handle->add_ref();  // the queue's reference
        ready.push(*entry.handle);
    }
}

void SignalWatcher::clear() noexcept {
    while (!handlers_.empty()) remove(handlers_.begin()->first);
}

}  // namespace aio
