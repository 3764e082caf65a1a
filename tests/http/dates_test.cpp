// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// None is shown as -12345.
long long parsed(std::string_view text) {
    const auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28);
    const auto date = http::parse_date(text, now);
    return date ? date->time_since_epoch().count() : -12345;
}

long long cookie_date(std::string_view text) {
    const auto date = http::parse_cookie_date(text);
    return date ? date->time_since_epoch().count() : -12345;
}

// What email.utils.formatdate(n, usegmt=True) gives.
TEST(HttpDates, AreFormattedAsPythonDoes) {
    const auto format = [](long long n) { return http::format_date(sys_seconds(seconds(n))); };
    EXPECT_EQ(format(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(format(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(format(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(format(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(format(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
    EXPECT_EQ(format(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_THROW(format(253402300800), ValueError);
    EXPECT_THROW(format(-62167219201), ValueError);
    const std::chrono::system_clock::time_point before_its_end =
        sys_seconds(seconds(0)) - std::chrono::nanoseconds(1);
    EXPECT_EQ(http::format_date(before_its_end), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(HttpDates, EachDayIsReadAsItIsWritten) {
    for (long long n = -86400LL * 40000; n < 86400LL * 40000; n += 86400LL * 17 + 12345) {
        EXPECT_EQ(parsed(http::format_date(sys_seconds(seconds(n)))), n);
        EXPECT_EQ(cookie_date(http::format_date(sys_seconds(seconds(n)))), n);
    }
}

TEST(HttpDates, HaveThreeForms) {
    EXPECT_EQ(parsed("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parsed("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parsed("Sun Nov  6 08:49:37 1994"), 784111777);
    EXPECT_EQ(parsed("Sun Nov 16 08:49:37 1994"), 784111777 + 864000);
    EXPECT_EQ(parsed(" sun, 6 nov 1994 08:49:37 gmt "), 784111777);
    EXPECT_EQ(parsed("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228799);
    EXPECT_EQ(parsed("Fri, 31 Dec 9999 23:59:60 GMT"), 253402300799);
    EXPECT_EQ(parsed("Fri, 31 Dec 9999 23:59:59 GMT"), 253402300799);
}

TEST(HttpDates, TwoDigitsAreTheYearNearby) {
    EXPECT_EQ(http::format_date(sys_seconds(seconds(parsed("Friday, 01-Jan-76 00:00:00 GMT")))),
              "Wed, 01 Jan 2076 00:00:00 GMT");
    EXPECT_EQ(http::format_date(sys_seconds(seconds(parsed("Friday, 01-Jan-77 00:00:00 GMT")))),
              "Sat, 01 Jan 1977 00:00:00 GMT");
}

TEST(HttpDates, WhatIsNoneIsNone) {
    for (const std::string text : {"",
                                   " ",
                                   "0",
                                   "Sun",
                                   "Sun, ",
                                   "Sun, 06 Nov 1994",
                                   "Sun, 06 Nov 1994 08:49:37",
                                   "Sun, 06 Nov 1994 08:49:37 PST",
                                   "Sun, 06 Nov 1994 08:49:37 GMT x",
                                   "Sun, 30 Feb 2026 00:00:00 GMT",
                                   "Sun, 06 Nov 1994 24:00:00 GMT",
                                   "Sun, 06 Nov 1994 08:60:37 GMT",
                                   "Sun, 06 Nov 1994 08:49:61 GMT",
                                   "Sun, 006 Nov 1994 08:49:37 GMT",
                                   "Sun, 06 Nov 194 08:49:37 GMT",
                                   "Sun, 06 Nov 19945 08:49:37 GMT",
                                   "Sun, 06-Nov 1994 08:49:37 GMT",
                                   "Son, 06 Nov 1994 08:49:37 GMT",
                                   "Sun, -6 Nov 1994 08:49:37 GMT",
                                   "Sun, 0x Nov 1994 08:49:37 GMT",
                                   "Sun, 06 Now 1994 08:49:37 GMT",
                                   "1994-11-06T08:49:37Z",
                                   "Sun Nov  6 08:49:37 94",
                                   "Sun Nov  6 08:49:37 1994 GMT"}) {
        EXPECT_EQ(parsed(text), -12345) << text;
    }
    EXPECT_EQ(parsed(std::string("Sun, 06 Nov 1994 08:49:37 GMT\0", 30)), -12345);
    EXPECT_EQ(parsed(std::string(100'000, '9')), -12345);
}

// RFC 6265, 5.1.1, and what is about in the wild.
TEST(HttpDates, OfCookiesHaveManyForms) {
    for (const std::string text :
         {"Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
          "06 Nov 1994 08:49:37", "1994 Nov 6 8:49:37", "Nov-06-1994 08:49:37 UTC",
          "8:49:37;06/november/1994", "Sun,06 Nov 1994 08:49:37GMT", "Sunday, 6-NOV-94 8:49:37 +0100",
          "x 06th y Nov z 1994 q 08:49:37.123"}) {
        EXPECT_EQ(cookie_date(text), 784111777) << text;
    }
    EXPECT_EQ(cookie_date("1 Jan 69 00:00:00"), 3124224000);
    EXPECT_EQ(cookie_date("1 Jan 70 00:00:00"), 0);
    EXPECT_EQ(cookie_date("Fri, 31-Dec-9999 23:59:59 GMT"), 253402300799);
    for (const std::string text :
         {"", "0", "-1", "Thu", "06 Nov 1994", "06 Nov 08:49:37", "Nov 1994 08:49:37", "30 Feb 2000 00:00:00",
          "06 Nov 1600 08:49:37", "06 Nov 1994 24:00:00", "06 Nov 1994 08:49:60", "06 Nov 1994 08:49",
          "32 Nov 1994 08:49:37", "06 Nov 19945 08:49:37", "06 Nov 1994 008:49:37"}) {
        EXPECT_EQ(cookie_date(text), -12345) << text;
    }
}

}  // namespace
}  // namespace aio::tests
