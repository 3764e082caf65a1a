// SPDX-License-Identifier: MIT
#pragma once

#include <support/ended.hpp>
#include <support/socket_buffers.hpp>
#include <support/tcp.hpp>

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

/// Lets the loop run until the condition holds: for what the kernel brings, sooner or later.
template <class Condition>
Coro<> until(Condition condition) {
    while (!condition()) co_await sleep(std::chrono::seconds(0));
}

/// Lets the loop run for about `time` of real time, whatever its clock says. It shows that nothing happens;
/// for something to happen use until(), because no time is long enough on every machine.
inline Coro<> settle_for_real(std::chrono::milliseconds time = std::chrono::milliseconds(20)) {
    const auto end = std::chrono::steady_clock::now() + time;
    do {  // once in any case, also where the machine stood still meanwhile
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        for (int i = 0; i < 4; ++i) co_await sleep(std::chrono::seconds(0));
    } while (std::chrono::steady_clock::now() < end);
}

/// Two connected stream sockets, both non-blocking. `buffer`: as in set_buffers(); 0 leaves it to the kernel.
inline std::pair<Socket, Socket> socket_pair(int buffer = 0) {
    const std::array<int, 2> ends = unix_socket_pair(buffer);
    return {Socket(ends[0]), Socket(ends[1])};
}

/// Writes until the kernel takes no more and `bytes` are left in the transport's own buffer, whatever the
/// kernel takes. Gives the number of bytes that it wrote.
inline std::size_t write_beyond(WriteTransport& transport, std::size_t bytes = 100'000) {
    std::size_t written = 0;
    while (transport.get_write_buffer_size() < bytes) {
        transport.write(std::string(50'000, 'x'));
        written += 50'000;
    }
    return written;
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

/// Everything that comes, until `size` bytes are there.
inline Coro<std::string> read_size(int fd, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += read_all(fd);
        co_await sleep(Duration::zero());
    }
    co_return text;
}

/// For a few bytes, up to a thousand, which every socket takes at once.
inline void write_text(int fd, const std::string& text) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0) raise_os_error(errno, "write");
    if (written != static_cast<ssize_t>(text.size())) throw RuntimeError("the socket did not take the text");
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
