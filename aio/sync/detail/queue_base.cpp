// SPDX-License-Identifier: MIT
#include <aio/base/detail/traceback_table.hpp>
#include <aio/sync/detail/queue_base.hpp>
#include <aio/task/detail/future_state.hpp>

#include <cstdio>

namespace aio {

const char* QueueEmpty::what() const noexcept { return "the queue is empty"; }
const char* QueueFull::what() const noexcept { return "the queue is full"; }
const char* QueueShutDown::what() const noexcept { return "the queue is shut down"; }

namespace detail {

void QueueWaiter::check() {
    queue_->loop_.check(*queue_);
    queue_->guarded_ = queue_->shut_down_ || queue_->loop_.get().get_debug();
}

void QueueWaiter::enlist() noexcept { line().push_back(*this); }

WaiterList& QueueWaiter::line() const noexcept { return is_putter_ ? queue_->putters_ : queue_->getters_; }

void QueueWaiter::leave() noexcept {
    if (!linked()) return;
    unlink();
    if (woken()) pass_on();
}

void QueueWaiter::pass_on() noexcept {
    const bool useful = is_putter_ ? !queue_->full() : !queue_->empty();
    if (useful) queue_->wake_next(line());
}

void QueueWaiter::leave_failed(SourceLocation at) {
    pass_on();
    note_thrown_at(at, std::current_exception());
    throw;
}

void QueueWaiter::dispose() noexcept {
    report_if_fresh(is_putter_ ? "Queue.put" : "Queue.get");
    leave();
}

void QueueWaiter::wake_to_look() {
    if (selector()) [[unlikely]] {
        wake_selector();
        return;
    }
    set_woken();
    EventLoop& loop = queue_->loop_.get();
    if (!loop.is_closed()) loop.ready().push(*this);
}

void QueueWaiter::run() {
    if (!decided() && !orphaned() && !task()->must_cancel()) {
        wait_again();
        return;
    }
    task()->run();
}

// In the ready queue it stands for its task.
std::string QueueWaiter::repr() const { return task()->future().repr(); }

void QueueBase::wake_next(WaiterList& line) {
    auto* next = static_cast<QueueWaiter*>(line.front());
    if (!next) return;
    next->unlink();
    woken_.push_back(*next);
    next->wake_to_look();
}

// Everybody looks again, and finds that the queue is shut down.
void QueueBase::end_shutdown(bool immediate) {
    if (immediate && unfinished_ == 0) finished_.set();
    while (!getters_.empty()) wake_next(getters_);
    while (!putters_.empty()) wake_next(putters_);
}

void QueueBase::check_guarded_put() const {
    loop_.check_thread();
    if (shut_down_) throw QueueShutDown();
    if (full()) throw QueueFull();
}

void QueueBase::check_guarded_get() const {
    loop_.check_thread();
    if (!empty()) return;
    if (shut_down_) throw QueueShutDown();
    throw QueueEmpty();
}

void QueueBase::raise_too_many() { throw ValueError("task_done() called too many times"); }

std::string QueueBase::queue_repr(const char* type, const std::string& items) const {
    char address[32];
    std::snprintf(address, sizeof address, "%p", static_cast<const void*>(this));
    std::string text =
        "<aio::" + std::string(type) + " at " + address + " maxsize=" + std::to_string(maxsize_);
    if (size_ > 0) text += " _queue=[" + items + "]";
    if (const unsigned count = getters_.size()) text += " _getters[" + std::to_string(count) + "]";
    if (const unsigned count = putters_.size()) text += " _putters[" + std::to_string(count) + "]";
    if (unfinished_ > 0) text += " tasks=" + std::to_string(unfinished_);
    if (shut_down_) text += " shutdown";
    return text + ">";
}

}  // namespace detail
}  // namespace aio
