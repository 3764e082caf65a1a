// SPDX-License-Identifier: MIT
#include <aio/sync/event.hpp>

namespace aio {

namespace detail {

void EventWait::dispose() noexcept {
    report_if_fresh("Event.wait");
    leave();
}

}  // namespace detail

void Event::wake_all() {
    EventLoop& loop = loop_.get();  // who waits has bound the event to it
    loop.check_thread();
    waiters_.for_each([&loop](detail::SyncWaiter& waiter) {
        if (waiter.waiting()) waiter.wake_up(loop);
    });
}

std::string Event::repr() const {
    return detail::primitive_repr("Event", this, set_ ? "set" : "unset", waiters_.size());
}

}  // namespace aio
