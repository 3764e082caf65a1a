// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/base/error.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <cstring>
#include <limits>

namespace aio::http::syntax {
namespace {

constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

/// Whether one of eight characters may be a control character; tabs are counted as well.
bool may_be_control(const char* eight) noexcept {
    std::uint64_t word;
    std::memcpy(&word, eight, sizeof word);
    const std::uint64_t without_delete = word ^ (kEachByte * 0x7f);
    const std::uint64_t below_space = (word - kEachByte * 0x20) & ~word;
    const std::uint64_t is_delete = (without_delete - kEachByte) & ~without_delete;
    return ((below_space | is_delete) & kHighBits) != 0;
}

bool has_no_control(const char* begin, const char* end) noexcept {
    for (; begin != end; ++begin) {
        if (is_control(*begin) && *begin != '\t') return false;
    }
    return true;
}

}  // namespace

bool is_field_value(std::string_view text) noexcept {
    // Every value that is set passes here: eight characters at a time, and one by one only where there may be
    // one.
    const char* at = text.data();
    const char* const end = at + text.size();
    for (; end - at >= 8; at += 8) {
        if (may_be_control(at) && !has_no_control(at, at + 8)) return false;
    }
    return has_no_control(at, end);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = detail::to_lower(c);
    return result;
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
    if (text.empty()) return std::nullopt;
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        value = value > (kMost - digit) / 10 ? kMost : value * 10 + digit;
    }
    return value;
}

int hex_digit(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const char low = detail::to_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::optional<std::string_view> next_element(std::string_view& rest, char separator) noexcept {
    while (!rest.empty()) {
        bool quoted = false;
        std::size_t end = 0;
        for (; end < rest.size() && (quoted || rest[end] != separator); ++end) {
            if (rest[end] == '"') quoted = !quoted;
            if (quoted && rest[end] == '\\') ++end;
        }
        const std::string_view element = trim(rest.substr(0, end));
        rest.remove_prefix(end < rest.size() ? end + 1 : rest.size());
        if (!element.empty()) return element;
    }
    return std::nullopt;
}

std::optional<std::string> take_quoted(std::string_view& rest) {
    if (rest.empty() || rest.front() != '"') return std::nullopt;
    std::string text;
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] == '"') {
            rest.remove_prefix(at + 1);
            return text;
        }
        if (rest[at] == '\\' && ++at == rest.size()) break;
        text += rest[at];
    }
    return std::nullopt;
}

std::string_view take_token(std::string_view& rest) noexcept {
    std::size_t end = 0;
    while (end < rest.size() && detail::is_token_char(rest[end])) ++end;
    const std::string_view token = rest.substr(0, end);
    rest.remove_prefix(end);
    return token;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void append_token_or_quoted(std::string& out, std::string_view text) {
    if (is_token(text)) {
        out += text;
    } else {
        append_quoted(out, text);
    }
}

void raise_bad_text(std::string_view what, std::string_view text) {
    throw ValueError(std::string(what) + ": " + aio::detail::repr_of(text));
}

}  // namespace aio::http::syntax
