// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>

#include <optional>
#include <type_traits>

namespace aio {

/// Any std::chrono duration converts to it without loss down to a nanosecond.
using Duration = std::chrono::nanoseconds;

/// A point on the loop's clock, which is monotonic; see EventLoop::time(). TimePoint::max() never comes.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

namespace detail {
[[noreturn]] void raise_nan_delay();

/// `delay` after `start`, TimePoint::max() if that is too far away. In parentheses, because other people's
/// headers have macros min and max.
constexpr TimePoint after(TimePoint start, Duration delay) noexcept {
    Duration::rep sum{};
    if (__builtin_add_overflow(start.time_since_epoch().count(), delay.count(), &sum)) [[unlikely]]
        return delay < Duration::zero() ? (TimePoint::min)() : (TimePoint::max)();
    return TimePoint(Duration(sum));
}

template <class T>
concept Number = std::is_arithmetic_v<T>;
/// For what takes a duration.
template <Number N>
consteval void refuse_number() {
    static_assert(!std::is_arithmetic_v<N>,
                  "times have units: write 5s or 500ms, after `using namespace std::chrono_literals;`");
}
}  // namespace detail

/// Converts any duration, also one in floating seconds; what does not fit becomes Duration::max() or min().
/// Throws ValueError for a NaN.
template <class Rep, class Period>
constexpr Duration to_duration(std::chrono::duration<Rep, Period> value) {
    using Unit = std::ratio_divide<Period, std::nano>;
    if constexpr (std::is_integral_v<Rep> && Unit::den == 1) {
        Duration::rep count{};
        if (__builtin_mul_overflow(value.count(), Unit::num, &count)) [[unlikely]]
            return value.count() < Rep{} ? (Duration::min)() : (Duration::max)();
        return Duration(count);
    } else if constexpr (std::is_integral_v<Rep> && Unit::num != 1) {  // chrono's own conversion overflows
        return to_duration(std::chrono::duration<long double, Period>(value));
    } else {
        if constexpr (!std::is_integral_v<Rep>) {
            if (value.count() != value.count()) detail::raise_nan_delay();
            if (value >= (Duration::max)()) return (Duration::max)();
            if (value <= (Duration::min)()) return (Duration::min)();
        }
        return std::chrono::duration_cast<Duration>(value);
    }
}

/// How long something may take: any duration, or std::nullopt for as long as it needs. Throws ValueError
/// for a NaN.
class TimeLimit {
public:
    TimeLimit(std::nullopt_t) noexcept {}  // NOLINT(google-explicit-constructor)
    template <class Rep, class Period>
    TimeLimit(std::chrono::duration<Rep, Period> delay)  // NOLINT(google-explicit-constructor)
        : delay_(to_duration(delay)) {}
    template <class Rep, class Period>
    TimeLimit(const std::optional<std::chrono::duration<Rep, Period>>& delay) {  // NOLINT
        if (delay) delay_ = to_duration(*delay);
    }
    /// Says that times have units.
    template <detail::Number N>
    TimeLimit(N) {  // NOLINT(google-explicit-constructor)
        detail::refuse_number<N>();
    }
    const std::optional<Duration>& delay() const noexcept { return delay_; }

private:
    std::optional<Duration> delay_;
};

}  // namespace aio
