// SPDX-License-Identifier: MIT
#pragma once

#include "address.hpp"

// A socket that listens at PORT on loopback or at @NAME. `flags`: SOCK_NONBLOCK or none.
inline int listen_on(const char* where, int flags) {
    const Address address(where);
    const int fd = address.socket(flags);  // those it accepts have its options, too
    const int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, address.native(), address.size()) != 0 || listen(fd, 4096) != 0) std::abort();
    return fd;
}
