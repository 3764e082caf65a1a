// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/web/router/route.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace aio::web {

/// Keyword arguments of UrlDispatcher::add_static() for a folder.
class StaticOptions {
public:
    StaticOptions() {}

    /// As of RouteOptions.
    StaticOptions& name(std::string_view text) & AIO_LIFETIME_BOUND {
        name_ = text;
        return *this;
    }
    StaticOptions&& name(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(name(text)); }
    StaticOptions& expect_handler(ExpectHandler handler) & AIO_LIFETIME_BOUND {
        expect_handler_ = std::move(handler);
        return *this;
    }
    StaticOptions&& expect_handler(ExpectHandler handler) && AIO_LIFETIME_BOUND {
        return std::move(expect_handler(std::move(handler)));
    }
    /// Whether a folder is answered by a page of what is in it; else by 403. Default: no.
    StaticOptions& show_index(bool yes) & AIO_LIFETIME_BOUND {
        show_index_ = yes;
        return *this;
    }
    StaticOptions&& show_index(bool yes) && AIO_LIFETIME_BOUND { return std::move(show_index(yes)); }
    /// Whether symbolic links may lead out of the folder. Default: no.
    StaticOptions& break_symlink_sandbox(bool yes) & AIO_LIFETIME_BOUND {
        break_symlink_sandbox_ = yes;
        return *this;
    }
    StaticOptions&& break_symlink_sandbox(bool yes) && AIO_LIFETIME_BOUND {
        return std::move(break_symlink_sandbox(yes));
    }
    /// Whether url_for() adds "v=", a hash of what is in the file. Default: no.
    StaticOptions& append_version(bool yes) & AIO_LIFETIME_BOUND {
        append_version_ = yes;
        return *this;
    }
    StaticOptions&& append_version(bool yes) && AIO_LIFETIME_BOUND { return std::move(append_version(yes)); }

    const std::string& name() const noexcept AIO_LIFETIME_BOUND { return name_; }
    const ExpectHandler& expect_handler() const noexcept AIO_LIFETIME_BOUND { return expect_handler_; }
    bool show_index() const noexcept { return show_index_; }
    bool break_symlink_sandbox() const noexcept { return break_symlink_sandbox_; }
    bool append_version() const noexcept { return append_version_; }

private:
    std::string name_;
    ExpectHandler expect_handler_;
    bool show_index_ = false;
    bool break_symlink_sandbox_ = false;
    bool append_version_ = false;
};

}  // namespace aio::web
