// SPDX-License-Identifier: MIT
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/concurrent/run_coroutine_threadsafe.hpp>
#include <aio/concurrent/wrap_future.hpp>
#include <aio/loop/exception_context.hpp>
#include <aio/loop/loop_handle.hpp>

namespace aio::concurrent::detail {

void ThreadsafeTask::send(ThreadsafeTask& item, EventLoop& loop) { send(item, loop.handle()); }

void ThreadsafeTask::send(ThreadsafeTask& item, const LoopHandle& loop) {
    item.address(loop);
    if (loop && item.post()) return;
    item.destroy();
    loop.inbox().checked("run_coroutine_threadsafe()");
    throw RuntimeError("Event loop is closed");
}

// First the coroutine comes, later perhaps a cancellation.
void ThreadsafeTask::arrive() {
    if (!started_) {
        start();
        return;
    }
    if (task_) task_->cancel(nullptr);
    release();
}

void ThreadsafeTask::start() {
    const Ref<FutureState> future = future_;
    if (future->cancelled()) {
        drop_coroutine(false);
        destroy();
        begin_call(*future);
        return;
    }
    loop().ready().push(begins_);
    try {
        const aio::detail::ContextScope scope(context_);
        task_ = make_task(loop());
    } catch (...) {  // a task factory's
        const std::exception_ptr error = std::current_exception();
        loop().ready().remove(begins_);
        destroy();
        if (future->set_running_or_notify_cancel()) future->set_exception(error);
        if (aio::detail::is_exit_exception(error)) throw;
        aio::detail::here.loop->report(error, [&] {
            ExceptionContext context("Exception in callback run_coroutine_threadsafe()");
            context.exception(error);
            return context;
        });
        return;
    }
    context_ = aio::detail::ContextSlot();
    started_ = true;
    prepare_loop(loop());
    enlist();
    address(loop());
    task_->add_node(node_);
    future->add_callback(*this);
}

// Rule 1, for a future that was cancelled since start(). The cancellation itself is on its way, behind the
// first step.
void ThreadsafeTask::begins() {
    const aio::detail::TaskState* task = task_->as_task();
    if (task && !task->started() && future_->cancelled()) task_->cancel(nullptr);
}

// A callback of the thread future, in any thread. Throws what asyncio's call_soon_threadsafe() would.
void ThreadsafeTask::done(FutureState& future) {
    if (!future.cancelled()) {
        release();
        return;
    }
    if (!over_ && post()) return;
    const bool started = started_;
    if (over_) nothing_left(future);  // else detach() is still to come, and sees the cancellation
    release();
    if (started) throw RuntimeError("Event loop is closed");
}

void ThreadsafeTask::task_done() {
    delist();
    Ref<aio::detail::FutureBase> task = std::exchange(task_, nullptr);
    const Ref<FutureState> future = std::exchange(future_, nullptr);
    struct Release {
        ThreadsafeTask& item;
        ~Release() { item.release(); }
    } const at_end{*this};
    copy_state(std::move(task), *future);
}

void ThreadsafeTask::copy_state(Ref<aio::detail::FutureBase> task, FutureState& future) {
    if (task->cancelled()) future.cancel();
    if (!future.set_running()) {
        task = nullptr;  // rule 2: its result goes as well
        nothing_left(future);
    } else if (const std::exception_ptr error = task->exception()) {
        fail_future(future, error);
    } else {
        try {
            copy_value(*task, future);
        } catch (...) {  // of the value's constructors
            fail_future(future, std::current_exception());
        }
    }
}

void ThreadsafeTask::nothing_left(FutureState& future) noexcept {
    if (!told_.exchange(true)) begin_call(future);
}

void ThreadsafeTask::detach() noexcept {
    delist();
    if (node_.linked()) {
        task_->remove_node(node_);
    } else {
        loop().ready().remove(task_done_);  // the task is done, and task_done() would still have its turn
    }
    task_ = nullptr;
    const Ref<FutureState> future = std::exchange(future_, nullptr);
    over_ = true;
    if (future->cancelled()) nothing_left(*future);
    release();
}

// The loop closes. A task is still alive then, and detach() follows when it is not.
void ThreadsafeTask::discard() noexcept {
    if (started_) {
        release();
        return;
    }
    const Ref<FutureState> future = std::exchange(future_, nullptr);
    drop_coroutine(!future->cancelled());
    context_ = aio::detail::ContextSlot();
    over_ = true;
    release();
    future->add_callback(*this);  // a cancellation may come yet
}

}  // namespace aio::concurrent::detail
