// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>
#include <aio/transport/transport_group.hpp>

namespace aio {

class EventLoop;

/// Details of make_socket_transport().
class SocketTransportOptions {
public:
    SocketTransportOptions() {}
    /// The peer's address, if it is known already: saves a system call.
    SocketTransportOptions& peername(SocketAddress address) & {
        peername_ = std::move(address);
        return *this;
    }
    SocketTransportOptions&& peername(SocketAddress address) && AIO_LIFETIME_BOUND {
        return std::move(this->peername(std::move(address)));
    }
    /// The group that the transport belongs to while it is open.
    SocketTransportOptions& group(Ref<TransportGroup> group) & {
        group_ = std::move(group);
        return *this;
    }
    SocketTransportOptions&& group(Ref<TransportGroup> group) && AIO_LIFETIME_BOUND {
        return std::move(this->group(std::move(group)));
    }
    /// Called once from the loop, right after connection_made() and the start of reading (S127).
    SocketTransportOptions& on_made(UniqueFunction<void()> callback) & {
        on_made_ = std::move(callback);
        return *this;
    }
    SocketTransportOptions&& on_made(UniqueFunction<void()> callback) && AIO_LIFETIME_BOUND {
        return std::move(this->on_made(std::move(callback)));
    }

private:
    friend class SocketTransport;
    SocketAddress peername_;
    Ref<TransportGroup> group_;
    UniqueFunction<void()> on_made_;
};

/// A transport over `socket`, a connected stream socket (TCP, Unix), and the protocol it serves. Mirrors
/// what asyncio's create_connection() does with a socket.
///
/// In the next iteration connection_made() is called, then reading starts. The socket is made
/// non-blocking, and TCP_NODELAY is set on TCP. Throws TypeError if `protocol` is neither a Protocol nor
/// a BufferedProtocol, RuntimeError if the loop is closed or watches the descriptor otherwise, OSError.
/// Threads: the loop's.
Ref<Transport> make_socket_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     SocketTransportOptions options = SocketTransportOptions());

}  // namespace aio
