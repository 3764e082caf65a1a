// SPDX-License-Identifier: MIT
#pragma once

#include <aio/fs/stat.hpp>

#include <sys/stat.h>

namespace aio::fs::detail {

inline std::int64_t nanoseconds(const timespec& time) noexcept {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

inline Stat to_stat(const struct ::stat& found) noexcept {
    Stat result;
    result.st_mode = found.st_mode;
    result.st_ino = found.st_ino;
    result.st_dev = found.st_dev;
    result.st_nlink = static_cast<std::uint64_t>(found.st_nlink);
    result.st_uid = found.st_uid;
    result.st_gid = found.st_gid;
    result.st_size = found.st_size;
    result.st_blocks = found.st_blocks;
    result.st_blksize = found.st_blksize;
    result.st_atime_ns = nanoseconds(found.st_atim);
    result.st_mtime_ns = nanoseconds(found.st_mtim);
    result.st_ctime_ns = nanoseconds(found.st_ctim);
    return result;
}

}  // namespace aio::fs::detail
