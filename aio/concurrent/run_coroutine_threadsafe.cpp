// SPDX-License-Identifier: MIT
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/concurrent/run_coroutine_threadsafe.hpp>
#include <aio/concurrent/wrap_future.hpp>
#include <aio/loop/exception_context.hpp>

namespace aio::concurrent::detail {

void ThreadsafeTask::send(ThreadsafeTask& item, EventLoop& loop) {
    item.address(loop);
    if (item.post()) return;
    item.destroy();
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
    try {
        task_ = make_task(loop());
    } catch (...) {  // a task factory's
        const std::exception_ptr error = std::current_exception();
        destroy();
        if (future->set_running_or_notify_cancel()) future->set_exception(error);
        if (aio::detail::is_exit_exception(error)) throw;
        aio::detail::running_loop->report(error, [&] {
            ExceptionContext context("Exception in callback run_coroutine_threadsafe()");
            context.exception(error);
            return context;
        });
        return;
    }
    started_ = true;
    prepare_loop(loop());
    enlist();
    address(loop());
    task_->add_node(task_done_.node);
    future->add_callback(*this);
}

// A callback of the thread future, in any thread. Throws what asyncio's call_soon_threadsafe() would.
void ThreadsafeTask::done(FutureState& future) {
    if (!future.cancelled()) {
        release();
    } else if (!post()) {
        release();
        throw RuntimeError("Event loop is closed");
    }
}

void ThreadsafeTask::task_done() {
    delist();
    const Ref<aio::detail::FutureBase> task = std::exchange(task_, nullptr);
    const Ref<FutureState> future = std::exchange(future_, nullptr);
    struct Release {
        ThreadsafeTask& item;
        ~Release() { item.release(); }
    } const at_end{*this};
    copy_state(*task, *future);
}

void ThreadsafeTask::copy_state(aio::detail::FutureBase& task, FutureState& future) {
    if (task.cancelled()) future.cancel();
    if (!begin_call(future)) return;
    if (const std::exception_ptr error = task.exception()) {
        fail_future(future, error);
    } else {
        try {
            copy_value(task, future);
        } catch (...) {  // of the value's constructors
            fail_future(future, std::current_exception());
        }
    }
}

void ThreadsafeTask::detach() noexcept {
    delist();
    if (task_done_.node.linked()) {
        task_->remove_node(task_done_.node);
    } else {
        loop().ready().remove(task_done_);  // the task is done, and task_done() would still have its turn
    }
    task_ = nullptr;
    future_ = nullptr;
    release();
}

void ThreadsafeTask::discard() noexcept {
    if (started_) {
        LoopItem::discard();
    } else {
        destroy();  // nothing else refers to it yet
    }
}

}  // namespace aio::concurrent::detail
