// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

namespace detail {
class Decoder;
class Encoder;
}  // namespace detail

/// How a body can be coded for its way. Mirrors aiohttp.ContentCoding, which lacks the last two.
enum class ContentCoding : std::uint8_t { identity, deflate, gzip, br, zstd };

/// The name in Content-Encoding and Accept-Encoding.
std::string_view coding_name(ContentCoding coding) noexcept;
/// The coding of that name, whatever its case ("x-gzip" is gzip); none if it is not known.
std::optional<ContentCoding> find_coding(std::string_view name) noexcept;

/// Compresses a body piece by piece. Its memory is given back by finish().
/// Threads: any, one at a time. Mirrors aiohttp.compression_utils.ZLibCompressor.
class Compressor {
public:
    /// `level`: 0 to 9 for gzip and deflate, 0 to 11 for br, 1 to 19 for zstd; without it one that is fast
    /// (6, 4, 3). Throws ValueError if there is no such level, or for identity.
    explicit Compressor(ContentCoding coding, std::optional<int> level = std::nullopt);
    Compressor(Compressor&&) noexcept;
    Compressor& operator=(Compressor&&) noexcept;
    ~Compressor();

    /// Takes more of the body, and appends to `out` what has become of it so far: often nothing.
    void compress(BytesView data, std::string& out);
    /// Appends what is needed to decode all that was taken so far: for bodies that are read while they are
    /// made. Costs some bytes each time.
    void flush(std::string& out);
    /// Appends the rest. Afterwards all functions throw RuntimeError.
    void finish(std::string& out);

private:
    detail::Encoder& encoder() const;

    std::unique_ptr<detail::Encoder> encoder_;
};

/// Keyword arguments of Decompressor.
class DecompressorOptions {
public:
    DecompressorOptions() {}
    /// How large the body may become altogether, in bytes; no limit without it.
    DecompressorOptions& max_size(std::uint64_t limit) & {
        max_size_ = limit;
        return *this;
    }
    DecompressorOptions&& max_size(std::uint64_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_size(limit));
    }
    /// How many times larger than its coded form it may be; no limit without it. The first 64 KiB may always
    /// come.
    DecompressorOptions& max_ratio(std::uint32_t limit) & {
        max_ratio_ = limit;
        return *this;
    }
    DecompressorOptions&& max_ratio(std::uint32_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_ratio(limit));
    }

    std::uint64_t max_size() const noexcept { return max_size_; }
    std::uint32_t max_ratio() const noexcept { return max_ratio_; }

private:
    std::uint64_t max_size_ = std::numeric_limits<std::uint64_t>::max();
    std::uint32_t max_ratio_ = std::numeric_limits<std::uint32_t>::max();
};

/// Decodes a compressed body piece by piece, as much at a time as is asked for. A gzip body may have several
/// members, a zstd body several frames; deflate may come with zlib's header or without, as both are sent. Its
/// memory grows with the sender's window, and is given back by feed_eof().
/// Threads: any, one at a time. Mirrors aiohttp.compression_utils.ZLibDecompressor.
class Decompressor {
public:
    /// Throws ValueError for identity, or a ratio of 0.
    explicit Decompressor(ContentCoding coding, const DecompressorOptions& options = DecompressorOptions());
    Decompressor(Decompressor&&) noexcept;
    Decompressor& operator=(Decompressor&&) noexcept;
    ~Decompressor();

    /// Appends up to `max_length` decoded bytes to `out`, and gives how many bytes of `data` that took; what
    /// is left has to be given again. Throws ContentEncodingError if the data is corrupted or goes on after
    /// its end, DecompressSizeError if a limit is exceeded; after either the object is of no more use.
    std::size_t decompress(BytesView data, std::string& out,
                           std::size_t max_length = std::numeric_limits<std::size_t>::max());
    /// More can be had without more data. Mirrors aiohttp's data_available.
    bool data_available() const noexcept { return data_available_; }
    /// No more data will come. Throws ContentEncodingError if the body is cut off, or data_available().
    void feed_eof();

private:
    void begin(std::string_view data);
    void check_limits() const;

    std::unique_ptr<detail::Decoder> decoder_;
    DecompressorOptions options_;
    std::uint64_t taken_ = 0;
    std::uint64_t given_ = 0;
    ContentCoding coding_;
    bool data_available_ = false;
    bool ended_ = false;
    bool failed_ = false;
};

}  // namespace aio::http
