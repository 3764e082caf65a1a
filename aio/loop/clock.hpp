// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/variable.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>

#include <optional>

namespace aio {

class EventLoop;

/// Replaces the loop's time; without one a loop uses std::chrono::steady_clock.
class Clock {
public:
    virtual ~Clock() = default;

    virtual TimePoint now() noexcept = 0;

    /// Called instead of sleeping when nothing is ready and a poll just found no event. `deadline` is
    /// that of the next timer, if there is one that is ever due. Returns how long the poll may really wait:
    /// zero after moving the clock, negative for ever. May throw, which ends run_forever().
    virtual Duration idle(EventLoop& loop, std::optional<TimePoint> deadline) = 0;
};

namespace detail {
using MakeClock = std::shared_ptr<Clock> (*)();
/// Makes the clock of a loop that is given none; null, as it is unless a test framework sets it, stands for
/// steady_clock. Set it before there is a second thread.
inline namespace AIO_LAYOUT {
AIO_VARIABLE constinit MakeClock make_default_clock;
}
}  // namespace detail

}  // namespace aio
