// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/coding/coding_impl.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/error.hpp>
#include <aio/http/header_name.hpp>

#include <algorithm>
#include <iterator>

namespace aio::http {
namespace {

constexpr std::string_view kNames[] = {"identity", "deflate", "gzip", "br", "zstd"};
// So much may come of a few bytes that tell of many equal ones.
constexpr std::uint64_t kFreeOfRatio = std::uint64_t{64} * 1024;

std::unique_ptr<detail::Encoder> make_encoder(ContentCoding coding, std::optional<int> level) {
    switch (coding) {
        case ContentCoding::gzip:
        case ContentCoding::deflate:
            return detail::make_zlib_encoder(coding == ContentCoding::gzip, level);
        case ContentCoding::br:
            return detail::make_brotli_encoder(level);
        case ContentCoding::zstd:
            return detail::make_zstd_encoder(level);
        case ContentCoding::identity:
            break;
    }
    throw ValueError("there is nothing to compress for identity");
}

/// `first` is the first byte of the body. zlib's header begins with the method, 8; a block of deflate could
/// do so only if a bit of padding were set.
std::unique_ptr<detail::Decoder> make_decoder(ContentCoding coding, char first) {
    switch (coding) {
        case ContentCoding::gzip:
            return detail::make_zlib_decoder(detail::ZlibFormat::gzip);
        case ContentCoding::deflate:
            return detail::make_zlib_decoder((first & 0xf) == 8 ? detail::ZlibFormat::zlib
                                                                : detail::ZlibFormat::raw);
        case ContentCoding::br:
            return detail::make_brotli_decoder();
        default:
            return detail::make_zstd_decoder();
    }
}

}  // namespace

namespace detail {

int check_level(std::optional<int> level, int lowest, int highest, int usual) {
    if (level && (*level < lowest || *level > highest)) {
        throw ValueError("the level must be from " + std::to_string(lowest) + " to " +
                         std::to_string(highest) + ", not " + std::to_string(*level));
    }
    return level.value_or(usual);
}

}  // namespace detail

std::string_view coding_name(ContentCoding coding) noexcept {
    return kNames[static_cast<std::size_t>(coding)];
}

std::optional<ContentCoding> find_coding(std::string_view name) noexcept {
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        if (equal_ignoring_case(name, kNames[i])) return static_cast<ContentCoding>(i);
    }
    if (equal_ignoring_case(name, "x-gzip")) return ContentCoding::gzip;
    return std::nullopt;
}

Compressor::Compressor(ContentCoding coding, std::optional<int> level)
    : encoder_(make_encoder(coding, level)) {}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

detail::Encoder& Compressor::encoder() const {
    if (!encoder_) throw RuntimeError("the compressor has finished");
    return *encoder_;
}

void Compressor::compress(BytesView data, std::string& out) {
    encoder().encode(data, detail::Encoder::Until::more, out);
}

void Compressor::flush(std::string& out) { encoder().encode({}, detail::Encoder::Until::flushed, out); }

void Compressor::finish(std::string& out) {
    encoder().encode({}, detail::Encoder::Until::end, out);
    encoder_ = nullptr;
}

Decompressor::Decompressor(ContentCoding coding, const DecompressorOptions& options)
    : options_(options), coding_(coding) {
    if (coding == ContentCoding::identity) throw ValueError("there is nothing to decompress for identity");
    if (options.max_ratio() == 0) throw ValueError("max_ratio must be at least 1");
}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

// Before the first byte of a body, or of what follows the end of one.
void Decompressor::begin(std::string_view data) {
    if (ended_ && !decoder_) {
        throw ContentEncodingError("data behind the end of a body in " + std::string(coding_name(coding_)));
    }
    if (!decoder_) decoder_ = make_decoder(coding_, data[0]);
    ended_ = false;
}

std::size_t Decompressor::decompress(BytesView data, std::string& out, std::size_t max_length) {
    using State = detail::Decoder::State;
    if (failed_) throw RuntimeError("the decompressor cannot go on after an error");
    failed_ = true;
    std::string_view rest = data;
    while (max_length > 0 && (!rest.empty() || data_available_)) {
        if (!data_available_ && (ended_ || !decoder_)) begin(rest);
        char piece[detail::kPiece];
        const auto progress = decoder_->decode(rest, {piece, std::min(sizeof piece, max_length)});
        rest.remove_prefix(progress.taken);
        taken_ += progress.taken;
        given_ += progress.given;
        max_length -= progress.given;
        check_limits();
        out.append(piece, progress.given);
        data_available_ = progress.state == State::needs_room;
        if (progress.state == State::end) {
            ended_ = true;
            if (!decoder_->may_continue()) decoder_ = nullptr;
        } else if (progress.taken == 0 && progress.given == 0) {
            break;
        }
    }
    failed_ = false;
    return data.size() - rest.size();
}

void Decompressor::check_limits() const {
    if (given_ > options_.max_size()) {
        throw DecompressSizeError("the body becomes larger than " + std::to_string(options_.max_size()) +
                                  " bytes");
    }
    if (given_ > kFreeOfRatio && given_ / options_.max_ratio() > taken_) {
        throw DecompressSizeError("the body becomes more than " + std::to_string(options_.max_ratio()) +
                                  " times as large as it was sent");
    }
}

void Decompressor::feed_eof() {
    if (failed_) throw RuntimeError("the decompressor cannot go on after an error");
    if (data_available_ || (decoder_ && !ended_)) {
        failed_ = true;
        throw ContentEncodingError("a body in " + std::string(coding_name(coding_)) + " is cut off");
    }
    decoder_ = nullptr;
}

}  // namespace aio::http
