// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>

namespace aio {

class EventLoop;

/// A transport over `socket`, a datagram socket (UDP, Unix), and the protocol it serves: what
/// create_datagram_endpoint() does when the socket is ready.
///
/// In the next iteration connection_made() is called, then reading starts, then `on_made` is called. The
/// socket is made non-blocking. `peer` is where packets without an address go; empty, it is whom the socket
/// is connected to, if it is. Throws TypeError if `protocol` is no DatagramProtocol, RuntimeError if the loop
/// is closed or watches the descriptor otherwise, OSError. Threads: the loop's.
Ref<DatagramTransport> make_datagram_transport(EventLoop& loop, Socket socket,
                                               std::shared_ptr<BaseProtocol> protocol,
                                               SocketAddress peer = SocketAddress(),
                                               UniqueFunction<void()> on_made = nullptr);

}  // namespace aio
