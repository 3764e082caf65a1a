// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/run_in_executor.hpp>
#include <aio/concurrent/thread_pool_impl.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/waiter.hpp>

#include <cstdio>

namespace aio {
namespace concurrent::detail {
namespace {

constexpr Duration kThreadJoinTimeout = std::chrono::seconds(300);  // asyncio's, for run() and Runner

// The news that a pool's threads have ended, on its way to the loop.
class ThreadsEnded final : public LoopItem, public ExitListener {
public:
    class Waiter;
    explicit ThreadsEnded(Waiter& waiter) : waiter_(&waiter) {}

    void begin(EventLoop& loop, ThreadPool& pool) {
        address(loop);
        enlist();
        if (!pool.notify_at_exit(*this)) threads_ended();
    }
    /// Nobody waits any more.
    void abandon(ThreadPool& pool) noexcept {
        waiter_ = nullptr;
        if (!pool.forget(*this)) return;  // on its way
        delist();
        delete this;
    }

    void threads_ended() noexcept override {
        if (!post()) release();
    }
    void detach() noexcept override;
    std::string repr() const override { return "<Handle shutdown_default_executor>"; }

private:
    ~ThreadsEnded() = default;
    void arrive() override;
    void destroy() noexcept override { delete this; }
    Waiter* waiter_;
};

class ThreadsEnded::Waiter final : public aio::detail::LeafWaiter, public aio::detail::TimerNode {
public:
    Waiter(EventLoop& loop, ThreadPool& pool, const std::optional<Duration>& timeout) noexcept
        : loop_(loop), pool_(pool), timeout_(timeout) {}
    Waiter(Waiter&&) = delete;
    ~Waiter() {
        if (waiting()) withdraw();
    }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        news_ = new ThreadsEnded(*this);
        try {
            if (timeout_) loop_.timers().push(*this, loop_.deadline_after(*timeout_));
            begin(awaiter);
        } catch (...) {  // out of memory, or no task
            loop_.timers().remove(*this);
            delete std::exchange(news_, nullptr);
            throw;
        }
        news_->begin(loop_, pool_);
    }
    /// Whether the threads have ended.
    bool await_resume() {
        end();
        return ended_;
    }
    std::string describe() const override { return "shutdown_default_executor"; }

    void threads_ended() noexcept {
        news_ = nullptr;
        ended_ = true;
        if (!waiting()) return;
        withdraw();
        wake();
    }
    void loop_closes() noexcept { news_ = nullptr; }

private:
    void run() override {  // the time is up
        if (!waiting()) return;
        withdraw();
        wake();
    }
    void withdraw() noexcept override {
        if (!armed()) loop_.ready().remove(*this);
        loop_.timers().remove(*this);
        if (news_) std::exchange(news_, nullptr)->abandon(pool_);
    }

    EventLoop& loop_;
    ThreadPool& pool_;
    const std::optional<Duration> timeout_;
    ThreadsEnded* news_ = nullptr;
    bool ended_ = false;
};

void ThreadsEnded::arrive() {
    delist();
    if (waiter_) waiter_->threads_ended();
    delete this;
}

void ThreadsEnded::detach() noexcept {
    delist();
    if (waiter_) std::exchange(waiter_, nullptr)->loop_closes();
    release();
}

}  // namespace

void prepare_loop(EventLoop& loop) noexcept { loop.parts().release_executor = release_default_executor; }

// A loop that drops its pool does not wait for it.
void let_go(std::shared_ptr<ThreadPoolExecutor> executor) noexcept {
    if (executor && executor.use_count() == 1) executor->leave_pool();
}

// As asyncio's loop.close(): the pool is shut down, and nobody waits for its threads.
void release_default_executor(EventLoop& loop) noexcept {
    aio::detail::LoopParts& parts = loop.parts();
    parts.executor_shut_down = true;
    if (parts.default_executor) parts.default_executor->pool().stop(false);
    let_go(std::exchange(parts.default_executor, nullptr));
    while (parts.thread_calls.linked()) static_cast<LoopItem*>(parts.thread_calls.next)->detach();
}

static void keep_default_executor(EventLoop& loop, std::shared_ptr<ThreadPoolExecutor> executor) {
    prepare_loop(loop);
    aio::detail::LoopParts& parts = loop.parts();
    let_go(std::exchange(parts.default_executor, std::move(executor)));
    parts.shutdown_executor = [](EventLoop& closing) {
        return closing.shutdown_default_executor(kThreadJoinTimeout);
    };
}

Executor& default_executor(EventLoop& loop) {
    aio::detail::LoopParts& parts = loop.parts();
    if (parts.executor_shut_down) throw RuntimeError("Executor shutdown has been called");
    if (!parts.default_executor) {
        const ThreadPoolOptions options = ThreadPoolOptions().thread_name_prefix("asyncio");
        keep_default_executor(loop, std::make_shared<ThreadPoolExecutor>(options));
    }
    return *parts.default_executor;
}

}  // namespace concurrent::detail

void EventLoop::set_default_executor(std::shared_ptr<concurrent::ThreadPoolExecutor> executor) {
    if (!executor) throw TypeError("executor must be ThreadPoolExecutor instance");
    concurrent::detail::keep_default_executor(*this, std::move(executor));
}

static std::string seconds(Duration duration) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", std::chrono::duration<double>(duration).count());
    return text;
}

Coro<void> EventLoop::shutdown_default_executor(TimeLimit timeout) {
    parts().executor_shut_down = true;
    const std::shared_ptr<concurrent::ThreadPoolExecutor> executor = parts().default_executor;
    if (!executor) co_return;
    concurrent::detail::ThreadPool& pool = executor->pool();
    pool.stop(false);
    concurrent::detail::ThreadsEnded::Waiter waiter(*this, pool, timeout.delay());
    const bool ended = co_await waiter;
    if (ended) {
        pool.join();  // a matter of microseconds
    } else {
        log(LogLevel::warning, "RuntimeWarning: The executor did not finishing joining its threads within " +
                                   seconds(*timeout.delay()) + " seconds.");
    }
}

}  // namespace aio
