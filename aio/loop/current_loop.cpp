// SPDX-License-Identifier: MIT
#include <aio/loop/event_loop.hpp>

namespace aio {
namespace {

constinit thread_local EventLoop* loop_of_thread = nullptr;

}  // namespace

#ifdef AIO_SHARED
constinit thread_local EventLoop* detail::running_loop = nullptr;
#endif

EventLoop& get_running_loop() {
    if (!detail::running_loop) throw RuntimeError("no running event loop");
    return *detail::running_loop;
}

void LoopCloser::operator()(EventLoop* loop) const noexcept {
    if (loop_of_thread == loop) loop_of_thread = nullptr;
    loop->close();
    loop->release();
}

EventLoopPtr new_event_loop(const LoopOptions& options) { return EventLoopPtr(EventLoop::create(options)); }

EventLoop& get_event_loop() {
    if (detail::running_loop) return *detail::running_loop;
    if (!loop_of_thread) throw RuntimeError("There is no current event loop in this thread.");
    return *loop_of_thread;
}

void set_event_loop(EventLoop* loop) noexcept { loop_of_thread = loop; }

}  // namespace aio
