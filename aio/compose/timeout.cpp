// SPDX-License-Identifier: MIT
#include <aio/compose/timeout.hpp>
#include <aio/task/detail/future_state.hpp>

#include <cstdio>

namespace aio {

Timeout timeout(const TimeLimit& limit) {
    EventLoop* const running = get_running_loop_or_null();
    EventLoop& loop = running ? *running : get_running_loop();
    if (!limit.delay()) return Timeout(std::nullopt);
    return Timeout(loop.deadline_after(*limit.delay()));
}

Timeout timeout_at(const std::optional<TimePoint>& when) { return Timeout(when); }

// Begins the block, and gives the loop if there is a deadline.
inline EventLoop* Timeout::begin() {
    const detail::Here& now = detail::here;
    if (state_ != State::created) throw RuntimeError("Timeout has already been entered");
    task_ = now.task;
    if (!task_) throw RuntimeError("Timeout should be used inside a task");
    state_ = State::active;
    cancelling_ = task_->cancelling();
    return limited_ ? now.loop : nullptr;
}

inline void Timeout::take_turn(EventLoop& loop) noexcept {
    loop.timers().take_turn(*this);
    unarmed_ = true;
}

void Timeout::enter() {
    EventLoop* const loop = begin();
    if (!loop) return;
    if (deadline_ <= loop->time()) {
        queue(*loop);
    } else {
        take_turn(*loop);
    }
}

void Timeout::enter_ahead() {
    if (EventLoop* const loop = begin()) take_turn(*loop);
}

void Timeout::enter_by_hand() {
    enter();
    keep_task_ = Ref<detail::FutureBase>(&task_->future());
    arm();
}

void Timeout::arm_timer() {
    unarmed_ = false;
    EventLoop& loop = *detail::here.loop;
    try {
        loop.timers().push_in_turn(*this, deadline_);
        scheduled_ = true;
    } catch (const std::bad_alloc&) {  // the block waits already, so it can only be cancelled
        starved_ = true;
        queue(loop);
    }
}

void Timeout::queue(EventLoop& loop) {
    detail::TimerHeap::queue(*this, loop.ready());
    scheduled_ = true;
}

void Timeout::reschedule(const std::optional<TimePoint>& when) {
    if (state_ == State::created) throw RuntimeError("Timeout has not been entered");
    if (state_ != State::active) {
        throw RuntimeError(std::string("Cannot change state of ") + state_name() + " Timeout");
    }
    unarmed_ = false;
    if (scheduled_) withdraw();
    set_deadline(when);
    if (!limited_) return;
    EventLoop& loop = task_->future().loop();
    if (deadline_ <= loop.time()) {
        queue(loop);
    } else {
        loop.timers().push(*this, deadline_);
        scheduled_ = true;
    }
}

void Timeout::withdraw() noexcept {
    scheduled_ = false;
    EventLoop& loop = task_->future().loop();
    loop.timers().withdraw(*this, loop.ready());
}

void Timeout::run() {
    scheduled_ = false;
    state_ = State::expiring;
    task_->request_cancel(nullptr);
}

bool Timeout::leave_expired() noexcept {
    state_ = State::expired;
    return task_->uncancel() <= cancelling_;
}

void Timeout::leave_failed(SourceLocation at) {
    if (leave() && detail::handling_cancelled_error()) raise_expired(at, std::current_exception());
}

// In debug mode it tells where the block was.
void Timeout::raise_expired(SourceLocation at, const std::exception_ptr& cause) const {
    const std::exception_ptr error =
        starved_ ? std::make_exception_ptr(std::bad_alloc()) : std::make_exception_ptr(TimeoutError());
    detail::inherit_traceback(error, cause);
    detail::rethrow_at(at, error);
}

void Timeout::leave_by_hand(const std::exception_ptr& error, SourceLocation at) {
    if (state_ == State::created) throw RuntimeError("Timeout has not been entered");
    if (state_ != State::active && state_ != State::expiring) {
        throw RuntimeError("Timeout has already been left");
    }
    const bool own = leave();
    keep_task_ = nullptr;
    if (own && error && detail::is_cancelled_error(error)) raise_expired(at, error);
}

const char* Timeout::state_name() const noexcept {
    constexpr const char* names[] = {"created", "active", "expiring", "expired", "finished"};
    return names[static_cast<int>(state_)];
}

std::string Timeout::repr() const {
    std::string text = std::string("<Timeout [") + state_name() + "]";
    if (state_ == State::active) {
        text += " when=";
        if (limited_) {
            char seconds[32];
            std::snprintf(seconds, sizeof seconds, "%.3f",
                          std::chrono::duration<double>(deadline_.time_since_epoch()).count());
            text += seconds;
        } else {
            text += "None";
        }
    }
    return text + ">";
}

}  // namespace aio
