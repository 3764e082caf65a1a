// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/http/headers.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// How a body whose length is not known beforehand is framed for sending (RFC 9112, 7.1). Threads: any.
namespace aio::http {

/// Appends what stands before a chunk of `size` bytes. The bytes and kChunkEnd have to follow. Throws
/// ValueError if `size` is 0, which would end the body.
void append_chunk_begin(std::string& out, std::uint64_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";

/// Appends `data` as one chunk; nothing if it is empty. Larger pieces are better written as they are, between
/// append_chunk_begin() and kChunkEnd.
void append_chunk(std::string& out, BytesView data);

/// Appends the end of the body and its trailers. Throws ValueError for a field that must not be a trailer,
/// such as those of framing, routing and authorisation, which the peer would drop; nothing is appended then.
void append_last_chunk(std::string& out, const Headers& trailers = {});

}  // namespace aio::http
