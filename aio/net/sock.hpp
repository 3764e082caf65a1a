// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/sendfile.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Calls on sockets of one's own, as coroutines. Mirror loop.sock_recv() and its kin; the running loop's.
///
/// They take a Socket, a TransportSocket, or an AsyncFd. Each tries its system call first and waits only if
/// that would block. For the wait the socket is registered with the loop and then taken out again, which
/// costs two system calls; an AsyncFd of the same descriptor spares them, whatever is given here.
///
/// The socket must not block: in debug mode ValueError. It must be no transport's and have no add_reader():
/// RuntimeError, if the call has to wait. Several may wait for one socket at the same time; who comes first
/// to what arrives is open.
///
/// Lifetime: the socket, and the bytes and memory that are given, must last until the call has ended. A
/// socket that is closed while somebody waits leaves them waiting, as in Python; closing its AsyncFd ends the
/// wait with OSError (EBADF). Cancellation: immediate. Nothing is lost: what was not received is still there,
/// and what connects goes on connecting. Throw OSError (the subclass for its errno).
namespace aio {

/// Up to `n` bytes, as soon as there are any; empty at the end of the stream.
Coro<std::string> sock_recv(TransportSocket socket, std::size_t n);
/// The same into `buffer`; gives the number of bytes.
Coro<std::size_t> sock_recv_into(TransportSocket socket, std::span<char> buffer);
/// One datagram, of which what is beyond `size` bytes is lost, and its sender.
Coro<std::pair<std::string, SocketAddress>> sock_recvfrom(TransportSocket socket, std::size_t size);
/// The same into `buffer`, or its first `n` bytes unless `n` is 0. Throws ValueError if it is shorter.
Coro<std::pair<std::size_t, SocketAddress>> sock_recvfrom_into(TransportSocket socket, std::span<char> buffer,
                                                               std::size_t n = 0);

/// Sends everything. If it fails or is cancelled nobody can tell how much was sent.
Coro<> sock_sendall(TransportSocket socket, BytesView data);
/// Sends one datagram, to the connected peer if `address` is empty; gives the number of bytes sent.
Coro<std::size_t> sock_sendto(TransportSocket socket, BytesView data, SocketAddress address);

/// Connects. A full queue of a Unix socket is a BlockingIOError, because the kernel does not tell when there
/// is room. May be called again after it was cancelled.
Coro<> sock_connect(TransportSocket socket, SocketAddress address);
/// The same with the first address of `host` that the socket's family and type allow. Throws gaierror,
/// ValueError for a bad port.
Coro<> sock_connect(TransportSocket socket, std::string host, int port);

/// The next connection of a listening socket, not blocking, and its peer.
Coro<std::pair<Socket, SocketAddress>> sock_accept(TransportSocket socket);

/// What sock_recv_fds() gives.
struct ReceivedFds {
    std::string data;
    /// Closed on exec(), and by these, whatever they are descriptors of; detach() takes one out.
    std::vector<Socket> fds;
    /// More came than were asked for, or than this process may have; the kernel has closed those.
    bool truncated = false;
};

/// Sends descriptors over a Unix socket (SCM_RIGHTS), with `data`, of which a stream needs at least one byte;
/// gives the number of bytes sent. They stay the caller's too. As socket.send_fds(). Throws ValueError
/// without data; OSError (EINVAL) for more than 253 descriptors.
Coro<std::size_t> sock_send_fds(TransportSocket socket, BytesView data, std::vector<int> fds);
/// Up to `n` bytes and the descriptors that came with them, at most `max_fds`; nothing of either at the end
/// of the stream. As socket.recv_fds(). Descriptors end a read: what was sent behind them comes with the
/// next.
Coro<ReceivedFds> sock_recv_fds(TransportSocket socket, std::size_t n, std::size_t max_fds);

/// Sends a file over a stream socket, and gives the number of bytes; see sendfile() in
/// aio/transport/sendfile.hpp for files and options. Mirrors loop.sock_sendfile().
///
/// The kernel sends it where it can. Throws ValueError for another kind of socket, SendfileNotAvailableError
/// if the kernel cannot and fallback() is off.
Coro<std::uint64_t> sock_sendfile(TransportSocket socket, int file, SendfileOptions options);
Coro<std::uint64_t> sock_sendfile(TransportSocket socket, int file);

}  // namespace aio
