// SPDX-License-Identifier: MIT
#pragma once

/// asyncio's callback layer, whatever it runs on: transports, protocols, addresses and sockets.
///
/// Which one do I want?
/// - Reading and writing in coroutines: none of these, but aio/streams.hpp.
/// - A protocol of your own, called back for every chunk: derive from Protocol, or from BufferedProtocol
///   to receive into memory of your own without a copy, and give it to create_connection() or
///   create_server() (aio/endpoints.hpp).
/// - A transport of your own, for example in memory or over another one: implement Transport; a
///   TransportFactory (aio/transport/transport_factory.hpp) makes it what a loop's connections have.
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>
#include <aio/transport/transport.hpp>
