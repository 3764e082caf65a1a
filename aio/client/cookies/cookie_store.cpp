// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/cookies/cookie_store_impl.hpp>
#include <aio/client/cookies/public_suffix_impl.hpp>

#include <algorithm>

namespace aio::http {

bool CookieJar::Store::Stored::goes_to(const std::string& host) const noexcept {
    if (domain.empty()) return true;
    return host_only ? domain == host : domain_match(host, domain);
}

void CookieJar::Store::Stored::describe() {
    try {
        cookie.domain(domain);
    } catch (const ValueError&) {
        cookie.domain({});
    }
    try {
        cookie.path(path);
    } catch (const ValueError&) {
        cookie.path({});
    }
}

void CookieJar::Store::put(Stored cookie, Time now) {
    const std::string name = detail::registrable_domain(cookie.domain);
    Bucket& bucket = buckets_[name];
    const auto same = std::find_if(bucket.begin(), bucket.end(), [&](const Stored& other) {
        return other.cookie.name() == cookie.cookie.name() && other.domain == cookie.domain &&
               other.path == cookie.path;
    });
    const bool ended = cookie.ended(now);
    cookie.used = ++turn_;
    if (same != bucket.end() && ended) {
        bucket.erase(same);
        --count_;
    } else if (same != bucket.end()) {
        cookie.created = same->created;
        *same = std::move(cookie);
    } else if (!ended) {
        cookie.created = turn_;
        bucket.push_back(std::move(cookie));
        ++count_;
        keep_to_limits(name, now);
    }
    if (const auto at = buckets_.find(name); at != buckets_.end() && at->second.empty()) buckets_.erase(at);
}

bool CookieJar::Store::has_secure_like(const Stored& cookie, Time now) const {
    const auto bucket = buckets_.find(detail::registrable_domain(cookie.domain));
    if (bucket == buckets_.end()) return false;
    return std::any_of(bucket->second.begin(), bucket->second.end(), [&](const Stored& other) {
        return other.cookie.secure() && !other.ended(now) && other.cookie.name() == cookie.cookie.name() &&
               (domain_match(other.domain, cookie.domain) || domain_match(cookie.domain, other.domain)) &&
               path_match(cookie.path, other.path);
    });
}

void CookieJar::Store::collect(const std::string& bucket, const std::string& host, std::string_view path,
                               bool secure, Time now, std::vector<const Stored*>& found) const {
    const auto at = buckets_.find(bucket);
    if (at == buckets_.end()) return;
    for (const Stored& stored : at->second) {
        if (stored.ended(now) || !stored.goes_to(host) || !path_match(path, stored.path)) continue;
        if (stored.cookie.secure() && !secure) continue;
        found.push_back(&stored);
    }
}

std::vector<Cookie> CookieJar::Store::in_order(std::vector<const Stored*> found) const {
    std::sort(found.begin(), found.end(), [](const Stored* a, const Stored* b) {
        if (a->path.size() != b->path.size()) return a->path.size() > b->path.size();
        return a->created < b->created;
    });
    std::vector<Cookie> cookies;
    cookies.reserve(found.size());
    ++turn_;
    for (const Stored* const stored : found) {
        stored->used = turn_;
        cookies.push_back(stored->cookie);
    }
    return cookies;
}

std::vector<Cookie> CookieJar::Store::matching(const std::string& host, std::string_view path, bool secure,
                                               Time now) const {
    std::vector<const Stored*> found;
    collect(std::string(), host, path, secure, now, found);
    collect(detail::registrable_domain(host), host, path, secure, now, found);
    return in_order(std::move(found));
}

std::vector<Cookie> CookieJar::Store::matching_shared(std::string_view path, bool secure, Time now) const {
    std::vector<const Stored*> found;
    collect(std::string(), std::string(), path, secure, now, found);
    return in_order(std::move(found));
}

// What every host gets is the program's own and not limited.
void CookieJar::Store::keep_to_limits(const std::string& changed, Time now) {
    Bucket& bucket = buckets_.find(changed)->second;
    const auto ended = [now](const Stored& stored) { return stored.ended(now); };
    if (bucket.size() > kMostPerDomain && !changed.empty()) {
        count_ -= std::erase_if(bucket, ended);
        if (bucket.size() > kMostPerDomain) remove_least_used(bucket);
    }
    if (count_ <= kMost) return;
    remove_if(ended);
    if (count_ <= kMost) return;
    Bucket* largest = nullptr;
    for (auto& [domain, other] : buckets_) {
        if (!domain.empty() && (!largest || other.size() > largest->size())) largest = &other;
    }
    if (largest) remove_least_used(*largest);
}

void CookieJar::Store::remove_least_used(Bucket& bucket) noexcept {
    bucket.erase(std::min_element(bucket.begin(), bucket.end(),
                                  [](const Stored& a, const Stored& b) { return a.used < b.used; }));
    --count_;
}

}  // namespace aio::http
