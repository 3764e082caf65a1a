// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/http/url/url.hpp>
#include <aio/web/router/route.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web {

class UrlDispatcher;
class UrlMappingMatchInfo;
namespace detail {
class PathPattern;
class RouteTable;
struct PathShape;
}  // namespace detail

/// A path, or paths of a form, with the routes of its methods. Belongs to its router. Mirrors
/// aiohttp.web.AbstractResource.
class AbstractResource {
public:
    AbstractResource(const AbstractResource&) = delete;
    AbstractResource& operator=(const AbstractResource&) = delete;
    virtual ~AbstractResource();

    /// Empty if it has none.
    const std::string& name() const noexcept AIO_LIFETIME_BOUND { return name_; }
    /// The path that tells it from others, as "/items/{id}".
    virtual std::string canonical() const = 0;
    /// In the order in which they were added.
    virtual std::vector<Route*> routes() const;

    /// The URL, without host, of which `parts` are the variables; each is encoded:
    /// `router["item"].url_for({{"id", 5}})`. Throws LookupError if one is missing, TypeError for parts of a
    /// resource that has none, RuntimeError for sub-applications.
    virtual http::URL url_for(const http::MultiDict& parts = {}) const = 0;

    /// Text for people: "<PlainResource 'name' /path>".
    std::string repr() const;

protected:
    explicit AbstractResource(UrlDispatcher& router, UrlDispatcher* subrouter = nullptr);

    Route& append_route(std::string_view method, Handler handler, ExpectHandler expect_handler);
    const Route* find_route(std::string_view method) const noexcept;
    void check_not_frozen() const;
    UrlDispatcher& subrouter() const noexcept { return *subrouter_; }

private:
    friend class Route;
    friend class UrlDispatcher;
    friend class detail::RouteTable;

    // "PlainResource", and what stands for the path in repr().
    virtual std::string_view kind() const noexcept = 0;
    // The decoded path under which the router looks for it.
    virtual std::string index_key() const = 0;
    virtual detail::PathShape shape() const = 0;
    // Of sub-applications, whose paths it changes as well.
    virtual void add_prefix(std::string_view prefix) = 0;
    // Whether it was made of this text, so that it can get further routes.
    virtual bool raw_match(std::string_view) const noexcept { return false; }
    // Whether the path of `match` is one of its paths; then `match` gets the values of the variables.
    virtual bool fits(UrlMappingMatchInfo& match) const = 0;
    UrlDispatcher& router_;
    UrlDispatcher* const subrouter_;  // of a sub-application, which goes on
    std::string name_;
    std::vector<std::unique_ptr<Route>> routes_;
    // The same, for look-ups. A short method is its number, others have 0.
    struct Method {
        std::uint64_t number;
        const Route* route;
    };
    std::vector<Method> methods_;
    const Route* any_ = nullptr;
};

/// What add_resource() gives: its routes are added one by one. Mirrors aiohttp.web.Resource.
class Resource : public AbstractResource {
public:
    /// Throws ValueError for what is no method, and RuntimeError if a route takes it already, so that this
    /// one would never be called, or the router is frozen.
    Route& add_route(std::string_view method, Handler handler, ExpectHandler expect_handler = {});

protected:
    using AbstractResource::AbstractResource;
};

/// One path, without variables. Mirrors aiohttp.web.PlainResource.
class PlainResource final : public Resource {
public:
    std::string canonical() const override { return path_; }
    http::URL url_for(const http::MultiDict& parts = {}) const override;

private:
    friend class UrlDispatcher;
    friend class detail::RouteTable;

    PlainResource(UrlDispatcher& router, std::string_view path);

    std::string_view kind() const noexcept override { return "PlainResource"; }
    std::string index_key() const override;
    detail::PathShape shape() const override;
    void add_prefix(std::string_view prefix) override;
    bool raw_match(std::string_view path) const noexcept override { return path_ == path; }
    bool fits(UrlMappingMatchInfo& match) const override;

    std::string path_;
    std::string safe_path_;
};

/// Paths of a form, "/items/{id}", "/files/{path:.+}". A variable without a pattern is one segment, or a part
/// of it: `[^{}/]+`. Patterns have the syntax of Python's `re` without look-around, references and flags;
/// `\d` and
/// `\s` know ASCII alone. Matching takes no longer than length of pattern times length of path.
/// Mirrors aiohttp.web.DynamicResource.
class DynamicResource final : public Resource {
public:
    ~DynamicResource() override;
    std::string canonical() const override;
    http::URL url_for(const http::MultiDict& parts = {}) const override;

private:
    friend class UrlDispatcher;
    friend class detail::RouteTable;

    DynamicResource(UrlDispatcher& router, std::string_view path);

    std::string_view kind() const noexcept override { return "DynamicResource"; }
    std::string index_key() const override;
    detail::PathShape shape() const override;
    void add_prefix(std::string_view prefix) override;
    bool raw_match(std::string_view path) const noexcept override { return path_ == path; }
    bool fits(UrlMappingMatchInfo& match) const override;

    std::string path_;
    std::unique_ptr<detail::PathPattern> pattern_;
    std::size_t known_;  // so much of a path was compared when it comes here
};

}  // namespace aio::web
