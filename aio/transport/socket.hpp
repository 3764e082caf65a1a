// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/socket_address.hpp>

#include <string>
#include <utility>

namespace aio {

/// View of a socket that somebody else owns: what a transport and a Server show of theirs. Mirrors
/// asyncio's TransportSocket. Only options and addresses; it cannot read, write or close.
///
/// Lifetime: valid while the owner keeps the socket open; calls afterwards throw OSError.
class TransportSocket {
public:
    TransportSocket() noexcept = default;
    explicit TransportSocket(int fd) noexcept : fd_(fd) {}

    /// The descriptor; -1 if there is none.
    int fileno() const noexcept { return fd_; }
    /// The socket's own address. Throws OSError.
    SocketAddress getsockname() const;
    /// The address of the other end. Throws OSError (ENOTCONN if there is none).
    SocketAddress getpeername() const;
    /// AF_INET, AF_INET6, AF_UNIX, ... Throws OSError.
    int family() const { return getsockopt(SOL_SOCKET, SO_DOMAIN); }
    /// SOCK_STREAM, SOCK_DGRAM, ... Throws OSError.
    int type() const { return getsockopt(SOL_SOCKET, SO_TYPE); }

    /// Integer socket options, as in setsockopt(2). Throw OSError.
    void setsockopt(int level, int option, int value) const;
    int getsockopt(int level, int option) const;

    /// For people: "<socket fd=7 127.0.0.1:80>".
    std::string repr() const;

private:
    int fd_ = -1;
};

/// Owner of a socket; closes it at the end. Move-only.
///
/// Everything made here is non-blocking and closed on exec().
class Socket {
public:
    Socket() noexcept = default;
    /// Takes over `fd`, and leaves its mode as it is; see set_nonblocking().
    explicit Socket(int fd) noexcept : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        Socket old(std::move(*this));
        fd_ = std::exchange(other.fd_, -1);
        return *this;
    }
    ~Socket() { close(); }

    /// A new stream socket of `family`. Throws OSError.
    static Socket stream(int family);
    /// The same for datagrams.
    static Socket datagram(int family);

    explicit operator bool() const noexcept { return fd_ >= 0; }
    int fileno() const noexcept { return fd_; }
    TransportSocket view() const noexcept { return TransportSocket(fd_); }
    operator TransportSocket() const& noexcept { return view(); }  // NOLINT(google-explicit-constructor)
    operator TransportSocket() && = delete;                        // nothing would be left of it
    SocketAddress getsockname() const { return view().getsockname(); }
    SocketAddress getpeername() const { return view().getpeername(); }
    void setsockopt(int level, int option, int value) const { view().setsockopt(level, option, value); }

    /// Binds to `address`. Throws OSError naming it.
    void bind(const SocketAddress& address) const;
    /// Makes it a listening socket. Throws OSError.
    void listen(int backlog) const;
    /// O_NONBLOCK. Throws OSError.
    void set_nonblocking() const;

    void close() noexcept;
    /// Gives the descriptor up to the caller.
    int detach() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

/// Two Unix sockets that are connected to each other. Throws OSError.
std::pair<Socket, Socket> socketpair(int type = SOCK_STREAM);

}  // namespace aio
