// SPDX-License-Identifier: MIT
#include <aio/loop/detail/inbox.hpp>
#include <aio/loop/detail/loop_ref.hpp>
#include <aio/loop/event_loop.hpp>

#include <utility>

namespace aio {
namespace {

// The loop may die in another thread. Its inbox, which is kept here, tells.
constinit thread_local EventLoop* loop_of_thread = nullptr;
constinit thread_local detail::Inbox* inbox_of_thread = nullptr;

struct ForgetAtThreadExit {
    ForgetAtThreadExit() = default;
    ForgetAtThreadExit(const ForgetAtThreadExit&) = delete;
    ForgetAtThreadExit& operator=(const ForgetAtThreadExit&) = delete;
    ~ForgetAtThreadExit() { set_event_loop(nullptr); }
};

}  // namespace

#ifdef AIO_SHARED
constinit thread_local detail::Here detail::here;
#endif

EventLoop& get_running_loop() {
    if (!detail::here.loop) throw RuntimeError("no running event loop");
    return *detail::here.loop;
}

void LoopCloser::operator()(EventLoop* loop) const noexcept {
    if (loop_of_thread == loop) set_event_loop(nullptr);
    loop->inbox().abandon();
    if (loop->lost()) return;
    if (loop->runs_here()) {
        loop->orphan();
    } else {
        loop->close();
    }
    loop->release();
}

namespace detail {

void raise_copied_elsewhere() {
    throw RuntimeError(
        "a future or task cannot be copied outside of its loop's thread: move it with std::move(), or give "
        "the "
        "other thread a concurrent::Future and await wrap_future() of it");
}

bool post_to(EventLoop& loop, PostedItem& item) noexcept { return loop.inbox().post(item); }

}  // namespace detail

EventLoopPtr new_event_loop(const LoopOptions& options) { return EventLoopPtr(EventLoop::create(options)); }

EventLoop& get_event_loop() {
    if (detail::here.loop) return *detail::here.loop;
    if (!loop_of_thread || inbox_of_thread->abandoned()) {
        throw RuntimeError("There is no current event loop in this thread.");
    }
    return *loop_of_thread;
}

void set_event_loop(EventLoop* loop) noexcept {
    if (loop) {
        thread_local const ForgetAtThreadExit registered;
        loop->inbox().add_ref();
    }
    loop_of_thread = loop;
    detail::Inbox* const before = std::exchange(inbox_of_thread, loop ? &loop->inbox() : nullptr);
    if (before) before->release();
}

}  // namespace aio
