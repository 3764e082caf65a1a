// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/web/router/detail/path_span.hpp>
#include <aio/web/router/route.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::web {

class UrlDispatcher;

/// What a router found for a request: the route and the values of its variables, or why there is none.
///
/// Values are decoded, a "%2F" in a segment is a slash in its value, and they may hold any character, NUL
/// and line feeds too. They are views into the path that resolve() was given, or, if anything in it was
/// encoded, into this object. One that is used for the next request keeps its memory, so that nothing is
/// allocated.
///
/// Threads: one at a time. Mirrors aiohttp.web.UrlMappingMatchInfo, which is a dict.
class UrlMappingMatchInfo {
public:
    UrlMappingMatchInfo() noexcept = default;

    /// Whether there is a route.
    explicit operator bool() const noexcept { return route_ != nullptr; }
    /// 200, or what is to be answered: 404, or 405 with allowed_methods().
    int status() const noexcept { return route_ != nullptr ? 200 : other_methods_ ? 405 : 404; }
    /// Those of the resources that have the path, sorted, each once; for 405 alone.
    const std::vector<std::string_view>& allowed_methods() const noexcept AIO_LIFETIME_BOUND {
        return allowed_;
    }
    /// The same as Allow has it: "GET,HEAD".
    std::string allow() const;

    /// Throws RuntimeError if there is none.
    const Route& route() const AIO_LIFETIME_BOUND;
    const Handler& handler() const AIO_LIFETIME_BOUND { return route().handler(); }

    /// How many variables the path has.
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    /// Name and value of one, in the order of the path.
    std::pair<std::string_view, std::string_view> item(std::size_t i) const AIO_LIFETIME_BOUND;
    /// The value of that name; nothing if there is none.
    std::optional<std::string_view> get(std::string_view name) const AIO_LIFETIME_BOUND;
    /// The same; throws LookupError, Python's KeyError, if there is none.
    std::string_view operator[](std::string_view name) const AIO_LIFETIME_BOUND;

    /// The innermost router, and so application, that had the path: for 404 and 405 too. Those around it are
    /// its parents. Mirrors UrlMappingMatchInfo.apps.
    const UrlDispatcher* router() const noexcept { return router_; }
    /// Owners of the routers, outermost first.
    std::vector<void*> apps() const;

    /// Text for people: "<MatchInfo {'name': 'john'}: <ResourceRoute ...>>".
    std::string repr() const;

private:
    friend class UrlDispatcher;
    friend class PlainResource;
    friend class DynamicResource;
    friend class StaticResource;

    static constexpr std::size_t kFew = 4;

    void begin(std::string_view path);
    std::string_view path() const noexcept { return decoded_ ? std::string_view(own_path_) : path_; }
    // Room for that many values, named so.
    detail::PathSpan* values(const std::vector<std::string>& names);
    void decode_values();
    const detail::PathSpan& place(std::size_t i) const noexcept {
        return count_ <= kFew ? few_[i] : many_[i];
    }
    std::string_view value(std::size_t i) const noexcept {
        return path().substr(place(i).begin, place(i).end - place(i).begin);
    }

    const Route* route_ = nullptr;
    const UrlDispatcher* router_ = nullptr;
    const std::vector<std::string>* names_ = nullptr;
    std::string_view path_;
    std::string own_path_;
    std::size_t count_ = 0;
    bool decoded_ = false;
    bool other_methods_ = false;
    std::array<detail::PathSpan, kFew> few_{};
    std::vector<detail::PathSpan> many_;
    std::vector<std::string_view> allowed_;
};

}  // namespace aio::web
