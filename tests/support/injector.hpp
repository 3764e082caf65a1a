// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests::detail {

/// A virtual clock that cancels a task, or stops its loop, at chosen points of a run.
///
/// The points are numbered from the moment of aim() until the task has ended: in every iteration one before
/// each callback that was ready when it began and one behind the last, and one each time the clock has moved,
/// before the timers that are due. Nothing of the run changes before the first request.
class Injector final : public Clock, public aio::detail::Runnable {
public:
    /// What is done where.
    struct Plan {
        static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
        std::size_t first;
        std::size_t second = kNever;
        bool stop = false;

        static Plan cancel(std::size_t point) { return {point}; }
        static Plan cancel_twice(std::size_t first, std::size_t second) { return {first, second}; }
        static Plan close_loop(std::size_t point) { return {point, kNever, true}; }

        std::string describe() const {
            const std::string last = second == kNever ? "" : " and " + std::to_string(second);
            return (stop ? "loop closed at point " : "cancelled at point ") + std::to_string(first) + last;
        }
    };

    explicit Injector(const Plan& plan) noexcept : plan_(plan) {}

    void attach(EventLoop& loop) {
        loop_ = &loop;
        loop.set_poll_hooks([](void* self) { static_cast<Injector*>(self)->on_iteration(); }, nullptr, this);
    }
    /// The points begin.
    void aim(AnyTask task) { target_ = std::move(task); }
    /// Lets go of the task.
    void rest() noexcept { target_.reset(); }

    int accepted() const noexcept { return accepted_; }
    bool stopped() const noexcept { return stopped_; }
    bool carried_out() const noexcept { return done_ == (plan_.second == Plan::kNever ? 1 : 2); }
    std::size_t met_waiting() const noexcept { return met_waiting_; }
    std::size_t met_woken() const noexcept { return met_woken_; }

    TimePoint now() noexcept override { return clock_.now(); }
    Duration idle(EventLoop& loop, std::optional<TimePoint> deadline) override {
        const Duration wait = clock_.idle(loop, deadline);
        if (deadline) point(loop.ready());
        return wait;
    }

private:
    // Before the poll: the ready callbacks are taken out and put back, with the requests between them.
    void on_iteration() {
        aio::detail::ReadyQueue& ready = loop_->ready();
        if (std::exchange(iteration_, loop_->stats().iterations) == iteration_) return;  // it polls again
        if (!target_ || target_->done()) return;
        if (first_iteration_ == 0) first_iteration_ = iteration_;
        for (std::size_t count = ready.size(); count > 0; --count) {
            point(ready);
            if (aio::detail::Runnable* item = ready.pop()) ready.push(*item);
        }
        point(ready);
    }

    // Whether the subject was woken and has not gone on. Waiting for its first step does not count.
    bool target_is_woken() const {
        aio::detail::ReadyQueue& ready = loop_->ready();
        bool found = false;
        for (std::size_t count = ready.size(); count > 0; --count) {
            aio::detail::Runnable* const item = ready.pop();
            found = found || item == target_->state()->as_task();
            if (item) ready.push(*item);
        }
        return found && iteration_ > first_iteration_;
    }

    // A request stands here if the plan says so.
    void point(aio::detail::ReadyQueue& ready) {
        if (!target_ || target_->done()) return;
        for (const std::size_t wanted : {plan_.first, plan_.second}) {
            if (wanted == next_point_) ready.push(*this);
        }
        ++next_point_;
    }

    void run() override {
        if (target_->done()) return;
        ++done_;
        if (plan_.stop) {
            stopped_ = true;
            loop_->stop();
            return;
        }
        ++(target_is_woken() ? met_woken_ : met_waiting_);
        accepted_ += target_->cancel() ? 1 : 0;
    }

    const Plan plan_;
    testing::VirtualClock clock_;
    EventLoop* loop_ = nullptr;
    std::optional<AnyTask> target_;
    std::uint64_t iteration_ = 0;
    std::uint64_t first_iteration_ = 0;
    std::size_t next_point_ = 0;
    std::size_t met_waiting_ = 0;
    std::size_t met_woken_ = 0;
    int done_ = 0;
    int accepted_ = 0;
    bool stopped_ = false;
};

}  // namespace aio::tests::detail
