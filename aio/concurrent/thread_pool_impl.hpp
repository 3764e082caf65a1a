// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/thread_pool.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aio::concurrent::detail {

/// Is told, once, that the last thread of a pool has ended: by that thread, under the pool's lock.
class ExitListener : public aio::detail::ListLink {
public:
    virtual void threads_ended() noexcept = 0;

protected:
    ~ExitListener() = default;
};

/// The threads and the queue behind a ThreadPoolExecutor, which may be gone before them.
///
/// Rules: (1) a job goes to the thread that became idle last, whose caches are warm, else to a new thread,
/// else into the queue; so the queue is empty while a thread is idle; (2) a thread sleeps on a word of its
/// own and is woken with its job in hand, so that waking needs no lock and nobody can take the job away; (3)
/// from its first thread to the end of its last one a pool is in the list of those that exit() waits for; (4)
/// a thread has ended when its thread_local objects are destroyed; (5) a forked child makes all pools anew
/// that there are, whether they have threads or not: somebody who is not in the child may have had the lock.
class ThreadPool : public aio::detail::ListLink {
public:
    ThreadPool(unsigned max_workers, std::string prefix, aio::detail::SharedFunction<void()> initializer);
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    void execute(Job& job);
    /// Ends the threads when the queue is empty, or drops the queue first.
    void stop(bool cancel_futures);
    /// Waits for the end of the threads; not to be called by one of them.
    void join();
    bool is_own_thread() const noexcept;
    /// What join() is for one of the threads, where the program exits in a job.
    void wait_for_other_threads();
    /// In a forked child, where they do not exist: begins anew.
    void forget_other_threads();
    /// After stop(): false if all threads have ended already.
    bool notify_at_exit(ExitListener& listener);
    /// False if it is being told or has been.
    bool forget(ExitListener& listener) noexcept;
    ThreadPoolExecutor::Stats stats();
    /// The last thing of a thread of it.
    static void thread_ends(void* pool) noexcept;

private:
    struct Worker {
        std::thread thread;
        std::atomic<std::uint32_t> awake{1};
        Job* job = nullptr;  ///< in hand (rule 2); null: look at the queue
        Worker* next_idle = nullptr;
    };

    ~ThreadPool();
    void check_open() const;
    void start_worker(Job& job);
    void forget_worker() noexcept;
    void work(Worker& self) noexcept;
    bool initialize() noexcept;
    void fail_everything(Job* in_hand) noexcept;
    Job* next_job(Worker& self) noexcept;
    void at_thread_end() noexcept;
    Job* take_queue() noexcept;
    static void wake(Worker& worker) noexcept;

    std::atomic<std::uint32_t> refs_{1};
    const unsigned max_workers_;
    const std::string prefix_;
    const aio::detail::SharedFunction<void()> initializer_;

    std::mutex mutex_;  // for everything below
    Job* first_job_ = nullptr;
    Job* last_job_ = nullptr;
    std::size_t queued_ = 0;
    Worker* idle_ = nullptr;
    unsigned idle_count_ = 0;
    unsigned alive_ = 0;
    std::condition_variable one_ended_;
    bool stopped_ = false;
    bool broken_ = false;
    aio::detail::List<ExitListener> exit_listeners_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::mutex join_mutex_;
};

}  // namespace aio::concurrent::detail
