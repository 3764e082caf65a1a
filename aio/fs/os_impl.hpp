// SPDX-License-Identifier: MIT
#pragma once

#include <aio/fs/stat.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Calls that block, to be made in a thread. All throw OSError that names the path.
namespace aio::fs::detail {

/// Throws what errno says: "OPERATION 'PATH': ...".
[[noreturn]] void raise_errno(const char* operation, const std::string& path);

/// The folder that a path is in, empty if it says none: what os.path.split() has on the left.
std::string_view folder_of(std::string_view path) noexcept;

Stat stat_path(const std::string& path, bool follow);
void rename_path(const std::string& from, const std::string& to);
void make_folder_at(const std::string& path, unsigned mode);
void make_folders(const std::string& path, unsigned mode, bool exist_ok);
void remove_folder(const std::string& path);
/// What is above it, as far as it is empty.
void remove_empty_above(const std::string& path);
void remove_tree(const std::string& path);
std::vector<std::string> names_in(const std::string& path);
std::vector<DirEntry> entries_of(const std::string& path);

}  // namespace aio::fs::detail
