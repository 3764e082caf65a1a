// SPDX-License-Identifier: MIT
#include <aio/task/detail/driver.hpp>

#include <string_view>

namespace aio::detail {
namespace {

// Goes on with whom it stands before.
struct GoOn {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Coro<>::Frame self) const noexcept {
        return self.promise().continuation();
    }
    void await_resume() const noexcept {}
};
Coro<> stand_for_function() {
    for (;;) co_await GoOn();
}

}  // namespace

// Its awaits come from another function than the last one. The frame is made here, where the awaiter has not
// begun and memory may be missing.
void TaskDriver::enter(SourceLocation at) {
    const bool elsewhere = std::string_view(at.function_name()) != function_.function_name();
    if (elsewhere && !place_) place_ = stand_for_function().release();
    elsewhere_ = elsewhere;
}

// Whom the awaiter is to resume.
auto TaskDriver::shown(Self self) noexcept -> Self {
    if (!elsewhere_) return self;
    self.promise().set_await_line(0);
    CoroPromise<void>& place = place_.promise();
    place.set_location(at_);
    place.set_continuation(self);
    return Self::from_address(place_.address());
}

// From await_suspend() on *this may be gone, unless that throws.
bool TaskDriver::suspend(Self self) noexcept {
    const Self resumed = shown(self);
    resumed.promise().set_await_line(at_.line());
    try {
        return how_->wait(awaiter_, resumed, at_.line());
    } catch (...) {
        refusal_ = std::current_exception();
        return false;
    }
}

std::coroutine_handle<> TaskDriver::transfer(Self self) noexcept {
    const Self resumed = shown(self);
    resumed.promise().set_await_line(at_.line());
    try {
        const std::coroutine_handle<> next = how_->transfer(awaiter_, resumed, at_.line());
        return next == resumed ? std::coroutine_handle<>(self) : next;
    } catch (...) {
        refusal_ = std::current_exception();
        return self;
    }
}

}  // namespace aio::detail
