// SPDX-License-Identifier: MIT
#include <aio/task/future.hpp>

#include <vector>

namespace aio::detail {

Runnable& FutureWaiter::no_target() noexcept {
    struct Nobody final : Runnable {
        void run() override {}
    };
    static Nobody nobody;
    return nobody;
}

// An error is not thrown here but comes a turn later, as in asyncio: others go on first, and a request to
// cancel wins. A future that has failed is all that this takes.
void FutureWaiter::suspend(std::coroutine_handle<> resume_at) {
    TaskState& task = current_task_or_throw();
    if (&task.future() == future_.get() || &future_->loop() != here.loop) [[unlikely]]
        refuse(task);
    task_ = &task;
    node_.target = &task;
    task.suspend(resume_at, this);
    future_->add_node(node_);
}

void FutureWaiter::refuse(TaskState& task) {
    const std::string message =
        &task.future() == future_.get()
            ? "Task cannot await on itself: " + future_->repr()
            : "Task " + task.repr() + " got Future " + future_->repr() + " attached to a different loop";
    const Future<> failed(*here.loop);
    failed.set_exception(RuntimeError(message));
    future_ = failed.state();
}

// A request came when the future was done but the task had not gone on yet: it wins (S47), except over
// the future's own cancellation, which an earlier request may have led to and which has its message. That of
// a gather() is an error (S55).
void FutureWaiter::deliver_cancel() {
    future_->mark_retrieved();
    if (future_->cancelled() || is_cancelled_error(future_->error())) {
        task_->merge_request();
    } else {
        task_->resumed(false);
    }
}

std::size_t remove_done_callback(FutureBase& future, const DoneCallback& callback) {
    const unsigned removed = future.nodes().remove_if(
        [&](const CallbackNode& node) { return node.target == callback.state().get(); });
    if (removed) callback.state()->release();  // the list's reference
    return removed;
}

// All are compared before the first is removed: a comparison may throw, change the list, or drop the future.
std::size_t remove_equal_callbacks(FutureBase& future, const std::type_info& type, const void* fn) {
    const Ref<FutureBase> keep(&future);
    std::vector<Ref<DoneCallbackState>> callbacks;
    future.nodes().for_each([&](const CallbackNode& node) {
        if (auto* callback = dynamic_cast<DoneCallbackState*>(node.target)) callbacks.emplace_back(callback);
    });
    std::erase_if(callbacks, [&](const auto& callback) { return !callback->matches(type, fn); });
    std::size_t removed = 0;
    for (const auto& callback : callbacks) {
        if (!callback->node.linked()) continue;
        future.remove_node(callback->node);
        callback->release();  // the list's reference; the destructors come at the end, with ours
        ++removed;
    }
    return removed;
}

}  // namespace aio::detail
