// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace aio::detail {

// While callbacks are ready the poll is skipped, but never for long: its age is looked at after some
// callbacks, and it happens when it is older than kPollAge or at the last check. Callbacks that take long are
// looked at one by one, short ones every kHandlesPerCheck.
inline constexpr int kHandlesPerCheck = 64;
inline constexpr int kChecksPerPoll = 8;
inline constexpr Duration kPollAge = std::chrono::microseconds(500);

// How many callbacks may run before the next check, if those before this one took `age` or less. More only
// step by step: what was short may become long.
inline int handles_per_check(int now, Duration age) noexcept {
    const std::int64_t fit = now * kPollAge.count() / std::max<std::int64_t>(age.count(), 1);
    return static_cast<int>(std::clamp<std::int64_t>(fit, 1, std::min(2 * now, kHandlesPerCheck)));
}

}  // namespace aio::detail
