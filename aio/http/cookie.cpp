// SPDX-License-Identifier: MIT
#include <aio/http/cookie.hpp>
#include <aio/http/cookie_text_impl.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>

namespace aio::http {
namespace {

bool is_domain_char(char c) {
    return syntax::is_alpha(c) || syntax::is_digit(c) || c == '.' || c == '-' || c == '_';
}

std::string_view same_site_text(SameSite rule) {
    switch (rule) {
        case SameSite::lax:
            return "Lax";
        case SameSite::strict:
            return "Strict";
        case SameSite::none:
            break;
    }
    return "None";
}

/// Whether it is an address rather than a name: its last label is a number, or it has colons.
bool is_host_address(std::string_view host) {
    if (host.find(':') != std::string_view::npos) return true;
    while (host.ends_with('.')) host.remove_suffix(1);
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return !last.empty() && (std::all_of(last.begin(), last.end(), syntax::is_digit) ||
                             last.starts_with("0x") || last.starts_with("0X"));
}

}  // namespace

Cookie::Cookie(std::string_view name, std::string_view value) : name_(name) {
    const auto good = [](char c) { return detail::is_token_char(c) || c == ':'; };
    if (name.empty() || !std::all_of(name.begin(), name.end(), good)) {
        syntax::raise_bad_text("not the name of a cookie", name);
    }
    this->value(value);
}

Cookie& Cookie::value(std::string_view value) & {
    if (std::any_of(value.begin(), value.end(), syntax::is_control)) {
        syntax::raise_bad_text("the value of the cookie " + name_ + " has a control character", value);
    }
    std::string coded = detail::quote_cookie_value(value);
    value_ = value;
    coded_value_ = std::move(coded);
    return *this;
}

Cookie& Cookie::domain(std::string_view domain) & {
    if (!std::all_of(domain.begin(), domain.end(), is_domain_char)) {
        syntax::raise_bad_text("not a domain for the cookie " + name_, domain);
    }
    if (domain.starts_with('.')) domain.remove_prefix(1);
    domain_ = syntax::lower(domain);
    return *this;
}

Cookie& Cookie::path(std::string_view path) & {
    const auto bad = [](char c) { return syntax::is_control(c) || c == ';'; };
    if (std::any_of(path.begin(), path.end(), bad)) {
        syntax::raise_bad_text("not a path for the cookie " + name_, path);
    }
    path_ = path;
    return *this;
}

Cookie& Cookie::expires(std::optional<std::chrono::sys_seconds> when) & {
    if (when) format_date(*when);  // whose error belongs to this line
    expires_ = when;
    return *this;
}

std::string Cookie::str() const {
    // In the order that Python's http.cookies has.
    std::string text = name_ + '=' + coded_value_;
    if (!domain_.empty()) text += "; Domain=" + domain_;
    if (expires_) text += "; expires=" + format_date(*expires_);
    if (httponly_) text += "; HttpOnly";
    if (max_age_) text += "; Max-Age=" + std::to_string(max_age_->count());
    if (partitioned_) text += "; Partitioned";
    if (!path_.empty()) text += "; Path=" + path_;
    if (samesite_) text.append("; SameSite=").append(same_site_text(*samesite_));
    if (secure_) text += "; Secure";
    return text;
}

std::string format_cookie_header(std::span<const Cookie> cookies) {
    std::string text;
    for (const Cookie& cookie : cookies) {
        if (!text.empty()) text += "; ";
        text += cookie.name() + '=' + cookie.coded_value();
    }
    return text;
}

bool domain_match(std::string_view host, std::string_view domain) noexcept {
    if (equal_ignoring_case(host, domain)) return true;
    if (domain.empty() || host.size() <= domain.size()) return false;
    const std::size_t below = host.size() - domain.size();
    return host[below - 1] == '.' && equal_ignoring_case(host.substr(below), domain) &&
           !is_host_address(host);
}

bool path_match(std::string_view request_path, std::string_view cookie_path) noexcept {
    if (!request_path.starts_with(cookie_path)) return false;
    return request_path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
           request_path[cookie_path.size()] == '/';
}

std::string_view default_path(std::string_view request_path) noexcept {
    const std::size_t slash = request_path.rfind('/');
    if (!request_path.starts_with('/') || slash == 0) return "/";
    return request_path.substr(0, slash);
}

}  // namespace aio::http
