// SPDX-License-Identifier: MIT
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/concurrent/run_in_executor.hpp>
#include <aio/concurrent/to_thread.hpp>

namespace aio {

// Only to be pointed at: what `to_thread` calls itself.
static SourceLocation to_thread() { return SourceLocation::current(); }

namespace concurrent::detail {

SourceLocation ThreadWaiter::location() noexcept { return aio::to_thread(); }

void ThreadWaiter::start(std::coroutine_handle<> awaiter) {
    aio::detail::current_task_or_throw();
    call_->start(*this);
    begin(awaiter);
}

// Nobody awaits it: never has, or no more because the result is there, or the frame is destroyed.
void ThreadWaiter::give_up() noexcept {
    if (waiting()) {
        withdraw();
        return;
    }
    if (fresh()) aio::detail::report_never_awaited("to_thread");
    std::exchange(call_, nullptr)->destroy();
}

void ThreadWaiter::withdraw() noexcept { std::exchange(call_, nullptr)->abandon(); }

void ThreadCall::start(ThreadWaiter& waiter) {
    EventLoop& loop = *aio::detail::here.loop;
    Executor& executor = default_executor(loop);
    address(loop);
    context_ = aio::detail::ContextSlot::copy_current();
    waiter_ = &waiter;
    enlist();
    try {
        executor.execute(*this);
    } catch (...) {
        delist();
        throw;
    }
}

bool ThreadCall::leave_queue(Phase to) noexcept {
    Phase expected = Phase::queued;
    return phase_.compare_exchange_strong(expected, to, std::memory_order_acq_rel);
}

void ThreadCall::abandon() noexcept {
    waiter_ = nullptr;
    if (!leave_queue(Phase::withdrawn)) return;
    delist();
    release();
}

void ThreadCall::execute() noexcept {
    if (!leave_queue(Phase::taken)) {
        release();
        return;
    }
    {
        const aio::detail::ContextScope scope(context_);
        try {
            invoke();
        } catch (...) {
            error_ = convert_error(std::current_exception());
        }
        drop_callable();
    }
    finish();
}

// asyncio drops what comes for a loop that is closed.
void ThreadCall::finish() noexcept {
    context_ = aio::detail::ContextSlot();
    if (!post()) release();
}

void ThreadCall::cancel() noexcept { fail(std::make_exception_ptr(aio::CancelledError())); }

void ThreadCall::fail(const std::exception_ptr& error) noexcept {
    if (!leave_queue(Phase::taken)) {
        release();
        return;
    }
    drop_callable();
    error_ = error;
    finish();
}

void ThreadCall::arrive() {
    delist();
    if (waiter_) {
        waiter_->wake();  // whose call it is now
    } else {
        destroy();
    }
}

void ThreadCall::detach() noexcept {
    delist();
    if (waiter_) std::exchange(waiter_, nullptr)->let_go();
    release();
}

}  // namespace concurrent::detail
}  // namespace aio
