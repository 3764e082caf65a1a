// SPDX-License-Identifier: MIT
#include <aio/client/cookies/cookie_jar.hpp>
#include <aio/client/cookies/cookie_store_impl.hpp>
#include <aio/client/cookies/public_suffix_impl.hpp>
#include <aio/http/header_name.hpp>

#include <algorithm>
#include <utility>

namespace aio::http {
namespace {

using Time = std::chrono::sys_seconds;

std::string host_of(const URL& url) { return std::string(url.raw_host().value_or(std::string_view())); }

bool has_prefix(std::string_view name, std::string_view prefix) {
    return name.size() >= prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

// What a name promises (RFC 6265bis, 4.1.3).
bool keeps_promise(const Cookie& cookie, bool host_only) {
    if (has_prefix(cookie.name(), "__Secure-")) return cookie.secure();
    if (!has_prefix(cookie.name(), "__Host-")) return true;
    return cookie.secure() && host_only && cookie.domain().empty() && cookie.path() == "/";
}

// Its value as it is where that can be done without becoming another cookie.
void append_cookie(std::string& header, const Cookie& cookie, bool quote) {
    if (!header.empty()) header += "; ";
    header += cookie.name();
    header += '=';
    const auto unsafe = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == ';' || c == '\x7f'; };
    const std::string& value = cookie.value();
    const bool plain = !quote && std::none_of(value.begin(), value.end(), unsafe);
    header += plain ? value : cookie.coded_value();
}

}  // namespace

void AbstractCookieJar::update_cookies_from_headers(std::span<const std::string_view> headers,
                                                    const URL& response_url) {
    std::vector<Cookie> cookies;
    for (const std::string_view header : headers) {
        if (std::optional<Cookie> cookie = parse_set_cookie(header)) cookies.push_back(std::move(*cookie));
    }
    if (!cookies.empty()) update_cookies(cookies, response_url);
}

std::string AbstractCookieJar::cookie_header(const URL& request_url, std::span<const Cookie> own) const {
    std::string header;
    for (const Cookie& cookie : filter_cookies(request_url)) {
        const auto same = [&](const Cookie& other) { return other.name() == cookie.name(); };
        if (std::none_of(own.begin(), own.end(), same)) append_cookie(header, cookie, quote_cookie());
    }
    for (const Cookie& cookie : own) append_cookie(header, cookie, quote_cookie());
    return header;
}

CookieJar::CookieJar(CookieJarOptions options)
    : options_(std::move(options)), store_(std::make_unique<Store>()) {}

CookieJar::~CookieJar() = default;

Time CookieJar::now() const {
    if (options_.get_clock()) return options_.get_clock()();
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

bool CookieJar::is_secure(const URL& url) const {
    if (url.scheme() == "https" || url.scheme() == "wss") return true;
    const auto& origins = options_.get_secure_origins();
    return std::any_of(origins.begin(), origins.end(), [&](const URL& origin) {
        return origin.scheme() == url.scheme() && origin.raw_host() == url.raw_host() &&
               origin.port() == url.port();
    });
}

namespace {

struct Scope {
    std::string domain;
    bool host_only;
};

// Whom a cookie of that domain goes to that the host has set; nothing if the host must not (RFC 6265, 5.3).
std::optional<Scope> scope_of(std::string_view wanted, const std::string& host) {
    const std::string domain(wanted.ends_with('.') ? std::string_view() : wanted);
    if (host.empty()) return Scope{domain, false};
    if (domain.empty()) return Scope{host, true};
    if (!domain_match(host, domain)) return std::nullopt;
    if (!detail::is_public_suffix(domain) && !detail::is_address(domain)) return Scope{domain, false};
    if (domain == host) return Scope{host, true};
    return std::nullopt;
}

std::optional<Time> end_of(const Cookie& cookie, Time now) {
    if (const auto age = cookie.max_age()) return now + *age;
    return cookie.expires();
}

}  // namespace

void CookieJar::update_cookies(std::span<const Cookie> cookies, const URL& response_url) {
    const std::string host = host_of(response_url);
    if (!host.empty() && !options_.get_unsafe() && detail::is_address(host)) return;
    const bool secure = host.empty() || is_secure(response_url);
    const Time time = now();
    for (const Cookie& cookie : cookies) {
        const auto scope = scope_of(cookie.domain(), host);
        if (!scope || !keeps_promise(cookie, scope->host_only) || (cookie.secure() && !secure)) continue;
        std::string path = cookie.path();
        if (!path.starts_with('/')) path = host.empty() ? "/" : default_path(response_url.raw_path());
        Store::Stored stored{cookie, scope->domain, std::move(path), scope->host_only};
        stored.cookie.expires(end_of(cookie, time)).max_age(std::nullopt);
        stored.describe();
        if (secure || !store_->has_secure_like(stored, time)) store_->put(std::move(stored), time);
    }
}

std::vector<Cookie> CookieJar::filter_cookies(const URL& request_url) const {
    if (store_->empty()) return {};
    const std::string host = host_of(request_url);
    const bool secure = is_secure(request_url);
    const std::string_view path = request_url.raw_path();
    if (host.empty() || (!options_.get_unsafe() && detail::is_address(host))) {
        return store_->matching_shared(path, secure, now());
    }
    return store_->matching(host, path, secure, now());
}

void CookieJar::clear(UniqueFunction<bool(const Cookie&)> predicate) {
    const Time time = now();
    store_->remove_if(
        [&](const Store::Stored& stored) { return stored.ended(time) || predicate(stored.cookie); });
}

void CookieJar::clear() { store_->clear(); }

void CookieJar::clear_domain(std::string_view domain) {
    store_->remove_if([&](const Store::Stored& stored) { return domain_match(stored.domain, domain); });
}

std::vector<Cookie> CookieJar::cookies() const {
    std::vector<Cookie> all;
    store_->for_each(now(), [&](const Store::Stored& stored) { all.push_back(stored.cookie); });
    return all;
}

std::vector<Cookie> CookieJar::host_only_cookies() const {
    std::vector<Cookie> all;
    store_->for_each(now(), [&](const Store::Stored& stored) {
        if (stored.host_only) all.push_back(stored.cookie);
    });
    return all;
}

std::size_t CookieJar::size() const {
    std::size_t count = 0;
    store_->for_each(now(), [&](const Store::Stored&) { ++count; });
    return count;
}

}  // namespace aio::http
