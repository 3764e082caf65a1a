// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/run.hpp>
#include <aio/testing/virtual_clock.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::testing {

/// Runs a test's coroutines on a loop with a virtual clock. Independent of the test framework: with
/// GoogleTest write
///
///     struct Fetch : ::testing::Test, aio::testing::LoopTest {};
///     TEST_F(Fetch, GivesUpAfterAMinute) {
///         run([&]() -> aio::Coro<> { ... });
///         EXPECT_EQ(clock().elapsed(), 1min);
///     }
class LoopTest {
public:
    /// `real_time`: use the system's clock, e.g. where another process takes part.
    explicit LoopTest(bool real_time = false);
    LoopTest(const LoopTest&) = delete;
    LoopTest& operator=(const LoopTest&) = delete;
    ~LoopTest();

    /// Runs a coroutine, or fn(args...) that gives one, to its end and returns its result; may be
    /// called several times. Throws DeadlockError if it can never end.
    template <class F, class... Args>
    decltype(auto) run(F&& body, Args&&... args) {
        if constexpr (Awaitable<F>) {
            return runner_.run(std::forward<F>(body));
        } else {
            return runner_.run(detail::to_coro_call(std::forward<F>(body), std::forward<Args>(args)...));
        }
    }

    /// Called before the loop is used: the test's orders stay aio's own, also with AIO_SHUFFLE (see
    /// LoopOptions::shuffle()). For tests of what aio promises and asyncio does not, and for programs whose
    /// timers differ by the time that passes between two calls, which is none here.
    void keep_order() noexcept { keep_order_ = true; }

    EventLoop& loop() { return runner_.get_loop(); }
    VirtualClock& clock() { return *clock_; }

    /// What reached the loop's exception handler so far: "message [key, key]" each.
    const std::vector<std::string>& reports() const noexcept { return reports_; }

    /// Ends the loop as asyncio.run() would; done by the destructor otherwise.
    void finish() { runner_.close(); }

private:
    std::shared_ptr<VirtualClock> clock_;
    std::vector<std::string> reports_;
    bool keep_order_ = false;
    Runner runner_;
};

}  // namespace aio::testing
