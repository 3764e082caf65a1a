// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/error.hpp>
#include <aio/base/ref.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <utility>

namespace aio {

class Transport;

/// The kernel cannot send this file, or over this transport, and fallback() is off. Mirrors
/// asyncio.SendfileNotAvailableError.
class SendfileNotAvailableError : public RuntimeError {
public:
    using RuntimeError::RuntimeError;
};

/// Keyword arguments of sendfile() and sock_sendfile().
class SendfileOptions {
public:
    SendfileOptions() {}
    /// Where to begin, in bytes; of a pipe only 0.
    SendfileOptions& offset(std::uint64_t bytes) & {
        offset_ = bytes;
        return *this;
    }
    SendfileOptions&& offset(std::uint64_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->offset(bytes));
    }
    /// How many bytes at most; by default all until the file's end. 0 is refused.
    SendfileOptions& count(std::uint64_t bytes) & {
        count_ = bytes;
        has_count_ = true;
        return *this;
    }
    SendfileOptions&& count(std::uint64_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->count(bytes));
    }
    /// Whether the file is read and written where the kernel cannot send it; on by default.
    SendfileOptions& fallback(bool on) & {
        fallback_ = on;
        return *this;
    }
    SendfileOptions&& fallback(bool on) && AIO_LIFETIME_BOUND { return std::move(this->fallback(on)); }

    std::uint64_t get_offset() const noexcept { return offset_; }
    bool has_count() const noexcept { return has_count_; }
    std::uint64_t get_count() const noexcept { return count_; }
    bool get_fallback() const noexcept { return fallback_; }

private:
    std::uint64_t offset_ = 0;
    std::uint64_t count_ = 0;
    bool has_count_ = false;
    bool fallback_ = true;
};

/// Sends a file over a transport, behind what was written before, and gives the number of bytes. Mirrors
/// loop.sendfile(). `file` is a descriptor, which stays the caller's and must last until the end.
///
/// Over a plain socket the kernel sends regular files (sendfile(2)) and what comes out of a pipe (splice(2)).
/// All else, and over what changes the bytes, such as TLS, is read in pieces and written: from files
/// in a thread of the default executor, from others when there is something to read.
///
/// Completes when everything is handed to the kernel, or with fallback() to the transport; a file that
/// shrinks meanwhile ends earlier. Nothing else may be written until then (RuntimeError where the kernel
/// sends). The position of a file stands behind what was sent afterwards, however it ends.
/// Cancellation: immediate; a part may be sent. Throws RuntimeError for a transport that is closing,
/// ValueError for a count of 0, ConnectionError if the connection is lost or closed meanwhile, OSError.
/// Threads: the loop's.
Coro<std::uint64_t> sendfile(Ref<Transport> transport, int file, SendfileOptions options);
Coro<std::uint64_t> sendfile(Ref<Transport> transport, int file);

}  // namespace aio
