// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/kept_arguments.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/concurrent/executor.hpp>

#include <string>
#include <utility>

namespace aio::concurrent {

class ThreadPoolExecutor;

/// Keyword arguments of ThreadPoolExecutor().
class ThreadPoolOptions {
public:
    ThreadPoolOptions() {}
    /// At most so many threads.
    ThreadPoolOptions(int max_workers) : max_workers_(max_workers), has_max_workers_(true) {}  // NOLINT
    ThreadPoolOptions& max_workers(int count) & {
        max_workers_ = count;
        has_max_workers_ = true;
        return *this;
    }
    ThreadPoolOptions&& max_workers(int count) && AIO_LIFETIME_BOUND {
        return std::move(this->max_workers(count));
    }
    /// The threads are called PREFIX_0, PREFIX_1, ...; the system shows 15 characters of it.
    ThreadPoolOptions& thread_name_prefix(std::string prefix) & {
        prefix_ = std::move(prefix);
        return *this;
    }
    ThreadPoolOptions&& thread_name_prefix(std::string prefix) && AIO_LIFETIME_BOUND {
        return std::move(this->thread_name_prefix(std::move(prefix)));
    }
    /// Each thread calls fn(args...) before its first job. If that throws, the pool is broken.
    template <class F, class... Args>
    ThreadPoolOptions& initializer(F&& fn, Args&&... args) & {
        if constexpr (sizeof...(Args) == 0) {
            initializer_ = aio::detail::SharedFunction<void()>(std::forward<F>(fn));
        } else {
            initializer_ = aio::detail::SharedFunction<void()>(
                [fn = std::decay_t<F>(std::forward<F>(fn)),
                 args = aio::detail::kept_tuple_t<F, 0, false, Args...>(std::forward<Args>(args)...)] {
                    std::apply(fn, args);
                });
        }
        return *this;
    }
    template <class F, class... Args>
    ThreadPoolOptions&& initializer(F&& fn, Args&&... args) && AIO_LIFETIME_BOUND {
        return std::move(this->initializer(std::forward<F>(fn), std::forward<Args>(args)...));
    }

private:
    friend class ThreadPoolExecutor;
    int max_workers_ = 0;
    bool has_max_workers_ = false;
    std::string prefix_;
    aio::detail::SharedFunction<void()> initializer_;
};

namespace detail {
class ThreadPool;
void let_go(std::shared_ptr<ThreadPoolExecutor> executor) noexcept;
}  // namespace detail

/// Threads that make calls. A thread is made when a job comes and none is idle, up to max_workers, by default
/// min(32, processors + 4). Mirrors concurrent.futures.ThreadPoolExecutor.
///
/// The destructor is shutdown(wait): it lets everything that was submitted finish first. As in Python,
/// threads that nobody has waited for are waited for when the program exits, and from then on submit()
/// throws RuntimeError. Threads: any, all functions.
class ThreadPoolExecutor final : public Executor {
public:
    /// Throws ValueError if max_workers is not positive.
    explicit ThreadPoolExecutor(const ThreadPoolOptions& options = ThreadPoolOptions());
    ~ThreadPoolExecutor() override;

    /// Takes no more work; see Executor. May be called again, to wait. Throws RuntimeError if one of the
    /// pool's own threads wants to wait.
    void shutdown(bool wait = true, bool cancel_futures = false) override;
    void execute(Job& job) override;

    /// How busy the pool is.
    struct Stats {
        unsigned threads;    ///< that exist
        unsigned idle;       ///< of these, waiting for work
        std::size_t queued;  ///< jobs that wait for a thread
    };
    Stats stats() const;

    detail::ThreadPool& pool() const noexcept { return *pool_; }

private:
    friend void detail::let_go(std::shared_ptr<ThreadPoolExecutor> executor) noexcept;
    void leave_pool() noexcept;
    Ref<detail::ThreadPool> pool_;
};

}  // namespace aio::concurrent
