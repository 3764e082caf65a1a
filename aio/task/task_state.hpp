// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/error.hpp>
#include <aio/loop/detail/here.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/coro.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace aio::detail {

class FutureBase;
class TaskState;
class Waiter;

/// The part of a task that does not depend on its result: drives the coroutine. The rules are those of
/// waiter.hpp.
class TaskState : public Runnable, public ListLink {
public:
    TaskState(const TaskState&) = delete;
    TaskState& operator=(const TaskState&) = delete;

    /// The future that completes with the task.
    virtual FutureBase& future() noexcept = 0;

    /// One step: resumes the coroutine until it suspends or ends. Called by the ready queue.
    void run() final;

    /// Rule 1. `waiter` is null where only time in the ready queue separates the task from going on.
    void suspend(std::coroutine_handle<> resume_at, Waiter* waiter) noexcept {
        resume_at_ = resume_at;
        waiter_ = waiter;
    }

    /// Rule 2. Whoever calls it, also code that another loop of this thread runs, the task goes on in its own
    /// loop. Does nothing while that is being closed.
    void schedule();
    /// The same where the task's loop is known.
    void schedule_in(EventLoop& loop) {
        if (loop.is_guarded()) [[unlikely]]
            return schedule_guarded(loop);
        loop.ready().push(*this);
    }

    /// Rule 4: throws if the task was cancelled while it waited. `cancelled`: the Waiter withdrew.
    // It throws here, because a cancelled wait costs little else than the frames that are unwound.
    void resumed(bool cancelled) {
        if (must_cancel_ || cancelled) [[unlikely]]
            throw take_request();
    }

    /// Requests cancellation (S39 to S49).
    bool request_cancel(const std::exception_ptr& cause);
    /// A request to cancel passes (CancelChain): it counts; it stays with this task; it has come
    /// here in a circle of tasks that wait for each other, which ends here.
    void count_request() noexcept { ++cancel_requests_; }
    void keep_request(const std::exception_ptr& cause) noexcept;
    void break_circle(const std::exception_ptr& cause);
    /// Whether it hands a request on to what it waits for right now.
    bool handing_on() const noexcept { return handing_on_; }
    void set_handing_on(bool on) noexcept { handing_on_ = on; }
    /// Whether a request waits to be delivered at the task's next await.
    bool must_cancel() const noexcept { return must_cancel_; }
    /// Another CancelledError is thrown in its stead (S42).
    void merge_request() noexcept { must_cancel_ = false; }
    unsigned cancelling() const noexcept { return cancel_requests_; }
    unsigned uncancel() noexcept;

    /// The CancelledError that the next throw delivers; null for one without a message.
    void set_cancel_cause(const std::exception_ptr& cause) noexcept;

    /// For reports: where it waits, null while it runs and when it has ended; and for what, null for a
    /// bare yield.
    std::coroutine_handle<> suspended_at() const noexcept { return has_frame_ ? resume_at_ : nullptr; }
    Waiter* waits_for() const noexcept { return waiter_; }
    /// The Waiter's description; of a task it leaves out what that waits for in turn. Empty without a Waiter.
    std::string describe_wait() const;
    bool started() const noexcept { return started_; }
    FutureBase* awaiter() noexcept final { return &future(); }

    std::string name() const;
    void set_name(std::string name);
    ContextSlot& context() noexcept { return context_; }
    /// The task's coroutine function.
    SourceLocation location() const noexcept { return has_frame_ ? frame().location() : ended_location_; }
    /// The outermost coroutine; only while has_frame().
    virtual const CoroutineBase& frame() const noexcept = 0;
    bool has_frame() const noexcept { return has_frame_; }

    /// Starts the first step now instead of queueing it (S32).
    void run_eagerly();

    /// The loop closes: destroys the frame and drops the loop's reference (S37).
    void abandon() noexcept;

protected:
    TaskState(EventLoop& loop, std::coroutine_handle<> root, ContextSlot&& context);
    ~TaskState();

    /// Moves the result of the ended coroutine into the future; gives the error if it failed.
    virtual std::exception_ptr take_outcome() = 0;

    std::string task_repr() const;
    std::string coroutine_repr() const;
    void destroy_frame() noexcept;
    std::coroutine_handle<> root() const noexcept { return root_; }

private:
    void leave_loop(EventLoop& loop) noexcept;
    void finish();
    [[gnu::cold]] CancelledError take_request() noexcept;
    void step();
    [[gnu::noinline]] void schedule_guarded(EventLoop& loop);  // apart, so that schedule_in() needs no frame
    [[gnu::cold, gnu::noinline]] void hand_on_own_request();

    union {
        std::coroutine_handle<> root_;   // while has_frame_
        SourceLocation ended_location_;  // afterwards, for reports
    };
    std::coroutine_handle<> resume_at_;
    Waiter* waiter_ = nullptr;
    std::uint64_t name_ = 0;  // a number with bit 0 set, or a std::string*
    ContextSlot context_;
    std::uint32_t cancel_requests_ = 0;
    bool must_cancel_ = false;
    bool handing_on_ = false;
    bool started_ = false;
    bool has_frame_ = true;
};

[[noreturn]] void raise_no_task();

/// The task whose coroutine is being awaited from; every awaitable's await_suspend asks for it.
inline TaskState& current_task_or_throw() {
    if (!here.task) [[unlikely]]
        raise_no_task();
    return *here.task;
}

}  // namespace aio::detail
