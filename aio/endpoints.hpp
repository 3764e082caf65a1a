// SPDX-License-Identifier: MIT
#pragma once

/// What makes connections and servers.
///
/// Which one do I want?
/// - A client: open_connection(), which gives a StreamReader and a StreamWriter.
/// - A server whose connections are coroutines: start_server().
/// - Callbacks instead of coroutines, for the last bit of speed or an existing protocol class:
///   create_connection() and create_server().
/// - Packets instead of streams (UDP, Unix datagrams): open_datagram_socket(), or create_datagram_endpoint()
///   with callbacks.
/// - The same over Unix sockets: open_unix_connection(), start_unix_server() and their kin.
/// - The program's own input and output: open_standard_streams().
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/datagram_endpoint.hpp>
#include <aio/endpoints/datagram_socket.hpp>
#include <aio/endpoints/open_connection.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/standard_streams.hpp>
#include <aio/endpoints/unix_sockets.hpp>
