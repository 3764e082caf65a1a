// SPDX-License-Identifier: MIT
#include <aio/http/cookie.hpp>
#include <aio/http/cookie_text_impl.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <cstdint>

namespace aio::http {
namespace {

constexpr std::size_t kLongestCookie = 4096;
constexpr std::size_t kLongestAttribute = 1024;
// A hundred years: added to any date, it stays one.
constexpr std::int64_t kLongestAge = 3'155'760'000;

/// What aiohttp takes in a cookie's name: every visible ASCII character but " , ; = and the backslash.
bool is_cookie_name(std::string_view name) {
    const auto good = [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '=' && c != '\\';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), good);
}

bool cookie_has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return syntax::is_control(c) && c != '\t'; });
}

/// What stands before the next semicolon, which `rest` is behind then.
std::string_view take_until_semicolon(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end < rest.size() ? end + 1 : end);
    return part;
}

struct NameAndValue {
    std::string_view name;
    std::string_view value;
    bool has_value;
};

NameAndValue split_cookie_part(std::string_view part) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return {syntax::trim(part), {}, false};
    return {syntax::trim(part.substr(0, equals)), syntax::trim(part.substr(equals + 1)), true};
}

std::string_view without_quotes(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

std::optional<std::chrono::seconds> parse_max_age(std::string_view text) {
    const bool negative = text.starts_with('-');
    const auto age = syntax::parse_digits(text.substr(negative ? 1 : 0));
    if (!age) return std::nullopt;
    const auto limited = static_cast<std::int64_t>(std::min<std::uint64_t>(*age, kLongestAge));
    return std::chrono::seconds(negative ? -limited : limited);
}

std::optional<SameSite> parse_same_site(std::string_view text) {
    if (equal_ignoring_case(text, "lax")) return SameSite::lax;
    if (equal_ignoring_case(text, "strict")) return SameSite::strict;
    if (equal_ignoring_case(text, "none")) return SameSite::none;
    return std::nullopt;
}

std::string cookie_domain_of(std::string_view text) {
    if (text.starts_with('.')) text.remove_prefix(1);
    return syntax::lower(text);
}

}  // namespace

std::vector<CookiePair> parse_cookie_header(std::string_view text) {
    std::vector<CookiePair> cookies;
    while (!text.empty()) {
        const auto [name, value, has_value] = split_cookie_part(take_until_semicolon(text));
        if (!has_value || !is_cookie_name(name) || cookie_has_control(value)) continue;
        cookies.push_back({std::string(name), detail::unquote_cookie_value(value)});
    }
    return cookies;
}

std::optional<Cookie> parse_set_cookie(std::string_view text) {
    if (cookie_has_control(text)) return std::nullopt;
    const auto [cookie_name, cookie_value, has_cookie_value] = split_cookie_part(take_until_semicolon(text));
    if (!has_cookie_value || !is_cookie_name(cookie_name)) return std::nullopt;
    if (cookie_name.size() + cookie_value.size() > kLongestCookie) return std::nullopt;
    Cookie cookie;
    cookie.name_ = cookie_name;
    cookie.coded_value_ = cookie_value;
    cookie.value_ = detail::unquote_cookie_value(cookie_value);
    // Of an attribute that is there twice the last one counts, be it one that means the default.
    while (!text.empty()) {
        const NameAndValue attribute = split_cookie_part(take_until_semicolon(text));
        if (attribute.value.size() > kLongestAttribute) continue;
        const std::string_view value = without_quotes(attribute.value);
        const auto is = [&attribute](std::string_view name) {
            return equal_ignoring_case(attribute.name, name);
        };
        if (is("expires")) {
            if (const auto when = parse_cookie_date(value)) cookie.expires_ = when;
        } else if (is("max-age")) {
            if (const auto age = parse_max_age(value)) cookie.max_age_ = age;
        } else if (is("domain")) {
            if (!value.empty()) cookie.domain_ = cookie_domain_of(value);
        } else if (is("path")) {
            cookie.path_ = value.starts_with('/') ? value : std::string_view();
        } else if (is("secure")) {
            cookie.secure_ = true;
        } else if (is("httponly")) {
            cookie.httponly_ = true;
        } else if (is("samesite")) {
            cookie.samesite_ = parse_same_site(value);
        } else if (is("partitioned")) {
            cookie.partitioned_ = true;
        }
    }
    return cookie;
}

namespace detail {
namespace {

bool stands_for_itself(char c) { return is_token_char(c) || c == ':'; }
bool stands_in_quotes(char c) {
    return stands_for_itself(c) || std::string_view(" ()/<=>?@[]{}").find(c) != std::string_view::npos;
}

bool is_octal_code(std::string_view three) {
    return three.size() == 3 && three[0] >= '0' && three[0] <= '3' &&
           std::all_of(three.begin(), three.end(), [](char c) { return c >= '0' && c <= '7'; });
}

}  // namespace

std::string quote_cookie_value(std::string_view value) {
    if (!value.empty() && std::all_of(value.begin(), value.end(), stands_for_itself))
        return std::string(value);
    std::string coded = "\"";
    for (const char c : value) {
        if (stands_in_quotes(c)) {
            coded += c;
        } else if (c == '"' || c == '\\') {
            coded += {'\\', c};
        } else {
            const auto code = static_cast<unsigned char>(c);
            coded += {'\\', static_cast<char>('0' + (code >> 6)), static_cast<char>('0' + (code >> 3 & 7)),
                      static_cast<char>('0' + (code & 7))};
        }
    }
    return coded + '"';
}

std::string unquote_cookie_value(std::string_view coded) {
    const std::string_view text = without_quotes(coded);
    if (text.size() == coded.size()) return std::string(coded);
    std::string value;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            value += text[at];
        } else if (is_octal_code(text.substr(at + 1, 3))) {
            value += static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 |
                                       (text[at + 3] - '0'));
            at += 3;
        } else {
            value += text[++at];
        }
    }
    return value;
}

}  // namespace detail

}  // namespace aio::http
