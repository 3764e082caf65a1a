// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/web/middleware.hpp>
#include <aio/web/router/normalize_path.hpp>

#include <string_view>

namespace aio::web {

/// Sends clients to the path that they meant: "/a//b" to "/a/b", "/a" to "/a/", where the application knows
/// that and not what was asked. Each path is tried as normalized_paths() has them. `redirect` throws the
/// answer for a location, HTTPPermanentRedirect if it is empty. Throws ValueError for options that contradict
/// each other. Mirrors aiohttp.web.normalize_path_middleware().
using RedirectTo = aio::detail::SharedFunction<void(std::string_view location)>;
Middleware normalize_path_middleware(const NormalizePathOptions& options = NormalizePathOptions(),
                                     RedirectTo redirect = {});

}  // namespace aio::web
