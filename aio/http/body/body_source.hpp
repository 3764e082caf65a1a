// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/coro.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace aio::http::detail {

/// Where the bytes of a body come from: a connection, whichever version of HTTP it speaks, or what decodes
/// another source. It is pulled: what nobody asks for stays in the connection, which stops reading then.
class BodySource {
public:
    enum class State : std::uint8_t {
        data,  ///< bytes were appended
        wait,  ///< wait() has to be awaited first
        end    ///< the body is complete, and stays so
    };

    BodySource() = default;
    BodySource(const BodySource&) = delete;
    BodySource& operator=(const BodySource&) = delete;
    virtual ~BodySource() = default;

    /// Appends what is there to `out`, at most about `most` bytes, and never beyond the end of a chunk of the
    /// sender's. Throws if the body is broken; after that it must not be called again.
    virtual State take(std::string& out, std::size_t most) = 0;
    /// Waits until take() may give something else. Throws if the connection breaks.
    /// Cancellation: immediate; nothing is lost.
    virtual Coro<> wait() = 0;
    /// Whether what take() gave last ends a chunk of the sender's.
    virtual bool ends_chunk() const noexcept { return false; }
    /// How many bytes came, before they were decoded.
    virtual std::uint64_t raw_bytes() const noexcept = 0;
};

}  // namespace aio::http::detail
