// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aio::http {

namespace detail {

constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline constexpr std::array<bool, 256> kTokenChars = [] {
    std::array<bool, 256> table{};
    for (int c = '0'; c <= '9'; ++c) table[static_cast<unsigned>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

constexpr bool is_token_char(char c) noexcept { return kTokenChars[static_cast<unsigned char>(c)]; }

/// A number that is the same for names that differ in case alone: of four characters' worth of looking,
/// because it has to be cheaper than the comparison that it spares.
constexpr std::uint32_t hash_of_name(std::string_view name) noexcept {
    const std::size_t size = name.size();
    if (size == 0) return 0;
    const auto at = [name](std::size_t index) -> std::uint32_t {
        return static_cast<unsigned char>(name[index]) | 0x20U;
    };
    return static_cast<std::uint32_t>(size & 0xff) << 24 | at(0) << 16 | at(size / 2) << 8 | at(size - 1);
}

}  // namespace detail

/// Whether a text is a token, what names of fields and methods are made of: letters, digits and
/// !#$%&'*+-.^_`|~, at least one (RFC 9110, 5.6.2). Threads: any.
constexpr bool is_token(std::string_view text) noexcept {
    for (const char c : text) {
        if (!detail::is_token_char(c)) return false;
    }
    return !text.empty();
}

/// Whether two texts are the same but for the case of ASCII letters. Threads: any.
constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i] != right[i] && detail::to_lower(left[i]) != detail::to_lower(right[i])) return false;
    }
    return true;
}

/// A field's name where one is asked for; any text converts to it. It refers to that text, and lives as long
/// as a call. http::hdrs has the well-known ones, which were checked when the program was compiled;
/// `HeaderName::known("X-Mine")` makes one more such. Mirrors multidict.istr.
class HeaderName {
public:
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    constexpr HeaderName(const Text& text AIO_LIFETIME_BOUND) noexcept  // NOLINT: any text is one
        : HeaderName(std::string_view(text), false) {}

    /// A constant of the program's own. What is no token does not compile.
    static consteval HeaderName known(const char* name) {
        if (!is_token(name)) throw "not the name of a header field";
        return HeaderName(name, true);
    }

    constexpr std::string_view text() const noexcept { return text_; }
    constexpr std::uint32_t hash() const noexcept { return hash_; }
    /// Whether it needs no check any more.
    constexpr bool is_known() const noexcept { return known_; }

private:
    constexpr HeaderName(std::string_view text, bool known) noexcept
        : text_(text), hash_(detail::hash_of_name(text)), known_(known) {}

    std::string_view text_;
    std::uint32_t hash_;
    bool known_;
};

}  // namespace aio::http
