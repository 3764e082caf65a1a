// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <string>

namespace aio::http {

/// Where the body of a message goes: a connection, whichever version of HTTP it speaks. Frames and compresses
/// as the head of the message says. Mirrors aiohttp.abc.AbstractStreamWriter.
/// Threads: the loop's.
class BodyWriter {
public:
    BodyWriter(const BodyWriter&) = delete;
    BodyWriter& operator=(const BodyWriter&) = delete;

    /// Sends more of the body; never waits. Follow it with drain() wherever much is written. An empty piece
    /// is nothing. Throws RuntimeError if it is more than the length that the head has announced.
    virtual void write(BytesView data) = 0;
    /// Sends what a compressor holds back, so that all that was written can be decoded. Costs some bytes each
    /// time.
    virtual void flush() {}
    /// Waits until the connection has room. Throws ConnectionResetError if it is lost.
    /// Cancellation: immediate.
    virtual Coro<> drain() = 0;
    /// Sends `count` bytes of a file, from `offset` on: by the kernel where that is possible, else read in
    /// pieces by a thread. Throws as aio::sendfile() does, RuntimeError if the file has fewer bytes by then.
    /// Cancellation: immediate; what was sent is sent, and the message cannot be completed any more.
    virtual Coro<> sendfile(int file, std::uint64_t offset, std::uint64_t count) = 0;

protected:
    BodyWriter() = default;
    ~BodyWriter() = default;
};

}  // namespace aio::http
