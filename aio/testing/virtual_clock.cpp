// SPDX-License-Identifier: MIT
#include <aio/loop/event_loop.hpp>
#include <aio/task/task.hpp>
#include <aio/testing/virtual_clock.hpp>

namespace aio::testing {
namespace {

[[noreturn]] void raise_deadlock(EventLoop& loop, const char* cause) {
    std::string text = "deadlock: nothing is ready, no timer is armed, " + std::string(cause);
    for (const AnyTask& task : all_tasks(loop)) text += "\n  " + task.repr();
    throw DeadlockError(text);
}

}  // namespace

Duration VirtualClock::idle(EventLoop& loop, std::optional<TimePoint> deadline) {
    if (deadline) {
        now_ = *deadline;
        return Duration::zero();
    }
    const EventLoop::Stats stats = loop.stats();
    if (stats.descriptors == 0) raise_deadlock(loop, "no descriptor is watched");
    const auto real_now = std::chrono::steady_clock::now();
    if (stats.iterations != idle_iteration_ + 1) idle_since_ = real_now;  // something ran in between
    idle_iteration_ = stats.iterations;
    if (real_now - idle_since_ > io_patience) raise_deadlock(loop, "no watched descriptor became ready");
    return std::chrono::milliseconds(50);
}

}  // namespace aio::testing
