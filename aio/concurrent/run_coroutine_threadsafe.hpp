// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/future.hpp>
#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <atomic>
#include <string>
#include <utility>

namespace aio {
namespace concurrent::detail {

/// A coroutine on its way into a loop; afterwards the link between its task and the thread future: the task's
/// result goes to the future, the future's cancellation to the task.
///
/// Rules: (1) a task whose future was cancelled before its first step never makes it; (2) a cancelled future
/// is done for wait() when nothing is left of the coroutine and its task, also if that is because the loop
/// closed.
class ThreadsafeTask : public LoopItem, public Callback {
public:
    /// Throws RuntimeError if the loop is closed.
    static void send(ThreadsafeTask& item, EventLoop& loop);
    static void send(ThreadsafeTask& item, const LoopHandle& loop);

    void done(FutureState& future) final;
    void drop() noexcept final { release(); }
    void detach() noexcept final;
    void discard() noexcept final;
    std::string repr() const final { return "<Handle run_coroutine_threadsafe>"; }

protected:
    explicit ThreadsafeTask(Ref<FutureState> future) noexcept
        : LoopItem(false), future_(std::move(future)), context_(aio::detail::ContextSlot::copy_current()) {}
    ~ThreadsafeTask() = default;
    virtual Ref<aio::detail::FutureBase> make_task(EventLoop& loop) = 0;
    /// `forgotten`: nobody wanted that, so it is reported where a coroutine that was never awaited is.
    virtual void drop_coroutine(bool forgotten) noexcept = 0;
    virtual void copy_value(aio::detail::FutureBase& task, FutureState& future) = 0;

private:
    // A turn in the ready queue: before the task's first step, and after its end.
    class Turn final : public aio::detail::Runnable {
    public:
        Turn(ThreadsafeTask& owner, void (ThreadsafeTask::*call)()) noexcept : owner_(owner), call_(call) {}
        void run() override { (owner_.*call_)(); }

    private:
        ThreadsafeTask& owner_;
        void (ThreadsafeTask::*call_)();
    };

    void arrive() final;
    void start();
    void begins();
    void task_done();
    void copy_state(Ref<aio::detail::FutureBase> task, FutureState& future);
    void nothing_left(FutureState& future) noexcept;

    Ref<FutureState> future_;
    Ref<aio::detail::FutureBase> task_;
    aio::detail::ContextSlot context_;  ///< the caller's, until the task is made
    Turn begins_{*this, &ThreadsafeTask::begins};
    Turn task_done_{*this, &ThreadsafeTask::task_done};
    aio::detail::CallbackNode node_{task_done_};
    bool started_ = false;
    std::atomic<bool> over_{false};  ///< the loop has closed
    std::atomic<bool> told_{false};  ///< rule 2
};

template <class T>
class ThreadsafeTaskOf final : public ThreadsafeTask {
public:
    using value_type = std::remove_cvref_t<T>;
    ThreadsafeTaskOf(Ref<FutureState> future, Coro<T> coro)
        : ThreadsafeTask(std::move(future)), coro_(std::move(coro)) {}

private:
    Ref<aio::detail::FutureBase> make_task(EventLoop& loop) override {
        return loop.create_task(std::move(coro_)).state();
    }
    void drop_coroutine(bool forgotten) noexcept override {
        if (forgotten) {
            const Coro<T> never_awaited = std::move(coro_);
        } else {
            coro_.close();
        }
    }
    void copy_value(aio::detail::FutureBase& task, FutureState& future) override {
        if constexpr (std::is_void_v<T>) {
            static_cast<FutureValue<void>&>(future).set_result();
        } else {
            static_cast<FutureValue<value_type>&>(future).set_result(aio::detail::copy_value<T>(task));
        }
    }
    void destroy() noexcept override { delete this; }
    Coro<T> coro_;
};

template <class T, class Loop>
auto send_coroutine(Coro<T> coro, Loop& loop) {
    Future<std::remove_cvref_t<T>> future;
    ThreadsafeTask::send(*new ThreadsafeTaskOf<T>(future.state(), std::move(coro)), loop);
    return future;
}

}  // namespace concurrent::detail

/// Makes a coroutine a task of `loop`, which another thread runs, and gives a thread future of its result.
/// Mirrors asyncio.run_coroutine_threadsafe() (S95).
///
/// Cancelling the future cancels the task, which then never begins if it has not begun before; a timeout of
/// its result() does not. The future is cancelled at once, while the task may take its time to end:
/// concurrent::wait() of it returns when nothing is left of the task and its coroutine.
/// The task begins with a copy of the context variables of the thread that calls this.
/// Threads: any. The loop must exist until this returns; its handle() (aio/loop/loop_handle.hpp)
/// may be late.
/// Throws RuntimeError if the loop is closed.
template <class A>
    requires aio::detail::TaskSource<A>
auto run_coroutine_threadsafe(A&& coroutine, EventLoop& loop) {
    return concurrent::detail::send_coroutine(aio::detail::to_coro(std::forward<A>(coroutine)), loop);
}
template <class A>
    requires aio::detail::TaskSource<A>
auto run_coroutine_threadsafe(A&& coroutine, const LoopHandle& loop) {
    return concurrent::detail::send_coroutine(aio::detail::to_coro(std::forward<A>(coroutine)), loop);
}

/// The same for fn(args...), which is called in the loop's thread and gives a coroutine; callable and
/// arguments live as long as that.
template <class F, class... Args>
    requires aio::detail::TaskFunction<F, Args...>
auto run_coroutine_threadsafe(EventLoop& loop, F&& fn, Args&&... args) {
    return concurrent::detail::send_coroutine(
        aio::detail::to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...), loop);
}
template <class F, class... Args>
    requires aio::detail::TaskFunction<F, Args...>
auto run_coroutine_threadsafe(const LoopHandle& loop, F&& fn, Args&&... args) {
    return concurrent::detail::send_coroutine(
        aio::detail::to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...), loop);
}

}  // namespace aio
