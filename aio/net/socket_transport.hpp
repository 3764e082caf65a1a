// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>
#include <aio/transport/transport_factory.hpp>

namespace aio {

class EventLoop;

/// A transport over `socket`, a connected stream socket (TCP, Unix), and the protocol it serves. Mirrors
/// what asyncio's create_connection() does with a socket.
///
/// In the next iteration connection_made() is called, then reading starts. The socket is made
/// non-blocking, and TCP_NODELAY is set on TCP. Throws TypeError if `protocol` is neither a Protocol nor
/// a BufferedProtocol, RuntimeError if the loop is closed or watches the descriptor otherwise, OSError.
/// create_connection() and its kin make theirs by the loop's TransportFactory, which does this by default.
/// Threads: the loop's.
Ref<Transport> make_socket_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     SocketTransportOptions options = SocketTransportOptions());

}  // namespace aio
