// SPDX-License-Identifier: MIT
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/fs/operation_impl.hpp>
#include <aio/fs/threads_impl.hpp>

namespace aio::fs::detail {

void Operation::begin(EventLoop& loop, OperationWaiter& waiter) noexcept {
    concurrent::detail::prepare_loop(loop);
    address(loop);
    waiter_ = &waiter;
    enter();
}

void Operation::submit() noexcept {
    submitted_ = true;
    enlist();
    try {
        execute_in_thread(*this);
    } catch (...) {
        delist();
        error_ = std::current_exception();
        arrived();
    }
}

bool Operation::leave_queue(Phase to) noexcept {
    Phase expected = Phase::waiting;
    return phase_.compare_exchange_strong(expected, to, std::memory_order_acq_rel);
}

void Operation::abandon() noexcept {
    waiter_ = nullptr;
    if (must_run()) return;
    if (!submitted_) {  // stands in its file's queue
        unlink();
        destroy();
    } else if (leave_queue(Phase::withdrawn)) {
        delist();
        leave();
        release();
    }
}

void Operation::finish() noexcept {
    if (submitted_) leave();
    destroy();
}

void Operation::execute() noexcept {
    if (!leave_queue(Phase::taken)) {
        release();
        return;
    }
    try {
        work();
    } catch (...) {
        error_ = std::current_exception();
    }
    if (!post()) release();
}

void Operation::cancel() noexcept { fail(std::make_exception_ptr(CancelledError())); }

void Operation::fail(const std::exception_ptr& error) noexcept {
    if (!leave_queue(Phase::taken)) {
        release();
        return;
    }
    error_ = error;
    if (!post()) release();
}

void Operation::arrive() {
    delist();
    arrived();
}

void Operation::arrived() noexcept {
    if (waiter_) {
        waiter_->wake();  // whose it is now
    } else {
        finish();
    }
}

void Operation::detach() noexcept {
    delist();
    if (waiter_) std::exchange(waiter_, nullptr)->let_go();
    release();
}

}  // namespace aio::fs::detail
