// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/url_impl.hpp>
#include <aio/http/url/url_quoting_impl.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace aio::http::detail {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr Bytes kSchemeBegin(kLetters);
constexpr Bytes kScheme = kSchemeBegin | Bytes("0123456789+-.");
constexpr Bytes kEndsAuthority("/?#");
constexpr Bytes kEndsPath("?#");
constexpr Bytes kEndsQuery("#");

// Gives the beginning up to one of `ends`, and leaves the rest.
std::string_view take(std::string_view& rest, const Bytes& ends) noexcept {
    const auto end = std::find_if(rest.begin(), rest.end(), [&](char c) { return ends.has(c); });
    const std::string_view taken = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(taken.size());
    return taken;
}

std::int32_t parse_port(std::string_view text) {
    if (text.empty()) return -1;
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
        throw ValueError("Invalid URL: port can't be converted to integer");
    }
    if (error != std::errc() || port > 65535) throw ValueError("Invalid URL: port out of range 0-65535");
    return static_cast<std::int32_t>(port);
}

// Of several "@" the last one counts, as for browsers and yarl; the others become encoded.
void split_authority(UrlViews& url, std::string_view authority) {
    url.has_authority = true;
    if (authority.empty()) return;
    // For browsers it ends the host, for others it is part of a user's name.
    if (authority.find('\\') != authority.npos) throw ValueError("Invalid URL: backslash before the path");
    const std::size_t at = authority.rfind('@');
    if (at != authority.npos) {
        const std::string_view user_info = authority.substr(0, at);
        const std::size_t colon = user_info.find(':');
        url.user = user_info.substr(0, colon);
        url.has_password = colon != user_info.npos;
        if (url.has_password) url.password = user_info.substr(colon + 1);
        authority.remove_prefix(at + 1);
    }
    const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
    const std::size_t colon = bracket == authority.npos ? bracket : authority.find(':', bracket);
    url.host = authority.substr(0, colon);
    if (colon != authority.npos) url.port = parse_port(authority.substr(colon + 1));
    if (url.host.empty()) throw ValueError("Invalid URL: host is required for absolute urls");
}

std::string hexadecimal(char c) {
    std::string text;
    append_encoded(text, c);
    return "0x" + text.substr(1);
}

}  // namespace

std::size_t scheme_size(std::string_view text) noexcept {
    if (text.empty() || !kSchemeBegin.has(text.front())) return 0;
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return !kScheme.has(c); });
    return end != text.end() && *end == ':' ? static_cast<std::size_t>(end - text.begin()) : 0;
}

std::int32_t default_port(std::string_view scheme) noexcept {
    if (scheme == "http" || scheme == "ws") return 80;
    if (scheme == "https" || scheme == "wss") return 443;
    return -1;
}

UrlViews split_url(std::string_view text) {
    UrlViews url;
    url.scheme = text.substr(0, scheme_size(text));
    if (!url.scheme.empty()) text.remove_prefix(url.scheme.size() + 1);
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        split_authority(url, take(text, kEndsAuthority));
    }
    url.path = take(text, kEndsPath);
    if (text.starts_with('?')) {
        text.remove_prefix(1);
        url.query = take(text, kEndsQuery);
    }
    if (!text.empty()) url.fragment = text.substr(1);
    return url;
}

void refuse_control_characters(std::string_view text) {
    const auto found = std::find_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
    if (found == text.end()) return;
    throw ValueError("Invalid URL: control character " + hexadecimal(*found) + " at position " +
                     std::to_string(found - text.begin()));
}

void check_encoded(std::string_view text, std::string_view part, std::string_view delimiters) {
    const auto found = std::find_if(text.begin(), text.end(), [&](char c) {
        return c <= ' ' || c >= '\x7f' || delimiters.find(c) != delimiters.npos;
    });
    if (found == text.end()) return;
    throw ValueError("Invalid URL: " + std::string(part) + " that is said to be encoded has " +
                     hexadecimal(*found) + " at position " + std::to_string(found - text.begin()));
}

std::string checked_scheme(std::string_view scheme) {
    if (!scheme.empty() && scheme_size(std::string(scheme) + ':') != scheme.size()) {
        throw ValueError("Invalid URL: invalid scheme");
    }
    return syntax::lower(scheme);
}

bool has_dots(std::string_view path) noexcept {
    return path.find("/.") != path.npos || path.starts_with('.');
}

std::string without_dots(std::string_view path) {
    const bool relative = !path.starts_with('/');
    const std::string rooted = relative ? "/" + std::string(path) : std::string(path);
    std::string result;
    for (std::size_t at = 0; at < rooted.size();) {
        const std::size_t end = std::min(rooted.find('/', at + 1), rooted.size());
        const std::string_view segment = std::string_view(rooted).substr(at, end - at);
        if (segment == "/..") result.resize(std::min(result.rfind('/'), result.size()));
        if (segment == "/." || segment == "/..") {
            if (end == rooted.size()) result += '/';
        } else {
            result += segment;
        }
        at = end;
    }
    return relative ? result.substr(1) : result;
}

std::string encode_query(const MultiDict& query) {
    std::string text;
    for (const auto& [name, value] : query) {
        if (!text.empty()) text += '&';
        text += kQueryPartQuoter.quote(name);
        text += '=';
        text += kQueryPartQuoter.quote(value);
    }
    return text;
}

}  // namespace aio::http::detail
