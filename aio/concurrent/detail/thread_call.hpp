// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/traceback_table.hpp>
#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/executor.hpp>
#include <aio/task/waiter.hpp>

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace aio::concurrent::detail {

class ThreadWaiter;

/// A call that a task awaits: the one allocation of to_thread(). Goes from the task to the pool's queue, to a
/// thread, through the inbox back to the loop's thread, and to the awaiting frame if that still waits.
class ThreadCall : public LoopItem, public Job {
public:
    /// Gives it to the loop's default pool, with a copy of the current context.
    void start(ThreadWaiter& waiter);
    /// Nobody waits any more: withdraws it if it is queued still, or else has the result dropped.
    void abandon() noexcept;

    void execute() noexcept final;
    void cancel() noexcept final;
    void fail(const std::exception_ptr& error) noexcept final;
    void detach() noexcept final;
    std::string repr() const final { return "<Handle to_thread>"; }
    void destroy() noexcept override = 0;  // the waiter has it at the end, or if it is never started

    /// Throws the call's error into the coroutine that awaits at `at`.
    void check_result(SourceLocation at) const {
        if (error_) aio::detail::rethrow_at(at, error_);
    }

protected:
    ThreadCall() noexcept = default;
    ~ThreadCall() = default;
    /// Calls and keeps the result.
    virtual void invoke() = 0;
    /// Destroys the callable and its arguments.
    virtual void drop_callable() noexcept = 0;

private:
    enum class Phase : std::uint8_t { queued, taken, withdrawn };
    bool leave_queue(Phase to) noexcept;
    void finish() noexcept;
    void arrive() final;

    ThreadWaiter* waiter_ = nullptr;
    aio::detail::ContextSlot context_;
    std::exception_ptr error_;
    std::atomic<Phase> phase_{Phase::queued};
};

template <class R>
class ThreadCallResult : public ThreadCall {
public:
    R take() { return std::move(*value_); }

protected:
    ~ThreadCallResult() = default;
    std::optional<R> value_;
};
template <>
class ThreadCallResult<void> : public ThreadCall {
public:
    void take() noexcept {}

protected:
    ~ThreadCallResult() = default;
};

template <class R, class Call>
class ThreadCallOf final : public ThreadCallResult<R> {
public:
    template <class... Given>
    explicit ThreadCallOf(Given&&... given) : call_(std::in_place, std::forward<Given>(given)...) {}

private:
    void invoke() override {
        if constexpr (std::is_void_v<R>) {
            (*call_)();
        } else {
            this->value_.emplace((*call_)());
        }
    }
    void drop_callable() noexcept override { call_.reset(); }
    void destroy() noexcept override { delete this; }
    std::optional<Call> call_;
};

/// Waits for a ThreadCall, which it owns before it starts and after it has come back.
class ThreadWaiter : public aio::detail::LeafWaiter {
public:
    explicit ThreadWaiter(ThreadCall& call) noexcept : call_(&call) {}
    ThreadWaiter(ThreadWaiter&& other) noexcept
        : LeafWaiter(static_cast<LeafWaiter&&>(other)), call_(std::exchange(other.call_, nullptr)) {}
    ThreadWaiter& operator=(ThreadWaiter&&) = delete;

    bool await_ready() const {
        check_fresh();
        return false;
    }
    template <std::derived_from<aio::detail::CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        start(awaiter);
    }
    std::string describe() const override { return "to_thread"; }
    /// The coroutine that a task of a bare to_thread() is shown to run.
    static SourceLocation location() noexcept;
    /// The call is no longer its own.
    void let_go() noexcept { call_ = nullptr; }

protected:
    ~ThreadWaiter() {
        if (call_) give_up();
    }
    /// Throws CancelledError or the call's error.
    ThreadCall& finish(SourceLocation at) {
        end();
        call_->check_result(at);
        return *call_;
    }

private:
    void start(std::coroutine_handle<> awaiter);
    void give_up() noexcept;
    void withdraw() noexcept override;

    ThreadCall* call_;
};

template <class R>
class ToThread final : public ThreadWaiter {
public:
    using ThreadWaiter::ThreadWaiter;
    R await_resume(SourceLocation at = SourceLocation::current()) {
        return static_cast<ThreadCallResult<R>&>(finish(at)).take();
    }
};

}  // namespace aio::concurrent::detail
