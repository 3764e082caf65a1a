// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/concurrent/thread_pool_impl.hpp>

#include <pthread.h>
#include <cstdlib>
#include <new>
#include <optional>
#include <system_error>

namespace aio::concurrent::detail {
namespace {

constexpr const char* kBroken = "A thread initializer failed, the thread pool is not usable anymore";

// The pool whose thread this is.
constinit thread_local const ThreadPool* current_pool = nullptr;

// Rules 3 and 5. Never destroyed, because threads may come here until the process is gone.
struct LivePools {
    std::mutex mutex;
    aio::detail::List<ThreadPool> all;
    // Those with threads. Made when it is needed, because in libstdc++'s debug mode no vector is there from
    // the beginning.
    std::vector<Ref<ThreadPool>>* pools = nullptr;
    bool exiting = false;
    bool waits_at_exit = false;

    static LivePools& get() noexcept;
    void add(ThreadPool& pool) {
        const std::lock_guard guard(mutex);
        if (!pools) pools = new std::vector<Ref<ThreadPool>>;
        if (!std::exchange(waits_at_exit, true)) std::atexit([] { get().join_all(); });
        if (exiting) throw RuntimeError("cannot schedule new futures after interpreter shutdown");
        pools->emplace_back(&pool);
    }
    void remove(ThreadPool& pool) {
        const std::lock_guard guard(mutex);
        if (!pools) return;  // there was no memory for it
        std::erase_if(*pools, [&](const Ref<ThreadPool>& member) { return member.get() == &pool; });
    }
    // In a forked child, which has the thread that forked only.
    void begin_anew() {
        all.for_each([](ThreadPool& pool) { pool.forget_other_threads(); });
        if (pools) {
            std::erase_if(*pools, [](const Ref<ThreadPool>& pool) { return !pool->is_own_thread(); });
        }
        mutex.unlock();
    }
    void join_all() {
        std::vector<Ref<ThreadPool>> waited_for;
        {
            const std::lock_guard guard(mutex);
            exiting = true;
            waited_for = *pools;
        }
        for (const auto& pool : waited_for) pool->stop(false);
        for (const auto& pool : waited_for) {
            if (pool->is_own_thread()) {
                pool->wait_for_other_threads();
            } else {
                pool->join();
            }
        }
    }
};

constinit aio::detail::Immortal<LivePools> the_live_pools;
LivePools& LivePools::get() noexcept { return the_live_pools.value; }
[[gnu::init_priority(60002)]] const aio::detail::AtFork at_fork([] { LivePools::get().mutex.lock(); },
                                                                [] { LivePools::get().mutex.unlock(); },
                                                                [] { LivePools::get().begin_anew(); });

std::optional<pthread_key_t> make_end_key() noexcept {
    pthread_key_t made{};
    if (::pthread_key_create(&made, &ThreadPool::thread_ends) != 0) return std::nullopt;
    return made;
}
// Made before main(), like the above: in a child that was forked meanwhile a local static would never be
// made.
[[gnu::init_priority(60002)]] const std::optional<pthread_key_t> end_key = make_end_key();

}  // namespace

ThreadPool::ThreadPool(unsigned max_workers, std::string prefix,
                       aio::detail::SharedFunction<void()> initializer)
    : max_workers_(max_workers), prefix_(std::move(prefix)), initializer_(std::move(initializer)) {
    LivePools& live = LivePools::get();
    const std::lock_guard guard(live.mutex);
    live.all.push_back(*this);
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard guard(LivePools::get().mutex);
        unlink();
    }
    for (const auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.detach();  // it is ending, perhaps it is this one
    }
}

void ThreadPool::check_open() const {
    if (broken_) throw BrokenThreadPool(kBroken);
    if (stopped_) throw RuntimeError("cannot schedule new futures after shutdown");
}

void ThreadPool::execute(Job& job) {
    Worker* woken = nullptr;
    {
        const std::lock_guard guard(mutex_);
        check_open();
        job.next = nullptr;
        if (idle_) {
            woken = std::exchange(idle_, idle_->next_idle);
            --idle_count_;
            woken->job = &job;
        } else if (workers_.size() < max_workers_) {
            start_worker(job);
        } else {
            (first_job_ ? last_job_->next : first_job_) = &job;
            last_job_ = &job;
            ++queued_;
        }
    }
    if (woken) wake(*woken);
}

void ThreadPool::start_worker(Job& job) {
    workers_.push_back(std::make_unique<Worker>());
    Worker& self = *workers_.back();
    self.job = &job;
    add_ref();  // the thread's
    try {
        if (alive_ == 0) LivePools::get().add(*this);
        self.thread = std::thread([this, &self, name = prefix_ + "_" + std::to_string(workers_.size() - 1)] {
            ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
            work(self);
        });
    } catch (const std::system_error&) {
        forget_worker();
        throw RuntimeError("can't start new thread");
    } catch (...) {  // out of memory, or the program is ending
        forget_worker();
        throw;
    }
    ++alive_;
}

// The newest one, whose thread did not start.
void ThreadPool::forget_worker() noexcept {
    workers_.pop_back();
    if (alive_ == 0) LivePools::get().remove(*this);
    release();
}

void ThreadPool::work(Worker& self) noexcept {
    current_pool = this;
    if (initialize()) {
        Job* job = self.job;
        while (job) {
            job->execute();
            job = next_job(self);
        }
    } else {
        fail_everything(self.job);
    }
    at_thread_end();
}

// Rule 4: keys of POSIX threads are destroyed after thread_local objects.
void ThreadPool::at_thread_end() noexcept {
    if (!end_key || ::pthread_setspecific(*end_key, this) != 0) thread_ends(this);
}

bool ThreadPool::initialize() noexcept {
    if (!initializer_) return true;
    try {
        initializer_();
        return true;
    } catch (...) {
        aio::detail::log_text(LogLevel::error, [] {
            return "Exception in initializer:\n" + aio::format_exception(std::current_exception());
        });
        return false;
    }
}

void ThreadPool::fail_everything(Job* in_hand) noexcept {
    Job* job = nullptr;
    {
        const std::lock_guard guard(mutex_);
        broken_ = true;
        job = take_queue();
    }
    std::exception_ptr error;
    try {
        error = std::make_exception_ptr(BrokenThreadPool(kBroken));
    } catch (...) {  // out of memory
        error = std::current_exception();
    }
    in_hand->fail(error);
    while (job) std::exchange(job, job->next)->fail(error);
}

Job* ThreadPool::next_job(Worker& self) noexcept {
    for (;;) {
        {
            const std::lock_guard guard(mutex_);
            if (Job* job = first_job_) {
                first_job_ = job->next;
                --queued_;
                return job;
            }
            if (stopped_) return nullptr;
            self.job = nullptr;
            self.awake.store(0, std::memory_order_relaxed);
            self.next_idle = std::exchange(idle_, &self);
            ++idle_count_;
        }
        while (self.awake.load(std::memory_order_acquire) == 0) futex_wait(self.awake, 0);
        if (self.job) return self.job;
    }
}

void ThreadPool::wake(Worker& worker) noexcept {
    worker.awake.store(1, std::memory_order_release);
    futex_wake(worker.awake, 1);
}

void ThreadPool::thread_ends(void* pool) noexcept {
    const Ref<ThreadPool> self = Ref<ThreadPool>::adopt(static_cast<ThreadPool*>(pool));
    const std::lock_guard guard(self->mutex_);
    self->one_ended_.notify_all();
    if (--self->alive_ > 0) return;
    LivePools::get().remove(*self);
    while (ExitListener* listener = self->exit_listeners_.front()) {
        listener->unlink();
        listener->threads_ended();
    }
}

Job* ThreadPool::take_queue() noexcept {
    queued_ = 0;
    last_job_ = nullptr;
    return std::exchange(first_job_, nullptr);
}

void ThreadPool::stop(bool cancel_futures) {
    Job* cancelled = nullptr;
    {
        const std::lock_guard guard(mutex_);
        stopped_ = true;
        if (cancel_futures) cancelled = take_queue();
        idle_count_ = 0;
        for (Worker* worker = std::exchange(idle_, nullptr); worker;) {
            Worker* after = worker->next_idle;  // once woken it may be gone
            wake(*worker);
            worker = after;
        }
    }
    while (cancelled) std::exchange(cancelled, cancelled->next)->cancel();
}

bool ThreadPool::is_own_thread() const noexcept { return current_pool == this; }

void ThreadPool::join() {
    const std::lock_guard guard(join_mutex_);
    for (const auto& worker : workers_) {  // does not change after stop()
        if (worker->thread.joinable()) worker->thread.join();
    }
}

void ThreadPool::wait_for_other_threads() {
    std::unique_lock guard(mutex_);
    one_ended_.wait(guard, [this] { return alive_ == 1; });
}

// A thread that is not there may have had the locks. What was queued is the parent's; it stays where it is,
// because this is no place for foreign code, and the same goes for the std::thread objects.
void ThreadPool::forget_other_threads() {
    new (&mutex_) std::mutex;
    new (&join_mutex_) std::mutex;
    new (&one_ended_) std::condition_variable;
    struct Left {
        std::vector<std::unique_ptr<Worker>> workers;
        Job* jobs;
        Left* before;
    };
    static Left* left = nullptr;  // for leak checkers to find
    if (!workers_.empty() || first_job_) left = new Left{std::exchange(workers_, {}), take_queue(), left};
    idle_ = nullptr;
    idle_count_ = 0;
    alive_ = is_own_thread() ? 1 : 0;
}

bool ThreadPool::notify_at_exit(ExitListener& listener) {
    const std::lock_guard guard(mutex_);
    if (alive_ == 0) return false;
    exit_listeners_.push_back(listener);
    return true;
}

bool ThreadPool::forget(ExitListener& listener) noexcept {
    const std::lock_guard guard(mutex_);
    if (!listener.linked()) return false;
    listener.unlink();
    return true;
}

ThreadPoolExecutor::Stats ThreadPool::stats() {
    const std::lock_guard guard(mutex_);
    return {alive_, idle_count_, queued_};
}

}  // namespace aio::concurrent::detail
