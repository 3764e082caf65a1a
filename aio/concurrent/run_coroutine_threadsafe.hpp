// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/future.hpp>
#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <string>
#include <utility>

namespace aio {
namespace concurrent::detail {

/// A coroutine on its way into a loop; afterwards the link between its task and the thread future: the task's
/// result goes to the future, the future's cancellation to the task.
class ThreadsafeTask : public LoopItem, public Callback {
public:
    /// Throws RuntimeError if the loop is closed.
    static void send(ThreadsafeTask& item, EventLoop& loop);

    void done(FutureState& future) final;
    void drop() noexcept final { release(); }
    void detach() noexcept final;
    void discard() noexcept final;
    std::string repr() const final { return "<Handle run_coroutine_threadsafe>"; }

protected:
    explicit ThreadsafeTask(Ref<FutureState> future) noexcept : LoopItem(false), future_(std::move(future)) {}
    ~ThreadsafeTask() = default;
    virtual Ref<aio::detail::FutureBase> make_task(EventLoop& loop) = 0;
    virtual void copy_value(aio::detail::FutureBase& task, FutureState& future) = 0;

private:
    class TaskDone final : public aio::detail::Runnable {
    public:
        explicit TaskDone(ThreadsafeTask& owner) noexcept : owner_(owner) {}
        void run() override { owner_.task_done(); }
        aio::detail::CallbackNode node{*this};

    private:
        ThreadsafeTask& owner_;
    };

    void arrive() final;
    void start();
    void task_done();
    void copy_state(aio::detail::FutureBase& task, FutureState& future);

    Ref<FutureState> future_;
    Ref<aio::detail::FutureBase> task_;
    TaskDone task_done_{*this};
    bool started_ = false;
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

template <class T>
auto send_coroutine(Coro<T> coro, EventLoop& loop) {
    Future<std::remove_cvref_t<T>> future;
    ThreadsafeTask::send(*new ThreadsafeTaskOf<T>(future.state(), std::move(coro)), loop);
    return future;
}

}  // namespace concurrent::detail

/// Makes a coroutine a task of `loop`, which another thread runs, and gives a thread future of its result.
/// Mirrors asyncio.run_coroutine_threadsafe() (S95).
///
/// Cancelling the future cancels the task; a timeout of its result() does not.
/// Threads: any. The loop must exist until this returns.
/// Throws RuntimeError if the loop is closed.
template <class A>
    requires aio::detail::TaskSource<A>
auto run_coroutine_threadsafe(A&& coroutine, EventLoop& loop) {
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

}  // namespace aio
