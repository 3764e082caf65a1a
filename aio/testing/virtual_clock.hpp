// SPDX-License-Identifier: MIT
#pragma once

#include <aio/inspect/deadlock.hpp>
#include <aio/loop/clock.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace aio::testing {

using aio::DeadlockError;

/// Time that stands still while anything is ready and jumps to the next timer when nothing is.
///
/// Give it to a loop through LoopOptions::clock(). An idle loop with no timer that is ever due throws
/// DeadlockError out of its run; if descriptors are watched it first waits `io_patience` of real time for
/// them. While threads work for the loop (to_thread, run_in_executor) its time passes as in reality.
class VirtualClock final : public Clock {
public:
    TimePoint now() noexcept override { return now_; }
    Duration idle(EventLoop& loop, std::optional<TimePoint> deadline) override;

    /// Moves the clock; timers that become due run in the next iteration.
    template <class Rep, class Period>
    void advance(std::chrono::duration<Rep, Period> by) {
        move(to_duration(by));
    }
    /// Virtual time since the clock was made.
    Duration elapsed() const noexcept { return now_ - kStart; }

    /// Real time that an idle loop waits for watched descriptors, or threads, before it counts as deadlocked.
    Duration io_patience = std::chrono::seconds(10);

private:
    void move(Duration by) noexcept;
    // Not zero, so that programs can go back in time; a round number, for people.
    static constexpr TimePoint kStart{std::chrono::seconds(1000)};
    TimePoint now_ = kStart;
    std::uint64_t idle_iteration_ = 0;
    std::chrono::steady_clock::time_point idle_since_{};
    std::chrono::steady_clock::time_point idled_at_{};
};

/// Loops that are made from now on and given no clock get a VirtualClock each: the sleeps of a program that
/// knows nothing of virtual time, run() included, take none. Call it before there is a second thread.
void use_virtual_clocks() noexcept;

}  // namespace aio::testing
