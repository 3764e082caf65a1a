// SPDX-License-Identifier: MIT
#pragma once

#include <aio/fs/raw_file_impl.hpp>

#include <string>
#include <utility>

namespace aio::fs::detail {

/// Where temporary files go if no folder is named.
std::string temporary_folder(const std::string& dir);
/// A new file without a name, for reading and writing. Throws OSError.
Descriptor open_unnamed(const std::string& dir);
/// A new file, and its path. Throws OSError.
std::pair<Descriptor, std::string> open_named(const std::string& dir, const std::string& prefix,
                                              const std::string& suffix);
/// A new folder's path. Throws OSError.
std::string make_folder(const std::string& dir, const std::string& prefix, const std::string& suffix);

}  // namespace aio::fs::detail
