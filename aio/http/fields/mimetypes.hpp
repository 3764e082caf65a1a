// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::http {

/// What the name of a file says about what is in it; both refer to constants.
struct GuessedType {
    /// "application/x-tar"
    std::optional<std::string_view> type;
    /// What it is packed with, "gzip"; nothing if it is not packed.
    std::optional<std::string_view> encoding;
};

/// By the extension of a file's name, or of a path, regardless of case, from a table of this library's; the
/// system's lists are not read. Mirrors mimetypes.guess_type(). Threads: any.
GuessedType guess_type(std::string_view path);

/// The usual extension for a media type, with its dot: ".html" for "text/html". Mirrors
/// mimetypes.guess_extension(). Threads: any.
std::optional<std::string> guess_extension(std::string_view type);

}  // namespace aio::http
