// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::web {

/// Keyword arguments of normalize_path_middleware().
class NormalizePathOptions {
public:
    NormalizePathOptions() noexcept {}

    /// Whether a slash is added at the end where that helps. Default: yes.
    NormalizePathOptions& append_slash(bool yes) & noexcept AIO_LIFETIME_BOUND {
        append_slash_ = yes;
        return *this;
    }
    NormalizePathOptions&& append_slash(bool yes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(append_slash(yes));
    }
    /// Whether the slash at the end is taken away; append_slash() has to be off then. Default: no.
    NormalizePathOptions& remove_slash(bool yes) & noexcept AIO_LIFETIME_BOUND {
        remove_slash_ = yes;
        return *this;
    }
    NormalizePathOptions&& remove_slash(bool yes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(remove_slash(yes));
    }
    /// Whether several slashes become one. Default: yes.
    NormalizePathOptions& merge_slashes(bool yes) & noexcept AIO_LIFETIME_BOUND {
        merge_slashes_ = yes;
        return *this;
    }
    NormalizePathOptions&& merge_slashes(bool yes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(merge_slashes(yes));
    }

    bool append_slash() const noexcept { return append_slash_; }
    bool remove_slash() const noexcept { return remove_slash_; }
    bool merge_slashes() const noexcept { return merge_slashes_; }

private:
    bool append_slash_ = true;
    bool remove_slash_ = false;
    bool merge_slashes_ = true;
};

/// The paths that a client may be sent to where `path`, that of its request as it was sent, has no route: the
/// first that has one. Each begins with one slash and goes on with neither slash nor backslash, so no browser
/// takes it for another host ("//evil.com/"), and holds no control character. None for what does not begin
/// with a slash. Throws ValueError if both append_slash() and remove_slash() are on. Threads: any.
std::vector<std::string> normalized_paths(std::string_view path,
                                          const NormalizePathOptions& options = NormalizePathOptions());

}  // namespace aio::web
