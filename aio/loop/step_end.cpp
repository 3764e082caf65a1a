// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/step_end_impl.hpp>

#include <utility>

namespace aio::detail {

bool StepEnd::add(EventLoop& loop, StepEndItem& item) noexcept {
    if (!loop.in_step()) return false;
    if (!loop_) {
        if (!loop.run_next(*this)) return false;
        loop_ = &loop;
    }
    items_.push_back(item);
    return true;
}

void StepEnd::run() {
    std::exchange(loop_, nullptr)->ready().front_done();
    while (StepEndItem* const item = items_.pop_front()) item->step_ended();
}

// It stays queued, and finds nothing to do if the loop is run again.
void StepEnd::step_failed(const EventLoop& loop) noexcept {
    while (StepEndItem* const item = items_.pop_front()) {
        if (loop.inherited()) continue;  // a forked child: the parent does it
        try {
            item->step_ended();
        } catch (...) {  // another exception of this kind is on its way
        }
    }
}

std::string StepEnd::repr() const {
    StepEndItem* const first = const_cast<StepEnd*>(this)->items_.front();
    return first ? first->step_repr() : "<end of a step>";
}

void StepEnd::discard() noexcept {
    std::exchange(loop_, nullptr)->ready().front_done();
    while (items_.pop_front()) {
    }
}

}  // namespace aio::detail
