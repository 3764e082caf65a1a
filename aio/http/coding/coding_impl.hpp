// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/compression.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What Compressor and Decompressor need of zlib, brotli and zstd.
namespace aio::http::detail {

class Encoder {
public:
    enum class Until : std::uint8_t { more, flushed, end };
    virtual ~Encoder() = default;
    /// Takes all of `data`, and appends what comes of it up to that point.
    virtual void encode(std::string_view data, Until until, std::string& out) = 0;
};

class Decoder {
public:
    enum class State : std::uint8_t { needs_data, needs_room, end };
    struct Progress {
        State state;
        std::size_t taken;
        std::size_t given;
    };
    virtual ~Decoder() = default;
    /// Decodes from `data` into `room` as far as both reach. After the end it begins again, for what comes
    /// one after another. Throws ContentEncodingError.
    virtual Progress decode(std::string_view data, std::span<char> room) = 0;
    /// Whether another piece may follow the end.
    virtual bool may_continue() const noexcept { return false; }
};

/// Memory on the stack for what a library puts out at a time.
inline constexpr std::size_t kPiece = std::size_t{16} * 1024;

/// Throws ValueError if `level` is not between the two; gives `usual` if there is none.
int check_level(std::optional<int> level, int lowest, int highest, int usual);

std::unique_ptr<Encoder> make_zlib_encoder(bool gzip, std::optional<int> level);
std::unique_ptr<Encoder> make_brotli_encoder(std::optional<int> level);
std::unique_ptr<Encoder> make_zstd_encoder(std::optional<int> level);

enum class ZlibFormat : std::uint8_t { gzip, zlib, raw };
std::unique_ptr<Decoder> make_zlib_decoder(ZlibFormat format);
std::unique_ptr<Decoder> make_brotli_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();

}  // namespace aio::http::detail
