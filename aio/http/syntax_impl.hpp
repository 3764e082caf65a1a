// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The words of which the values of header fields are made (RFC 9110, 5.6), for the parsers of this part.
/// None of them throws because of a text, and all of them read it once.
namespace aio::http::syntax {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Control characters, the horizontal tab among them.
constexpr bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Whether all of a text may stand in the value of a field: no control character but the horizontal tab.
bool is_field_value(std::string_view text) noexcept;
std::string lower(std::string_view text);
/// Without spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}
/// The value of a text that is digits and nothing else. What is larger than any number counts as the largest.
std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept;
/// 0 to 15, or -1.
int hex_digit(char c) noexcept;

/// The next element of a list whose elements stand between commas that are not in quotes, trimmed; `rest` is
/// what follows. Empty ones are left out (RFC 9110, 5.6.1). None at the end.
std::optional<std::string_view> next_element(std::string_view& rest, char separator = ',') noexcept;

/// What begins with a quotation mark: its text without the marks and escapes, and `rest` behind it. None if
/// there is no second mark; `rest` is left alone then.
std::optional<std::string> take_quoted(std::string_view& rest);
/// The longest token that `rest` begins with, maybe none, and `rest` behind it.
std::string_view take_token(std::string_view& rest) noexcept;

/// `text` as a token if it is one, else in quotes. It may hold no control character.
void append_token_or_quoted(std::string& out, std::string_view text);
/// In quotes, with backslashes before what ends them.
void append_quoted(std::string& out, std::string_view text);

/// Throws ValueError, which says `what` is wrong: "a cookie's path cannot contain '\n'".
[[noreturn]] void raise_bad_text(std::string_view what, std::string_view text);

}  // namespace aio::http::syntax
