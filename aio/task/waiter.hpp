// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/list.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/coro.hpp>

#include <coroutine>
#include <exception>
#include <string>
#include <utility>

/// How a task waits. The contract between tasks and everything that can be awaited:
///
/// 1. A task that suspends has recorded where it goes on (`TaskState::suspend`) and what it waits for:
///    a Waiter in the suspended frame, or null for a bare yield.
/// 2. To wake it, the Waiter queues the task once (`TaskState::schedule`). It goes on in its place in
///    the ready queue, never inline (S18, S23).
/// 3. task.cancel() asks the Waiter first. `Waiter::cancel` either withdraws the wait, queues the task
///    and returns true; or, when the wake-up is on its way already, returns false and the request
///    stays with the task, which then loses the result (S47).
/// 4. The awaiter's await_resume() calls `TaskState::resumed`, which throws CancelledError if either
///    happened.
/// 5. A Waiter that is destroyed unlinks itself from everything that could wake it.
namespace aio::detail {

class FutureBase;
class TaskState;

/// The task that runs in this thread; null in callbacks and outside of the loop.
inline constinit thread_local TaskState* current_task_state = nullptr;

/// What a suspended task waits for.
class Waiter {
public:
    /// Rule 3. `cause` is null or holds the CancelledError to be thrown.
    virtual bool cancel(const std::exception_ptr& cause) = 0;
    /// Unlinks from whatever could end the wait; the task goes on for another reason.
    virtual void withdraw() noexcept = 0;
    /// What it is, for reports: "sleep", "<Future pending>".
    virtual std::string describe() const = 0;

protected:
    Waiter() noexcept = default;
    Waiter(const Waiter&) noexcept = default;
    Waiter& operator=(const Waiter&) noexcept = default;
    ~Waiter() = default;
};

/// The part of a task that does not depend on its result: drives the coroutine.
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

    /// Rule 2. For code that the task's own loop runs, or that no loop runs.
    void schedule() {
        if (EventLoop* loop = running_loop) [[likely]] {
            loop->ready().push(*this);
        } else {
            schedule_from_anywhere();
        }
    }
    /// The same for cancel(), which another loop of this thread may call. Does nothing while the loop is
    /// being closed.
    void schedule_from_anywhere();

    /// Rule 4: throws if the task was cancelled while it waited. `cancelled`: the Waiter withdrew.
    // It throws here, because a cancelled wait costs little else than the frames that are unwound.
    void resumed(bool cancelled) {
        if (must_cancel_ || cancelled) [[unlikely]]
            throw take_request();
    }

    /// Requests cancellation (S39 to S49).
    bool request_cancel(const std::exception_ptr& cause);
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
    const Waiter* waits_for() const noexcept { return waiter_; }
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

    [[noreturn]] static void refuse(const char* operation);
    std::string task_repr() const;
    std::string coroutine_repr() const;
    void destroy_frame() noexcept;
    std::coroutine_handle<> root() const noexcept { return root_; }

private:
    void leave_loop(EventLoop& loop) noexcept;
    void finish();
    [[gnu::cold]] CancelledError take_request() noexcept;
    bool forward_cancel(const std::exception_ptr& cause);
    void step();

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
    bool forwarding_cancel_ = false;  // inside forward_cancel()
    bool started_ = false;
    bool has_frame_ = true;
};

[[noreturn]] void raise_no_task();

/// The task whose coroutine is being awaited from; every awaitable's await_suspend asks for it.
inline TaskState& current_task_or_throw() {
    if (!current_task_state) [[unlikely]]
        raise_no_task();
    return *current_task_state;
}

/// A Waiter that is its own resource's list entry: the base of sleep, locks, queues and readers.
///
/// A derived awaiter calls `begin(handle)` in await_suspend, which may throw, before it links itself
/// wherever it waits, and `end()` first thing in await_resume. Its resource calls `wake()`. If its
/// await_suspend has a last parameter `unsigned line = __builtin_LINE()` and hands it on to begin(),
/// reports tell the line of the co_await.
class LeafWaiter : public Waiter {
public:
    bool waiting() const noexcept { return state_ == State::waiting; }

    /// The wait is over: queues the task. The caller has unlinked the node from its resource.
    void wake() {
        state_ = State::woken;
        task_->schedule();
    }

    bool cancel(const std::exception_ptr& cause) final;

protected:
    LeafWaiter() noexcept = default;
    // Moving is for awaitables that have not been awaited yet. Of one that was moved from comes no fresh one:
    // g++ 12 moves where `co_await std::move(x)` should not.
    LeafWaiter(LeafWaiter&& other) noexcept : state_(std::exchange(other.state_, State::finished)) {}
    LeafWaiter& operator=(LeafWaiter&&) = delete;
    ~LeafWaiter() = default;

    template <std::derived_from<CoroutineBase> Promise>
    void begin(std::coroutine_handle<Promise> awaiter, unsigned line = 0) {
        awaiter.promise().set_await_line(line);
        begin(std::coroutine_handle<>(awaiter));
    }
    void begin(std::coroutine_handle<> resume_at) {
        task_ = &current_task_or_throw();
        state_ = State::waiting;
        task_->suspend(resume_at, this);
    }
    /// Throws CancelledError if the task was cancelled. Does nothing if it never waited.
    void end() {
        const State ended = std::exchange(state_, State::finished);
        if (ended != State::fresh) task_->resumed(ended == State::cancelled);
    }
    /// Never awaited, and not moved from.
    bool fresh() const noexcept { return state_ == State::fresh; }
    /// For await_ready(): throws RuntimeError unless fresh().
    void check_fresh() const {
        if (!fresh()) [[unlikely]]
            raise_reused();
    }
    /// Whether a result was delivered that is still unused: after wake(), before end() returned.
    bool woken() const noexcept { return state_ == State::woken; }
    bool was_cancelled() const noexcept { return state_ == State::cancelled; }
    TaskState* task() const noexcept { return task_; }

    // For waits that are parts of another wait, or that are queued themselves instead of the task and decide
    // in their turn whether it can go on.
    void begin_within(TaskState& task) noexcept {
        task_ = &task;
        state_ = State::waiting;
    }
    void set_woken() noexcept { state_ = State::woken; }
    void set_waiting() noexcept { state_ = State::waiting; }
    void set_finished() noexcept { state_ = State::finished; }

private:
    [[noreturn]] static void raise_reused();
    enum class State : std::uint8_t { fresh, waiting, woken, cancelled, finished };
    TaskState* task_ = nullptr;
    State state_ = State::fresh;
};

}  // namespace aio::detail
