// SPDX-License-Identifier: MIT
#include <aio/inspect/deadlock.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/testing/virtual_clock.hpp>

#include <algorithm>
#include <utility>

namespace aio::testing {
namespace {

constexpr Duration kRealWait = std::chrono::milliseconds(50);

[[noreturn]] void raise_deadlock(EventLoop& loop, const char* cause) {
    const char* const timers = loop.stats().timers > 0 ? "no timer is ever due, " : "no timer is armed, ";
    throw DeadlockError(aio::detail::deadlock_text("nothing is ready, " + std::string(timers) + cause, loop));
}

}  // namespace

Duration VirtualClock::idle(EventLoop& loop, std::optional<TimePoint> deadline) {
    const EventLoop::Stats stats = loop.stats();
    if (deadline && stats.threads == 0) {
        now_ = *deadline;
        return Duration::zero();
    }
    if (stats.descriptors == 0 && stats.threads == 0) raise_deadlock(loop, "no descriptor is watched");
    const auto real_now = std::chrono::steady_clock::now();
    const bool went_on = stats.iterations != idle_iteration_ + 1;  // something ran in between
    if (went_on) idle_since_ = idled_at_ = real_now;
    idle_iteration_ = stats.iterations;
    if (!deadline && real_now - idle_since_ > io_patience) {
        raise_deadlock(loop,
                       stats.threads > 0 ? "no thread became ready" : "no watched descriptor became ready");
    }
    if (!deadline) return kRealWait;
    // What threads do takes real time, so the clock does not jump but goes along.
    now_ = std::min(aio::detail::after(now_, real_now - std::exchange(idled_at_, real_now)), *deadline);
    return std::min(*deadline - now_, kRealWait);
}

void VirtualClock::move(Duration by) noexcept {
    // max() never comes; and elapsed() must not overflow
    constexpr TimePoint kEarliest = TimePoint::min() + kStart.time_since_epoch();
    now_ = std::clamp(aio::detail::after(now_, by), kEarliest, TimePoint::max() - Duration(1));
}

void use_virtual_clocks() noexcept {
    aio::detail::make_default_clock = []() -> std::shared_ptr<Clock> {
        return std::make_shared<VirtualClock>();
    };
}

}  // namespace aio::testing
