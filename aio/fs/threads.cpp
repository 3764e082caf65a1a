// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/concurrent/thread_pool_impl.hpp>
#include <aio/fs/threads.hpp>
#include <aio/fs/threads_impl.hpp>

#include <signal.h>
#include <atomic>

namespace aio::fs {
namespace {

// No lock and no local static, which somebody might be in the middle of when another thread forks; the pool
// itself begins anew in the child. It is never destroyed: its threads are waited for at exit.
constinit std::atomic<int> max_workers = kDefaultMaxWorkers;
constinit std::atomic<concurrent::detail::ThreadPool*> the_pool = nullptr;

// A write to a FIFO whose reader is gone is an error, and no more. In a thread of ours nobody waits for the
// signal.
void block_sigpipe() noexcept {
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only, nullptr);
}

concurrent::detail::ThreadPool& pool() {
    if (auto* const there = the_pool.load(std::memory_order_acquire)) return *there;
    auto* const made = new concurrent::detail::ThreadPool(static_cast<unsigned>(max_workers.load()), "aio-fs",
                                                          aio::detail::SharedFunction<void()>(block_sigpipe));
    concurrent::detail::ThreadPool* expected = nullptr;
    if (the_pool.compare_exchange_strong(expected, made, std::memory_order_acq_rel)) return *made;
    made->release();
    return *expected;
}

}  // namespace

void set_max_workers(int count) {
    if (count <= 0) throw ValueError("max_workers must be greater than 0");
    if (the_pool.load()) throw RuntimeError("set_max_workers(): there are threads for files already");
    max_workers = count;
}

void detail::execute_in_thread(concurrent::Job& job) { pool().execute(job); }

}  // namespace aio::fs
