// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/handle.hpp>

namespace aio::detail {

void HandleState::run() {
    if (!leave_pending(kind_ == Kind::once ? kDone : kRunning)) {
        release();
        return;
    }
    {
        const ContextScope scope(context_);
        try {
            invoke();
        } catch (...) {
            if (handling_exit_exception()) {
                after_run();
                throw;
            }
            report_failure();
        }
    }
    after_run();
}

void HandleState::after_run() noexcept {
    if (kind_ == Kind::once) {
        destroy_callable();
    } else if (state_.load(std::memory_order_relaxed) == kRunning) {
        state_.store(kPending, std::memory_order_relaxed);
    } else {
        destroy_callable();  // rule 3
    }
    release();
}

void HandleState::discard() noexcept {
    if (leave_pending(kDone)) destroy_callable();
    release();
}

// Once it has run or was cancelled its loop may be gone, and there is nothing to be done.
void HandleState::check_thread() const {
    if (!threadsafe_ && has_callable()) loop_->check_thread();
}

void HandleState::cancel() noexcept {
    if (state_.load(std::memory_order_relaxed) == kRunning) {  // repeating, so of the loop's thread
        state_.store(kCancelled, std::memory_order_relaxed);
        return;
    }
    if (!leave_pending(kCancelled)) return;
    // The callable's destructor may drop the last handle, and close the loop.
    const Ref<HandleState> keep(this);
    withdraw();
    destroy_callable();
}

bool HandleState::leave_pending(std::uint8_t to) noexcept {
    if (!threadsafe_) {
        if (state_.load(std::memory_order_relaxed) != kPending) return false;
        state_.store(to, std::memory_order_relaxed);
        return true;
    }
    std::uint8_t expected = kPending;
    return state_.compare_exchange_strong(expected, to, std::memory_order_acq_rel);
}

void HandleState::report_failure() noexcept {
    const std::exception_ptr error = std::current_exception();
    loop_->report(error, [&] {
        ExceptionContext context("Exception in callback " + callable_name());
        context.exception(error).set("handle", Handle(Ref<HandleState>(this)), repr());
        return context;
    });
}

std::string HandleState::repr() const {
    const char* state = cancelled() ? " cancelled" : "";
    return "<Handle" + std::string(state) + " " + callable_name() + ">";
}

void TimerHandleState::withdraw() noexcept {
    if (!armed()) return;  // already due: the ready queue skips it
    loop().timers().remove(*this);
    release();  // the heap's reference
}

}  // namespace aio::detail
