// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/event_loop.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <utility>

namespace aio {
namespace detail {

/// Waits for a deadline, or only for its turn; lives in the awaiting frame and allocates nothing.
class SleepWaiter : public LeafWaiter, public TimerNode {
public:
    explicit SleepWaiter(Duration delay) noexcept : TimerNode(TimePoint(delay)) {}
    SleepWaiter(SleepWaiter&& other) noexcept
        : LeafWaiter(static_cast<LeafWaiter&&>(other)), TimerNode(other.when()) {}
    SleepWaiter& operator=(SleepWaiter&&) = delete;

    bool await_ready() const {
        check_fresh();
        return false;
    }

    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
        if (delay() > Duration::zero()) {
            arm();
        } else {
            wake();  // S22: one iteration, no timer
        }
    }
    void await_resume() { end(); }

    std::string describe() const override;
    /// The coroutine that a task of a bare sleep() is shown to run.
    static SourceLocation location() noexcept;

protected:
    ~SleepWaiter() {
        if (fresh() || waiting()) [[unlikely]]
            abandon();
    }

private:
    // Until it is armed the node's deadline holds the delay.
    Duration delay() const noexcept { return when().time_since_epoch(); }
    void arm();
    void abandon() noexcept;
    void withdraw() noexcept override;
    // The timer is due. As in asyncio it completes the wait, and the task goes on one iteration later.
    void run() override {
        if (waiting()) wake();
    }
};

template <class T>
class SleepFor final : public SleepWaiter {
public:
    SleepFor(Duration delay, T result) : SleepWaiter(delay), result_(std::move(result)) {}
    T await_resume() {
        SleepWaiter::await_resume();
        return std::move(result_);
    }

private:
    T result_;
};

template <>
class SleepFor<void> final : public SleepWaiter {
public:
    using SleepWaiter::SleepWaiter;
};

}  // namespace detail

/// Suspends the task for `delay`; zero and less give other tasks one turn (S22). Mirrors
/// asyncio.sleep().
///
/// Completes: in the iteration after the one in which the timer is due; never early. A delay that no clock
/// can count, such as an infinite one, never ends.
/// Cancellation: immediate; the timer is withdrawn (S51).
/// Throws ValueError for a NaN.
template <class Rep, class Period>
[[nodiscard("nothing sleeps until this is awaited")]] auto sleep(std::chrono::duration<Rep, Period> delay) {
    return detail::SleepFor<void>(to_duration(delay));
}

/// The same, giving `result` at the end.
template <class Rep, class Period, class T>
[[nodiscard("nothing sleeps until this is awaited")]] auto sleep(std::chrono::duration<Rep, Period> delay,
                                                                 T result) {
    return detail::SleepFor<T>(to_duration(delay), std::move(result));
}

/// Says that times have units.
template <detail::Number N, class... T>
auto sleep(N, T&&...) {
    detail::refuse_number<N>();
}

}  // namespace aio
