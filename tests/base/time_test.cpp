// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/time.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_convertible_v<std::chrono::seconds, Duration>);
static_assert(std::is_convertible_v<std::chrono::nanoseconds, Duration>);
static_assert(to_duration(1500ms) == 1500ms);
static_assert(to_duration(std::chrono::duration<double>(0.25)) == 250ms);

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

TEST(ToDuration, TakesAnyUnitAndAnyNumber) {
    using Thirds = std::chrono::duration<std::int64_t, std::ratio<1, 3>>;
    EXPECT_EQ(to_duration(Thirds(6)), 2s);
    EXPECT_EQ(to_duration(Thirds(15'000'000'000)), 5'000'000'000s);  // 158 years
    using Picoseconds = std::chrono::duration<std::int64_t, std::pico>;
    EXPECT_EQ(to_duration(Picoseconds::max()), Duration(Picoseconds::max().count() / 1000));
    EXPECT_EQ(to_duration(std::chrono::duration<std::uint64_t>(7)), 7s);
    EXPECT_EQ(to_duration(std::chrono::duration<short>(-7)), -7s);
    EXPECT_EQ(to_duration(std::chrono::duration<long double>(1.5L)), 1500ms);
}

TEST(ToDuration, ClampsWhatDoesNotFit) {
    EXPECT_EQ(to_duration(std::chrono::hours::max()), Duration::max());
    EXPECT_EQ(to_duration(std::chrono::hours::min()), Duration::min());
    EXPECT_EQ(to_duration(std::chrono::duration<std::uint64_t>::max()), Duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<std::uint64_t, std::nano>::max()), Duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<std::int64_t, std::ratio<1, 3>>::max()), Duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<std::int64_t, std::ratio<1, 3>>::min()), Duration::min());
    EXPECT_EQ(to_duration(Duration::max()), Duration::max());
    EXPECT_EQ(to_duration(Duration::min()), Duration::min());
    for (const double huge : {std::numeric_limits<double>::infinity(), 1e300, 1e12}) {
        EXPECT_EQ(to_duration(std::chrono::duration<double>(huge)), Duration::max());
        EXPECT_EQ(to_duration(std::chrono::duration<double>(-huge)), Duration::min());
    }
    EXPECT_EQ(to_duration(std::chrono::duration<float, std::ratio<3600>>(1e38F)), Duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<long double>(1e4000L)), Duration::max());
}

TEST(ToDuration, RefusesNaN) {
    EXPECT_THROW(to_duration(std::chrono::duration<float>(std::numeric_limits<float>::quiet_NaN())),
                 ValueError);
    EXPECT_THROW(to_duration(std::chrono::duration<double>(std::numeric_limits<double>::signaling_NaN())),
                 ValueError);
    EXPECT_THROW(
        to_duration(std::chrono::duration<long double>(std::numeric_limits<long double>::quiet_NaN())),
        ValueError);
}

TEST(After, SaturatesAtBothEnds) {
    constexpr TimePoint start{1000s};
    static_assert(detail::after(start, 5s) == start + 5s);
    EXPECT_EQ(detail::after(start, Duration::max()), TimePoint::max());
    EXPECT_EQ(detail::after(start, Duration::min()), TimePoint::min() + 1000s);
    EXPECT_EQ(detail::after(TimePoint::max(), 1ns), TimePoint::max());
    EXPECT_EQ(detail::after(TimePoint::min(), -1ns), TimePoint::min());
}

TEST(TimeLimitTest, TakesEveryDurationOrNone) {
    EXPECT_EQ(TimeLimit(std::nullopt).delay(), std::nullopt);
    EXPECT_EQ(TimeLimit(std::optional<std::chrono::hours>()).delay(), std::nullopt);
    EXPECT_EQ(TimeLimit(std::optional<std::chrono::hours>(2)).delay(), 2h);
    EXPECT_EQ(TimeLimit(std::chrono::duration<double>(0.5)).delay(), 500ms);
    EXPECT_EQ(TimeLimit(std::chrono::hours::max()).delay(), Duration::max());
    EXPECT_THROW(TimeLimit(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
                 ValueError);
}

}  // namespace
}  // namespace aio
