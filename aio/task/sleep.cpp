// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/task/future_state.hpp>
#include <aio/task/sleep.hpp>

namespace aio::detail {

SleepWaiter::~SleepWaiter() {
    if (delay_ != kMoved) [[unlikely]] {
        report_never_awaited("sleep");
    } else if (waiting()) [[unlikely]] {  // the frame is destroyed in mid-sleep
        if (!timer_.armed()) task()->future().loop().ready().remove(*this);
        withdraw();
    }
}

void SleepWaiter::arm(std::coroutine_handle<> awaiter) {
    begin(awaiter);
    EventLoop& loop = *running_loop;
    loop.timers().push(timer_, loop.time() + delay_);
}

void SleepWaiter::withdraw() noexcept {
    // If the timer is due already, run() is queued and will find that nobody waits.
    task()->future().loop().timers().remove(timer_);
}

}  // namespace aio::detail
