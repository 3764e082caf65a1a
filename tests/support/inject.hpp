// SPDX-License-Identifier: MIT
#pragma once

#include <support/ended.hpp>
#include <support/injector.hpp>

#include <aio/base/pool.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <vector>

/// Cancellation injection: proves that an await loses nothing, wherever it is cancelled.
///
///     struct SleepTwice : Scenario {
///         Coro<> subject() override { co_await sleep(1s); co_await sleep(1s); }
///     };
///     TEST(SleepInjection, LosesNothing) { inject<SleepTwice>(13); }
///
/// inject<S>(points, args...) makes an S(args...) and runs it on a fresh virtual-clock loop again and again.
/// The subject is cancelled
/// - once, at every point of the run (see Injector): before it started, while it waits, in the very iteration
/// in which
///   it was woken, and between any two callbacks of these iterations;
/// - twice, at every point and at each of the next few;
/// - never, but the loop is stopped and closed at every point, with everything in mid-flight.
/// After each run nothing may be left: no task, timer, descriptor or block of the pool, no report to the
/// loop's exception handler, and whatever S::check() says. The first run that fails ends it and tells its
/// point.
///
/// `points` is how many there were when the test was written, in whatever order the loop takes what asyncio
/// leaves open and however long the kernel and other threads take: fewer are a failure, because the subject
/// is not cancelled any more where it was. --gtest_output=xml tells how many there are now, as "points".
namespace aio::tests {

/// What a run made of the subject.
struct Outcome {
    Task<> subject;  ///< ended
    int cancels;     ///< requests that cancel() accepted
};

/// What is run. Each run has its own object.
class Scenario {
public:
    /// Whether all blocks of the pool are returned on the thread that took them.
    static constexpr bool kOneThread = true;

    Scenario() = default;
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
    virtual ~Scenario() = default;

    /// Awaited before the subject exists.
    virtual Coro<> prepare() { co_return; }
    /// The task that is cancelled.
    virtual Coro<> subject() = 0;
    /// A task beside the subject, begun just before it. Must end whatever becomes of the subject.
    virtual Coro<> others() { co_return; }
    /// Awaited when both have ended: uses the resource once more, then gives it up.
    virtual Coro<> finish() { co_return; }
    /// The invariants. By default an accepted request ends the subject as cancelled (S47), and without one it
    /// succeeds.
    virtual void check(const Outcome& outcome) {
        EXPECT_EQ(outcome.subject.cancelled(), outcome.cancels > 0);
        if (!outcome.subject.cancelled()) {
            EXPECT_EQ(outcome.subject.exception(), nullptr);
        }
    }
};

/// How many runs of each kind there were.
struct InjectionCounts {
    std::size_t points = 0;  ///< where the subject was cancelled once
    std::size_t runs = 0;
    std::size_t waiting = 0;  ///< requests that met a subject that waited
    std::size_t woken = 0;    ///< requests that met a subject that was woken and had not gone on
};

namespace detail {

inline Coro<> run_scenario(Scenario& scenario, Injector& injector) {
    co_await scenario.prepare();
    {
        Task<> others = create_task(scenario.others(), "others");
        Outcome outcome{create_task(scenario.subject(), "subject"), 0};
        injector.aim(outcome.subject);
        co_await ended(outcome.subject);
        outcome.cancels = injector.accepted();
        co_await others;
        co_await scenario.finish();
        scenario.check(outcome);
    }
    for (int turn = 0; turn < 3; ++turn) co_await sleep(Duration::zero());
    const EventLoop::Stats left = get_running_loop().stats();
    EXPECT_EQ(left.tasks, 1U) << "a task is left:" << [] {
        std::string text;
        for (const AnyTask& task : all_tasks()) text += "\n  " + task.repr();
        return text;
    }();
    EXPECT_EQ(left.timers, 0U) << "a timer is left";
    EXPECT_EQ(left.ready, 0U) << "a callback is left";
    EXPECT_EQ(left.descriptors, 0U) << "a descriptor is left";
}

/// One run; returns whether the plan's last point was reached.
template <class S, class... Args>
bool inject_once(const Injector::Plan& plan, InjectionCounts& counts, const Args&... args) {
    const std::int64_t blocks = pool::stats().live_blocks;
    auto injector = std::make_shared<Injector>(plan);
    std::vector<std::string> reports;  // also of what dies with the scenario
    {
        S scenario(args...);
        const EventLoopPtr loop = new_event_loop(LoopOptions().clock(injector));
        injector->attach(*loop);
        loop->set_exception_handler(
            [&reports](EventLoop&, const ExceptionContext& context) { reports.push_back(context.str()); });
        try {
            loop->run_until_complete(run_scenario(scenario, *injector));
        } catch (const std::exception& error) {
            if (!injector->stopped()) ADD_FAILURE() << error.what();
        } catch (const CancelledError&) {
            ADD_FAILURE() << "cancelled another task than the subject";
        }
        injector->rest();
        if (!injector->stopped()) {
            for (const std::string& report : reports) ADD_FAILURE() << "reported: " << report;
        }
        loop->close();
    }
    if (S::kOneThread) {
        EXPECT_EQ(pool::stats().live_blocks, blocks) << "a block of the pool is left";
    }
    ++counts.runs;
    counts.waiting += injector->met_waiting();
    counts.woken += injector->met_woken();
    return injector->carried_out();
}

}  // namespace detail

/// See the top of this file.
template <class S, class... Args>
InjectionCounts inject(std::size_t expected_points, const Args&... args) {
    using Plan = detail::Injector::Plan;
    constexpr std::size_t kMostPoints = 5000;  // more is a scenario that does not end
    constexpr std::size_t kLongestGap = 6;     // points between two requests
    InjectionCounts counts;
    const auto run = [&](const Plan& plan) {
        const bool carried_out = detail::inject_once<S>(plan, counts, args...);
        if (::testing::Test::HasFailure()) {
            ADD_FAILURE() << "first failure: " << plan.describe();
            return false;
        }
        return carried_out;
    };
    std::size_t& points = counts.points;
    while (points < kMostPoints && run(Plan::cancel(points))) ++points;
    EXPECT_LT(points, kMostPoints);
    for (std::size_t first = 0; first < points && !::testing::Test::HasFailure(); ++first) {
        for (std::size_t gap = 0; gap < kLongestGap; ++gap) {
            if (!run(Plan::cancel_twice(first, first + gap))) break;
        }
    }
    for (std::size_t point = 0; point < points && !::testing::Test::HasFailure(); ++point) {
        run(Plan::close_loop(point));
    }
    ::testing::Test::RecordProperty("points", std::to_string(points));
    EXPECT_GE(points, expected_points) << "fewer points than there were when the test was written";
    return counts;
}

}  // namespace aio::tests
