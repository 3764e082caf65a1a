// SPDX-License-Identifier: MIT
#pragma once

#include <support/socket_buffers.hpp>

#include <aio/base/error.hpp>
#include <aio/net.hpp>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

/// TCP on loopback where a test has to know what the kernel does: what it buffers, whether a connection is
/// there, whether a port is refused.
namespace aio::tests {

/// For set_buffers(): a connection whose two ends have it holds well below half a megabyte.
inline constexpr int kSmallBuffer = 16 * 1024;

/// A socket bound to a port of its own, which refuses connections as long as it does not listen. A port that
/// was closed may be somebody else's by now. `buffer`: as in set_buffers(); 0 leaves it to the kernel.
inline Socket bound_socket(int buffer = 0) {
    Socket socket = Socket::stream(AF_INET);
    if (buffer > 0) set_buffers(socket.fileno(), buffer);
    socket.bind(SocketAddress("127.0.0.1", 0));
    return socket;
}

/// A socket that is connected to a listening one, which need not have accepted it.
inline Socket connected_socket(const SocketAddress& address, int buffer = 0) {
    Socket socket(
        ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));  // blocking until it is connected
    if (buffer > 0) set_buffers(socket.fileno(), buffer);
    if (::connect(socket.fileno(), address.native(), address.native_size()) != 0)
        raise_os_error(errno, "connect");
    socket.set_nonblocking();
    return socket;
}

/// Waits in place until `events` of poll(2), an error or a hang-up are there. Throws if that takes ten
/// seconds.
inline void await_events(int fd, short events) {
    pollfd waiting{fd, events, 0};
    if (::poll(&waiting, 1, 10'000) != 1) throw std::runtime_error("nothing happens on the socket");
}

/// Two connected TCP sockets, both non-blocking.
inline std::pair<Socket, Socket> tcp_pair(int buffer = 0) {
    const Socket listener = bound_socket(buffer);
    listener.listen(1);
    Socket a = connected_socket(listener.getsockname(), buffer);
    await_events(listener.fileno(), POLLIN);
    Socket b(::accept4(listener.fileno(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return {std::move(a), std::move(b)};
}

/// The next `count` bytes, fewer only at the end of the stream: they may come late and in pieces.
inline std::string receive(int fd, std::size_t count) {
    std::string text(count, '\0');
    std::size_t received = 0;
    while (received < count) {
        await_events(fd, POLLIN);
        const ssize_t got = ::recv(fd, text.data() + received, count - received, 0);
        if (got <= 0) break;
        received += static_cast<std::size_t>(got);
    }
    text.resize(received);
    return text;
}

/// TCP_INFO of a socket.
inline tcp_info info_of(int fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) raise_os_error(errno, "TCP_INFO");
    return info;
}

/// Waits in place until `count` connections wait to be accepted.
inline void await_queued_connections(int listener, unsigned count) {
    while (info_of(listener).tcpi_unacked < count) {  // of one that listens it is the length of its queue
        std::this_thread::yield();
    }
}

/// Where connecting stays under way: it listens, and its queue is full.
class Unanswering {
public:
    Unanswering() {
        listener_.listen(0);  // room for one
        first_ = connected_socket(address());
        await_queued_connections(listener_.fileno(), 1);
    }
    SocketAddress address() const { return listener_.getsockname(); }
    int port() const { return address().port(); }

private:
    Socket listener_ = bound_socket();
    Socket first_;
};

/// A port that is refused on all of localhost's addresses, or with `listening` on all but IPv4's.
class LocalPort {
public:
    explicit LocalPort(bool listening = false) {
        do {
            v4_ = bound_socket();
        } while (!take_v6());
        if (listening) v4_.listen(10);
    }
    int port() const { return v4_.getsockname().port(); }

private:
    // Whether it is this test's there too, or nobody's because there is no IPv6.
    bool take_v6() {
        try {
            v6_ = Socket::stream(AF_INET6);
            v6_.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
            v6_.bind(SocketAddress("::1", static_cast<std::uint16_t>(port())));
        } catch (const OSError& error) {
            return error.error_number() != EADDRINUSE;
        }
        return true;
    }
    Socket v4_;
    Socket v6_;
};

/// An address that no socket here can be bound to, or nothing where the system lets sockets be bound to all.
inline std::string foreign_address() {
    for (const char* const address :
         {"192.0.2.1", "198.51.100.1", "203.0.113.1"}) {  // for documentation only
        try {
            Socket::stream(AF_INET).bind(SocketAddress(address, 0));
        } catch (const OSError&) {
            return address;
        }
    }
    return {};
}

}  // namespace aio::tests
