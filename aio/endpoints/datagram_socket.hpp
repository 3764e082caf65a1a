// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/memory.hpp>
#include <aio/endpoints/datagram_endpoint.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/socket_address.hpp>

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace aio {

namespace detail {
class DatagramSocketState;
}

/// A packet and who sent it.
using Datagram = std::pair<std::string, SocketAddress>;

/// Sends and receives packets in coroutines: to datagrams what reader and writer are to connections. asyncio
/// has no such thing.
///
///     auto socket = co_await open_datagram_socket("127.0.0.1", 9999);
///     co_await socket.send("time?");
///     std::string time = co_await wait_for(socket.recv(), 1s);
///
/// It receives all the time. What nobody has asked for yet is kept, within DatagramOptions::limit(). Of UDP,
/// where packets may always be lost, those that come then are dropped and counted; other sockets are not read
/// from meanwhile, so that the sender waits.
///
/// An error that the network told of, such as ConnectionRefusedError from a peer that is not there, is thrown
/// once, by the receive that comes to it; the socket goes on.
///
/// A cheap handle: copies refer to the same socket. One that was made without a socket, or moved from, is
/// empty, and its functions throw RuntimeError. The last one closes the socket, and who receives then learns
/// of it. Threads: the loop's only.
class DatagramSocket {
public:
    DatagramSocket() noexcept = default;

    /// The next packet. Several tasks may wait; they are served in the order in which they came.
    /// Completes: at once if there is one. Cancellation: immediate; no packet is lost.
    /// Throws the network's error; OSError (EBADF) when the socket is closed and nothing is left, or with
    /// what ended it.
    Coro<std::string> recv() const;
    /// The same with its sender.
    Coro<Datagram> recvfrom() const;
    /// The same, giving nothing when the socket is closed and nothing is left:
    /// `while (auto packet = co_await socket.next())`.
    Coro<std::optional<Datagram>> next() const;

    /// Sends a packet, which may be empty, to the peer, or to `address`. What one step sends after its first
    /// packet goes out together when it ends, see DatagramTransport::sendto().
    /// Completes: at once, unless so much waits to be sent that there has to be room first. Cancellation:
    /// immediate; the packet is not sent.
    /// Throws the OSError that this packet, or one of the step's before it, has met; OSError (EBADF) when the
    /// socket is closed; ValueError as DatagramTransport::sendto(). `data` must last until it has ended.
    Coro<> send(BytesView data) const;
    Coro<> sendto(BytesView data, SocketAddress address) const;

    /// Sends what waits to be sent, then closes. Idempotent.
    void close() const;
    bool is_closing() const;
    /// Waits until it is closed. Throws the error that ended it, if one did. Cancellation: immediate.
    Coro<> wait_closed() const;
    /// For async_with(), at whose end it closes and waits.
    Coro<DatagramSocket> aenter() const;
    Coro<> aexit() const;

    /// How many packets were dropped because too many waited.
    std::size_t dropped() const;
    SocketAddress sockname() const;
    SocketAddress peername() const;
    /// The transport below; valid as long as a handle is.
    DatagramTransport& transport() const;

    /// Whether it refers to a socket.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Equal are those that refer to the same socket. The order, for maps and sets, is any.
    friend bool operator==(const DatagramSocket& a, const DatagramSocket& b) noexcept = default;
    friend std::strong_ordering operator<=>(const DatagramSocket& a, const DatagramSocket& b) noexcept {
        return a.state_.get() <=> b.state_.get();
    }

    /// For open_datagram_socket().
    explicit DatagramSocket(std::shared_ptr<detail::DatagramSocketState> state) noexcept;

private:
    detail::DatagramSocketState& state(const char* call) const;

    std::shared_ptr<detail::DatagramSocketState> state_;
};

/// A socket that sends to `host` and `port`, and receives from there only.
/// Errors and cancellation: as those of create_datagram_endpoint().
Coro<DatagramSocket> open_datagram_socket(std::string host, int port, DatagramOptions options);
Coro<DatagramSocket> open_datagram_socket(std::string host, int port);
/// What the options say: one that is bound, with local_addr(), receives from anybody.
Coro<DatagramSocket> open_datagram_socket(DatagramOptions options);
/// The same over `socket`, which is taken over.
Coro<DatagramSocket> open_datagram_socket(Socket socket);
Coro<DatagramSocket> open_datagram_socket(Socket socket, DatagramOptions options);

}  // namespace aio
