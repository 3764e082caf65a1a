// SPDX-License-Identifier: MIT
// The default resolver: getaddrinfo() and getnameinfo() in threads.
#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/error.hpp>
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/net/system_names_impl.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/waiter.hpp>

#include <pthread.h>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace aio::detail {
namespace {

class Lookup;
class LookupWaiter;

/// The threads of one resolver, and what waits for them.
///
/// Rules: (1) nobody waits for a thread: it may be stuck for as long as a name server does not answer, so it
/// is detached and has a share of this; (2) one is made when more is queued than threads are idle; (3) what
/// takes a lookup out of the queue has the queue's reference to it.
class LookupThreads {
public:
    void add(const std::shared_ptr<LookupThreads>& self, Lookup& lookup);
    /// Whether it had not been taken by a thread.
    bool remove(const Lookup& lookup) noexcept;
    /// No more lookups come: the threads end.
    void stop() noexcept;

private:
    static constexpr unsigned kMostThreads = 8;

    void start(const std::shared_ptr<LookupThreads>& self);
    void work() noexcept;
    Lookup* next() noexcept;

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<Lookup*> queue_;
    unsigned alive_ = 0;
    unsigned idle_ = 0;
    bool stopped_ = false;
    const unsigned generation_ = fork_generation;
};

/// One question, on its way from a task to a thread and back through the inbox.
class Lookup : public concurrent::detail::LoopItem {
public:
    void start(EventLoop& loop, LookupWaiter& waiter, const std::shared_ptr<LookupThreads>& threads);
    /// Nobody waits any more. A thread that is at it drops the answer.
    void abandon(LookupThreads& threads) noexcept;
    /// In a thread: asks, and brings the answer.
    void execute() noexcept;

    void check(SourceLocation at) const {
        if (error_) rethrow_at(at, error_);
    }
    void detach() noexcept override;
    void destroy() noexcept override = 0;

protected:
    ~Lookup() = default;

private:
    enum class Phase : std::uint8_t { open, abandoned, answered };
    void arrive() override;
    virtual void ask() = 0;

    std::exception_ptr error_;
    LookupWaiter* waiter_ = nullptr;
    std::atomic<Phase> phase_{Phase::open};
};

template <class Question>
class LookupOf final : public Lookup {
public:
    explicit LookupOf(Question question) : question_(std::move(question)) {}
    typename Question::Answer take() { return std::move(answer_); }
    void destroy() noexcept override { delete this; }
    std::string repr() const override {
        return "<Handle " + std::string(Question::kName) + " " + question_.subject() + ">";
    }

private:
    void ask() override { answer_ = question_.ask(); }

    const Question question_;
    typename Question::Answer answer_{};
};

/// Waits for a lookup, which it owns before it has begun and after the answer has come.
class LookupWaiter final : public LeafWaiter {
public:
    LookupWaiter(std::shared_ptr<LookupThreads> threads, Lookup* lookup, const char* name) noexcept
        : threads_(std::move(threads)), lookup_(lookup), name_(name) {}
    LookupWaiter(LookupWaiter&&) = delete;
    ~LookupWaiter() {
        if (waiting()) {
            withdraw();
        } else if (lookup_) {
            lookup_->destroy();
        }
    }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        EventLoop& loop = current_task_or_throw().future().loop();
        lookup_->start(loop, *this, threads_);
        begin(awaiter);
    }
    void await_resume(SourceLocation at = SourceLocation::current()) {
        end();
        lookup_->check(at);
    }
    std::string describe() const override { return name_; }
    /// The lookup is no longer its own.
    void let_go() noexcept { lookup_ = nullptr; }

private:
    void withdraw() noexcept override {
        if (lookup_) std::exchange(lookup_, nullptr)->abandon(*threads_);
    }

    const std::shared_ptr<LookupThreads> threads_;
    Lookup* lookup_;
    const char* const name_;
};

template <class Question>
Coro<typename Question::Answer> look_up(std::shared_ptr<LookupThreads> threads, Question question) {
    auto* const lookup = new LookupOf<Question>(std::move(question));
    LookupWaiter waiter(std::move(threads), lookup, Question::kName);
    co_await waiter;
    co_return lookup->take();
}

template <class Question>
Coro<typename Question::Answer> answer_here(Question question) {
    co_return question.ask();
}

class ThreadResolver final : public Resolver {
public:
    ThreadResolver() = default;
    ThreadResolver(const ThreadResolver&) = delete;
    ThreadResolver& operator=(const ThreadResolver&) = delete;
    ~ThreadResolver() override { threads_->stop(); }

    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override {
        return answer(AddressQuestion(std::move(host), std::to_string(port), options));
    }
    Coro<NameInfo> getnameinfo(SocketAddress address, int flags) override {
        return answer(NameQuestion(std::move(address), flags));
    }
    /// In a thread in any case.
    Coro<std::vector<AddrInfo>> service(std::string name, AddrInfoOptions options) {
        options.family(AF_INET).flags(AI_PASSIVE);
        return look_up(threads_, AddressQuestion(std::string(), std::move(name), options));
    }

private:
    template <class Question>
    Coro<typename Question::Answer> answer(Question question) {
        if (question.is_numeric()) return answer_here(std::move(question));
        return look_up(threads_, std::move(question));
    }

    const std::shared_ptr<LookupThreads> threads_ = std::make_shared<LookupThreads>();
};

// --- the threads ----------------------------------------------------------------------------------

void LookupThreads::add(const std::shared_ptr<LookupThreads>& self, Lookup& lookup) {
    if (generation_ != fork_generation) {
        throw RuntimeError("This resolver belongs to the parent process; a forked child makes its own");
    }
    const std::lock_guard guard(mutex_);
    queue_.push_back(&lookup);
    if (queue_.size() > idle_ && alive_ < kMostThreads) {
        try {
            start(self);
        } catch (...) {
            if (alive_ == 0) {
                queue_.pop_back();
                throw;
            }
        }
    }
    more_.notify_one();
}

void LookupThreads::start(const std::shared_ptr<LookupThreads>& self) {
    try {
        std::thread([self] {
            ::pthread_setname_np(::pthread_self(), "getaddrinfo");
            self->work();
        }).detach();
    } catch (const std::system_error&) {
        throw RuntimeError("can't start new thread");
    }
    ++alive_;
}

void LookupThreads::work() noexcept {
    while (Lookup* const lookup = next()) lookup->execute();
}

Lookup* LookupThreads::next() noexcept {
    std::unique_lock guard(mutex_);
    ++idle_;
    more_.wait(guard, [this] { return stopped_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) {
        --alive_;
        return nullptr;
    }
    Lookup* const lookup = queue_.front();
    queue_.pop_front();
    return lookup;
}

bool LookupThreads::remove(const Lookup& lookup) noexcept {
    if (generation_ != fork_generation) return false;
    const std::lock_guard guard(mutex_);
    return std::erase(queue_, &lookup) > 0;
}

// In a forked child the threads are not there, and the lock may be one's that is not.
void LookupThreads::stop() noexcept {
    if (generation_ != fork_generation) return;
    std::deque<Lookup*> left;
    {
        const std::lock_guard guard(mutex_);
        stopped_ = true;
        left.swap(queue_);
        more_.notify_all();
    }
    for (Lookup* const lookup : left) lookup->release();  // their loop has closed
}

// --- one lookup -----------------------------------------------------------------------------------

void Lookup::start(EventLoop& loop, LookupWaiter& waiter, const std::shared_ptr<LookupThreads>& threads) {
    concurrent::detail::prepare_loop(loop);
    address(loop);
    waiter_ = &waiter;
    enlist();
    try {
        threads->add(threads, *this);
    } catch (...) {
        delist();
        throw;
    }
}

void Lookup::abandon(LookupThreads& threads) noexcept {
    waiter_ = nullptr;
    if (threads.remove(*this)) {
        delist();
        destroy();
    } else if (phase_.exchange(Phase::abandoned) == Phase::open) {
        delist();  // or the loop would wait for the thread
        release();
    }
}

void Lookup::execute() noexcept {
    try {
        ask();
    } catch (...) {
        error_ = std::current_exception();
    }
    if (phase_.exchange(Phase::answered) == Phase::abandoned || !post()) release();
}

void Lookup::arrive() {
    delist();
    if (waiter_) {
        waiter_->wake();
    } else {
        destroy();
    }
}

void Lookup::detach() noexcept {
    delist();
    if (waiter_) std::exchange(waiter_, nullptr)->let_go();
    release();
}

}  // namespace

std::shared_ptr<Resolver> make_thread_resolver() { return std::make_shared<ThreadResolver>(); }

Coro<std::vector<AddrInfo>> look_up_service(std::string service, AddrInfoOptions options) {
    ThreadResolver resolver;
    co_return co_await resolver.service(std::move(service), options);
}

Coro<NameInfo> look_up_name(SocketAddress address, int flags) {
    ThreadResolver resolver;
    co_return co_await resolver.getnameinfo(std::move(address), flags);
}

}  // namespace aio::detail
