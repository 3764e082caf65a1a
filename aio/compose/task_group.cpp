// SPDX-License-Identifier: MIT
#include <aio/base/exception_group.hpp>
#include <aio/compose/task_group.hpp>

namespace aio {
namespace detail {

void GroupChild::run() {
    const Ref<FutureBase> future = Ref<FutureBase>::adopt(future_);
    unlink();
    group_.child_done(*this, *future);  // whose it is now
}

// The task died pending, or its loop was closed.
void GroupChild::discard() noexcept {
    if (node_.queued) future_->release();
    unlink();
    delete this;
}

void GroupChild::forsake() noexcept {
    future_->remove_node(node_);
    if (node_.queued) future_->loop().ready().remove(*this);
    discard();
}

void GroupPlace::take(FutureBase& task) { group_.adopt(*std::exchange(child_, nullptr), task); }

void GroupWaiter::link() noexcept { group_.waiter_ = this; }
void GroupWaiter::withdraw() noexcept { group_.waiter_ = nullptr; }

}  // namespace detail

// With children only if the parent's frame was destroyed in mid-wait.
TaskGroup::~TaskGroup() {
    while (detail::GroupChild* child = children_.front()) child->forsake();
    while (failed_.front()) take_error();
}

std::exception_ptr TaskGroup::take_error() noexcept {
    detail::GroupChild* const child = failed_.front();
    child->unlink();
    std::exception_ptr error = std::move(child->error);
    delete child;
    return error;
}

std::string TaskGroup::repr() const {
    std::string text = "<TaskGroup";
    if (const unsigned tasks = children_.size()) text += " tasks=" + std::to_string(tasks);
    if (const unsigned errors = failed_.size()) text += " errors=" + std::to_string(errors);
    if (aborting_) {
        text += " cancelling";
    } else if (entered_) {
        text += " entered";
    }
    return text + ">";
}

void TaskGroup::refuse() const {
    const char* reason = " is shutting down";
    if (!entered_) {
        reason = " has not been entered";
    } else if (exiting_ && children_.empty()) {
        reason = " is finished";
    }
    throw RuntimeError("TaskGroup " + repr() + reason);
}

void TaskGroup::adopt(detail::GroupChild& child, detail::FutureBase& future) {
    // Also a task that has ended in its eager start is heard of through the ready queue: reacting here
    // would cancel the parent inside create_task() (S83).
    children_.push_back(child);
    child.watch(future);
    if (aborting_ && !future.done()) [[unlikely]]
        future.cancel(nullptr);  // its eager start has cancelled the group
}

void TaskGroup::abort() {
    aborting_ = true;
    children_.for_each([](const detail::GroupChild& child) { child.future().cancel(nullptr); });
}

// Undone in conclude().
void TaskGroup::cancel_parent() {
    parent_cancel_requested_ = true;
    parent_->cancel(nullptr);
}

void TaskGroup::cancel() {
    if (!entered_) {
        cancel_on_enter_ = true;
        return;
    }
    if (aborting_ || (exiting_ && children_.empty())) return;
    abort();
    if (!parent_cancel_requested_) cancel_parent();
}

void TaskGroup::child_done(detail::GroupChild& child, detail::FutureBase& future) {
    if (waiter_ && children_.empty()) std::exchange(waiter_, nullptr)->wake();
    const std::exception_ptr error = future.cancelled() ? nullptr : future.exception();
    if (!error) {
        delete &child;
        return;
    }
    child.error = error;
    failed_.push_back(child);
    if (!exit_error_ && detail::is_exit_exception(error)) exit_error_ = error;
    if (parent_->done()) {  // the scope was entered by hand and is left by another task
        future.loop().report(error, [&] {
            ExceptionContext context("Task " + future.repr() + " has errored out but its parent task " +
                                     parent_->repr() + " is already completed");
            context.exception(error).set("task", AnyFuture(Ref<detail::FutureBase>(&future)), future.repr());
            return context;
        });
        return;
    }
    if (aborting_ || parent_cancel_requested_) return;
    abort();
    cancel_parent();
}

detail::ReadyAwaiter<TaskGroup&> TaskGroup::aenter() {
    if (entered_) throw RuntimeError("TaskGroup " + repr() + " has already been entered");
    if (!detail::here.task) {
        throw RuntimeError("TaskGroup " + repr() + " cannot determine the parent task");
    }
    parent_ = Ref<detail::FutureBase>(&detail::here.task->future());
    entered_ = true;
    if (cancel_on_enter_) cancel();
    return detail::ReadyAwaiter<TaskGroup&>(*this);
}

Coro<bool> TaskGroup::aexit(std::exception_ptr error) {
    if (!entered_) throw RuntimeError("TaskGroup " + repr() + " has not been entered");
    if (exiting_) {
        throw RuntimeError("TaskGroup " + repr() + (parent_ ? " is being left already" : " is finished"));
    }
    exiting_ = true;
    if (error && !exit_error_ && detail::is_exit_exception(error)) exit_error_ = error;
    std::exception_ptr cancellation;  // to be thrown at the end
    if (detail::is_cancelled_error(error)) cancellation = error;
    if (error && !aborting_) abort();

    std::exception_ptr last_cancellation;
    while (!children_.empty()) {  // the parent may be cancelled any number of times
        try {
            co_await detail::GroupWaiter(*this);
        } catch (const CancelledError&) {
            last_cancellation = std::current_exception();
            if (!aborting_) {
                cancellation = last_cancellation;
                abort();
            }
        }
    }
    co_return conclude(error, std::move(cancellation), last_cancellation);
}

// The scope ends with exit_error_, which leaves no place for what else went wrong.
void TaskGroup::report_errors() {
    while (failed_.front()) {
        const std::exception_ptr error = take_error();
        if (error == exit_error_) continue;
        parent_->loop().report(error, [&] {
            ExceptionContext context(
                "TaskGroup task exception was not propagated because the TaskGroup body is being closed with "
                "a BaseException");
            context.exception(error).set("task_group", repr(), repr());
            return context;
        });
    }
}

// All tasks have ended. Throws what the scope throws; else whatever the body threw is swallowed.
bool TaskGroup::conclude(const std::exception_ptr& body_error, std::exception_ptr cancellation,
                         const std::exception_ptr& last_cancellation) {
    if (exit_error_) report_errors();
    const Ref<detail::FutureBase> parent_future = std::move(parent_);
    detail::TaskState& parent = *parent_future->as_task();
    if (exit_error_) std::rethrow_exception(exit_error_);
    if (parent_cancel_requested_) {
        if (parent.uncancel() == 0) {
            cancellation = nullptr;
        } else if (!cancellation) {
            cancellation = last_cancellation;  // another request than ours is left
        }
    }
    if (cancellation && failed_.empty()) std::rethrow_exception(cancellation);
    const bool body_failed = body_error && !detail::is_cancelled_error(body_error);
    if (failed_.empty() && !body_failed) return true;

    if (parent.cancelling() > 0) {  // S79: the request outlives the errors
        parent.uncancel();
        parent.request_cancel(nullptr);
    }
    // An async generator that is closed at a co_yield inside of the scope: not an error.
    if (failed_.empty() && detail::is_exception<GeneratorExit>(body_error)) {
        std::rethrow_exception(body_error);
    }
    std::vector<std::exception_ptr> errors;
    errors.reserve(failed_.size() + 1);
    while (failed_.front()) errors.push_back(take_error());
    if (body_failed) errors.push_back(body_error);
    std::rethrow_exception(make_exception_group("unhandled errors in a TaskGroup", std::move(errors)));
}

}  // namespace aio
