// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>

namespace aio {

/// Any std::chrono duration converts to it without loss down to a nanosecond.
using Duration = std::chrono::nanoseconds;

/// A point on the loop's clock, which is monotonic; see EventLoop::time().
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Converts any duration, also one in floating seconds; what does not fit becomes the largest or
/// smallest Duration. A NaN must be refused before.
template <class Rep, class Period>
constexpr Duration to_duration(std::chrono::duration<Rep, Period> value) noexcept {
    using Seconds = std::chrono::duration<long double>;
    constexpr Duration limit = std::chrono::hours(24) * 365 * 100;  // room to add to any clock reading
    if (Seconds(value) >= Seconds(limit)) return limit;
    if (Seconds(value) <= Seconds(-limit)) return -limit;
    return std::chrono::duration_cast<Duration>(value);
}
constexpr Duration to_duration(Duration value) noexcept {
    constexpr Duration limit = std::chrono::hours(24) * 365 * 100;
    return value > limit ? limit : value < -limit ? -limit : value;
}

}  // namespace aio
