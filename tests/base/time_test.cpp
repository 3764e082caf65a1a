// SPDX-License-Identifier: MIT
#include <aio/base/time.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <limits>
#include <type_traits>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_convertible_v<std::chrono::seconds, Duration>);
static_assert(std::is_convertible_v<std::chrono::nanoseconds, Duration>);
static_assert(to_duration(1500ms) == 1500ms);
static_assert(to_duration(std::chrono::duration<double>(0.25)) == 250ms);

constexpr Duration kCentury = std::chrono::hours(24) * 365 * 100;

TEST(ToDuration, IsExactForWholeUnits) {
    EXPECT_EQ(to_duration(0s), 0ns);
    EXPECT_EQ(to_duration(-5s), -5s);
    EXPECT_EQ(to_duration(7min), 420s);
    EXPECT_EQ(to_duration(1ns), 1ns);
}

TEST(ToDuration, TakesFloatingSeconds) {
    EXPECT_EQ(to_duration(std::chrono::duration<float>(0.5F)), 500ms);
    EXPECT_EQ(to_duration(std::chrono::duration<double>(1e-9)), 1ns);
    EXPECT_EQ(to_duration(std::chrono::duration<double, std::milli>(1.5)), 1500us);
}

TEST(ToDuration, ClampsWhatDoesNotFit) {
    EXPECT_EQ(to_duration(std::chrono::hours::max()), kCentury);
    EXPECT_EQ(to_duration(std::chrono::hours::min()), -kCentury);
    EXPECT_EQ(to_duration(Duration::max()), kCentury);
    EXPECT_EQ(to_duration(Duration::min()), -kCentury);
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(to_duration(std::chrono::duration<double>(infinity)), kCentury);
    EXPECT_EQ(to_duration(std::chrono::duration<double>(-infinity)), -kCentury);
    EXPECT_EQ(to_duration(std::chrono::duration<double>(1e300)), kCentury);
}

TEST(ToDuration, TheLargestCanBeAddedToAnyClockReading) {
    const TimePoint now = std::chrono::time_point_cast<Duration>(TimePoint::clock::now());
    EXPECT_GT(now + to_duration(Duration::max()), now);
    EXPECT_LT(now + to_duration(Duration::min()), now);
}

}  // namespace
}  // namespace aio
