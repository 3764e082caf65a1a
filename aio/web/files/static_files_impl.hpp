// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aio::web::detail {

/// The path below a folder that a client's file name means, "." for the folder itself; nothing if it is
/// absolute, leads out of the folder or holds NUL. "a/../b" is "b", whatever "a" is.
std::optional<std::string> path_below(std::string_view filename);

/// A page of what is in the folder that `fd` is open on. `path` is its path below the root, `prefix` the URL
/// of that, encoded. To be called in a thread.
std::string folder_page(int fd, std::string_view path, std::string_view prefix);

}  // namespace aio::web::detail
