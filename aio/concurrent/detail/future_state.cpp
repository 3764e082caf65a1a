// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/concurrent/detail/future_state.hpp>

#include <cstdio>

namespace aio::concurrent::detail {

FutureState::~FutureState() {
    while (Callback* callback = first_callback_) {
        first_callback_ = callback->next;
        callback->drop();
    }
}

bool FutureState::cancel() {
    {
        const LockGuard guard(lock_);
        if (is_cancelled(state())) return true;
        if (state() != State::pending) return false;
        set_state(State::cancelled);
    }
    announce();
    return true;
}

bool FutureState::set_running() noexcept {
    const LockGuard guard(lock_);
    if (state() != State::pending) return false;
    set_state(State::running);
    return true;
}

bool FutureState::set_running_or_notify_cancel() {
    if (set_running()) return true;
    const LockGuard guard(lock_);
    if (state() == State::cancelled) {
        set_state(State::cancelled_and_notified);
        notify_observers();
        return false;
    }
    log(LogLevel::error, "Future in unexpected state: " + repr());
    throw RuntimeError("Future in unexpected state");
}

void FutureState::begin_settle() {
    lock_.lock();
    if (!done()) return;
    lock_.unlock();
    throw InvalidStateError("invalid state: " + repr());
}

void FutureState::end_settle() noexcept {
    set_state(State::finished);
    notify_observers();
    lock_.unlock();
    announce();
}

void FutureState::set_exception(std::exception_ptr error) {
    begin_settle();
    if (!error) {
        abort_settle();
        aio::detail::raise_no_exception();
    }
    error_ = std::move(error);
    end_settle();
}

// To those who sleep (rule 2) and to the callbacks (rule 3). No callback can come behind: the state is done.
void FutureState::announce() noexcept {
    if (sleepers_.load() > 0) futex_wake(state_, kEverybody);
    Callback* callback = nullptr;
    {
        const LockGuard guard(lock_);
        callback = std::exchange(first_callback_, nullptr);
    }
    while (callback) {
        Callback* after = callback->next;
        call(*callback);
        callback = after;
    }
}

void FutureState::notify_observers() noexcept {
    while (Observer* observer = observers_.front()) {
        observer->unlink();
        observer->finished(*this);
    }
}

void FutureState::call(Callback& callback) noexcept {
    try {
        callback.done(*this);
    } catch (...) {
        aio::detail::log_text(LogLevel::error, [&] {
            return "exception calling callback for " + repr() + "\n" +
                   aio::format_exception(std::current_exception());
        });
    }
}

void FutureState::add_callback(Callback& callback) {
    {
        const LockGuard guard(lock_);
        if (!done()) {
            (first_callback_ ? last_callback_->next : first_callback_) = &callback;
            callback.previous = std::exchange(last_callback_, &callback);
            return;
        }
    }
    call(callback);
}

bool FutureState::remove_callback(Callback& callback) noexcept {
    const LockGuard guard(lock_);
    if (!first_callback_) return false;  // announce() has them
    (callback.previous ? callback.previous->next : first_callback_) = callback.next;
    (callback.next ? callback.next->previous : last_callback_) = callback.previous;
    callback.next = callback.previous = nullptr;
    return true;
}

bool FutureState::observe(Observer& observer) {
    const LockGuard guard(lock_);
    if (state() == State::finished || state() == State::cancelled_and_notified) return false;
    observers_.push_back(observer);
    return true;
}

void FutureState::forget(Observer& observer) noexcept {
    const LockGuard guard(lock_);
    observer.unlink();
}

bool FutureState::wait_done(const std::optional<Duration>& timeout) {
    if (done()) return true;
    std::optional<TimePoint> deadline;
    if (timeout) {
        if (*timeout <= Duration::zero()) return false;
        deadline = aio::detail::after(TimePoint::clock::now(), *timeout);
    }
    sleepers_.fetch_add(1);
    bool in_time = true;
    std::uint32_t seen = state_.load();
    while (!is_done(State{seen}) && in_time) {
        in_time = futex_wait(state_, seen, deadline);
        seen = state_.load();
    }
    sleepers_.fetch_sub(1);
    return is_done(State{seen});
}

std::exception_ptr FutureState::exception(const std::optional<Duration>& timeout) {
    if (!wait_done(timeout)) throw TimeoutError();
    if (cancelled()) throw CancelledError();
    return error_;
}

void FutureState::check_result(const std::optional<Duration>& timeout) {
    if (std::exception_ptr error = exception(timeout)) std::rethrow_exception(std::move(error));
}

std::string FutureState::repr() const {
    char address[32];
    std::snprintf(address, sizeof address, "%p", static_cast<const void*>(this));
    const std::string text = "<Future at " + std::string(address) + " state=";
    const State now = state();
    if (now == State::pending) return text + "pending>";
    if (now == State::running) return text + "running>";
    if (is_cancelled(now)) return text + "cancelled>";
    if (error_) return text + "finished raised " + type_name(error_) + ">";
    const std::string type = value_type() == typeid(void) ? "NoneType" : type_name(value_type());
    return text + "finished returned " + type + ">";
}

}  // namespace aio::concurrent::detail
