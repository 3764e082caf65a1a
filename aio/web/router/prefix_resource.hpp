// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/web/router/resource.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web {

/// The version of a file below a static resource, by its name: "v=..." of its URL; nothing if there is no
/// such file.
using FileVersion = aio::detail::SharedFunction<std::optional<std::string>(std::string_view filename)>;

/// Keyword arguments of UrlDispatcher::add_static().
class StaticRouteOptions {
public:
    StaticRouteOptions() {}

    /// As of RouteOptions.
    StaticRouteOptions& name(std::string_view text) & AIO_LIFETIME_BOUND {
        name_ = text;
        return *this;
    }
    StaticRouteOptions&& name(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(name(text)); }
    StaticRouteOptions& expect_handler(ExpectHandler handler) & AIO_LIFETIME_BOUND {
        expect_handler_ = std::move(handler);
        return *this;
    }
    StaticRouteOptions&& expect_handler(ExpectHandler handler) && AIO_LIFETIME_BOUND {
        return std::move(expect_handler(std::move(handler)));
    }
    /// Whether url_for() adds the version of the file, so that browsers may keep it for ever. Default: no.
    StaticRouteOptions& append_version(bool yes) & AIO_LIFETIME_BOUND {
        append_version_ = yes;
        return *this;
    }
    StaticRouteOptions&& append_version(bool yes) && AIO_LIFETIME_BOUND {
        return std::move(append_version(yes));
    }
    /// What tells the version.
    StaticRouteOptions& version(FileVersion of) & AIO_LIFETIME_BOUND {
        version_ = std::move(of);
        return *this;
    }
    StaticRouteOptions&& version(FileVersion of) && AIO_LIFETIME_BOUND {
        return std::move(version(std::move(of)));
    }

    const std::string& name() const noexcept AIO_LIFETIME_BOUND { return name_; }
    const ExpectHandler& expect_handler() const noexcept AIO_LIFETIME_BOUND { return expect_handler_; }
    bool append_version() const noexcept { return append_version_; }
    const FileVersion& version() const noexcept AIO_LIFETIME_BOUND { return version_; }

private:
    std::string name_;
    ExpectHandler expect_handler_;
    FileVersion version_;
    bool append_version_ = false;
};

/// All paths below a prefix, for GET and HEAD. What follows the prefix and its slash is the variable
/// "filename", decoded and otherwise as the client sent it: it may hold "..", NUL and a slash at its
/// beginning. A path that leads above the prefix by ".." is none of this resource. Mirrors
/// aiohttp.web.StaticResource.
class StaticResource final : public AbstractResource {
public:
    /// Without a slash at its end.
    std::string canonical() const override { return prefix_; }
    /// Of the part "filename".
    http::URL url_for(const http::MultiDict& parts = {}) const override;
    /// The URL of a file, with its version if that is wanted and there is such a file.
    http::URL url_for(std::string_view filename, std::optional<bool> append_version = std::nullopt) const;
    http::URL url_for(const char* filename, std::optional<bool> append_version = std::nullopt) const {
        return url_for(std::string_view(filename), append_version);
    }

    /// A route for OPTIONS, as cross-origin requests need it. Throws RuntimeError if there is one.
    Route& set_options_route(Handler handler);

private:
    friend class UrlDispatcher;

    StaticResource(UrlDispatcher& router, std::string_view prefix, const Handler& handler,
                   const StaticRouteOptions& options);

    std::string_view kind() const noexcept override { return "StaticResource"; }
    std::string index_key() const override { return safe_prefix_; }
    detail::PathShape shape() const override;
    void add_prefix(std::string_view prefix) override;
    bool fits(UrlMappingMatchInfo& match) const override;

    std::string prefix_;  // encoded
    std::string safe_prefix_;
    ExpectHandler expect_handler_;
    FileVersion version_;
    bool append_version_;
};

/// All paths below a prefix, which another router answers: what that does not know is not found. Mirrors
/// aiohttp.web.PrefixedSubAppResource.
class PrefixedSubAppResource : public AbstractResource {
public:
    std::string canonical() const override { return prefix_; }
    /// Those of the other router.
    std::vector<Route*> routes() const override;
    /// Throws RuntimeError.
    http::URL url_for(const http::MultiDict& parts = {}) const override;

protected:
    PrefixedSubAppResource(UrlDispatcher& router, std::string_view prefix, UrlDispatcher& subrouter);

private:
    friend class UrlDispatcher;

    std::string_view kind() const noexcept override { return "PrefixedSubAppResource"; }
    std::string index_key() const override;
    detail::PathShape shape() const override;
    void add_prefix(std::string_view prefix) override;
    bool fits(UrlMappingMatchInfo&) const override { return true; }

    std::string prefix_;  // encoded
};

/// All requests for a host, which another router answers. Mirrors aiohttp.web.MatchedSubAppResource.
class MatchedSubAppResource final : public PrefixedSubAppResource {
public:
    /// The host, or a mask: "*.example.com".
    std::string canonical() const override { return domain_; }

private:
    friend class UrlDispatcher;

    MatchedSubAppResource(UrlDispatcher& router, std::string domain, UrlDispatcher& subrouter);

    std::string_view kind() const noexcept override { return "MatchedSubAppResource"; }
    bool fits_host(std::string_view host) const noexcept;

    std::string domain_;
};

}  // namespace aio::web
