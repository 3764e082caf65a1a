// SPDX-License-Identifier: MIT
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

/// Where servers are: PORT on loopback, or @NAME, a Unix socket with an abstract name.
class Address {
public:
    explicit Address(const char* where) {
        if (*where == '@') {
            unix_.sun_family = AF_UNIX;
            const std::size_t length = std::strlen(where);
            if (length > sizeof unix_.sun_path) std::abort();
            std::memcpy(unix_.sun_path + 1, where + 1, length - 1);
            size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
        } else {
            port_.sin_family = AF_INET;
            port_.sin_port = htons(static_cast<std::uint16_t>(std::atoi(where)));
            port_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            size_ = sizeof port_;
        }
    }
    /// A socket for it.
    int socket(int flags) const {
        const int fd = ::socket(native()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
        const int one = 1;
        if (native()->sa_family == AF_INET) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        return fd;
    }
    const sockaddr* native() const { return reinterpret_cast<const sockaddr*>(&unix_); }
    socklen_t size() const { return size_; }

private:
    union {
        sockaddr_un unix_{};
        sockaddr_in port_;
    };
    socklen_t size_;
};
