// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>
#include <array>
#include <cstdlib>
#include <stdexcept>

/// How much the kernel buffers is the machine's business: its settings, and over TCP what earlier connections
/// to the same address were like, so that a loopback that took 200 kB after boot takes 4 MB an hour later.
/// Tests either do not depend on it, or set the size of the buffers.
namespace aio::tests {

/// Sets both buffers of a socket, to twice `bytes` as the kernel counts. Over TCP before connect() or
/// listen(); accepted sockets inherit it.
inline void set_buffers(int fd, int bytes) {
    const auto set = [&](int beyond_limits, int plain) {  // beyond the machine's limits only root may go
        if (::setsockopt(fd, SOL_SOCKET, beyond_limits, &bytes, sizeof bytes) == 0) return;
        if (::setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes) == 0) return;
        throw std::runtime_error("setsockopt() for the size of a buffer failed");
    };
    set(SO_SNDBUFFORCE, SO_SNDBUF);
    set(SO_RCVBUFFORCE, SO_RCVBUF);
}

/// Two connected Unix stream sockets, not blocking. Without a size their buffers are the kernel's default, or
/// what the job says that varies it (tools/dev/netns.sh).
inline std::array<int, 2> unix_socket_pair(int buffer = 0) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw std::runtime_error("socketpair() failed");
    }
    const char* const varied = std::getenv("AIO_TEST_UNIX_BUFFER");
    if (buffer == 0 && varied) buffer = std::atoi(varied);
    for (const int end : ends) {
        if (buffer > 0) set_buffers(end, buffer);
    }
    return ends;
}

}  // namespace aio::tests
