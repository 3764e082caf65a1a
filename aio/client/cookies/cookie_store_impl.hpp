// SPDX-License-Identifier: MIT
#pragma once

#include <aio/client/cookies/cookie_jar.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// What a CookieJar keeps. Cookies lie together by the registered domain of their hosts, so that those of one
/// host are in one place, and one that sets many can only push out its own.
class CookieJar::Store {
public:
    using Time = std::chrono::sys_seconds;

    struct Stored {
        Cookie cookie;       // its expires() says when it ends; domain and path are for people
        std::string domain;  // empty: every host gets it
        std::string path;
        bool host_only = false;
        std::uint64_t created = 0;
        mutable std::uint64_t used = 0;

        bool ended(Time now) const noexcept { return cookie.expires() && *cookie.expires() <= now; }
        bool goes_to(const std::string& host) const noexcept;
        /// Tells the cookie what it is known by, where it can say that: what is in a URL may be more than
        /// what Set-Cookie can have.
        void describe();
    };
    using Bucket = std::vector<Stored>;

    /// Replaces one of the same name, domain and path, or takes it away if the new one has ended.
    void put(Stored cookie, Time now);
    /// Whether there is a secure one that an insecure origin would hide or replace with such a one
    /// (RFC 6265bis, 5.7).
    bool has_secure_like(const Stored& cookie, Time now) const;
    bool empty() const noexcept { return count_ == 0; }
    /// Those that a request brings, in order.
    std::vector<Cookie> matching(const std::string& host, std::string_view path, bool secure, Time now) const;
    std::vector<Cookie> matching_shared(std::string_view path, bool secure, Time now) const;

    template <class F>
    void remove_if(F&& fn) {
        for (auto at = buckets_.begin(); at != buckets_.end();) {
            count_ -= std::erase_if(at->second, fn);
            at = at->second.empty() ? buckets_.erase(at) : std::next(at);
        }
    }
    /// fn(stored) for all that have not ended.
    template <class F>
    void for_each(Time now, F&& fn) const {
        for (const auto& [domain, bucket] : buckets_) {
            for (const Stored& stored : bucket) {
                if (!stored.ended(now)) fn(stored);
            }
        }
    }
    void clear() noexcept {
        buckets_.clear();
        count_ = 0;
    }

private:
    void collect(const std::string& bucket, const std::string& host, std::string_view path, bool secure,
                 Time now, std::vector<const Stored*>& found) const;
    std::vector<Cookie> in_order(std::vector<const Stored*> found) const;
    void keep_to_limits(const std::string& changed, Time now);
    void remove_least_used(Bucket& bucket) noexcept;

    std::map<std::string, Bucket, std::less<>> buckets_;
    std::size_t count_ = 0;
    mutable std::uint64_t turn_ = 0;  // counts what happens, in the place of a time
};

}  // namespace aio::http
