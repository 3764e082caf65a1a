// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/detail/ready_once.hpp>
#include <aio/task/task_state.hpp>

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

/// What a suspended task waits for.
class Waiter {
public:
    /// Rule 3. `cause` is null or holds the CancelledError to be thrown.
    virtual bool cancel(const std::exception_ptr& cause) = 0;
    /// Whom cancel() hands the request on to: the future that is waited for; null for other waits.
    virtual FutureBase* awaited_future() const noexcept { return nullptr; }
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
        task_->schedule();
        state_ = State::woken;
    }
    /// The same where the task's loop is known.
    void wake_in(EventLoop& loop) {
        task_->schedule_in(loop);
        state_ = State::woken;
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
    /// begin() came too early: something else that the wait needs has failed.
    void take_back() noexcept {
        state_ = State::finished;
        task_->suspend(nullptr, nullptr);
    }
    /// Throws CancelledError if the task was cancelled. Does nothing if it never waited.
    void end() {
        const State ended = std::exchange(state_, State::finished);
        if (ended != State::fresh) task_->resumed(ended == State::cancelled);
    }
    /// Whether end() would do no more than set_finished().
    bool end_is_quiet() const noexcept {
        return (state_ == State::woken && !task_->must_cancel()) || state_ == State::fresh;
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
    enum class State : std::uint8_t { fresh, waiting, woken, cancelled, finished };
    TaskState* task_ = nullptr;
    State state_ = State::fresh;
};

}  // namespace aio::detail
