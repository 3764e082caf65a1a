// SPDX-License-Identifier: MIT
#include <aio/http/syntax_impl.hpp>
#include <aio/web/log/access_log_format.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace aio::web {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

// What somebody else chose: on one line, in its own place.
void append_escaped(std::string& line, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (byte >= 0x20 && byte < 0x7F) {
            line += c;
        } else {
            line += "\\x";
            line += digits[byte >> 4];
            line += digits[byte & 15];
        }
    }
}

void append_field(std::string& line, const std::optional<std::string_view>& value) {
    append_escaped(line, value.value_or("-"));
}

bool is_name_character(char c) noexcept {
    return http::syntax::is_alpha(c) || http::syntax::is_digit(c) || c == '-' || c == '_';
}

// To the nearest, and from the middle to the even one, as Python rounds.
std::int64_t rounded(nanoseconds time, std::int64_t unit) noexcept {
    const std::int64_t whole = time.count() / unit;
    const std::int64_t rest = 2 * (time.count() % unit);
    return whole + (rest > unit || (rest == unit && whole % 2 != 0) ? 1 : 0);
}

std::string seconds_text(nanoseconds time) {
    std::array<char, 40> text;
    const std::int64_t micros = rounded(time, 1000);
    const int size =
        std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(micros / 1000000),
                      static_cast<long long>(micros % 1000000));
    return std::string(text.data(), static_cast<std::size_t>(size));
}

// Names of months are English, whatever the locale.
std::string time_text(std::time_t second) {
    static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm local{};
    localtime_r(&second, &local);
    const long minutes = local.tm_gmtoff / 60;
    std::array<char, 80> text;
    const int size = std::snprintf(text.data(), text.size(), "[%02d/%s/%04d:%02d:%02d:%02d %c%02ld%02ld]",
                                   local.tm_mday, months[static_cast<std::size_t>(local.tm_mon)],
                                   local.tm_year + 1900, local.tm_hour, local.tm_min, local.tm_sec,
                                   minutes < 0 ? '-' : '+', std::labs(minutes) / 60, std::labs(minutes) % 60);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

AccessLogFormat::AccessLogFormat(std::string_view format) {
    while (!format.empty()) {
        const std::size_t percent = std::min(format.find('%'), format.size());
        add_text(format.substr(0, percent));
        format.remove_prefix(percent);
        if (!format.empty()) format.remove_prefix(add_atom(format));
    }
}

void AccessLogFormat::add_text(std::string_view text) {
    if (text.empty()) return;
    if (pieces_.empty() || pieces_.back().atom != Atom::text) pieces_.push_back({Atom::text, {}});
    pieces_.back().text += text;
}

// Gives how much of `rest`, which begins with "%", the atom takes.
std::size_t AccessLogFormat::add_atom(std::string_view rest) {
    const auto add = [this](Atom atom, std::size_t size = 2) {
        pieces_.push_back({atom, {}});
        return size;
    };
    switch (rest.size() > 1 ? rest[1] : '\0') {
        case 'a':
            return add(Atom::remote);
        case 't':
            return add(Atom::time);
        case 'P':
            add_text("<" + std::to_string(getpid()) + ">");
            return 2;
        case 'r':
            return add(Atom::first_line);
        case 's':
            return add(Atom::status);
        case 'b':
            return add(Atom::body_length);
        case 'T':
            return rest.substr(2).starts_with('f') ? add(Atom::seconds_fraction, 3) : add(Atom::seconds);
        case 'D':
            return add(Atom::microseconds);
        case '%':
            add_text("%");
            return 2;
        case '{':
            return add_named(rest);
        default:
            add_text("%");
            return 1;
    }
}

// "%{X}i"
std::size_t AccessLogFormat::add_named(std::string_view rest) {
    const std::size_t end = std::min(rest.find('}'), rest.size());
    const std::string name(rest.substr(2, end - 2));
    const char kind = end + 1 < rest.size() ? rest[end + 1] : '\0';
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), is_name_character);
    if (is_name && kind == 'e') {
        const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): once, at the start
        std::string text;
        append_escaped(text, value != nullptr ? value : "-");
        add_text(text);
    } else if (is_name && (kind == 'i' || kind == 'o')) {
        pieces_.push_back({kind == 'i' ? Atom::request_header : Atom::response_header, name});
    } else {
        add_text("%");
        return 1;
    }
    return end + 2;
}

void AccessLogFormat::append_time(std::string& line, std::chrono::system_clock::time_point time) {
    const std::time_t second = std::chrono::system_clock::to_time_t(time);
    if (second != second_) {
        time_ = time_text(second);
        second_ = second;
    }
    line += time_;
}

void AccessLogFormat::append(std::string& line, const AccessLogRecord& record) {
    for (const Piece& piece : pieces_) {
        switch (piece.atom) {
            case Atom::text:
                line += piece.text;
                break;
            case Atom::remote:
                append_escaped(line, record.remote().empty() ? "-" : record.remote());
                break;
            case Atom::time:
                append_time(line, record.started());
                break;
            case Atom::first_line:
                append_escaped(line, record.method());
                line += ' ';
                append_escaped(line, record.target());
                line += " HTTP/";
                append_escaped(line, record.version());
                break;
            case Atom::status:
                line += std::to_string(record.status());
                break;
            case Atom::body_length:
                line += std::to_string(record.body_length());
                break;
            case Atom::seconds:
                line += std::to_string(rounded(record.duration(), 1000000000));
                break;
            case Atom::seconds_fraction:
                line += seconds_text(record.duration());
                break;
            case Atom::microseconds:
                line += std::to_string(rounded(record.duration(), 1000));
                break;
            case Atom::request_header:
                append_field(line, record.request_header(piece.text));
                break;
            case Atom::response_header:
                append_field(line, record.response_header(piece.text));
                break;
        }
    }
}

}  // namespace aio::web
