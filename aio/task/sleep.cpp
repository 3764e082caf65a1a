// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/sleep.hpp>

namespace aio {

// Only to be pointed at: what `sleep` calls itself.
static SourceLocation sleep() { return SourceLocation::current(); }

namespace detail {

SourceLocation SleepWaiter::location() noexcept { return aio::sleep(); }

std::string SleepWaiter::describe() const { return "sleep"; }

void SleepWaiter::arm() {
    EventLoop& loop = *here.loop;
    try {
        loop.timers().push(*this, loop.deadline_after(delay()));
    } catch (...) {  // out of memory
        take_back();
        throw;
    }
}

// Not awaited at all, or the frame is destroyed in mid-sleep.
void SleepWaiter::abandon() noexcept {
    if (fresh()) {
        report_never_awaited("sleep");
        return;
    }
    if (!armed()) task()->future().loop().ready().remove(*this);
    withdraw();
}

void SleepWaiter::withdraw() noexcept {
    // If the timer is due already, run() is queued and will find that nobody waits.
    task()->future().loop().timers().remove(*this);
}

}  // namespace detail
}  // namespace aio
