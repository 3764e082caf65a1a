// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/compose/detail/async_generator_frame.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/detail/future_state.hpp>
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

/// A generator that may await between its values: `async def` with `yield`.
///
/// `while (auto item = co_await generator.next())` is `async for`. One that is left before its end is
/// closed by the loop, as in asyncio (S91): GeneratorExit is raised at its co_yield, so that clean-up
/// may await. aclose() does it at a known moment. An AsyncGenerator<T&> gives references, and next() an
/// optional of one.
template <class T>
class [[nodiscard("an async generator does nothing until it is iterated")]] AsyncGenerator {
public:
    using promise_type = detail::AsyncGeneratorPromise<T>;
    using value_type = T;

    explicit AsyncGenerator(Ref<detail::AsyncGeneratorFrame> frame) noexcept : frame_(std::move(frame)) {}
    AsyncGenerator(AsyncGenerator&& other) noexcept = default;
    AsyncGenerator& operator=(AsyncGenerator&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~AsyncGenerator() = default;

    /// The next value, nothing at the end. Throws what the generator throws; RuntimeError if another
    /// task runs it. Cancellation reaches what the generator waits for. Mirrors anext().
    [[nodiscard("nothing runs until this is awaited")]] auto next() {
        frame_.checked("AsyncGenerator.next()");
        return detail::NextAwaiter<T>(Operation::anext, frame_, nullptr);
    }

    /// Raises `error` at the co_yield and goes on to the next value; ends a generator that has not
    /// begun, and throws `error`. Throws TypeError, at once, if there is none. Mirrors athrow().
    [[nodiscard("nothing runs until this is awaited")]] auto athrow(std::exception_ptr error) {
        frame_.checked("AsyncGenerator.athrow()");
        detail::check_exception(error);
        return detail::NextAwaiter<T>(Operation::athrow, frame_, std::move(error));
    }
    template <class E>
        requires(!std::convertible_to<E, std::exception_ptr>)
    [[nodiscard("nothing runs until this is awaited")]] auto athrow(E error) {
        return athrow(std::make_exception_ptr(std::move(error)));
    }

    /// Ends the generator at its co_yield and waits for its clean-up. Throws RuntimeError if it yields
    /// again. Harmless at the end. Mirrors aclose().
    Coro<> aclose() {
        frame_.checked("AsyncGenerator.aclose()");
        return detail::close_generator(frame_);
    }

private:
    using Operation = detail::AsyncGeneratorFrame::Operation;
    Ref<detail::AsyncGeneratorFrame> frame_;
};

namespace detail {
template <class T>
AsyncGenerator<T> AsyncGeneratorPromise<T>::get_return_object(SourceLocation location) noexcept {
    check_promise<AsyncGeneratorPromise>();
    set_location(location);
    set_self(std::coroutine_handle<AsyncGeneratorPromise>::from_promise(*this));
    return AsyncGenerator<T>(Ref<AsyncGeneratorFrame>::adopt(this));
}
}  // namespace detail

/// Closes every async generator of the running loop that was left unfinished, all at the same time;
/// their errors go to the exception handler. Mirrors loop.shutdown_asyncgens().
Coro<> shutdown_asyncgens();

}  // namespace aio
