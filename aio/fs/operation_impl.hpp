// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/traceback_table.hpp>
#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/executor.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/waiter.hpp>

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace aio::fs::detail {

class OperationWaiter;

/// A call on files, on its way from a task to a thread and back through the inbox.
///
/// Rules: (1) what the call works with and what it gives is the operation's, so a cancelled task need not
/// wait for the thread; (2) what was cancelled before a thread has taken it is never done, except what has to
/// be (must_run()); (3) who has the operation: its waiter, before it is given to a thread and after it has
/// come back; in between thread and loop have a reference each.
class Operation : public concurrent::detail::LoopItem, public concurrent::Job {
public:
    /// In the loop's thread: the waiter waits from now on.
    void begin(EventLoop& loop, OperationWaiter& waiter) noexcept;
    /// Nobody waits any more.
    void abandon() noexcept;
    /// Its waiter goes, having waited for it or not.
    void finish() noexcept;
    /// Gives it to a thread; tells the waiter if there is none.
    void submit() noexcept;
    void check(SourceLocation at) const {
        if (error_) aio::detail::rethrow_at(at, error_);
    }
    const char* name() const noexcept { return name_; }
    bool awaited() const noexcept { return waiter_ != nullptr; }

    void execute() noexcept final;
    void cancel() noexcept final;
    void fail(const std::exception_ptr& error) noexcept final;
    void detach() noexcept override;
    std::string repr() const final { return std::string("<Handle fs.") + name_ + ">"; }
    void destroy() noexcept override = 0;

protected:
    explicit Operation(const char* name) noexcept : name_(name) {}
    ~Operation() = default;

private:
    enum class Phase : std::uint8_t { waiting, taken, withdrawn };
    /// The call.
    virtual void work() = 0;
    /// Gets it under way; by default at once.
    virtual void enter() noexcept { submit(); }
    /// Whoever stands behind it in a queue may begin.
    virtual void leave() noexcept {}
    virtual bool must_run() const noexcept { return false; }
    bool leave_queue(Phase to) noexcept;
    void arrive() final;
    void arrived() noexcept;

    const char* const name_;
    OperationWaiter* waiter_ = nullptr;
    std::exception_ptr error_;
    bool submitted_ = false;  ///< has been given to a thread, or would have been
    std::atomic<Phase> phase_{Phase::waiting};
};

/// Waits for an operation.
class OperationWaiter final : public aio::detail::LeafWaiter {
public:
    explicit OperationWaiter(Operation& operation) noexcept : operation_(&operation) {}
    OperationWaiter(OperationWaiter&&) = delete;
    ~OperationWaiter() {
        if (waiting()) {
            withdraw();
        } else if (operation_) {
            operation_->finish();
        }
    }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        LeafWaiter::begin(awaiter);  // throws if there is no task
        operation_->begin(get_running_loop(), *this);
    }
    void await_resume(SourceLocation at = SourceLocation::current()) {
        end();
        operation_->check(at);
    }
    std::string describe() const override {
        return std::string("fs.") + (operation_ ? operation_->name() : "call");
    }
    /// The operation is no longer its own.
    void let_go() noexcept { operation_ = nullptr; }

private:
    void withdraw() noexcept override {
        if (operation_) std::exchange(operation_, nullptr)->abandon();
    }
    Operation* operation_;
};

/// A call that belongs to no file.
template <class R, class F>
class Call final : public Operation {
public:
    Call(const char* name, F fn) : Operation(name), fn_(std::move(fn)) {}
    R take() {
        if constexpr (!std::is_void_v<R>) return std::move(*result_);
    }

private:
    void work() override {
        if constexpr (std::is_void_v<R>) {
            fn_();
        } else {
            result_.emplace(fn_());
        }
    }
    void destroy() noexcept override { delete this; }

    F fn_;
    std::optional<std::conditional_t<std::is_void_v<R>, bool, R>> result_;
};

/// Calls fn() in a thread for files. Cancellation: immediate.
template <class F>
Coro<std::invoke_result_t<F&>> in_thread(const char* name, F fn) {
    using R = std::invoke_result_t<F&>;
    auto* const call = new Call<R, F>(name, std::move(fn));
    OperationWaiter waiter(*call);
    co_await waiter;
    co_return call->take();
}

}  // namespace aio::fs::detail
