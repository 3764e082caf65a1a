// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/compose/detail/gcc12_notice.hpp>
#include <aio/task/task.hpp>

#include <optional>
#include <utility>

namespace aio {

/// Keyword arguments of run() and Runner().
class RunOptions {
public:
    RunOptions() noexcept;
    RunOptions(const RunOptions& other);
    RunOptions(RunOptions&& other) noexcept;
    RunOptions& operator=(RunOptions other) noexcept;
    ~RunOptions();
    /// Debug mode of the loop; by default as AIO_DEBUG says.
    RunOptions& debug(bool on) & {
        debug_ = on ? Debug::on : Debug::off;
        return *this;
    }
    RunOptions&& debug(bool on) && AIO_LIFETIME_BOUND { return std::move(this->debug(on)); }
    /// Makes the loop, e.g. one with another clock.
    RunOptions& loop_factory(detail::SharedFunction<EventLoopPtr()> factory) & {
        loop_factory_ = std::move(factory);
        return *this;
    }
    RunOptions&& loop_factory(detail::SharedFunction<EventLoopPtr()> factory) && AIO_LIFETIME_BOUND {
        return std::move(this->loop_factory(std::move(factory)));
    }
    /// How long tasks that are left at the end, and are cancelled then, may take to end. One that takes
    /// longer is reported to the exception handler and dropped with the loop: a task that does not let
    /// itself be cancelled cannot hold up the program. By default, as in asyncio, there is no limit.
    /// Throws ValueError if it is negative or a NaN.
    template <class Rep, class Period>
    RunOptions& shutdown_timeout(std::chrono::duration<Rep, Period> timeout) & {
        const Duration limit = to_duration(timeout);
        if (limit < Duration::zero()) throw ValueError("shutdown_timeout must not be negative");
        shutdown_timeout_ = limit;
        return *this;
    }
    template <class Rep, class Period>
    RunOptions&& shutdown_timeout(std::chrono::duration<Rep, Period> timeout) && AIO_LIFETIME_BOUND {
        return std::move(this->shutdown_timeout(timeout));
    }

private:
    friend class Runner;
    enum class Debug : signed char { unset, off, on } debug_ = Debug::unset;
    detail::SharedFunction<EventLoopPtr()> loop_factory_;
    std::optional<Duration> shutdown_timeout_;
};

namespace detail {
/// The value of a finished task that is the runner's own: moved out. Throws the task's error.
template <class T>
T take_result(const Future<T>& future) {
    if constexpr (std::is_void_v<T> || std::is_reference_v<T>) {
        return future.result();
    } else {
        return std::move(const_cast<T&>(future.result()));
    }
}
/// Throws RuntimeError, with `caller` as what was called, if a loop runs in this thread.
void check_no_running_loop(const char* caller);
class InterruptHandler;
/// For an awaitable that cannot be run: the error says so, and not a report that it was never awaited too.
/// What is somebody's variable stays as it is.
template <class A>
void drop_refused(std::remove_reference_t<A>& awaitable) noexcept {
    if constexpr (!std::is_lvalue_reference_v<A> && !std::derived_from<std::remove_cvref_t<A>, AnyFuture>) {
        const NeverAwaitedReportsOff no_reports;
        [[maybe_unused]] const std::remove_cvref_t<A> dropped(std::move(awaitable));
    }
}
/// `A`: the awaitable's type as it was given, from which it is dropped only if the check throws.
template <class A, class Check>
auto check_or_drop(std::remove_reference_t<A>& awaitable, Check check) {
    try {
        return check();
    } catch (...) {
        drop_refused<A>(awaitable);
        throw;
    }
}
}  // namespace detail

/// Owns a loop and a context for several runs. Mirrors asyncio.Runner (S89).
///
/// In the main thread, the first SIGINT during run() cancels the main task and a second one interrupts the
/// loop (S90); one during close() interrupts the clean-up. The destructor is close(), whose errors it drops;
/// after a KeyboardInterrupt it raises SIGINT. An exception that nobody catches runs no destructors: in a
/// program that does not catch what run() throws, use aio::run().
class Runner {
public:
    explicit Runner(RunOptions options = RunOptions());
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    ~Runner();

    /// Runs an awaitable to its end on the runner's loop and gives its result; void gives 0, so that
    /// main() can return it. Throws what the awaitable throws, KeyboardInterrupt after Ctrl-C, and
    /// RuntimeError if a loop runs in this thread already.
    template <class A>
        requires Awaitable<A>
    decltype(auto) run(A&& awaitable) {
        return run_as(std::forward<A>(awaitable), nullptr);
    }
    /// The same in another context than the runner's own.
    template <class A>
        requires Awaitable<A>
    decltype(auto) run(A&& awaitable, Context context) {
        return run_as(std::forward<A>(awaitable), &context);
    }

    /// Cancels the tasks that are left and waits for them (at most RunOptions::shutdown_timeout()), finishes
    /// async generators, waits for the default executor's threads (300 s at most), closes the loop (S86).
    /// Idempotent. Throws RuntimeError while the loop runs.
    void close();

    /// The loop, made on first use. Throws RuntimeError on a closed runner.
    EventLoop& get_loop();

    /// run() and close(), also after an error that nobody will catch. For aio::run().
    template <class A>
    decltype(auto) run_and_close(A&& awaitable) {
        closes_next_ = true;
        try {
            decltype(auto) result = run(std::forward<A>(awaitable));
            close();
            return result;
        } catch (...) {
            detail::install_terminate_handler();
            close();
            throw;
        }
    }

private:
    template <class A>
    decltype(auto) run_as(A&& awaitable, const Context* context) {
        detail::notice_gcc12();
        TaskOptions options = detail::check_or_drop<A>(awaitable, [&] { return prepare(context); });
        auto task = [&] {
            if constexpr (std::derived_from<std::remove_cvref_t<A>, AnyFuture>) {
                return detail::make_task(*loop_, detail::await_in_coroutine(std::forward<A>(awaitable)),
                                         std::move(options));
            } else {
                return detail::create_task_on(*loop_, std::forward<A>(awaitable), std::move(options));
            }
        }();
        run_main(task);
        if constexpr (std::is_void_v<await_result_t<A>>) {
            task.result();
            return 0;
        } else {
            return detail::take_result(task);
        }
    }
    /// Makes the loop if there is none; gives the main task's options. `context`: null for the runner's own.
    TaskOptions prepare(const Context* context);
    void run_main(AnyTask task);

    RunOptions options_;
    EventLoopPtr loop_;
    std::optional<Context> context_;
    std::unique_ptr<detail::InterruptHandler> interrupts_;  // while the loop runs
    bool closes_next_ = false;                              // and then from run() to close() without a gap
    bool closed_ = false;
};

/// Runs an awaitable on a fresh loop to its end, then cleans up in asyncio.run()'s order (S86 to S90).
///
/// Returns the result; 0 for void, so that `int main() { return aio::run(amain()); }` works. Throws
/// what the awaitable throws; KeyboardInterrupt after Ctrl-C, which, left uncaught, ends the process
/// by SIGINT without an abort. The clean-up is over before, also if nobody catches what is thrown. Throws
/// RuntimeError if a loop runs in this thread.
template <class A>
    requires Awaitable<A>
decltype(auto) run(A&& awaitable, RunOptions options = RunOptions()) {
    detail::check_or_drop<A>(awaitable, [] { detail::check_no_running_loop("asyncio.run()"); });
    return Runner(std::move(options)).run_and_close(std::forward<A>(awaitable));
}

/// The same for fn(args...), whose arguments live as long as the coroutine.
template <class F, class... Args>
    requires(!Awaitable<F> && (detail::FunctionLike<std::decay_t<F>> || detail::TaskFunction<F, Args...>))
decltype(auto) run(F&& fn, Args&&... args) {
    if constexpr (detail::TaskFunction<F, Args...>) {
        return run(detail::to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...));
    } else {
        static_assert(!(std::same_as<std::decay_t<Args>, RunOptions> || ...),
                      "RunOptions stand before a function: run(options, fn, args...)");
        detail::refuse_call<F, Args...>();
    }
}

/// The options stand before either; behind an awaitable they may stand as well.
template <class A>
    requires Awaitable<A>
decltype(auto) run(RunOptions options, A&& awaitable) {
    return run(std::forward<A>(awaitable), std::move(options));
}
template <class F, class... Args>
    requires(!Awaitable<F> && detail::TaskFunction<F, Args...>)
decltype(auto) run(RunOptions options, F&& fn, Args&&... args) {
    return run(detail::to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...), std::move(options));
}

namespace detail {
/// Runs `loop` until `future` is done; throws RuntimeError if it stops before.
void run_until_done(EventLoop& loop, const AnyFuture& future, bool new_task);
}  // namespace detail

template <class A>
decltype(auto) EventLoop::run_until_complete(A&& awaitable) {
    detail::check_or_drop<A>(awaitable, [this] {
        check_closed();
        check_not_running();  // before a task is made, which would run after the error
    });
    constexpr bool is_future = std::derived_from<std::remove_cvref_t<A>, AnyFuture>;
    auto future = [&] {
        if constexpr (is_future) {
            detail::check_belongs(awaitable.state("run_until_complete()"), *this);
            return std::remove_cvref_t<A>(std::forward<A>(awaitable));
        } else {
            auto task = detail::create_task_on(*this, std::forward<A>(awaitable));
            task.state()->mark_answered_for();  // it throws if the task does not end
            return task;
        }
    }();
    detail::run_until_done(*this, future, !is_future);
    using T = typename decltype(future)::value_type;
    if constexpr (std::is_void_v<T>) {
        if (std::exception_ptr error = future.exception()) std::rethrow_exception(std::move(error));
    } else if constexpr (is_future && !std::is_reference_v<T>) {
        return detail::give_value(const_cast<T&>(future.result()), !future.state()->shared());
    } else {
        return detail::take_result(future);
    }
}

}  // namespace aio
