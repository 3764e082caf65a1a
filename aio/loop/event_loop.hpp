// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/time.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/loop/clock.hpp>
#include <aio/loop/detail/fork.hpp>
#include <aio/loop/detail/here.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/ready_queue.hpp>
#include <aio/loop/detail/timer_heap.hpp>
#include <aio/loop/exception_context.hpp>
#include <aio/loop/handle.hpp>
#include <aio/loop/loop_options.hpp>

#include <atomic>
#include <concepts>
#include <optional>

namespace aio {

class EventLoop;
class LoopHandle;
template <class T>
class Coro;
template <class T>
class Future;

namespace concurrent {
class Executor;
class ThreadPoolExecutor;
}  // namespace concurrent

namespace detail {
class Inbox;
struct LoopParts;  // what upper layers keep in a loop: task and generator registries, executor, factory
/// Something that no other living thread has.
inline const void* this_thread() noexcept { return &here; }
}  // namespace detail

/// Receives what call_exception_handler() reports.
using ExceptionHandler = UniqueFunction<void(EventLoop&, const ExceptionContext&)>;

/// The event loop: runs callbacks, timers, I/O and signals of one thread. Mirrors asyncio's loop.
/// An iteration polls, queues I/O callbacks behind what was ready, then due timers, and runs exactly
/// what is ready at that moment (S1 to S4).
/// Threads: everything but call_soon_threadsafe() and handle() belongs to the thread that runs the loop.
class EventLoop {
public:
    /// Makes a loop; prefer new_event_loop(). Throws OSError if the kernel refuses a descriptor.
    static EventLoop* create(const LoopOptions& options);
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // --- life-cycle -----------------------------------------------------------------------------

    /// Runs until stop(). Throws RuntimeError if this or another loop runs in the thread already, or
    /// if the loop is closed; an ExitException (KeyboardInterrupt, SystemExit) passes through.
    void run_forever();

    /// Runs until `awaitable` is done and returns its result or throws its error; a coroutine is made
    /// a task first. Throws RuntimeError if stop() ends the loop before. (Defined by aio/compose/run.hpp.)
    template <class A>
    decltype(auto) run_until_complete(A&& awaitable);

    /// Ends run_forever() after the current iteration; before it, makes it one iteration long (S8).
    void stop() noexcept { stopping_ = true; }
    bool is_running() const noexcept { return runs_here() || runs_elsewhere(); }
    bool is_closed() const noexcept { return closed_; }

    /// Drops what is queued and lets go of tasks and descriptors; cancels nothing (S37). Idempotent.
    /// Throws RuntimeError while the loop runs.
    void close();

    /// The loop's monotonic clock.
    TimePoint time() const noexcept {
        return clock_ ? clock_->now() : std::chrono::time_point_cast<Duration>(TimePoint::clock::now());
    }

    // --- callbacks and timers -------------------------------------------------------------------

    /// Queues fn(args...) for the next iteration, first in first out. Callable and arguments are moved
    /// into the returned handle. Throws RuntimeError on a closed loop.
    template <class F, class... Args>
        requires(!std::convertible_to<F, Context>)
    Handle call_soon(F&& fn, Args&&... args) {
        return queue(detail::ContextSlot::copy_current(), std::forward<F>(fn), std::forward<Args>(args)...);
    }
    /// The same in `context` instead of a copy of the current one.
    template <class F, class... Args>
    Handle call_soon(const Context& context, F&& fn, Args&&... args) {
        return queue(detail::ContextSlot::share(context), std::forward<F>(fn), std::forward<Args>(args)...);
    }

    /// call_soon() from any thread: also wakes a sleeping loop (S10). The loop must exist until this returns;
    /// a thread that may be late keeps handle() (aio/loop/loop_handle.hpp).
    template <class F, class... Args>
        requires(!std::convertible_to<F, Context>)
    Handle call_soon_threadsafe(F&& fn, Args&&... args) {
        return post(detail::ContextSlot::copy_current(), std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Handle call_soon_threadsafe(const Context& context, F&& fn, Args&&... args) {
        return post(detail::ContextSlot::share(context), std::forward<F>(fn), std::forward<Args>(args)...);
    }
    LoopHandle handle() noexcept;

    /// Runs fn(args...) after `delay` (any std::chrono duration; zero or less: as soon as a timer can). One
    /// that no clock can count, such as an infinite one, never runs. Throws ValueError for a NaN.
    template <class Rep, class Period, class F, class... Args>
    TimerHandle call_later(std::chrono::duration<Rep, Period> delay, F&& fn, Args&&... args) {
        return arm(deadline_after(delay), detail::ContextSlot::copy_current(), std::forward<F>(fn),
                   std::forward<Args>(args)...);
    }
    template <class Rep, class Period, class F, class... Args>
    TimerHandle call_later(const Context& context, std::chrono::duration<Rep, Period> delay, F&& fn,
                           Args&&... args) {
        return arm(deadline_after(delay), detail::ContextSlot::share(context), std::forward<F>(fn),
                   std::forward<Args>(args)...);
    }
    template <detail::Number N, class... Args>
    auto call_later(N, Args&&...) {
        return detail::refuse_number<N>();  // times have units
    }
    /// Runs fn(args...) at `when` on the loop's clock, never at TimePoint::max(); equal deadlines run in the
    /// order of arming.
    template <class F, class... Args>
    TimerHandle call_at(TimePoint when, F&& fn, Args&&... args) {
        return arm(when, detail::ContextSlot::copy_current(), std::forward<F>(fn),
                   std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    TimerHandle call_at(const Context& context, TimePoint when, F&& fn, Args&&... args) {
        return arm(when, detail::ContextSlot::share(context), std::forward<F>(fn),
                   std::forward<Args>(args)...);
    }

    // --- descriptors and signals ----------------------------------------------------------------

    /// Calls fn(args...) once per iteration while `fd` is readable; replaces an earlier reader (S14).
    /// Throws OSError if the descriptor cannot be watched (regular files cannot), ValueError for a
    /// negative one, RuntimeError if a transport uses it. Remove the reader before closing `fd`.
    template <class F, class... Args>
    Handle add_reader(int fd, F&& fn, Args&&... args) {
        return watch(fd, detail::io::readable, repeating(std::forward<F>(fn), std::forward<Args>(args)...));
    }
    /// Stops watching; false if there was no reader.
    bool remove_reader(int fd) { return unwatch(fd, detail::io::readable); }
    /// Calls fn(args...) once per iteration while `fd` is writable; replaces an earlier writer.
    template <class F, class... Args>
    Handle add_writer(int fd, F&& fn, Args&&... args) {
        return watch(fd, detail::io::writable, repeating(std::forward<F>(fn), std::forward<Args>(args)...));
    }
    bool remove_writer(int fd) { return unwatch(fd, detail::io::writable); }

    /// Runs fn(args...) as a loop callback whenever `signal` arrives; replaces an earlier handler (S15), and
    /// is told what that one was not. Throws ValueError outside the main thread or for a bad number,
    /// RuntimeError for a signal that cannot be caught or that another loop handles. If the loop is stuck, so
    /// that a SIGINT has not been handled for a fifth of a second, the next SIGINT ends the process.
    template <class F, class... Args>
    void add_signal_handler(int signal, F&& fn, Args&&... args) {
        watch_signal(signal, repeating(std::forward<F>(fn), std::forward<Args>(args)...));
    }
    /// Restores what was in place before; false if there was no handler. Throws ValueError for a bad number.
    bool remove_signal_handler(int signal);

    // --- futures and tasks (defined by aio/task) --------------------------------------------------

    template <class T = void>
    Future<T> create_future();
    template <class... Args>
    auto create_task(Args&&... args);

    // --- threads (defined by aio/concurrent) ------------------------------------------------------

    /// Calls fn(args...) on one of the executor's threads; a null executor means the loop's default pool,
    /// which is made on first use. Callable and arguments are moved into the call. Returns a future of the
    /// result. Mirrors loop.run_in_executor().
    /// Cancellation of the future withdraws a call that is still queued, one iteration later; one that
    /// runs goes on, and its result or error is dropped (S92). The function runs in the thread's own
    /// context (S94); to_thread() takes the caller's along.
    /// Throws RuntimeError on a closed loop and after shutdown_default_executor() or shutdown().
    template <class F, class... Args>
    auto run_in_executor(concurrent::Executor* executor, F&& fn, Args&&... args);
    template <class F, class... Args>
    auto run_in_executor(concurrent::Executor& executor, F&& fn, Args&&... args);

    /// Chooses the default pool; the earlier one is let go of, not shut down. Throws TypeError for null.
    void set_default_executor(std::shared_ptr<concurrent::ThreadPoolExecutor> executor);

    /// Refuses further calls on the default pool and waits until its threads have ended, which lets queued
    /// calls run first; done by run() and Runner (S86, S93). If they do not within `timeout`, that is
    /// logged, and they are left to themselves.
    /// Cancellation: only the waiting ends.
    Coro<void> shutdown_default_executor(TimeLimit timeout = std::nullopt);

    // --- exceptions and debugging ---------------------------------------------------------------

    /// Sets who is told of errors that nobody can await; an empty handler restores the default, which
    /// logs them. If the handler throws, the default handler reports that and the original (S17); but
    /// an ExitException leaves run_forever() at the end of the iteration.
    void set_exception_handler(ExceptionHandler handler);
    /// The custom handler, or null.
    const ExceptionHandler* get_exception_handler() const noexcept;
    void call_exception_handler(const ExceptionContext& context) noexcept;
    /// Logs the context at error level.
    void default_exception_handler(const ExceptionContext& context) noexcept;
    /// call_exception_handler(describe()), or with `error` alone where memory is too short for a description.
    template <class F>
    void report(const std::exception_ptr& error, F&& describe) noexcept {
        try {
            call_exception_handler(describe());
        } catch (...) {
            report_briefly(error);
        }
    }

    /// Debug mode: slow callbacks are reported, calls from a wrong thread throw, coroutines that were
    /// never awaited are reported, blocking sockets are refused.
    void set_debug(bool on) noexcept;
    bool get_debug() const noexcept { return debug_; }

    /// Callbacks that take longer are reported in debug mode.
    Duration slow_callback_duration = std::chrono::milliseconds(100);

    /// Functions called right before and after the poll may block, e.g. to release and take a lock. What one
    /// throws leaves run_forever(), and the loop can be run again; `after` is not called if `before` throws.
    void set_poll_hooks(void (*before)(void*), void (*after)(void*), void* argument) noexcept {
        before_poll_ = before;
        after_poll_ = after;
        hook_argument_ = argument;
    }

    /// How busy the loop is.
    struct Stats {
        std::size_t ready;     ///< callbacks waiting for the next iteration
        std::size_t timers;    ///< armed timers
        std::size_t tasks;     ///< unfinished tasks
        std::size_t threads;   ///< calls that threads have not finished: to_thread(), run_in_executor()
        unsigned descriptors;  ///< watched descriptors, without the loop's own
        std::uint64_t iterations;
    };
    Stats stats() const noexcept;

    // --- for the library's upper layers: no promise ------------------------------------------------

    detail::ReadyQueue& ready() noexcept { return ready_; }
    detail::TimerHeap& timers() noexcept { return timers_; }
    detail::Inbox& inbox() noexcept { return *inbox_; }
    detail::Poller& poller() noexcept { return *poller_; }
    detail::LoopParts& parts() noexcept { return *parts_; }
    bool in_step() const noexcept { return left_to_run_ > 0 && !inherited(); }
    bool run_next(detail::Runnable& item) noexcept;  ///< right behind it; false if there is no memory
    bool cannot_wake() const noexcept;               ///< nothing that it knows of can make it go on
    bool descriptor_is_watched(int fd) const noexcept;
    /// Whether transports must check `fd` against add_reader() and the other way round.
    void claim_descriptor(int fd);
    void release_descriptor(int fd) noexcept;
    template <class Rep, class Period>
    TimePoint deadline_after(std::chrono::duration<Rep, Period> delay) const {
        return detail::after(time(), to_duration(delay));
    }
    /// A number below `count` where the order is open (LoopOptions::shuffle()); 0 where it is not varied.
    std::size_t shuffled(std::size_t count) noexcept;
    /// Whether this thread runs it, also where that is hidden; or another one does.
    bool runs_here() const noexcept { return runs_in() == detail::this_thread(); }
    bool runs_elsewhere() const noexcept { return runs_in() && !runs_here() && !inherited(); }
    /// Whether this is a forked child, and the loop its parent's.
    bool inherited() const noexcept { return generation_ != detail::fork_generation; }
    /// The same, and it was in the middle of something when another thread forked: not to be touched.
    bool lost() const noexcept { return inherited() && runs_in() && !runs_here(); }
    /// In a forked child: what runs in this thread is the last thing that the loop does.
    void leave_to_parent() noexcept;
    /// Its owner was dropped while it runs: it stops, and closes then.
    void orphan() noexcept { orphaned_ = stopping_ = true; }
    bool is_orphaned() const noexcept { return orphaned_; }
    /// In debug mode throws RuntimeError in another thread than the one that runs the loop.
    void check_thread() const {
        if (guarded_) [[unlikely]]
            check_guarded_thread();
    }
    bool is_guarded() const noexcept { return guarded_; }  ///< whether check_call() may throw
    /// Throws RuntimeError where call_soon() would: a closed loop, the parent process's, another thread's.
    void check_call() const;
    static Handle post_handle(detail::Inbox& inbox, detail::HandleState& state);  ///< any thread
    void check_not_running() const;  ///< throws RuntimeError if this loop runs, or another in this thread
    void check_closed() const {
        if (closed_) raise_closed();
    }
    void add_ref() noexcept { ++refs_; }  // futures and tasks refer to their loop, which stays until they go
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

private:
    explicit EventLoop(const LoopOptions& options);
    ~EventLoop();

    template <class F, class... Args>
    Handle queue(detail::ContextSlot&& context, F&& fn, Args&&... args) {
        if (guarded_) [[unlikely]]
            check_call();
        auto bound = detail::bind_arguments(std::forward<F>(fn), std::forward<Args>(args)...);
        using State = detail::CallbackHandle<decltype(bound)>;
        auto* state = new State(*this, std::move(context), State::Kind::once, std::move(bound));
        Handle handle(Ref<detail::HandleState>::adopt(state));
        ready_.push_or_discard(*state);
        return handle;
    }
    template <class F, class... Args>
    Handle post(detail::ContextSlot&& context, F&& fn, Args&&... args) {
        auto bound = detail::bind_arguments(std::forward<F>(fn), std::forward<Args>(args)...);
        using State = detail::PostedHandle<decltype(bound)>;
        return post_handle(*inbox_, *new State(*this, std::move(context), std::move(bound)));
    }
    template <class F, class... Args>
    TimerHandle arm(TimePoint when, detail::ContextSlot&& context, F&& fn, Args&&... args) {
        if (guarded_) [[unlikely]]
            check_call();
        auto bound = detail::bind_arguments(std::forward<F>(fn), std::forward<Args>(args)...);
        using State = detail::TimerCallbackHandle<decltype(bound)>;
        return arm_handle(*new State(*this, std::move(context), std::move(bound)), when);
    }
    template <class F, class... Args>
    Ref<detail::HandleState> repeating(F&& fn, Args&&... args) {
        auto bound = detail::bind_arguments(std::forward<F>(fn), std::forward<Args>(args)...);
        using State = detail::CallbackHandle<decltype(bound)>;
        auto* state =
            new State(*this, detail::ContextSlot::copy_current(), State::Kind::repeating, std::move(bound));
        state->release();  // not queued: only the reference returned here
        return Ref<detail::HandleState>::adopt(state);
    }

    const void* runs_in() const noexcept { return runs_in_.load(std::memory_order_relaxed); }
    [[noreturn]] static void raise_closed();
    [[noreturn]] static void raise_inherited();
    void check_guarded_thread() const;
    TimerHandle arm_handle(detail::TimerHandleState& state, TimePoint when);
    void report_briefly(const std::exception_ptr& error) noexcept;
    Handle watch(int fd, std::uint32_t direction, Ref<detail::HandleState> handle);
    bool unwatch(int fd, std::uint32_t direction);
    void watch_signal(int signal, Ref<detail::HandleState> handle);

    bool may_skip_poll() noexcept;
    void poll();
    void poll_once(Duration timeout);
    void run_ready();
    void run_ready_debug();

    detail::ReadyQueue ready_;
    detail::TimerHeap timers_;
    std::shared_ptr<Clock> clock_;
    detail::Poller* poller_;  ///< parts_ has it
    Ref<detail::Inbox> inbox_;
    std::unique_ptr<detail::LoopParts> parts_;
    std::exception_ptr exit_;  ///< what the exception handler threw to end the loop
    void (*before_poll_)(void*) = nullptr;
    void (*after_poll_)(void*) = nullptr;
    void* hook_argument_ = nullptr;

    TimePoint last_poll_{};
    int handles_until_check_ = 0;  ///< callbacks that may run before the poll's age is looked at
    int checks_until_poll_ = 0;
    std::size_t left_to_run_ = 0;  ///< callbacks in this iteration
    std::uint64_t iterations_ = 0;
    std::size_t refs_ = 1;
    bool stopping_ = false;
    bool orphaned_ = false;
    bool closed_ = false;
    bool debug_ = false;
    bool guarded_ = false;  ///< closed or debugging: calls take the slow path
    const unsigned generation_ = detail::fork_generation;
    std::atomic<const void*> runs_in_{nullptr};  ///< the thread that runs it
};

/// The loop that runs in this thread. Throws RuntimeError outside of callbacks and coroutines.
EventLoop& get_running_loop();
/// The running loop or null. Mirrors asyncio._get_running_loop().
inline EventLoop* get_running_loop_or_null() noexcept { return detail::here.loop; }

/// The deleter of EventLoopPtr: closes a loop and lets go of it.
struct LoopCloser {
    void operator()(EventLoop* loop) const noexcept;
};
/// Owner of a loop; dereferences to EventLoop, closes it at the end. If a callback of the loop drops it, the
/// loop stops after the iteration and is closed then.
using EventLoopPtr = std::unique_ptr<EventLoop, LoopCloser>;

/// A fresh loop. Mirrors asyncio.new_event_loop().
EventLoopPtr new_event_loop(const LoopOptions& options = LoopOptions());

/// The running loop, else the one set for this thread. Throws RuntimeError if there is none (S13).
EventLoop& get_event_loop();
/// Sets or, with null, clears the thread's current loop.
void set_event_loop(EventLoop* loop) noexcept;

}  // namespace aio
