// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/unique_function.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/url/url.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// Where a session keeps the cookies that servers set. Mirrors aiohttp.abc.AbstractCookieJar.
/// Threads: one at a time.
class AbstractCookieJar {
public:
    AbstractCookieJar() = default;
    AbstractCookieJar(const AbstractCookieJar&) = delete;
    AbstractCookieJar& operator=(const AbstractCookieJar&) = delete;
    virtual ~AbstractCookieJar() = default;

    /// Takes cookies that a response from that URL has set; or, with the empty URL, that the program sets:
    /// those without a domain are sent to every host then.
    virtual void update_cookies(std::span<const Cookie> cookies, const URL& response_url) = 0;
    void update_cookies(std::span<const Cookie> cookies) { update_cookies(cookies, URL()); }
    /// The same for fields Set-Cookie, as they were received. What is no cookie is left out.
    void update_cookies_from_headers(std::span<const std::string_view> headers, const URL& response_url);

    /// Those that a request for the URL has to bring, in the order in which they are sent. Of a name there
    /// may be several.
    virtual std::vector<Cookie> filter_cookies(const URL& request_url) const = 0;
    /// The field Cookie of such a request; empty if there are none. Those of `own`, which the request has of
    /// its own, replace those of the same names.
    std::string cookie_header(const URL& request_url, std::span<const Cookie> own = {}) const;

    /// Removes those for which fn(cookie) is true.
    virtual void clear(UniqueFunction<bool(const Cookie&)> predicate) = 0;
    virtual void clear() = 0;
    /// Removes those of a domain and of all domains below it.
    virtual void clear_domain(std::string_view domain) = 0;

    /// All that are valid still, with domain, path, and when they end.
    virtual std::vector<Cookie> cookies() const = 0;
    virtual std::size_t size() const = 0;
    bool empty() const { return size() == 0; }
    /// Whether values are sent in quotes, with escapes, where they are not simple; else as they are.
    virtual bool quote_cookie() const noexcept { return true; }
};

/// Keeps none. Mirrors aiohttp.DummyCookieJar.
class DummyCookieJar final : public AbstractCookieJar {
public:
    using AbstractCookieJar::update_cookies;
    void update_cookies(std::span<const Cookie>, const URL&) override {}
    std::vector<Cookie> filter_cookies(const URL&) const override { return {}; }
    void clear(UniqueFunction<bool(const Cookie&)>) override {}
    void clear() override {}
    void clear_domain(std::string_view) override {}
    std::vector<Cookie> cookies() const override { return {}; }
    std::size_t size() const override { return 0; }
};

}  // namespace aio::http
