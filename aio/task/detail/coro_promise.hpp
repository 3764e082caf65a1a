// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/source_location.hpp>
#include <aio/task/detail/ready_once.hpp>

#include <bit>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio {
template <class T>
class Coro;
}  // namespace aio

namespace aio::detail {

/// What every coroutine of the library has in its frame. Frames come from the pool.
class CoroutineBase {
public:
    static void* operator new(std::size_t size) { return pool::allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { pool::deallocate(frame, size); }

    std::suspend_always initial_suspend() const noexcept { return {}; }

    /// Who awaits this coroutine; resumed at its end. Null while it runs inside its awaiter's own step
    /// and for the outermost coroutine of a task.
    std::coroutine_handle<> continuation() const noexcept { return continuation_; }
    void set_continuation(std::coroutine_handle<> awaiter) noexcept { continuation_ = awaiter; }

    /// The coroutine function this frame belongs to.
    const SourceLocation& location() const noexcept { return location_; }
    void set_location(const SourceLocation& location) noexcept { location_ = location; }
    /// Shows it under the name of another function, in whose stead it runs.
    void rename(const SourceLocation& location) noexcept {
        location_ = location;
        renamed_ = true;
    }
    bool renamed() const noexcept { return renamed_; }

    /// The line of the co_await at which it waits; 0 if that is not known. Kept by the awaitables, and only
    /// when they suspend, so it means nothing while the coroutine runs.
    unsigned await_line() const noexcept { return renamed_ ? 0 : await_line_; }
    void set_await_line(unsigned line) noexcept { await_line_ = line; }

    /// The error that leaves the coroutine, for unhandled_exception(): written down in its traceback.
    std::exception_ptr caught() const noexcept;

    /// The part of a library coroutine that does not depend on its type. Valid because it is the first
    /// base of every promise and no promise is over-aligned (check_promise).
    static CoroutineBase& of(std::coroutine_handle<> frame) noexcept {
        return std::coroutine_handle<CoroutineBase>::from_address(frame.address()).promise();
    }

private:
    std::coroutine_handle<> continuation_;
    SourceLocation location_;
    std::uint32_t await_line_ = 0;
    bool renamed_ = false;
};

/// For awaitables that hold another one, whose await_suspend would tell the line of theirs: corrects it
/// at the end of the scope.
class AwaitLine {
public:
    AwaitLine(CoroutineBase& awaiter, unsigned line) noexcept : awaiter_(awaiter), line_(line) {}
    AwaitLine(const AwaitLine&) = delete;
    AwaitLine& operator=(const AwaitLine&) = delete;
    ~AwaitLine() { awaiter_.set_await_line(line_); }

private:
    CoroutineBase& awaiter_;
    unsigned line_;
};

template <class Promise>
constexpr void check_promise() noexcept {
    static_assert(alignof(Promise) <= 2 * sizeof(void*),
                  "a coroutine's result cannot be over-aligned: frames come from a pool");
}

/// What a Coro holds: its frame or, when it has given that away, the lowest bit set in the place of the
/// coroutine function, or in nothing.
inline bool is_frame(const void* word) noexcept { return (reinterpret_cast<std::uintptr_t>(word) & 1) == 0; }
inline void* no_frame() noexcept { return reinterpret_cast<void*>(std::uintptr_t{1}); }
inline void* mark_of(const SourceLocation& location) noexcept {
    static_assert(sizeof(SourceLocation) == sizeof(void*));
    return const_cast<char*>(std::bit_cast<const char*>(location)) + 1;
}
/// Throws RuntimeError that names the function, if `word` tells it.
[[noreturn, gnu::cold]] void raise_reused(const void* word);

/// At the end of a coroutine: goes on with whoever awaits it, or returns to the task's step.
struct ResumeAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        const std::coroutine_handle<> awaiter = ended.promise().continuation();
        return awaiter ? awaiter : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
};

/// The RuntimeError of a coroutine that ends without the value it owes: C++ does not ask for a co_return on
/// every way out.
std::exception_ptr no_value_error(const SourceLocation& location);

/// Holds a coroutine's outcome: an error, or else a value once it is done.
class CoroPromiseBase : public CoroutineBase {
public:
    ResumeAwaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { error_ = caught(); }
    const std::exception_ptr& error() const noexcept { return error_; }
    /// What it ended with instead of a value.
    std::exception_ptr failure() const { return error_ ? error_ : no_value_error(location()); }
    /// The same, about to be thrown into the coroutine that awaits at `at`.
    [[gnu::cold]] std::exception_ptr failure_at(SourceLocation at) const;

private:
    std::exception_ptr error_;
};

template <class T>
class CoroPromise final : public CoroPromiseBase {
public:
    Coro<T> get_return_object(SourceLocation location = SourceLocation::current()) noexcept;

    template <class U = T>
        requires std::convertible_to<U&&, T>
    void return_value(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    void unhandled_exception() noexcept {
        CoroPromiseBase::unhandled_exception();
        value_.reset();  // thrown by the destructor of a local, after co_return
    }
    bool has_value() const noexcept { return value_.has_value(); }
    T take() { return std::move(*value_); }

private:
    std::optional<T> value_;
};

template <class T>
class CoroPromise<T&> final : public CoroPromiseBase {
public:
    Coro<T&> get_return_object(SourceLocation location = SourceLocation::current()) noexcept;
    void return_value(T& value) noexcept { value_ = &value; }
    void unhandled_exception() noexcept {
        CoroPromiseBase::unhandled_exception();
        value_ = nullptr;
    }
    bool has_value() const noexcept { return value_ != nullptr; }
    T& take() const noexcept { return *value_; }

private:
    T* value_ = nullptr;
};

template <>
class CoroPromise<void> final : public CoroPromiseBase {
public:
    Coro<void> get_return_object(SourceLocation location = SourceLocation::current()) noexcept;
    void return_void() const noexcept {}
    bool has_value() const noexcept { return !error(); }
    void take() const noexcept {}
};

/// Awaits a Coro: runs it inside the awaiting step, and suspends the awaiter only if the coroutine
/// itself had to wait. So a coroutine that never waits costs a call, and a loop of such awaits does
/// not grow the stack even where the compiler makes no tail calls (docs/footguns.md).
template <class T>
class CoroAwaiter {
public:
    using Handle = std::coroutine_handle<CoroPromise<T>>;

    explicit CoroAwaiter(void* word) noexcept : frame_(Handle::from_address(word)) {}
    CoroAwaiter(CoroAwaiter&& other) noexcept
        : frame_(std::exchange(other.frame_, Handle::from_address(no_frame()))) {}
    CoroAwaiter& operator=(CoroAwaiter&&) = delete;
    ~CoroAwaiter() {
        if (is_frame(frame_.address())) frame_.destroy();
    }

    bool await_ready() {
        if (!is_frame(frame_.address())) [[unlikely]]
            raise_reused(frame_.address());
        frame_.resume();
        return frame_.done();
    }
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) noexcept {
        awaiter.promise().set_await_line(line);
        frame_.promise().set_continuation(awaiter);
    }
    [[AIO_THROWS_INLINE]] T await_resume(SourceLocation at = SourceLocation::current()) {
        CoroPromise<T>& ended = frame_.promise();
        if (!ended.has_value()) [[unlikely]]
            std::rethrow_exception(ended.failure_at(at));
        return ended.take();
    }

private:
    Handle frame_;  // or what is no frame
};

/// Reports, in debug mode, a coroutine that is destroyed without ever having run.
void report_never_awaited(const SourceLocation& location) noexcept;
void report_never_awaited(const char* name) noexcept;
/// While one lives its thread makes no such reports.
class NeverAwaitedReportsOff {
public:
    NeverAwaitedReportsOff() noexcept;
    NeverAwaitedReportsOff(const NeverAwaitedReportsOff&) = delete;
    NeverAwaitedReportsOff& operator=(const NeverAwaitedReportsOff&) = delete;
    ~NeverAwaitedReportsOff();

private:
    bool outer_;
};

}  // namespace aio::detail
