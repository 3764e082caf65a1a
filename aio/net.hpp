// SPDX-License-Identifier: MIT
#pragma once

/// Networking below streams: addresses, sockets, and asyncio's callback layer of transports and protocols.
///
/// Which one do I want?
/// - Reading and writing in coroutines: none of these, but aio/streams.hpp.
/// - A protocol of your own, called back for every chunk: derive from Protocol, or from BufferedProtocol
///   to receive into memory of your own without a copy, and give it to create_connection() or
///   create_server() (aio/streams/connection.hpp, aio/streams/server.hpp).
/// - A transport of your own, for example in memory or over another one: implement Transport.
#include <aio/net/protocol.hpp>
#include <aio/net/resolver.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/socket_address.hpp>
#include <aio/net/socket_transport.hpp>
#include <aio/net/transport.hpp>
