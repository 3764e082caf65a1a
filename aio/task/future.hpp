// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/copyable.hpp>
#include <aio/base/source_location.hpp>
#include <aio/loop/detail/loop_ref.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/done_callback.hpp>
#include <aio/task/waiter.hpp>

#include <compare>
#include <concepts>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {

template <class T>
class Future;
template <class T>
class Task;

namespace detail {

/// Waits for a future; lives in the awaiting frame.
class FutureWaiter : public Waiter {
public:
    explicit FutureWaiter(Ref<FutureBase> future) noexcept : future_(std::move(future)) {}
    // Only before it is awaited.
    FutureWaiter(FutureWaiter&& other) noexcept : future_(std::move(other.future_)) {}
    FutureWaiter& operator=(FutureWaiter&&) = delete;

    bool await_ready() const noexcept { return future_->done(); }

    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        awaiter.promise().set_await_line(line);
        suspend(awaiter);
    }

    /// S45: the request goes to what is awaited; the task learns of it when that has ended.
    bool cancel(const std::exception_ptr& cause) final { return future_->cancel(cause); }
    FutureBase* awaited_future() const noexcept final { return future_.get(); }
    void withdraw() noexcept final { future_->remove_node(node_); }
    std::string describe() const final { return future_->repr(); }

protected:
    ~FutureWaiter() {
        if (node_.linked()) future_->remove_node(node_);
    }
    /// Throws CancelledError, or the future's error.
    void finish(SourceLocation at) {
        if (task_ && task_->must_cancel()) [[unlikely]]
            deliver_cancel();
        future_->check_result(at);
    }
    FutureBase& future() const noexcept { return *future_; }

private:
    void suspend(std::coroutine_handle<> resume_at);
    [[gnu::cold, gnu::noinline]] void refuse(TaskState& task);
    void deliver_cancel();

    Ref<FutureBase> future_;
    CallbackNode node_{no_target()};
    TaskState* task_ = nullptr;
    static Runnable& no_target() noexcept;
};

template <class T, bool Consume>
class FutureAwaiter final : public FutureWaiter {
public:
    using FutureWaiter::FutureWaiter;

    decltype(auto) await_resume(SourceLocation at = SourceLocation::current()) {
        finish(at);
        if constexpr (!std::is_void_v<T>) {
            auto& value = static_cast<FutureValue<T>&>(future()).value();
            if constexpr (std::is_reference_v<T>) {
                return static_cast<T>(*value);
            } else if constexpr (!Consume) {
                return static_cast<const T&>(value);
            } else {
                return give_value(value, !future().shared());
            }
        }
    }
};

template <bool Consume>
class FutureAwaiter<void, Consume> final : public FutureWaiter {
public:
    using FutureWaiter::FutureWaiter;
    void await_resume(SourceLocation at = SourceLocation::current()) { finish(at); }
};

}  // namespace detail

/// Handle to a future or task of any result type; what all_tasks() and reports deal in.
///
/// A handle that was made without a future, or moved from, is empty: whatever needs a future throws
/// RuntimeError then.
/// Awaiting it waits for the end, throws the error if there is one, and gives no value.
class AnyFuture {
public:
    using value_type = void;

    AnyFuture() noexcept = default;
    explicit AnyFuture(Ref<detail::FutureBase> state) noexcept : state_(std::move(state)) {}

    /// Whether it refers to a future at all.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

    /// Has a result or an error, or was cancelled.
    bool done() const { return state("Future.done()").done(); }
    /// Ended by cancellation.
    bool cancelled() const { return state("Future.cancelled()").cancelled(); }

    /// Cancels a pending future and queues its callbacks; for a task it is a request, delivered at its
    /// await (S39). Returns false, and does nothing, if it is done.
    bool cancel() const { return state_for_change("Future.cancel()").cancel(nullptr); }
    /// The same with a message that travels in the CancelledError (S44).
    bool cancel(std::string message) const {
        return state_for_change("Future.cancel()")
            .cancel(std::make_exception_ptr(CancelledError(std::move(message))));
    }

    /// The error, or null if there is a value. Throws CancelledError if it was cancelled and
    /// InvalidStateError while it is pending.
    std::exception_ptr exception() const { return state("Future.exception()").exception(); }

    EventLoop& get_loop() const { return state("Future.get_loop()").loop(); }

    /// Text for people, as Python's repr().
    std::string repr() const { return state_ ? state_->repr() : "<Future empty>"; }

    /// Equal are those that refer to the same future. The order, for maps and sets, is any.
    friend bool operator==(const AnyFuture& a, const AnyFuture& b) noexcept { return a.state_ == b.state_; }
    friend std::strong_ordering operator<=>(const AnyFuture& a, const AnyFuture& b) noexcept {
        return a.state_.get() <=> b.state_.get();
    }

    auto operator co_await() const {
        state("co_await");
        return detail::FutureAwaiter<void, false>(state_);
    }

    /// Queues fn(args..., *this) when the future is done, also if it is done already (S18, S20). The
    /// callback runs in a copy of the current context, or in the given one (S99).
    template <class F, class... Args>
        requires(!std::same_as<std::decay_t<F>, Context>)
    DoneCallback add_done_callback(F&& fn, Args&&... args) const {
        return detail::add_done_callback(*this, detail::ContextSlot::copy_current(), std::forward<F>(fn),
                                         std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    DoneCallback add_done_callback(const Context& context, F&& fn, Args&&... args) const {
        return detail::add_done_callback(*this, detail::ContextSlot::share(context), std::forward<F>(fn),
                                         std::forward<Args>(args)...);
    }
    /// Removes every callback equal to `fn` (functions, callables with ==, lambdas without captures),
    /// or the one registered as `fn` if that is a DoneCallback. Returns how many; none once the future
    /// is done, because they are queued then, and none for an empty DoneCallback. If a comparison throws,
    /// none is removed.
    template <class F>
    std::size_t remove_done_callback(const F& fn) const {
        return detail::remove_done_callback(state_for_change("Future.remove_done_callback()"), fn);
    }

    const Ref<detail::FutureBase>& state() const noexcept { return state_; }
    /// For the library: throws RuntimeError that names `call` if the handle is empty.
    detail::FutureBase& state(const char* call) const { return state_.checked(call); }
    /// The same; in debug mode throws RuntimeError in another thread than the loop's, too.
    detail::FutureBase& state_for_change(const char* call) const {
        detail::FutureBase& future = state(call);
        future.loop().check_thread();
        return future;
    }
    static AnyFuture from_state(Ref<detail::FutureBase> state) noexcept {
        return AnyFuture(std::move(state));
    }

protected:
    detail::LoopRef<detail::FutureBase> state_;
};

/// A result that is not there yet; copies of the handle share it. Mirrors asyncio.Future.
///
/// Awaiting a done future does not yield (S21). `co_await future` gives a const reference to the
/// value, `co_await std::move(future)` the value itself: moved if this was the last handle or if the value
/// cannot be copied, else a copy. Cancelling a task that awaits it cancels it.
/// Threads: the loop's only.
template <class T = void>
class Future : public AnyFuture {
public:
    using value_type = T;

    /// An empty handle.
    Future() noexcept = default;
    /// A pending future of `loop`; loop.create_future<T>() is the usual spelling.
    explicit Future(EventLoop& loop)
        : AnyFuture(Ref<detail::FutureBase>::adopt(new detail::PlainFuture<T>(loop))) {}
    explicit Future(Ref<detail::FutureValue<T>> state) noexcept : AnyFuture(std::move(state)) {}

    /// The value; throws the stored error, CancelledError, or InvalidStateError while pending.
    decltype(auto) result() const {
        detail::FutureValue<T>& future = value_state("Future.result()");
        future.check_result();
        if constexpr (std::is_reference_v<T>) {
            return static_cast<T>(*future.value());
        } else if constexpr (!std::is_void_v<T>) {
            return static_cast<const T&>(future.value());
        }
    }

    /// Completes the future with T(args...). Throws InvalidStateError if it is done.
    template <class... Args>
        requires(std::is_void_v<T> ? sizeof...(Args) == 0
                                   : std::is_reference_v<T> || std::is_constructible_v<T, Args...>)
    void set_result(Args&&... args) const {
        value_state("Future.set_result()").set_result(std::forward<Args>(args)...);
    }

    /// Fails the future. Throws InvalidStateError if it is done, TypeError if there is no error.
    void set_exception(std::exception_ptr error) const {
        state("Future.set_exception()").set_exception(std::move(error));
    }
    template <class E>
        requires(!std::convertible_to<E, std::exception_ptr>)
    void set_exception(E error) const {
        set_exception(std::make_exception_ptr(std::move(error)));
    }

    auto operator co_await() const& {
        state("co_await");
        return detail::FutureAwaiter<T, false>(state_);
    }
    auto operator co_await() && {
        state("co_await");
        return detail::FutureAwaiter<T, true>(std::move(state_));
    }

    /// As AnyFuture's, but the callback is given a Future<T>.
    template <class F, class... Args>
        requires(!std::same_as<std::decay_t<F>, Context>)
    DoneCallback add_done_callback(F&& fn, Args&&... args) const {
        return detail::add_done_callback(*this, detail::ContextSlot::copy_current(), std::forward<F>(fn),
                                         std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    DoneCallback add_done_callback(const Context& context, F&& fn, Args&&... args) const {
        return detail::add_done_callback(*this, detail::ContextSlot::share(context), std::forward<F>(fn),
                                         std::forward<Args>(args)...);
    }

    static Future from_state(Ref<detail::FutureBase> state) noexcept {
        Future future;
        future.state_ = std::move(state);
        return future;
    }

private:
    detail::FutureValue<T>& value_state(const char* call) const {
        return static_cast<detail::FutureValue<T>&>(state(call));
    }
};

template <class T>
Future<T> EventLoop::create_future() {
    return Future<T>(*this);
}

}  // namespace aio

template <>
struct std::hash<aio::AnyFuture> {
    std::size_t operator()(const aio::AnyFuture& future) const noexcept {
        return hash<aio::Ref<aio::detail::FutureBase>>()(future.state());
    }
};
template <class T>
struct std::hash<aio::Future<T>> : hash<aio::AnyFuture> {};
