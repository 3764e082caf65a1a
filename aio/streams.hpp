// SPDX-License-Identifier: MIT
#pragma once

/// TCP in coroutines, and what makes connections and servers of all kinds.
///
/// Which one do I want?
/// - A client: open_connection(), which gives a StreamReader and a StreamWriter.
/// - A server whose connections are coroutines: start_server().
/// - Callbacks instead of coroutines, for the last bit of speed or an existing protocol class:
///   create_connection() and create_server().
/// - To read: read() for what is there, readline()/next_line() for lines, readexactly() for frames of
///   known size, readuntil() for other separators; read_into() and read_view() where strings cost too much.
/// - To write: write(), and drain() wherever much is written.
#include <aio/streams/connection.hpp>
#include <aio/streams/open_connection.hpp>
#include <aio/streams/server.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
