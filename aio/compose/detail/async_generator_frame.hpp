// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/source_location.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/detail/optional_ref.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {
template <class T>
class AsyncGenerator;
}  // namespace aio

namespace aio::detail {

/// The frame of an async generator, without its value type. Shared by the handle and by whatever runs
/// or closes the generator at the moment.
///
/// 1. A step runs in the task that awaits it. While it is suspended (`running_`) nobody else may make
///    one, and the frame holds that task (`driver_`): waiters in the frame refer to it, also when the
///    loop has closed and destroyed the task's own frame.
/// 2. When the last reference goes to a generator that stopped at a co_yield, a task of its loop takes it
///    over and closes it (S91). If that task is cancelled before it begins, the loop's list keeps the
///    frame (`orphaned_`). Any other frame is destroyed.
/// 3. From its first step until it ends or is being closed the frame is in its loop's list, for
///    shutdown_asyncgens().
class AsyncGeneratorFrame : public CoroutineBase, public ListLink {
public:
    AsyncGeneratorFrame(const AsyncGeneratorFrame&) = delete;
    AsyncGeneratorFrame& operator=(const AsyncGeneratorFrame&) = delete;

    bool done() const noexcept { return self_.done(); }
    bool started() const noexcept { return started_; }
    std::string repr() const;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) last_reference_gone();
    }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    ResumeAwaiter final_suspend() noexcept {
        finished();
        return {};
    }
    void unhandled_exception() noexcept { error_ = caught(); }
    void return_void() const noexcept {}

    /// What the user called to make a step.
    enum class Operation : std::uint8_t { anext, athrow, aclose };

    /// One step: goes on until the next co_yield, the end, or something that must be waited for.
    /// `thrown` is raised at the co_yield. Returns whether the step is complete.
    bool resume(Operation operation, std::exception_ptr thrown);
    /// The step has to wait; `awaiter` goes on when it is complete.
    void suspend_step(std::coroutine_handle<> awaiter);
    /// Throws the error it ended with into the coroutine that awaits at `at`.
    void end_step(SourceLocation at);
    /// There will be no first step.
    void close_unstarted() noexcept { closed_ = true; }
    /// Takes it out of its loop's list, together with the list's reference if it has one.
    Ref<AsyncGeneratorFrame> leave_loop() noexcept;
    bool step_complete() const noexcept { return yielded_ || self_.done(); }
    bool yielded() const noexcept { return yielded_; }

    struct YieldAwaiter {
        AsyncGeneratorFrame& frame;
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept {
            const std::coroutine_handle<> awaiter = frame.continuation();
            return awaiter ? awaiter : std::noop_coroutine();
        }
        void await_resume() const {
            if (frame.thrown_) std::rethrow_exception(std::exchange(frame.thrown_, nullptr));
        }
    };

protected:
    AsyncGeneratorFrame() noexcept = default;
    ~AsyncGeneratorFrame() { unlink(); }
    void set_self(std::coroutine_handle<> self) noexcept { self_ = self; }
    void mark_yielded() noexcept { yielded_ = true; }
    /// Whether there is somebody who takes the value.
    bool value_is_wanted() const noexcept { return operation_ != Operation::aclose; }

private:
    void finished() noexcept { unlink(); }
    void register_with(EventLoop& loop);
    void last_reference_gone() noexcept;

    std::coroutine_handle<> self_;
    std::exception_ptr error_;
    std::exception_ptr thrown_;
    Ref<EventLoop> loop_;     // that ran the first step
    Ref<FutureBase> driver_;  // rule 1
    std::uint32_t refs_ = 1;
    Operation operation_ = Operation::anext;  // of the step under way, or of the last one
    bool started_ = false;
    bool closed_ = false;
    bool running_ = false;
    bool yielded_ = false;
    bool close_scheduled_ = false;
    bool orphaned_ = false;
};

template <class T>
class AsyncGeneratorPromise final : public AsyncGeneratorFrame {
public:
    AsyncGenerator<T> get_return_object(SourceLocation location = SourceLocation::current()) noexcept;
    template <class U = T>
        requires(!std::is_reference_v<T> && std::convertible_to<U &&, T>)
    YieldAwaiter yield_value(U&& value) {
        if (value_is_wanted()) [[likely]]
            value_.emplace(std::forward<U>(value));
        mark_yielded();
        return {*this};
    }
    // What is converted for a reference lives as long as the co_yield.
    YieldAwaiter yield_value(T value)
        requires std::is_reference_v<T>
    {
        if (value_is_wanted()) [[likely]]
            value_.emplace(value);
        mark_yielded();
        return {*this};
    }
    optional_of<T> take() { return std::exchange(value_, std::nullopt); }

private:
    optional_of<T> value_;
};

/// Drives a generator by one step from within the awaiting task.
class AsyncGeneratorStep {
public:
    using Operation = AsyncGeneratorFrame::Operation;
    AsyncGeneratorStep(Operation operation, Ref<AsyncGeneratorFrame> frame,
                       std::exception_ptr thrown) noexcept
        : frame_(std::move(frame)), thrown_(std::move(thrown)), operation_(operation) {}
    // Only before it is awaited.
    AsyncGeneratorStep(AsyncGeneratorStep&& other) noexcept
        : frame_(std::move(other.frame_)),
          thrown_(std::move(other.thrown_)),
          operation_(other.operation_),
          used_(std::exchange(other.used_, true)) {}
    AsyncGeneratorStep& operator=(AsyncGeneratorStep&&) = delete;
    ~AsyncGeneratorStep() = default;

    bool await_ready() {
        if (std::exchange(used_, true)) [[unlikely]]
            raise_reused();
        return frame_->resume(operation_, std::move(thrown_));
    }
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) noexcept {
        awaiter.promise().set_await_line(line);
        frame_->suspend_step(awaiter);
    }

protected:
    Ref<AsyncGeneratorFrame> frame_;

private:
    std::exception_ptr thrown_;
    Operation operation_;
    bool used_ = false;
};

template <class T>
class NextAwaiter final : public AsyncGeneratorStep {
public:
    using AsyncGeneratorStep::AsyncGeneratorStep;
    optional_of<T> await_resume(SourceLocation at = SourceLocation::current()) {
        frame_->end_step(at);
        return static_cast<AsyncGeneratorPromise<T>&>(*frame_).take();
    }
};

/// Raises GeneratorExit at the co_yield and waits for the generator's clean-up.
Coro<> close_generator(Ref<AsyncGeneratorFrame> frame);

}  // namespace aio::detail
