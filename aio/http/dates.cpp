// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <array>

namespace aio::http {
namespace {

using std::chrono::sys_seconds;

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The parts of a date; what was not found is -1.
struct DateParts {
    int year = -1;
    int month = -1;  // 1 to 12
    int day = -1;
    int hour = -1;
    int minute = -1;
    int second = -1;
};

/// The time that the parts name, if there is one. A leap second is the one before it, of which days have a
/// number.
std::optional<sys_seconds> time_of(const DateParts& parts, int last_second) {
    using namespace std::chrono;
    const year_month_day date{year(parts.year), month(static_cast<unsigned>(parts.month)),
                              day(static_cast<unsigned>(parts.day))};
    if (parts.year < 0 || parts.month < 0 || parts.day < 0 || !date.ok()) return std::nullopt;
    if (parts.hour < 0 || parts.hour > 23 || parts.minute < 0 || parts.minute > 59) return std::nullopt;
    if (parts.second < 0 || parts.second > last_second) return std::nullopt;
    return sys_days(date) + hours(parts.hour) + minutes(parts.minute) + seconds(std::min(parts.second, 59));
}

/// A number of at least `least` and at most `most` digits that `text` begins with, and `text` behind it; or
/// -1.
int take_date_number(std::string_view& text, std::size_t least, std::size_t most) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < most && digits < text.size() && syntax::is_digit(text[digits])) {
        value = value * 10 + (text[digits++] - '0');
    }
    if (digits < least) return -1;
    text.remove_prefix(digits);
    return value;
}

bool take_text(std::string_view& text, std::string_view word) {
    if (!equal_ignoring_case(text.substr(0, word.size()), word)) return false;
    text.remove_prefix(word.size());
    return true;
}

/// The month whose name `text` begins with, 1 to 12, and `text` behind it; or -1.
int take_month(std::string_view& text) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (take_text(text, kMonths[i])) return static_cast<int>(i) + 1;
    }
    return -1;
}

/// "08:49:37".
bool take_time(std::string_view& text, DateParts& parts) {
    parts.hour = take_date_number(text, 2, 2);
    if (!take_text(text, ":")) return false;
    parts.minute = take_date_number(text, 2, 2);
    if (!take_text(text, ":")) return false;
    parts.second = take_date_number(text, 2, 2);
    return parts.second >= 0;
}

/// What follows "Sun ": "Nov  6 08:49:37 1994", as asctime() of C writes it.
bool take_asctime(std::string_view text, DateParts& parts) {
    parts.month = take_month(text);
    if (parts.month < 0 || !take_text(text, " ")) return false;
    take_text(text, " ");
    parts.day = take_date_number(text, 1, 2);
    if (!take_text(text, " ") || !take_time(text, parts) || !take_text(text, " ")) return false;
    parts.year = take_date_number(text, 4, 4);
    return text.empty();
}

/// What follows "Sun, ": "06 Nov 1994 08:49:37 GMT", or with hyphens and two digits of a year.
bool take_date(std::string_view text, DateParts& parts, int this_year) {
    parts.day = take_date_number(text, 1, 2);
    const bool hyphens = take_text(text, "-");
    const std::string_view between = hyphens ? "-" : " ";
    if (!hyphens && !take_text(text, " ")) return false;
    parts.month = take_month(text);
    if (parts.month < 0 || !take_text(text, between)) return false;
    const std::size_t before = text.size();
    parts.year = take_date_number(text, 2, 4);
    if (before - text.size() == 2) {
        parts.year += this_year / 100 * 100;
        if (parts.year > this_year + 50) parts.year -= 100;
        if (parts.year < this_year - 49) parts.year += 100;
    } else if (before - text.size() != 4) {
        return false;
    }
    return take_text(text, " ") && take_time(text, parts) && take_text(text, " GMT") && text.empty();
}

bool is_cookie_date_delimiter(char c) {
    const auto code = static_cast<unsigned char>(c);
    return code == 0x09 || (code >= 0x20 && code <= 0x2f) || (code >= 0x3b && code <= 0x40) ||
           (code >= 0x5b && code <= 0x60) || (code >= 0x7b && code <= 0x7e);
}

/// Whether nothing follows a number but what is no digit.
bool ends_number(std::string_view rest) { return rest.empty() || !syntax::is_digit(rest.front()); }

/// "8:49:37", and maybe something behind it.
bool take_cookie_time(std::string_view word, DateParts& parts) {
    DateParts found;
    found.hour = take_date_number(word, 1, 2);
    if (found.hour < 0 || !take_text(word, ":")) return false;
    found.minute = take_date_number(word, 1, 2);
    if (found.minute < 0 || !take_text(word, ":")) return false;
    found.second = take_date_number(word, 1, 2);
    if (found.second < 0 || !ends_number(word)) return false;
    parts.hour = found.hour;
    parts.minute = found.minute;
    parts.second = found.second;
    return true;
}

/// A word is the first part that it may be, of those that are still missing.
void take_cookie_word(std::string_view word, DateParts& parts) {
    if (parts.hour < 0 && take_cookie_time(word, parts)) return;
    std::string_view rest = word;
    if (parts.day < 0) {
        const int day = take_date_number(rest, 1, 2);
        if (day >= 0 && ends_number(rest)) {
            parts.day = day;
            return;
        }
        rest = word;
    }
    if (parts.month < 0) {
        parts.month = take_month(rest);
        if (parts.month >= 0) return;
    }
    if (parts.year < 0) {
        const int year = take_date_number(rest, 2, 4);
        if (year >= 0 && ends_number(rest)) parts.year = year;
    }
}

}  // namespace

std::string format_date(std::chrono::sys_seconds when) {
    std::string text;
    append_date(text, when);
    return text;
}

void append_date(std::string& text, std::chrono::sys_seconds when) {
    using namespace std::chrono;
    const auto days_of = floor<days>(when);
    const year_month_day date(days_of);
    const int full_year = static_cast<int>(date.year());
    if (full_year < 0 || full_year > 9999) throw ValueError("a date of a year that has not four digits");
    const hh_mm_ss time(when - days_of);
    const std::size_t begin = text.size();
    text += "Sun, 06 Nov 1994 08:49:37 GMT";
    const auto put = [&text, begin](std::size_t at, int number) {
        text[begin + at] = static_cast<char>('0' + number / 10);
        text[begin + at + 1] = static_cast<char>('0' + number % 10);
    };
    text.replace(begin, 3, kDays[weekday(days_of).c_encoding()].substr(0, 3));
    put(5, static_cast<int>(static_cast<unsigned>(date.day())));
    text.replace(begin + 8, 3, kMonths[static_cast<unsigned>(date.month()) - 1]);
    put(12, full_year / 100);
    put(14, full_year % 100);
    put(17, static_cast<int>(time.hours().count()));
    put(20, static_cast<int>(time.minutes().count()));
    put(23, static_cast<int>(time.seconds().count()));
}

std::string format_date(std::chrono::system_clock::time_point when) {
    return format_date(std::chrono::floor<std::chrono::seconds>(when));
}

std::optional<sys_seconds> parse_date(std::string_view text, std::chrono::system_clock::time_point now) {
    using namespace std::chrono;
    text = syntax::trim(text);
    for (const std::string_view day : kDays) {
        std::string_view rest = text;
        if (!take_text(rest, day.substr(0, 3))) continue;
        take_text(rest, day.substr(3));
        DateParts parts;
        const year_month_day today(floor<days>(now));
        const bool good = take_text(rest, ", ") ? take_date(rest, parts, static_cast<int>(today.year()))
                                                : take_text(rest, " ") && take_asctime(rest, parts);
        return good ? time_of(parts, 60) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<sys_seconds> parse_cookie_date(std::string_view text) {
    DateParts parts;
    while (!text.empty()) {
        std::size_t end = 0;
        while (end < text.size() && !is_cookie_date_delimiter(text[end])) ++end;
        take_cookie_word(text.substr(0, end), parts);
        text.remove_prefix(end < text.size() ? end + 1 : end);
    }
    if (parts.year >= 70 && parts.year <= 99) parts.year += 1900;
    if (parts.year >= 0 && parts.year <= 69) parts.year += 2000;
    if (parts.year < 1601) return std::nullopt;
    return time_of(parts, 59);
}

}  // namespace aio::http
