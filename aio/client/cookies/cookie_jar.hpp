// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/client/cookies/abstract_cookie_jar.hpp>
#include <aio/http/url/url.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

/// Keyword arguments of CookieJar.
class CookieJarOptions {
public:
    using Clock = aio::detail::SharedFunction<std::chrono::sys_seconds()>;

    CookieJarOptions() {}
    /// Takes and gives cookies also where the host is an address; off.
    CookieJarOptions& unsafe(bool on) & {
        unsafe_ = on;
        return *this;
    }
    CookieJarOptions&& unsafe(bool on) && AIO_LIFETIME_BOUND { return std::move(this->unsafe(on)); }
    /// See AbstractCookieJar::quote_cookie(); on.
    CookieJarOptions& quote_cookie(bool on) & {
        quote_cookie_ = on;
        return *this;
    }
    CookieJarOptions&& quote_cookie(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->quote_cookie(on));
    }
    /// Origins that are as good as https: `http://localhost:8080`, say. May be called several times.
    CookieJarOptions& treat_as_secure_origin(const URL& origin) & {
        secure_origins_.push_back(origin.origin());
        return *this;
    }
    CookieJarOptions&& treat_as_secure_origin(const URL& origin) && AIO_LIFETIME_BOUND {
        return std::move(this->treat_as_secure_origin(origin));
    }
    /// Where the time comes from, in place of the system's clock.
    CookieJarOptions& clock(Clock fn) & {
        clock_ = std::move(fn);
        return *this;
    }
    CookieJarOptions&& clock(Clock fn) && AIO_LIFETIME_BOUND { return std::move(this->clock(std::move(fn))); }

    bool get_unsafe() const noexcept { return unsafe_; }
    bool get_quote_cookie() const noexcept { return quote_cookie_; }
    const std::vector<URL>& get_secure_origins() const noexcept { return secure_origins_; }
    const Clock& get_clock() const noexcept { return clock_; }

private:
    std::vector<URL> secure_origins_;
    Clock clock_;
    bool unsafe_ = false;
    bool quote_cookie_ = true;
};

/// The cookies of a session, by RFC 6265 with what browsers have added: a cookie is known by name, domain and
/// path; one without a domain is its host's alone; one of another host's domain is refused, and one of a
/// public suffix ("co.uk") unless that is the host itself; secure ones come from and go to https only; names
/// that begin with __Secure- or __Host- keep their promises. Mirrors aiohttp.CookieJar.
///
/// How many there can be is limited, because servers choose them: 180 for all hosts of a registered domain,
/// 3000 in all. Beyond that those that were not used for the longest time go; in all, those of the domain
/// that has most.
///
/// Threads: one at a time.
class CookieJar final : public AbstractCookieJar {
public:
    static constexpr std::size_t kMostPerDomain = 180;
    static constexpr std::size_t kMost = 3000;

    explicit CookieJar(CookieJarOptions options = CookieJarOptions());
    ~CookieJar() override;

    using AbstractCookieJar::update_cookies;
    void update_cookies(std::span<const Cookie> cookies, const URL& response_url) override;
    /// The longest paths first, then the oldest.
    std::vector<Cookie> filter_cookies(const URL& request_url) const override;
    void clear(UniqueFunction<bool(const Cookie&)> predicate) override;
    void clear() override;
    void clear_domain(std::string_view domain) override;
    std::vector<Cookie> cookies() const override;
    /// Those that only the host that has set them gets.
    std::vector<Cookie> host_only_cookies() const;
    std::size_t size() const override;
    bool quote_cookie() const noexcept override { return options_.get_quote_cookie(); }

    /// Writes all into a file that only its owner can read, in the place of what was there, at once or not at
    /// all. Blocks. Throws OSError. The file is JSON:
    ///
    ///     {"version": 1, "cookies": [{"name": "a", "value": "1", "domain": "example.org", "path": "/",
    ///         "host_only": true, "expires": 1767225600, "secure": true, "httponly": true,
    ///         "samesite": "lax", "partitioned": true}]}
    ///
    /// where the value is as it is sent, "expires" counts seconds since 1970 and is not there for cookies
    /// that end with the session, and what is false or empty may be left out.
    void save(const std::string& path) const;
    /// Replaces all by those of such a file. Blocks. Throws OSError, or ValueError for another kind of file;
    /// then nothing has changed.
    void load(const std::string& path);

private:
    class Store;
    std::chrono::sys_seconds now() const;
    bool is_secure(const URL& url) const;

    const CookieJarOptions options_;
    const std::unique_ptr<Store> store_;
};

}  // namespace aio::http
