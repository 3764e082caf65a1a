// SPDX-License-Identifier: MIT
#include <aio/loop/detail/fork.hpp>
#include <aio/loop/detail/signals.hpp>
#include <aio/loop/event_loop.hpp>

#include <pthread.h>

namespace aio::detail {

#ifdef AIO_SHARED
constinit unsigned fork_generation;
#endif

namespace {

void in_child() {
    ++fork_generation;
    SignalWatcher::forget_after_fork();
    if (EventLoop* const running = std::exchange(running_loop, nullptr)) running->leave_to_parent();
    set_event_loop(nullptr);
    SignalWatcher::after_fork();
}

}  // namespace

void prepare_for_forks() {
    [[maybe_unused]] static const int registered =
        ::pthread_atfork(SignalWatcher::before_fork, SignalWatcher::after_fork, in_child);
}

}  // namespace aio::detail
