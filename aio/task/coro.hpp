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

    /// Null: as if it had been awaited.
    explicit Coro(Frame frame) noexcept : word_(frame ? frame.address() : detail::no_frame()) {}
    Coro(Coro&& other) noexcept : word_(other.give_away()) {}
    Coro& operator=(Coro&& other) noexcept {
        Coro old(std::move(*this));
        word_ = other.give_away();
        return *this;
    }
    ~Coro() {
        if (*this) [[unlikely]]
            discard();
    }

    /// Whether it can still be awaited.
    explicit operator bool() const noexcept { return detail::is_frame(word_); }

    /// The coroutine function that made it. Throws RuntimeError after it was awaited.
    const SourceLocation& location() const {
        check_unused();
        return promise().location();
    }
    /// Shows it under another function's name in reports.
    void rename(const SourceLocation& location) {
        check_unused();
        promise().rename(location);
    }

    /// Ends a coroutine that was not started, without a report. Mirrors coroutine.close().
    void close() noexcept {
        if (*this) Frame::from_address(give_away()).destroy();
    }

    detail::CoroAwaiter<T> operator co_await() & noexcept { return detail::CoroAwaiter<T>(give_away()); }
    // The frequent case, of a temporary, which nobody can use again: it keeps no name for the error. One that
    // was moved here by hand goes without, too.
    detail::CoroAwaiter<T> operator co_await() && noexcept {
        return detail::CoroAwaiter<T>(std::exchange(word_, detail::no_frame()));
    }

    /// Gives the frame up to the caller, who destroys it. Null if it was given up before.
    Frame release() noexcept {
        void* const word = std::exchange(word_, detail::no_frame());
        return detail::is_frame(word) ? Frame::from_address(word) : Frame();
    }
    /// Throws RuntimeError if it was awaited, made a task, closed or moved from.
    void check_unused() const {
        if (!*this) [[unlikely]]
            detail::raise_reused(word_);
    }

private:
    promise_type& promise() const noexcept { return Frame::from_address(word_).promise(); }
    // What takes the frame gets the word. What stays is the place of its function, for errors.
    void* give_away() noexcept {
        void* const word = word_;
        if (*this) word_ = detail::mark_of(promise().location());
        return word;
    }
    void discard() noexcept {
        detail::report_never_awaited(promise().location());
        Frame::from_address(word_).destroy();
    }
    void* word_;
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
