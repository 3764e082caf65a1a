// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>
#include <aio/compose/async_with.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/detail/held_awaitable.hpp>
#include <aio/task/sleep.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace aio {

/// Ends a block of code that takes too long: `co_await async_with(timeout(1s), fn, args...)`.
///
/// At the deadline the task that entered the block is cancelled. Inside, code sees CancelledError; if that
/// is what leaves the block, and nobody else asked for cancellation, the block throws TimeoutError instead
/// (S68 to S72). Mirrors asyncio.Timeout. It can be entered once.
class Timeout final : private detail::TimerNode {
public:
    /// Without a deadline it never expires unless it is rescheduled.
    explicit Timeout(const std::optional<TimePoint>& when) noexcept { set_deadline(when); }
    // Only before it is entered.
    Timeout(Timeout&& other) noexcept
        : detail::TimerNode(), deadline_(other.deadline_), limited_(other.limited_) {}
    Timeout& operator=(Timeout&&) = delete;
    ~Timeout() {
        if (scheduled_) [[unlikely]]
            withdraw();
    }

    /// The deadline on the loop's clock, if there is one.
    std::optional<TimePoint> when() const noexcept {
        return limited_ ? std::optional<TimePoint>(deadline_) : std::nullopt;
    }
    /// Moves the deadline, or removes it; one in the past expires in the next iteration. Throws RuntimeError
    /// unless the block is being executed and has not expired (S71).
    void reschedule(const std::optional<TimePoint>& when);
    /// Whether the deadline passed while the block was executed.
    bool expired() const noexcept { return state_ == State::expiring || state_ == State::expired; }
    /// Text for people, as Python's repr().
    std::string repr() const override;

    /// What entering and leaving by hand await. async_with() does it in less time. Throw as __aenter__() and
    /// __aexit__() do: RuntimeError outside of a task, if it was entered or left before, or is left
    /// unentered; TimeoutError.
    auto aenter() noexcept { return Enter(*this); }
    auto aexit(std::exception_ptr error) noexcept { return Leave(*this, std::move(error)); }

    // --- for timeout(), wait_for() and async_with() -------------------------------------------------

    /// A deadline, counted from now on.
    void start(EventLoop& loop, Duration delay) noexcept {
        deadline_ = loop.deadline_after(delay);
        limited_ = true;
    }
    /// Begins the block. A deadline that has passed already is acted on. Any other takes its turn and waits
    /// for arm(), because most blocks end without a wait.
    void enter();
    /// The same for a deadline that is known not to have passed.
    void enter_ahead();
    /// The block has to wait: from now on the deadline counts.
    void arm() {
        if (unarmed_) [[likely]]
            arm_timer();
    }
    /// Ends the block. Whether a cancellation that leaves it is the deadline's doing.
    bool leave() noexcept {
        unarmed_ = false;
        if (scheduled_) withdraw();
        if (state_ == State::expiring) [[unlikely]]
            return leave_expired();
        if (state_ == State::active) state_ = State::finished;
        return false;
    }
    /// The same in a catch block; throws TimeoutError, into the coroutine that awaits at `at`, if that is
    /// what the error is to become.
    void leave_failed(SourceLocation at);

private:
    class Enter : public detail::ReadyOnce {
    public:
        explicit Enter(Timeout& timeout) noexcept : timeout_(timeout) {}
        void await_resume() const { timeout_.enter_by_hand(); }

    private:
        Timeout& timeout_;
    };
    class Leave : public detail::ReadyOnce {
    public:
        Leave(Timeout& timeout, std::exception_ptr error) noexcept
            : timeout_(timeout), error_(std::move(error)) {}
        void await_resume(SourceLocation at = SourceLocation::current()) const {
            timeout_.leave_by_hand(error_, at);
        }

    private:
        Timeout& timeout_;
        std::exception_ptr error_;
    };
    enum class State : std::uint8_t { created, active, expiring, expired, finished };

    void set_deadline(const std::optional<TimePoint>& when) noexcept {
        limited_ = when.has_value();
        if (limited_) deadline_ = *when;
    }
    const char* state_name() const noexcept;
    EventLoop* begin();
    void take_turn(EventLoop& loop) noexcept;
    void enter_by_hand();
    void leave_by_hand(const std::exception_ptr& error, SourceLocation at);
    void queue(EventLoop& loop);
    void arm_timer();
    void withdraw() noexcept;
    bool leave_expired() noexcept;
    [[noreturn]] void raise_expired(SourceLocation at, const std::exception_ptr& cause) const;
    void run() override;
    void discard() noexcept override { scheduled_ = false; }  // the loop closes

    TimePoint deadline_{};
    detail::TaskState* task_ = nullptr;
    Ref<detail::FutureBase> keep_task_;  // entered by hand it may outlive the task
    std::uint32_t cancelling_ = 0;       // the task's requests at entry
    State state_ = State::created;
    bool limited_ = false;
    bool unarmed_ = false;    // entered, with its turn taken
    bool scheduled_ = false;  // armed or queued, and not run yet
    bool starved_ = false;    // there was no memory to arm it
};

/// A time limit for a block, counted from now on: `co_await async_with(timeout(1s), fn, args...)` awaits
/// `fn(args...)`, or `fn(timeout, args...)` if it takes a Timeout&, in the calling task. Mirrors
/// asyncio.timeout().
///
/// Throws TimeoutError if the limit was what ended the block. Zero and less: the block begins, and is
/// cancelled where it first waits. A block that never waits does not time out.
/// Cancellation by others passes through, also if it comes together with the limit's (S69).
Timeout timeout(const TimeLimit& limit);
/// The same with an absolute deadline on the loop's clock, or none. Mirrors asyncio.timeout_at().
Timeout timeout_at(const std::optional<TimePoint>& when);

namespace detail {

/// Awaits what fn(args...) gives under a Timeout, which is `M`: a reference if the caller keeps it.
template <class M, class F, class... Args>
class TimeoutBlock final {
    static constexpr bool kTakesLimit = takes_value<F, Timeout, Args...>;
    static auto call(F& fn, [[maybe_unused]] Timeout& limit, Args&... args) {
        using Made = decltype(call_body(fn, limit, args...));
        if constexpr (!makes_temporaries<F, kTakesLimit, Args...> && std::is_move_constructible_v<Made>) {
            return call_body(fn, limit, args...);
        } else if constexpr (kTakesLimit) {
            return call_in_coroutine<coro_result_t<Made>, F&, Timeout&, Args&&...>(fn, limit,
                                                                                   std::move(args)...);
        } else {
            return call_in_coroutine<coro_result_t<Made>, F&, Args&&...>(fn, std::move(args)...);
        }
    }
    using Body = decltype(call(std::declval<F&>(), std::declval<Timeout&>(), std::declval<Args&>()...));
    using Held = HeldAwaitable<Body>;

public:
    using CoroResult = coro_result_t<Body>;

    template <class G, class... Given>
    explicit TimeoutBlock(M&& timeout, G&& fn, Given&&... args)
        : timeout_(std::forward<M>(timeout)), fn_(std::forward<G>(fn)), args_(std::forward<Given>(args)...) {}
    // Only before it is awaited.
    TimeoutBlock(TimeoutBlock&& other)
        : timeout_(std::forward<M>(other.timeout_)),
          fn_(std::move(other.fn_)),
          args_(std::move(other.args_)),
          state_(std::exchange(other.state_, State::ended)) {}
    TimeoutBlock& operator=(TimeoutBlock&&) = delete;
    ~TimeoutBlock() {
        if (state_ == State::ended) [[likely]]
            return;
        if (state_ == State::entered) {
            timeout_.leave();  // destroyed while it waits
        } else {
            report_never_awaited("async_with");
        }
    }

    bool await_ready(SourceLocation at = SourceLocation::current()) {
        if (state_ != State::fresh) [[unlikely]]
            raise_reused();
        state_ = State::ended;
        timeout_.enter();
        state_ = State::entered;
        try {
            body_.emplace(
                std::apply([this](Args&... args) -> Body { return call(fn_, timeout_, args...); }, args_));
            return body_->start().await_ready();
        } catch (...) {
            end();
            timeout_.leave_failed(at);
            throw;
        }
    }
    template <std::derived_from<CoroutineBase> Promise>
    auto await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        const AwaitLine own_line(awaiter.promise(), line);
        try {
            timeout_.arm();
            return body_->awaiter().await_suspend(awaiter);
        } catch (...) {
            end();
            timeout_.leave();
            throw;
        }
    }
    typename Held::Result await_resume(SourceLocation at = SourceLocation::current()) {
        end();
        return finish_under(timeout_, body_->awaiter(), at);
    }

private:
    enum class State : std::uint8_t { fresh, entered, ended };
    void end() noexcept { state_ = State::ended; }

    M timeout_;
    F fn_;
    std::tuple<Args...> args_;
    std::optional<Held> body_;
    State state_ = State::fresh;
};

template <class M, class F, class... Kept, class... Args>
auto timeout_block(TypeList<Kept...>, M&& timeout, F&& fn, Args&&... args) {
    return TimeoutBlock<M, std::decay_t<F>, Kept...>(std::forward<M>(timeout), std::forward<F>(fn),
                                                     std::forward<Args>(args)...);
}

}  // namespace detail

/// `async with timeout as limit: await fn(limit, args...)`: gives the body's result, and allocates nothing
/// but the body's coroutine. As for other managers, an lvalue Timeout is used in place.
template <class M, class F, class... Args>
    requires AsyncContextManager<std::remove_reference_t<M>> &&
             std::same_as<std::remove_reference_t<M>, Timeout>
[[nodiscard("nothing runs until this is awaited")]] auto async_with(M&& manager, F&& fn, Args&&... args) {
    constexpr bool takes_limit = detail::takes_value<std::decay_t<F>, Timeout, std::decay_t<Args>...>;
    return detail::timeout_block(detail::kept_list_t<F, takes_limit, true, Args...>(),
                                 std::forward<M>(manager), std::forward<F>(fn), std::forward<Args>(args)...);
}

}  // namespace aio
