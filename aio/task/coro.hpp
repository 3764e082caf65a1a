// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/source_location.hpp>
#include <aio/task/detail/coro_promise.hpp>

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

/// The coroutine object of `async def`: calling the function makes it, and nothing runs until it is
/// awaited or made a task.
///
/// Awaiting runs it in the awaiter's own task, as a call (S31). Its result comes out of `co_await`,
/// its exception is thrown there. It can be awaited once; a second time throws RuntimeError, and so does
/// one that ends without co_return of the value it owes.
/// Destroying one that never ran is reported in debug mode.
template <class T = void>
class [[nodiscard("a coroutine does nothing until it is awaited or made a task")]] Coro {
public:
    using promise_type = detail::CoroPromise<T>;
    using value_type = T;
    using Frame = std::coroutine_handle<promise_type>;

    explicit Coro(Frame frame) noexcept : frame_(frame) {}
    Coro(Coro&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Coro& operator=(Coro&& other) noexcept {
        Coro old(std::move(*this));
        frame_ = std::exchange(other.frame_, nullptr);
        return *this;
    }
    ~Coro() {
        if (frame_) [[unlikely]]
            discard();
    }

    /// Whether it can still be awaited.
    explicit operator bool() const noexcept { return static_cast<bool>(frame_); }

    /// The coroutine function that made it. Throws RuntimeError after it was awaited.
    const SourceLocation& location() const {
        check_unused();
        return frame_.promise().location();
    }
    /// Shows it under another function's name in reports.
    void rename(const SourceLocation& location) {
        check_unused();
        frame_.promise().rename(location);
    }

    /// Ends a coroutine that was not started, without a report. Mirrors coroutine.close().
    void close() noexcept {
        if (frame_) std::exchange(frame_, nullptr).destroy();
    }

    detail::CoroAwaiter<T> operator co_await() noexcept {
        return detail::CoroAwaiter<T>(std::exchange(frame_, nullptr));
    }

    /// Gives the frame up to the caller, who destroys it.
    Frame release() noexcept { return std::exchange(frame_, nullptr); }

private:
    void check_unused() const {
        if (!frame_) [[unlikely]]
            detail::raise_reused();
    }
    void discard() noexcept {
        detail::report_never_awaited(frame_.promise().location());
        frame_.destroy();
    }
    Frame frame_;
};

namespace detail {

template <class T>
Coro<T> CoroPromise<T>::get_return_object(SourceLocation location) noexcept {
    check_promise<CoroPromise>();
    this->set_location(location);
    return Coro<T>(std::coroutine_handle<CoroPromise>::from_promise(*this));
}
template <class T>
Coro<T&> CoroPromise<T&>::get_return_object(SourceLocation location) noexcept {
    this->set_location(location);
    return Coro<T&>(std::coroutine_handle<CoroPromise>::from_promise(*this));
}
inline Coro<void> CoroPromise<void>::get_return_object(SourceLocation location) noexcept {
    set_location(location);
    return Coro<void>(std::coroutine_handle<CoroPromise>::from_promise(*this));
}

}  // namespace detail
}  // namespace aio
