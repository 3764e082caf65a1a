// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/task/detail/held_awaitable.hpp>
#include <aio/task/task.hpp>

#include <coroutine>
#include <optional>
#include <utility>

namespace aio {
namespace detail {

/// The part of wait_for() that does not depend on what is awaited.
class WaitForBase {
public:
    /// The coroutine that a task of a bare wait_for() is shown to run.
    static SourceLocation location() noexcept;

protected:
    explicit WaitForBase(const TimeLimit& limit) noexcept : limit_(limit) {}
    // Only before it is awaited.
    WaitForBase(WaitForBase&& other) noexcept
        : limit_(other.limit_), state_(std::exchange(other.state_, State::ended)) {}
    WaitForBase& operator=(WaitForBase&&) = delete;
    ~WaitForBase() {
        if (state_ == State::fresh) [[unlikely]]
            report_never_awaited("wait_for");
    }

    /// Whether there is any time at all; then the limit counts from now on.
    bool begin();
    Timeout& timeout() noexcept { return timeout_; }

private:
    enum class State : std::uint8_t { fresh, ended };
    TimeLimit limit_;
    Timeout timeout_{std::nullopt};
    State state_ = State::fresh;
};

/// Cancels the future unless it is done, and waits until it is. Throws TimeoutError if it was cancelled.
Coro<> cancel_and_wait(AnyFuture future);

// S64: nothing that is not done yet gets a chance.
template <class R, class A>
Coro<R> wait_no_time(A awaitable) {
    auto future = ensure_future(std::forward<A>(awaitable));
    if (!future.done()) co_await cancel_and_wait(future);
    if constexpr (std::is_reference_v<R>) {
        co_return future.result();
    } else {
        co_return co_await std::move(future);
    }
}

template <class A>
class WaitFor final : public WaitForBase {
    using Held = HeldAwaitable<A>;

public:
    using Result = typename Held::Result;
    using CoroResult = coro_result_t<A>;

    WaitFor(A&& awaitable, const TimeLimit& limit) : WaitForBase(limit), held_(std::forward<A>(awaitable)) {}
    WaitFor(WaitFor&&) = default;

    bool await_ready() {
        if (!begin()) [[unlikely]] {
            auto at_once = wait_no_time<Result, A>(held_.take());
            return at_once_.emplace(at_once.operator co_await()).await_ready();
        }
        try {
            return held_.start().await_ready();
        } catch (...) {
            timeout().leave();
            throw;
        }
    }
    template <std::derived_from<CoroutineBase> Promise>
    auto await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        const AwaitLine own_line(awaiter.promise(), line);
        using How = decltype(held_.awaiter().await_suspend(awaiter));
        if (at_once_) [[unlikely]] {
            at_once_->await_suspend(awaiter);
            if constexpr (std::is_same_v<How, bool>) {
                return true;
            } else if constexpr (!std::is_void_v<How>) {
                return std::noop_coroutine();
            } else {
                return;
            }
        }
        try {
            timeout().arm();
            return held_.awaiter().await_suspend(awaiter);
        } catch (...) {
            timeout().leave();
            throw;
        }
    }
    Result await_resume(SourceLocation at = SourceLocation::current()) {
        if (at_once_) [[unlikely]]
            return at_once_->await_resume(at);
        return finish_under(timeout(), held_.awaiter(), at);
    }

private:
    Held held_;
    std::optional<CoroAwaiter<Result>> at_once_;
};

}  // namespace detail

/// Awaits a coroutine, a future, a task or any other awaitable in the calling task (S67), but for no longer
/// than `limit`; std::nullopt is no limit. Mirrors asyncio.wait_for().
///
/// Gives what the awaitable gives. At the limit the awaitable is cancelled and awaited to its end, then
/// TimeoutError is thrown (S62, S63). Zero and less: what is not done already is cancelled before it starts
/// (S64). Allocates nothing; arms a timer only if it has to wait.
/// Cancellation: reaches the awaitable, and comes out even if the limit passed too (S66).
template <class A>
    requires Awaitable<A>
[[nodiscard("nothing is awaited until this is")]] auto wait_for(A&& awaitable, const TimeLimit& limit) {
    if constexpr (detail::is_coro<std::remove_cvref_t<A>>) {  // taken, as in Python
        using Coroutine = std::remove_cvref_t<A>;
        return detail::WaitFor<Coroutine>(static_cast<Coroutine&&>(awaitable), limit);
    } else {
        static_assert(
            std::is_constructible_v<std::remove_cvref_t<A>, A>,
            "wait_for() keeps what it awaits: std::move() what cannot be copied, and let a coroutine "
            "await what cannot be moved");
        return detail::WaitFor<A>(std::forward<A>(awaitable), limit);
    }
}

/// Says that a function has to be called.
template <class A>
    requires detail::FunctionLike<std::decay_t<A>> && (!Awaitable<A>)
auto wait_for(A&&, const TimeLimit&) {
    detail::check_awaitable_argument<A>();
}

}  // namespace aio
