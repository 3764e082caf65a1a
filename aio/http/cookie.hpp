// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

/// With which requests that another site causes a cookie is sent.
enum class SameSite : std::uint8_t { lax, strict, none };

/// A cookie with its attributes: what a server sets, and what a client is told. Mirrors http.cookies.Morsel,
/// with aiohttp's names (`Response.set_cookie()`).
///
/// Each setter throws ValueError, and changes nothing, if its text could end the cookie or the field: names
/// are tokens (a colon is allowed as well, as in Python), values have no control characters, domains are made
/// of letters, digits, dots, hyphens and underscores, paths have neither semicolons nor control characters.
///
/// Thread rule: as of std::string.
class Cookie {
public:
    Cookie(std::string_view name, std::string_view value);

    const std::string& name() const noexcept { return name_; }
    /// What the program means; on its way it may be in quotes.
    const std::string& value() const noexcept { return value_; }
    /// The value as it is sent: in quotes with escapes, as http.cookies has it, where it holds more than
    /// letters, digits and a few signs. Of a parsed cookie what was received, which is what has to be sent
    /// back.
    const std::string& coded_value() const noexcept { return coded_value_; }
    Cookie& value(std::string_view value) &;
    Cookie&& value(std::string_view value) && AIO_LIFETIME_BOUND { return std::move(this->value(value)); }

    /// The hosts that get it: this one and those below it. Empty: the host that has set it alone. In small
    /// letters, without a dot at its beginning.
    const std::string& domain() const noexcept { return domain_; }
    Cookie& domain(std::string_view domain) &;
    Cookie&& domain(std::string_view domain) && AIO_LIFETIME_BOUND { return std::move(this->domain(domain)); }
    /// The paths that get it: this one and those below it. Empty: default_path() of the request.
    const std::string& path() const noexcept { return path_; }
    Cookie& path(std::string_view path) &;
    Cookie&& path(std::string_view path) && AIO_LIFETIME_BOUND { return std::move(this->path(path)); }
    /// When it is forgotten; nothing: at the end of the session. max_age() comes before it.
    std::optional<std::chrono::sys_seconds> expires() const noexcept { return expires_; }
    Cookie& expires(std::optional<std::chrono::sys_seconds> when) &;
    Cookie&& expires(std::optional<std::chrono::sys_seconds> when) && AIO_LIFETIME_BOUND {
        return std::move(expires(when));
    }
    /// For how long it is kept; zero or less: it is forgotten at once.
    std::optional<std::chrono::seconds> max_age() const noexcept { return max_age_; }
    Cookie& max_age(std::optional<std::chrono::seconds> age) & noexcept {
        max_age_ = age;
        return *this;
    }
    Cookie&& max_age(std::optional<std::chrono::seconds> age) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_age(age));
    }
    /// Over TLS only.
    bool secure() const noexcept { return secure_; }
    Cookie& secure(bool on) & noexcept {
        secure_ = on;
        return *this;
    }
    Cookie&& secure(bool on) && noexcept AIO_LIFETIME_BOUND { return std::move(secure(on)); }
    /// Not for scripts.
    bool httponly() const noexcept { return httponly_; }
    Cookie& httponly(bool on) & noexcept {
        httponly_ = on;
        return *this;
    }
    Cookie&& httponly(bool on) && noexcept AIO_LIFETIME_BOUND { return std::move(httponly(on)); }
    std::optional<SameSite> samesite() const noexcept { return samesite_; }
    Cookie& samesite(std::optional<SameSite> rule) & noexcept {
        samesite_ = rule;
        return *this;
    }
    Cookie&& samesite(std::optional<SameSite> rule) && noexcept AIO_LIFETIME_BOUND {
        return std::move(samesite(rule));
    }
    /// One for each site that embeds its host.
    bool partitioned() const noexcept { return partitioned_; }
    Cookie& partitioned(bool on) & noexcept {
        partitioned_ = on;
        return *this;
    }
    Cookie&& partitioned(bool on) && noexcept AIO_LIFETIME_BOUND { return std::move(partitioned(on)); }

    /// The value of a field Set-Cookie. Mirrors Morsel.OutputString().
    std::string str() const;
    friend bool operator==(const Cookie&, const Cookie&) = default;

private:
    friend std::optional<Cookie> parse_set_cookie(std::string_view text);
    Cookie() = default;

    std::string name_;
    std::string value_;
    std::string coded_value_;
    std::string domain_;
    std::string path_;
    std::optional<std::chrono::sys_seconds> expires_;
    std::optional<std::chrono::seconds> max_age_;
    std::optional<SameSite> samesite_;
    bool secure_ = false;
    bool httponly_ = false;
    bool partitioned_ = false;
};

/// A cookie of which a request tells: name and value.
struct CookiePair {
    std::string name;
    std::string value;
    friend bool operator==(const CookiePair&, const CookiePair&) = default;
};

/// The cookies of a field Cookie, in order; of equal names all. What is no cookie is left out, never an
/// error: what has no "=" or no name, names with signs that aiohttp refuses, values with control characters.
/// A semicolon ends a cookie even in quotes, where Python reads on: else a cookie of somebody else's can
/// swallow those behind it. Mirrors aiohttp's parse_cookie_header(). Threads: any.
std::vector<CookiePair> parse_cookie_header(std::string_view text);

/// The cookie of a field Set-Cookie, as browsers read it (RFC 6265, 5.2, with SameSite and Partitioned). None
/// if there is none to be kept: no name, control characters, or name and value of more than 4096 bytes.
/// Attributes that are not understood or longer than 1024 bytes are left out. Whether the domain may be set
/// by who did is the jar's to say. Mirrors aiohttp's parse_set_cookie_headers(). Threads: any.
std::optional<Cookie> parse_set_cookie(std::string_view text);

/// The value of a field Cookie. Threads: any.
std::string format_cookie_header(std::span<const Cookie> cookies);

/// Whether a host gets the cookies of a domain: it is the domain or below it. An address is below nothing
/// (RFC 6265, 5.1.3). Threads: any.
bool domain_match(std::string_view host, std::string_view domain) noexcept;
/// Whether a request's path gets the cookies of a path: it is that path or below it (RFC 6265, 5.1.4).
/// Threads: any.
bool path_match(std::string_view request_path, std::string_view cookie_path) noexcept;
/// The path of cookies that were set without one: the request's up to its last slash. Threads: any.
std::string_view default_path(std::string_view request_path) noexcept;

}  // namespace aio::http
