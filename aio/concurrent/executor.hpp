// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/detail/invocation.hpp>
#include <aio/concurrent/future.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>

namespace aio::concurrent {

class ThreadPoolExecutor;

/// One call that an executor is to make. Exactly one of its functions is called, once, in any thread.
class Job {
public:
    /// Makes the call, unless it was withdrawn.
    virtual void execute() noexcept = 0;
    /// It will not be made: the executor was shut down with cancel_futures.
    virtual void cancel() noexcept = 0;
    /// It cannot be made, because of `error`; if that is null, of a TypeError.
    virtual void fail(const std::exception_ptr& error) noexcept = 0;

    Job* next = nullptr;  ///< link of the executor's queue

protected:
    Job() noexcept = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    ~Job() = default;
};

class MapOptions;
template <class R>
class MapResults;

namespace detail {

/// Tells those that may outlive an executor whether it is there.
class ExecutorLife {
public:
    ExecutorLife() noexcept = default;
    ExecutorLife(const ExecutorLife&) = delete;
    ExecutorLife& operator=(const ExecutorLife&) = delete;

    /// False if it is gone or going; else it stays until leave().
    bool enter() noexcept;
    void leave() noexcept;
    /// It goes: waits for those that have entered.
    void end() noexcept;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

private:
    static constexpr std::uint32_t kOver = 0x80000000;
    ~ExecutorLife() = default;
    std::atomic<std::uint32_t> refs_{1};
    std::atomic<std::uint32_t> users_{0};  ///< and kOver
};

}  // namespace detail

/// Makes calls somewhere else. Mirrors concurrent.futures.Executor.
///
/// An executor of one's own implements execute() and shutdown(); it then also works with run_in_executor().
/// Threads: any, all functions.
class Executor {
public:
    Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    virtual ~Executor();

    /// Has fn(args...) called and gives the future of its result. Callable and arguments are moved in, and
    /// destroyed by the thread that called it before the future is done. Throws RuntimeError after
    /// shutdown(), BrokenExecutor if the executor is broken.
    template <class F, class... Args>
    Future<detail::returned_t<F, Args...>> submit(F&& fn, Args&&... args);

    /// Has fn called with the first elements of all ranges, with the second ones, and so on up to the end of
    /// the shortest; gives the results in that order. Everything is submitted here and now, unless the
    /// options name a buffersize; ranges given as lvalues must then live as long as the results, which end
    /// with what was submitted if the executor is gone. `fn` is copied for each call. (Defined by
    /// aio/concurrent/map.hpp.)
    template <class F, class... Ranges>
        requires(!std::same_as<std::remove_cvref_t<F>, MapOptions>)
    auto map(F&& fn, Ranges&&... ranges);
    template <class F, class... Ranges>
    auto map(const MapOptions& options, F&& fn, Ranges&&... ranges);

    /// Takes no more work. `wait`: returns when what was submitted is finished. `cancel_futures`: what has
    /// not begun is cancelled.
    virtual void shutdown(bool wait = true, bool cancel_futures = false) = 0;

    /// Takes over a job. What is thrown here submit() throws, and the job remains the caller's.
    virtual void execute(Job& job) = 0;

private:
    friend class ThreadPoolExecutor;  // which may not be used any more when its destructor begins
    Ref<detail::ExecutorLife> life_;
};

namespace detail {

/// Sets a future's error; logs it if the future, against its rules, is done already.
void fail_future(FutureState& future, std::exception_ptr error) noexcept;
/// Whether the call is still wanted.
bool begin_call(FutureState& future) noexcept;

/// A submitted call and its future.
template <class R, class Call>
class SubmittedCall final : public FutureValue<R>, public Job {
public:
    template <class... Given>
    explicit SubmittedCall(Given&&... given) : call_(std::in_place, std::forward<Given>(given)...) {}

    void execute() noexcept override {
        const Ref<FutureState> self = Ref<FutureState>::adopt(this);
        if (!begin_call(*this)) {
            call_.reset();
            return;
        }
        try {
            if constexpr (std::is_void_v<R>) {
                (*call_)();
                call_.reset();
                this->set_result();
            } else {
                R result = (*call_)();
                call_.reset();
                this->set_result(std::move(result));
            }
        } catch (...) {
            call_.reset();
            fail_future(*this, std::current_exception());
        }
    }
    void cancel() noexcept override {
        const Ref<FutureState> self = Ref<FutureState>::adopt(this);
        FutureState::cancel();
        begin_call(*this);  // wait() shall not wait for a cancellation that nobody would ever notice
        call_.reset();
    }
    void fail(const std::exception_ptr& error) noexcept override {
        const Ref<FutureState> self = Ref<FutureState>::adopt(this);
        if (begin_call(*this)) fail_future(*this, aio::detail::exception_or_type_error(error));
        call_.reset();
    }

private:
    void destroy() noexcept override { delete this; }
    std::optional<Call> call_;
};

}  // namespace detail

template <class F, class... Args>
Future<detail::returned_t<F, Args...>> Executor::submit(F&& fn, Args&&... args) {
    using R = detail::returned_t<F, Args...>;
    using Call = detail::SubmittedCall<R, detail::invocation_t<F, Args...>>;
    auto* call = new Call(std::forward<F>(fn), std::forward<Args>(args)...);
    auto future = Future<R>::from_state(Ref<detail::FutureState>::adopt(call));
    call->add_ref();  // the executor's
    try {
        execute(*call);
    } catch (...) {
        call->release();
        throw;
    }
    return future;
}

}  // namespace aio::concurrent
