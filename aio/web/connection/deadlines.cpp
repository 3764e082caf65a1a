// SPDX-License-Identifier: MIT
#include <aio/web/connection/deadlines_impl.hpp>

namespace aio::web::detail {

DeadlineQueue::DeadlineQueue(EventLoop& loop, TimeLimit limit) : loop_(loop), limit_(limit.delay()) {}

void DeadlineQueue::set(Deadline& deadline) {
    deadline.unlink();
    if (!limit_) return;
    deadline.when_ = loop_.time() + *limit_;
    deadlines_.push_back(deadline);
    if (armed_) return;
    timer_ = loop_.call_at(deadline.when_, [this] { fire(); });
    armed_ = true;
}

// The timer may come too early, for one that was taken back meanwhile; it is set again then.
void DeadlineQueue::fire() {
    armed_ = false;
    const TimePoint now = loop_.time();
    while (Deadline* const first = deadlines_.front()) {
        if (first->when_ > now) {
            timer_ = loop_.call_at(first->when_, [this] { fire(); });
            armed_ = true;
            return;
        }
        first->unlink();
        first->expire();
    }
}

}  // namespace aio::web::detail
