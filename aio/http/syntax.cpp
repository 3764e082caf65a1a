// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/base/error.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <cstdint>
#include <cstring>
#include <limits>

namespace aio::http::syntax {
namespace {

constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

template <class Word>
std::uint64_t load(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// All characters of a text of one to seven, some of them twice.
std::uint64_t load_few(std::string_view text) noexcept {
    const char* const begin = text.data();
    const std::size_t size = text.size();
    if (size >= 4) return load<std::uint32_t>(begin) | load<std::uint32_t>(begin + size - 4) << 32;
    const std::uint64_t ends = load<std::uint8_t>(begin) | load<std::uint8_t>(begin + size - 1) << 8;
    return ends | load<std::uint8_t>(begin + size / 2) << 16 | (kEachByte * 0x20) << 24;
}

/// Not zero if one of eight characters may be a control character; tabs are counted as well.
std::uint64_t suspicion(std::uint64_t word) noexcept {
    const std::uint64_t without_delete = word ^ (kEachByte * 0x7f);
    const std::uint64_t below_space = (word - kEachByte * 0x20) & ~word;
    const std::uint64_t is_delete = (without_delete - kEachByte) & ~without_delete;
    return (below_space | is_delete) & kHighBits;
}

bool has_no_control(const char* begin, const char* end) noexcept {
    for (; begin != end; ++begin) {
        if (is_control(*begin) && *begin != '\t') return false;
    }
    return true;
}

/// Where the quotation mark is that ends what the one at `begin` begins; at the end of the text or behind it
/// if there is none.
std::size_t end_of_quoted(std::string_view text, std::size_t begin) noexcept {
    std::size_t end = begin + 1;
    for (; end < text.size() && text[end] != '"'; ++end) {
        if (text[end] == '\\') ++end;
    }
    return end;
}

}  // namespace

bool is_field_value(std::string_view text) noexcept {
    // Every value that is set passes here: eight characters at a time, the last ones maybe twice, and one by
    // one only where one of them may be a control character.
    if (text.empty()) return true;
    const char* const begin = text.data();
    const std::size_t size = text.size();
    std::uint64_t found = 0;
    if (size < 8) {
        found = suspicion(load_few(text));
    } else {
        for (std::size_t at = 0; at + 8 < size; at += 8) found |= suspicion(load<std::uint64_t>(begin + at));
        found |= suspicion(load<std::uint64_t>(begin + size - 8));
    }
    return found == 0 || has_no_control(begin, begin + size);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = detail::to_lower(c);
    return result;
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
        std::size_t end = 0;
        for (; end < rest.size() && rest[end] != separator; ++end) {
            if (rest[end] == '"') end = end_of_quoted(rest, end);
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
