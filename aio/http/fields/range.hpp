// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// A piece of a body that a request asks for: "0-499" has both, "500-" a first byte alone, and "-500", the
/// last 500 bytes, only how many.
struct RangeSpec {
    std::optional<std::uint64_t> first;
    /// The last byte, which belongs to it; without a first one, how many bytes of the end.
    std::optional<std::uint64_t> last;
    friend bool operator==(const RangeSpec&, const RangeSpec&) = default;
};

/// A piece of a body that is there: bytes from `start` up to `stop`, which does not belong to it, as of
/// Python's slices.
struct ByteRange {
    std::uint64_t start = 0;
    std::uint64_t stop = 0;
    std::uint64_t size() const noexcept { return stop - start; }
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// A field Range with more pieces is ignored.
inline constexpr std::size_t kMostRanges = 32;

/// The pieces that a field Range asks for, "bytes=0-499,-500". None if it is malformed, in another unit than
/// bytes, or asks for more than kMostRanges: the whole body is the right answer to that (RFC 9110, 14.2).
/// Mirrors aiohttp's request.http_range, which takes one piece, and raises ValueError for what is malformed.
/// Threads: any.
std::optional<std::vector<RangeSpec>> parse_range(std::string_view text);

/// What there is of these pieces in a body of `size` bytes, in the order that was asked for; but if some of
/// them overlap, in the body's order and joined, so that no byte is sent twice. Empty: nothing, which is
/// answered by 416. Threads: any.
std::vector<ByteRange> satisfiable_ranges(std::span<const RangeSpec> specs, std::uint64_t size);

/// What the body of a partial answer is of the whole: "bytes 0-499/1234". Without a range it says that
/// nothing could be given, "bytes */1234"; without a size that the whole is of unknown length.
struct ContentRange {
    std::optional<ByteRange> range;
    std::optional<std::uint64_t> size;
    std::string str() const;
    friend bool operator==(const ContentRange&, const ContentRange&) = default;
};

/// None if it is malformed, contradicts itself, or is of another unit than bytes. Threads: any.
std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace aio::http
