// SPDX-License-Identifier: MIT
#pragma once

#include <aio/endpoints/open_connection.hpp>

#include <cstddef>

namespace aio {

/// Standard input as a reader and standard output as a writer:
///
///     auto streams = co_await open_standard_streams();
///     auto& [reader, writer] = streams;
///
/// Takes what a shell gives a program: terminals, pipes, files, sockets, /dev/null. In asyncio this is
/// connect_read_pipe(sys.stdin) and connect_write_pipe(sys.stdout), which refuse files and leave the shell's
/// terminal non-blocking. `limit` is the reader's, in bytes.
///
/// Descriptors 0 and 1 stay open and blocking, so std::cout and others still work; what they hold in their
/// own buffers has its own order. Before the program ends, wait until everything is written: close() the
/// writer and await its wait_closed(). Opened anew, a second pair shares the input with the first.
///
/// Throws OSError if a descriptor is closed.
/// Cancellation: immediate; both streams are closed.
/// Threads: the loop's.
Coro<StreamPair> open_standard_streams(std::size_t limit = kDefaultStreamLimit);

}  // namespace aio
