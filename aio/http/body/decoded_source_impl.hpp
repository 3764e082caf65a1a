// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/http/body/body_source.hpp>
#include <aio/http/compression.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http::detail {

/// What Content-Encoding names, in the order in which it was applied; "identity" is left out. None if a name
/// is not known, or if there are more than kMostCodings.
std::optional<std::vector<ContentCoding>> parse_content_encoding(std::string_view value);

/// More than one is rare, and each multiplies what few bytes may become.
inline constexpr std::size_t kMostCodings = 4;

/// A body without its coding. Nothing is decoded before it is asked for, so that what is in memory is what
/// was asked for and what the decoder itself needs, whatever a few bytes would become.
class DecodedSource final : public BodySource {
public:
    /// `coded` must live as long as this.
    DecodedSource(BodySource& coded, ContentCoding coding, const DecompressorOptions& options)
        : coded_(coded), decompressor_(coding, options) {}
    /// The same over another of its kind.
    DecodedSource(std::unique_ptr<BodySource> coded, ContentCoding coding, const DecompressorOptions& options)
        : owned_(std::move(coded)), coded_(*owned_), decompressor_(coding, options) {}

    /// Throws ContentEncodingError, DecompressSizeError, and what the other source throws.
    State take(std::string& out, std::size_t most) override;
    Coro<> wait() override;
    bool ends_chunk() const noexcept override;
    std::uint64_t raw_bytes() const noexcept override { return coded_.raw_bytes(); }

private:
    bool decode(std::string& out, std::size_t most);

    std::unique_ptr<BodySource> owned_;
    BodySource& coded_;
    Decompressor decompressor_;
    std::string input_;
    std::size_t begin_ = 0;         ///< what of `input_` is decoded
    std::size_t without_wait_ = 0;  ///< how much was given since others could run
    bool coded_ended_ = false;
    bool ended_ = false;
};

/// `source` without `codings`, the last of which is undone first. There is at least one. `options` bound what
/// comes out of each of them.
std::unique_ptr<BodySource> make_decoded_source(BodySource& source, std::span<const ContentCoding> codings,
                                                const DecompressorOptions& options);

/// All of a text that is in memory. Throws as the source does.
std::string decode_content(std::string data, std::span<const ContentCoding> codings,
                           const DecompressorOptions& options);

}  // namespace aio::http::detail
