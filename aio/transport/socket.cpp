// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/transport/socket.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>

namespace aio {
namespace {

template <class Call>
SocketAddress query_name(int fd, Call call, const char* operation) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (call(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        raise_os_error(errno, std::string(operation) + " of descriptor " + std::to_string(fd));
    }
    return SocketAddress::from_native(reinterpret_cast<const sockaddr*>(&storage), size);
}

}  // namespace

SocketAddress TransportSocket::getsockname() const { return query_name(fd_, ::getsockname, "getsockname"); }
SocketAddress TransportSocket::getpeername() const { return query_name(fd_, ::getpeername, "getpeername"); }

void TransportSocket::setsockopt(int level, int option, int value) const {
    if (::setsockopt(fd_, level, option, &value, sizeof value) != 0) {
        raise_os_error(errno, "setsockopt of descriptor " + std::to_string(fd_));
    }
}

int TransportSocket::getsockopt(int level, int option) const {
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(fd_, level, option, &value, &size) != 0) {
        raise_os_error(errno, "getsockopt of descriptor " + std::to_string(fd_));
    }
    return value;
}

std::string TransportSocket::repr() const {
    std::string text = "<socket fd=" + std::to_string(fd_);
    try {
        text += " " + getsockname().str();
    } catch (const OSError&) {  // closed
    }
    return text + ">";
}

static Socket make_socket(int family, int type) {
    const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) raise_os_error(errno, "socket");
    return Socket(fd);
}

Socket Socket::stream(int family) { return make_socket(family, SOCK_STREAM); }
Socket Socket::datagram(int family) { return make_socket(family, SOCK_DGRAM); }

std::pair<Socket, Socket> socketpair(int type) {
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
        raise_os_error(errno, "socketpair");
    }
    return {Socket(ends[0]), Socket(ends[1])};
}

void Socket::bind(const SocketAddress& address) const {
    if (::bind(fd_, address.native(), address.native_size()) != 0) {
        raise_os_error(errno, "bind to " + address.str());
    }
}

void Socket::listen(int backlog) const {
    if (::listen(fd_, backlog) != 0) raise_os_error(errno, "listen on " + view().repr());
}

void Socket::set_nonblocking() const {
    const int flags = ::fcntl(fd_, F_GETFL);
    if (flags < 0 || ((flags & O_NONBLOCK) == 0 && ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK) != 0)) {
        raise_os_error(errno, "make descriptor " + std::to_string(fd_) + " non-blocking");
    }
}

void Socket::close() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace aio
