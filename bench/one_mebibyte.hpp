// SPDX-License-Identifier: MIT
// What the servers of a file send, and how much of a message asks for it.
#pragma once

#include <sys/mman.h>
#include <unistd.h>
#include <cstddef>
#include <cstdlib>

namespace bench {

inline constexpr std::size_t kRequest = 64;
inline constexpr std::size_t kFile = 1024 * 1024;

/// A file of one MiB in memory.
inline int one_mebibyte() {
    const int fd = memfd_create("one_mebibyte", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, kFile) != 0) std::abort();
    return fd;
}

}  // namespace bench
