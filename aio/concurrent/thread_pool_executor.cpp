// SPDX-License-Identifier: MIT
#include <aio/concurrent/thread_pool_impl.hpp>

#include <sched.h>
#include <algorithm>

namespace aio::concurrent {
namespace {

// That this process may use, not all there are.
unsigned processors() {
    cpu_set_t usable;
    CPU_ZERO(&usable);
    if (::sched_getaffinity(0, sizeof usable, &usable) == 0) {
        if (const int count = CPU_COUNT(&usable); count > 0) return static_cast<unsigned>(count);
    }
    return std::max(1U, std::thread::hardware_concurrency());  // more than cpu_set_t has room for
}

std::string next_prefix() {
    static std::atomic<unsigned> next{0};
    return "ThreadPoolExecutor-" + std::to_string(next.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

ThreadPoolExecutor::ThreadPoolExecutor(const ThreadPoolOptions& options) {
    if (options.has_max_workers_ && options.max_workers_ <= 0) {
        throw ValueError("max_workers must be greater than 0");
    }
    const unsigned workers = options.has_max_workers_ ? static_cast<unsigned>(options.max_workers_)
                                                      : std::min(32U, processors() + 4);
    pool_ = Ref<detail::ThreadPool>::adopt(new detail::ThreadPool(
        workers, options.prefix_.empty() ? next_prefix() : options.prefix_, options.initializer_));
}

ThreadPoolExecutor::~ThreadPoolExecutor() {
    life_->end();
    if (!pool_) return;  // a loop's default pool, let go of
    pool_->stop(false);
    if (!pool_->is_own_thread()) pool_->join();  // else a job has dropped the last owner
}

// What a destructor that does not wait would be.
void ThreadPoolExecutor::leave_pool() noexcept {
    life_->end();
    pool_->stop(false);
    pool_ = nullptr;
}

void ThreadPoolExecutor::shutdown(bool wait, bool cancel_futures) {
    pool_->stop(cancel_futures);
    if (!wait) return;
    if (pool_->is_own_thread()) throw RuntimeError("cannot join current thread");
    pool_->join();
}

void ThreadPoolExecutor::execute(Job& job) { pool_->execute(job); }

ThreadPoolExecutor::Stats ThreadPoolExecutor::stats() const { return pool_->stats(); }

}  // namespace aio::concurrent
