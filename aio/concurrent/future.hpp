// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/copyable.hpp>
#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/kept_arguments.hpp>
#include <aio/base/detail/plain_callback.hpp>
#include <aio/base/memory.hpp>
#include <aio/concurrent/detail/future_state.hpp>

#include <compare>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio::concurrent {

/// Handle to a thread future of any result type. One that was moved from is empty: its functions throw
/// RuntimeError.
class AnyFuture {
public:
    explicit AnyFuture(Ref<detail::FutureState> state) noexcept : state_(std::move(state)) {}

    /// Withdraws work that has not begun: true, and done callbacks run now. False if it runs or is finished.
    bool cancel() const { return state("Future.cancel()").cancel(); }
    bool cancelled() const { return state("Future.cancelled()").cancelled(); }
    /// The work has begun and is not finished; it cannot be cancelled any more.
    bool running() const { return state("Future.running()").running(); }
    /// Has a result or an error, or was cancelled.
    bool done() const { return state("Future.done()").done(); }

    /// Waits for the end and gives the error, null if there is a value. Throws CancelledError if it was
    /// cancelled, TimeoutError if the end does not come in time, ValueError for a NaN.
    std::exception_ptr exception() const { return state("Future.exception()").exception(std::nullopt); }
    template <class Rep, class Period>
    std::exception_ptr exception(std::chrono::duration<Rep, Period> timeout) const {
        return state("Future.exception()").exception(to_duration(timeout));
    }

    // --- for executors and tests

    /// The work begins: true, and it cannot be cancelled any more. False if it was cancelled, which wait()
    /// and as_completed() learn by this call. Throws RuntimeError if it was called before or the future is
    /// finished.
    bool set_running_or_notify_cancel() const {
        return state("Future.set_running_or_notify_cancel()").set_running_or_notify_cancel();
    }

    /// Fails the future; done callbacks run now. Throws InvalidStateError if it is done, TypeError if there
    /// is no error.
    void set_exception(std::exception_ptr error) const {
        state("Future.set_exception()").set_exception(std::move(error));
    }
    template <class E>
        requires(!std::convertible_to<E, std::exception_ptr>)
    void set_exception(E error) const {
        set_exception(std::make_exception_ptr(std::move(error)));
    }

    /// Text for people, as Python's repr(): "<Future at 0x... state=pending>".
    std::string repr() const { return state_ ? state_->repr() : "<Future empty>"; }

    /// Whether it refers to a future; false after a move.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Equal are those that refer to the same future. The order, for maps and sets, is any.
    friend bool operator==(const AnyFuture& a, const AnyFuture& b) noexcept { return a.state_ == b.state_; }
    friend std::strong_ordering operator<=>(const AnyFuture& a, const AnyFuture& b) noexcept {
        return a.state_.get() <=> b.state_.get();
    }

    const Ref<detail::FutureState>& state() const noexcept { return state_; }
    /// For the library: throws RuntimeError that names `call` if the handle is empty.
    detail::FutureState& state(const char* call) const { return state_.checked(call); }

protected:
    Ref<detail::FutureState> state_;
};

namespace detail {

/// A callable registered with a future, which it is given behind its bound arguments.
template <class Handle, class F, class Arguments>
class CallbackOf final : public Callback {
public:
    template <class G, class... Given>
    explicit CallbackOf(G&& fn, Given&&... args)
        : fn_(std::forward<G>(fn)), args_(std::forward<Given>(args)...) {}

    void done(FutureState& future) override {
        const std::unique_ptr<CallbackOf> owner(this);
        std::apply(
            [&](auto&... args) {
                aio::detail::invoke(fn_, args..., Handle::from_state(Ref<FutureState>(&future)));
            },
            args_);
    }
    void drop() noexcept override { delete this; }

private:
    F fn_;
    Arguments args_;
};

}  // namespace detail

/// The result of work in another thread. Copies of the handle share it. Mirrors concurrent.futures.Future.
///
/// It blocks; it cannot be awaited. A coroutine awaits `wrap_future(future)`.
/// Threads: any, all functions.
template <class T = void>
class Future : public AnyFuture {
public:
    using value_type = T;

    /// A pending future of its own; executors make theirs.
    Future() : AnyFuture(Ref<detail::FutureState>::adopt(new detail::PlainFuture<T>())) {}
    static Future from_state(Ref<detail::FutureState> state) noexcept { return Future(std::move(state)); }

    /// Waits for the value and gives it, for ever or for `timeout`. Throws the work's error, CancelledError
    /// if it was cancelled, TimeoutError, which cancels nothing. The reference is good as long as a handle
    /// exists; of a temporary handle the value itself is returned.
    decltype(auto) result() const& {
        state("Future.result()").check_result(std::nullopt);
        return get();
    }
    T result() && {
        state("Future.result()").check_result(std::nullopt);
        return take();
    }
    template <class Rep, class Period>
    decltype(auto) result(std::chrono::duration<Rep, Period> timeout) const& {
        state("Future.result()").check_result(to_duration(timeout));
        return get();
    }
    template <class Rep, class Period>
    T result(std::chrono::duration<Rep, Period> timeout) && {
        state("Future.result()").check_result(to_duration(timeout));
        return take();
    }

    /// Calls fn(args..., *this) when the future is done: in the thread that finishes or cancels it, or here
    /// and now if that has happened. In the order of registration; what one throws is logged.
    template <class F, class... Args>
    void add_done_callback(F&& fn, Args&&... args) const {
        if constexpr (aio::detail::is_done_callback<Future, std::decay_t<F>, std::decay_t<Args>...>()) {
            using Callback =
                detail::CallbackOf<Future, std::decay_t<F>, aio::detail::kept_tuple_t<F, 0, false, Args...>>;
            state("Future.add_done_callback()")
                .add_callback(*new Callback(std::forward<F>(fn), std::forward<Args>(args)...));
        }
    }

    /// Finishes the future with T(args...); done callbacks run now. Throws InvalidStateError if it is done.
    template <class... Args>
        requires(std::is_void_v<T> ? sizeof...(Args) == 0 : std::is_constructible_v<T, Args...>)
    void set_result(Args&&... args) const {
        state("Future.set_result()");
        value_state().set_result(std::forward<Args>(args)...);
    }

private:
    explicit Future(Ref<detail::FutureState> state) noexcept : AnyFuture(std::move(state)) {}

    detail::FutureValue<T>& value_state() const noexcept {
        return static_cast<detail::FutureValue<T>&>(*state_);
    }
    decltype(auto) get() const noexcept {
        if constexpr (!std::is_void_v<T>) return static_cast<const T&>(value_state().value());
    }
    T take() {
        if constexpr (std::is_void_v<T>) {
            return;
        } else {
            return aio::detail::give_value(value_state().value(), !state_->shared());
        }
    }
};

}  // namespace aio::concurrent

template <>
struct std::hash<aio::concurrent::AnyFuture> {
    std::size_t operator()(const aio::concurrent::AnyFuture& future) const noexcept {
        return hash<aio::Ref<aio::concurrent::detail::FutureState>>()(future.state());
    }
};
template <class T>
struct std::hash<aio::concurrent::Future<T>> : hash<aio::concurrent::AnyFuture> {};
