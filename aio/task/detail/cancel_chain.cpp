// SPDX-License-Identifier: MIT
#include <aio/task/detail/cancel_chain.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/task_state.hpp>
#include <aio/task/waiter.hpp>

namespace aio::detail {

void CancelPath::add(TaskState& task) noexcept {
    task.set_handing_on(true);
    if (!first_) first_ = &task;
    last_ = &task;
}

void CancelPath::clear() noexcept {
    if (!first_) return;
    TaskState* task = first_;
    for (; task != last_; task = task->waits_for()->awaited_future()->as_task()) task->set_handing_on(false);
    task->set_handing_on(false);
    first_ = last_ = nullptr;
}

bool CancelChain::cancel(FutureBase& future, const std::exception_ptr& cause) {
    CancelChain chain(cause);
    return chain.finish(chain.descend(&future, CancelPath()));
}

void CancelChain::forward(TaskState& task, const std::exception_ptr& cause) {
    CancelChain chain(cause);
    CancelPath path;
    path.add(task);
    if (FutureBase* future = task.waits_for()->awaited_future()) {
        chain.finish(chain.descend(future, std::move(path)));
    } else {
        chain.end(path, task.waits_for()->cancel(cause));
    }
}

// Asks what the fan-outs on the way stand for. `result` is that of the first descent, if it met none.
bool CancelChain::finish(bool result) {
    while (CancelFanout* const fanout = top_) {
        FutureBase* next = nullptr;
        while (!next && fanout->index_ < fanout->cancel_targets()) {
            next = fanout->cancel_target(fanout->index_++);
        }
        if (!next) {
            result = leave();
        } else if (const bool taken = descend(next, CancelPath()); top_ == fanout) {
            fanout->any_ |= taken;
        }
    }
    return result;
}

// From `future`, for which the last task of the path waits, to something that hands nothing on; gives whether
// `future` took the request. Or to a fan-out, which is `top_` then; the result means nothing yet.
bool CancelChain::descend(FutureBase* future, CancelPath path) {
    while (TaskState* task = future->as_task()) {
        future->mark_retrieved();
        if (future->done()) return end(path, false);
        if (task->handing_on()) {  // it came round: tasks that wait for each other
            task->break_circle(cause_);
            return end(path, true);
        }
        task->count_request();
        path.add(*task);
        Waiter* const waiter = task->waits_for();
        if (!waiter) return end(path, false);
        future = waiter->awaited_future();
        if (!future) return end(path, waiter->cancel(cause_));
    }
    CancelFanout* fanout = future->as_fanout();
    if (!fanout) return end(path, future->cancel(cause_));
    if (future->done()) return end(path, false);
    if (fanout->future_) {
        if (path.last()) path.last()->break_circle(cause_);
        return end(path, true);
    }
    push(*fanout, *future, std::move(path));
    return false;
}

// The last task keeps a request that what it waits for did not take. The first one takes it in any case.
bool CancelChain::end(CancelPath& path, bool taken) {
    if (!path.last()) return taken;
    if (!taken) path.last()->keep_request(cause_);
    path.clear();
    return true;
}

bool CancelChain::leave() {
    const Ref<FutureBase> kept(top_->future_);  // goes last: with it may go whatever it owns
    const bool taken = top_->cancel_handed_on(top_->any_, cause_);
    CancelPath path = pop();
    const bool result = end(path, taken);
    if (top_) top_->any_ |= result;
    return result;
}

void CancelChain::push(CancelFanout& fanout, FutureBase& future, CancelPath&& path) noexcept {
    future.add_ref();
    fanout.future_ = &future;
    fanout.path_ = std::move(path);
    fanout.index_ = 0;
    fanout.any_ = false;
    fanout.below_ = std::exchange(top_, &fanout);
}

CancelPath CancelChain::pop() noexcept {
    CancelFanout& fanout = *top_;
    top_ = fanout.below_;
    CancelPath path = std::move(fanout.path_);
    std::exchange(fanout.future_, nullptr)->release();
    return path;
}

}  // namespace aio::detail
