// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstdint>
#include <string>

namespace aio::fs {

/// What the system knows of a file. Mirrors os.stat_result; times are in nanoseconds since 1970, because the
/// system's headers have taken the names without `_ns`.
struct Stat {
    std::uint32_t st_mode = 0;  ///< its kind and who may do what: S_ISREG(), ...
    std::uint64_t st_ino = 0;
    std::uint64_t st_dev = 0;
    std::uint64_t st_nlink = 0;
    std::uint32_t st_uid = 0;
    std::uint32_t st_gid = 0;
    std::int64_t st_size = 0;     ///< in bytes
    std::int64_t st_blocks = 0;   ///< that it takes, of 512 bytes
    std::int64_t st_blksize = 0;  ///< that reads should have at least, in bytes
    std::int64_t st_atime_ns = 0;
    std::int64_t st_mtime_ns = 0;
    std::int64_t st_ctime_ns = 0;

    bool is_file() const noexcept { return kind() == 0100000; }
    bool is_dir() const noexcept { return kind() == 0040000; }
    bool is_symlink() const noexcept { return kind() == 0120000; }
    /// In seconds since 1970, as Python's st_mtime.
    double mtime() const noexcept { return static_cast<double>(st_mtime_ns) / 1e9; }

private:
    std::uint32_t kind() const noexcept { return st_mode & 0170000; }
};

/// One of what is in a folder. Mirrors os.DirEntry; what it tells was found when the folder was read.
struct DirEntry {
    std::string name;
    std::string path;               ///< with the folder's
    std::uint32_t kind = 0;         ///< its S_IFMT bits: S_IFREG, S_IFLNK, ...
    std::uint32_t target_kind = 0;  ///< the same of what a symbolic link refers to; 0 if that is not there

    bool is_file(bool follow_symlinks = true) const noexcept { return is(0100000, follow_symlinks); }
    bool is_dir(bool follow_symlinks = true) const noexcept { return is(0040000, follow_symlinks); }
    bool is_symlink() const noexcept { return kind == 0120000; }

private:
    bool is(std::uint32_t what, bool follow) const noexcept { return (follow ? target_kind : kind) == what; }
};

}  // namespace aio::fs
