// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/compose/async_with.hpp>
#include <aio/task/task.hpp>
#include <aio/task/waiter.hpp>

#include <cassert>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace aio {

class TaskGroup;

namespace detail {

/// A task of a group: waits for its end. Owned by the group's list, then by the ready queue, and if the task
/// fails by the group again.
class GroupChild final : public Runnable, public ListLink, public pool::Pooled {
public:
    explicit GroupChild(TaskGroup& group) noexcept : group_(group) {}

    void watch(FutureBase& future) {
        future_ = &future;
        future.add_node(node_);
    }
    FutureBase& future() const noexcept { return *future_; }
    void run() override;
    void discard() noexcept override;
    /// The group goes before the task has ended.
    void forsake() noexcept;

    std::exception_ptr error;  ///< what the task ended with; kept here, because to note it must not fail

private:
    CallbackNode node_{*this, true};
    TaskGroup& group_;
    FutureBase* future_ = nullptr;  // counted from the moment the node is queued
};

/// Room in a group for a task that is about to be made: when that exists nothing may fail any more.
class GroupPlace {
public:
    explicit GroupPlace(TaskGroup& group) : group_(group), child_(new GroupChild(group)) {}
    GroupPlace(const GroupPlace&) = delete;
    GroupPlace& operator=(const GroupPlace&) = delete;
    ~GroupPlace() { delete child_; }
    void take(FutureBase& task);

private:
    TaskGroup& group_;
    GroupChild* child_;  // null when it is taken
};

/// The parent waits for the children.
class GroupWaiter final : public LeafWaiter {
public:
    explicit GroupWaiter(TaskGroup& group) noexcept : group_(group) {}
    GroupWaiter(const GroupWaiter&) = delete;
    GroupWaiter& operator=(const GroupWaiter&) = delete;
    ~GroupWaiter() {
        if (waiting()) withdraw();
    }
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        begin(awaiter);
        link();
    }
    void await_resume() { end(); }
    std::string describe() const override { return "TaskGroup"; }

private:
    void link() noexcept;
    void withdraw() noexcept override;
    TaskGroup& group_;
};

}  // namespace detail

/// A scope that owns tasks: it ends when all of them have ended. Mirrors asyncio.TaskGroup.
///
///     co_await async_with(TaskGroup(), body);   // Coro<> body(TaskGroup& group)
///
/// If a task fails, the others and the body are cancelled, and when all have ended the errors are thrown
/// as one ExceptionGroup (BaseExceptionGroup if not all are std::exceptions), "unhandled errors in a
/// TaskGroup", in the order of completion (S75, S77). CancelledErrors of tasks are no errors (S78);
/// KeyboardInterrupt and SystemExit are thrown as they are (S81).
/// Cancellation of the parent cancels the tasks and is waited out (S79).
/// Threads: the loop's only.
class TaskGroup {
public:
    TaskGroup() noexcept = default;
    /// Only before it is entered.
    TaskGroup(TaskGroup&& other) noexcept : cancel_on_enter_(other.cancel_on_enter_) {
        assert(!other.entered_ && "a TaskGroup that was entered cannot be moved");
    }
    TaskGroup& operator=(TaskGroup&&) = delete;
    ~TaskGroup();

    /// Makes a task of the group; takes what aio::create_task() takes, TaskOptions included. Tasks of the
    /// group may call it too while the body has ended and the group still waits. Throws RuntimeError
    /// before the group is entered, after its end and while it shuts down; the coroutine is then closed
    /// unrun (S80).
    template <class... Args>
    auto create_task(Args&&... args) {
        if constexpr (detail::TaskArguments<Args...>) {
            if (!accepts()) [[unlikely]] {
                (close_coroutine(args), ...);
                refuse();
            }
            detail::GroupPlace place(*this);
            auto task = detail::create_task_on(parent_->loop(), std::forward<Args>(args)...);
            place.take(*task.state());
            return task;
        } else {
            detail::refuse_task<Args...>();
        }
    }

    /// Cancels the unfinished tasks and the body; async_with() then ends without an error (S84). Before
    /// the group is entered: happens on entry. Harmless when repeated or when the group has ended.
    void cancel();

    /// "<TaskGroup tasks=2 entered>"
    std::string repr() const;

    /// Throws RuntimeError outside of a task or if the group was entered before.
    detail::ReadyAwaiter<TaskGroup&> aenter();
    /// Throws RuntimeError if the group was not entered, or is left already.
    Coro<bool> aexit(std::exception_ptr error);

private:
    friend class detail::GroupChild;
    friend class detail::GroupPlace;
    friend class detail::GroupWaiter;

    bool accepts() const noexcept { return entered_ && !aborting_ && !(exiting_ && children_.empty()); }
    [[noreturn]] void refuse() const;
    template <class A>
    static void close_coroutine(A& argument) noexcept {
        if constexpr (detail::is_coro<std::remove_cv_t<A>>) argument.close();
    }
    void adopt(detail::GroupChild& child, detail::FutureBase& future);
    void child_done(detail::GroupChild& child, detail::FutureBase& future);
    void abort();
    void cancel_parent();
    void report_errors();
    std::exception_ptr take_error() noexcept;
    bool conclude(const std::exception_ptr& body_error, std::exception_ptr cancellation,
                  const std::exception_ptr& last_cancellation);

    detail::List<detail::GroupChild> children_;
    Ref<detail::FutureBase> parent_;  // while entered
    detail::GroupWaiter* waiter_ = nullptr;
    detail::List<detail::GroupChild> failed_;  // those that ended with an error, in that order
    std::exception_ptr exit_error_;            // the first KeyboardInterrupt or SystemExit
    bool cancel_on_enter_ = false;
    bool entered_ = false;
    bool exiting_ = false;
    bool aborting_ = false;
    bool parent_cancel_requested_ = false;
};

}  // namespace aio
