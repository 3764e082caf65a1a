// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/url_quoting_impl.hpp>
#include <aio/web/router/normalize_path.hpp>

#include <algorithm>

namespace aio::web {
namespace {

std::string with_single_slashes(std::string_view path) {
    std::string merged;
    for (const char c : path) {
        if (c != '/' || !merged.ends_with('/')) merged += c;
    }
    return merged;
}

// Browsers take a backslash for a slash, and leave control characters out before they look at the rest.
std::string as_location(std::string_view path) {
    std::string location = "/";
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    for (const char c : path) {
        if (c == '\\' || c == ' ' || http::syntax::is_control(c)) {
            http::detail::append_encoded(location, c);
        } else {
            location += c;
        }
    }
    return location;
}

bool ends_with_slash(std::string_view path) noexcept {
    return path.ends_with('/') || path.ends_with("%2F") || path.ends_with("%2f");
}

}  // namespace

std::vector<std::string> normalized_paths(std::string_view path, const NormalizePathOptions& options) {
    if (options.append_slash() && options.remove_slash()) {
        throw ValueError("Cannot both remove and append slash");
    }
    std::vector<std::string> paths;
    if (!path.starts_with('/')) return paths;
    const auto add = [&](std::string_view candidate) {
        std::string location = as_location(candidate);
        const bool known = std::find(paths.begin(), paths.end(), location) != paths.end();
        if (!known && location != path) paths.push_back(std::move(location));
    };
    const std::string merged = options.merge_slashes() ? with_single_slashes(path) : std::string(path);
    if (options.merge_slashes()) add(merged);
    if (options.append_slash() && !ends_with_slash(path)) {
        add(std::string(path) + "/");
        add(merged + "/");
    }
    if (options.remove_slash() && path.ends_with('/')) {
        add(path.substr(0, path.size() - 1));
        add(std::string_view(merged).substr(0, merged.size() - 1));
    }
    return paths;
}

}  // namespace aio::web
