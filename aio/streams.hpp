// SPDX-License-Identifier: MIT
#pragma once

/// Reading and writing in coroutines, over any transport. What opens streams is aio/endpoints.hpp.
///
/// Which one do I want?
/// - To read: read() for what is there, readline()/next_line() for lines, readexactly() for frames of
///   known size, readuntil() for other separators; read_into() and read_view() where strings cost too much.
/// - To write: write(), and drain() wherever much is written.
/// - A transport of your own: give it a StreamReaderProtocol.
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
