// SPDX-License-Identifier: MIT
#pragma once

#include <support/socket_buffers.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace aio::tests {

/// Owner of a descriptor, with the few calls that tests make on it.
struct Fd {
    int fd = -1;

    Fd() = default;
    explicit Fd(int descriptor) : fd(descriptor) {}
    Fd(Fd&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd, other.fd);
        return *this;
    }
    ~Fd() { close(); }

    void close() {
        if (fd >= 0) ::close(std::exchange(fd, -1));
    }
    void send(std::string_view text) const {
        if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("send() did not take everything");
        }
    }
    /// What is there, up to `limit` bytes; empty at the end and if nothing is there.
    std::string recv(std::size_t limit = 1000) const {
        std::string text(limit, '\0');
        const ssize_t count = ::recv(fd, text.data(), limit, MSG_DONTWAIT);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    /// Writes until the kernel takes no more.
    void fill() const {
        const std::string block(4096, 'x');
        while (::send(fd, block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        }
    }
};

/// socket.socketpair(), not blocking; `buffer` as for unix_socket_pair().
struct SocketPair {
    Fd a, b;

    explicit SocketPair(int buffer = 0) {
        const std::array<int, 2> ends = unix_socket_pair(buffer);
        a = Fd(ends[0]);
        b = Fd(ends[1]);
    }
};

}  // namespace aio::tests
