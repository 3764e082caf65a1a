// SPDX-License-Identifier: MIT
#pragma once

#include <support/ended.hpp>

#include <aio/base/error.hpp>
#include <aio/compose.hpp>
#include <aio/net.hpp>
#include <aio/task.hpp>
#include <aio/transport.hpp>

#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <chrono>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace aio::tests {

/// Lets the loop run for about `time` of real time, whatever its clock says: for what the kernel does on
/// its own, such as delivering a reset. What must have arrived on loopback is there after the first
/// turn; the rest is slack, or shows that nothing happens.
inline Coro<> settle(std::chrono::milliseconds time = std::chrono::milliseconds(20)) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        for (int i = 0; i < 4; ++i) co_await sleep(std::chrono::seconds(0));
    }
}

/// Two connected stream sockets, both non-blocking.
inline std::pair<Socket, Socket> socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        raise_os_error(errno, "socketpair");
    }
    return {Socket(ends[0]), Socket(ends[1])};
}

/// Two connected TCP sockets on loopback, both non-blocking.
inline std::pair<Socket, Socket> tcp_pair() {
    const Socket listener = Socket::stream(AF_INET);
    listener.bind(SocketAddress("127.0.0.1", 0));
    listener.listen(1);
    const SocketAddress address = listener.getsockname();
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);  // blocking until it is connected
    Socket a(client);
    if (::connect(client, address.native(), address.native_size()) != 0) raise_os_error(errno, "connect");
    a.set_nonblocking();
    Socket b(::accept4(listener.fileno(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return {std::move(a), std::move(b)};
}

/// Everything that can be read from `fd` now.
inline std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> chunk{};
    for (ssize_t count = 0; (count = ::read(fd, chunk.data(), chunk.size())) > 0;) {
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
    return text;
}

inline void write_text(int fd, const std::string& text) {
    if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        raise_os_error(errno, "write");
    }
}

/// Makes close() send a reset.
inline void reset_on_close(int fd) {
    const linger now{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/// How many descriptors the process has open.
inline int open_descriptors() {
    int count = 0;
    DIR* folder = ::opendir("/proc/self/fd");
    while (::readdir(folder)) ++count;
    ::closedir(folder);
    return count;
}

/// The class's Python name, as the scenarios print it.
inline std::string error_name(const std::exception_ptr& error) {
    if (!error) return "None";
    const std::string name = type_name(error);
    return name.starts_with("aio::") ? name.substr(5) : name;
}

}  // namespace aio::tests
