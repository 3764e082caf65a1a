// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace aio::http {

/// A date as header fields have it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), parts of a second cut
/// off. ValueError for a year that has not four digits. Mirrors email.utils.formatdate(when, usegmt=True).
/// Threads: any.
std::string format_date(std::chrono::sys_seconds when);
std::string format_date(std::chrono::system_clock::time_point when);
/// The same behind a text, which needs no memory if that has room.
void append_date(std::string& text, std::chrono::sys_seconds when);

/// The date of a header field, in each of the three forms that there have been: the one above, "Sunday,
/// 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994". The name of the day is not compared with the date.
/// Two digits of a year mean the one nearest to `now` of which they are the last ones, at most 50 years
/// ahead. None if the text is no such date, where a field is to be ignored. Mirrors aiohttp's
/// parse_http_date(), which takes more forms. Threads: any.
std::optional<std::chrono::sys_seconds> parse_date(
    std::string_view text, std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

/// The date of a cookie's attribute "expires", of which more forms are about: words in any order, any signs
/// between them, years of two digits (RFC 6265, 5.1.1). None if a part is missing or impossible. Mirrors what
/// aiohttp.CookieJar does. Threads: any.
std::optional<std::chrono::sys_seconds> parse_cookie_date(std::string_view text);

}  // namespace aio::http
