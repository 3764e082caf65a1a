// SPDX-License-Identifier: MIT
#pragma once

#include <aio/endpoints/connection.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/task/coro.hpp>

#include <string>
#include <utility>

namespace aio {

/// Both ends of a stream: `auto connection = co_await open_connection(host, port)`, and then
/// `auto& [reader, writer] = connection`. In one line g++ 15 and 16 may forget to destroy it.
using StreamPair = std::pair<StreamReader, StreamWriter>;

/// Connects to `host` and `port` over TCP. Mirrors asyncio.open_connection(); the errors are those of
/// create_connection().
/// Cancellation: immediate; the socket is closed.
Coro<StreamPair> open_connection(std::string host, int port, ConnectOptions options);
Coro<StreamPair> open_connection(std::string host, int port);

/// The same over `socket`, which is connected already and is taken over; `limit` is the reader's.
Coro<StreamPair> open_connection(Socket socket, std::size_t limit = kDefaultStreamLimit);
Coro<StreamPair> open_connection(Socket socket, ConnectOptions options);

}  // namespace aio
