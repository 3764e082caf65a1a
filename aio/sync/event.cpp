// SPDX-License-Identifier: MIT
#include <aio/sync/event.hpp>

namespace aio {

namespace detail {

void EventWait::check() { event_->loop_.check(*event_); }

void EventWait::enlist() noexcept { event_->waiters_.push_back(*this); }

void EventWait::dispose() noexcept {
    report_if_fresh("Event.wait");
    leave();
}

}  // namespace detail

void Event::wake_all() {
    loop_.check_thread();
    waiters_.for_each([](detail::SyncWaiter& waiter) {
        if (waiter.waiting()) waiter.wake_up();
    });
}

std::string Event::repr() const {
    return detail::primitive_repr("Event", this, set_ ? "set" : "unset", waiters_.size());
}

}  // namespace aio
