// SPDX-License-Identifier: MIT
// Compressed bodies from outside: whole and in pieces they give the same, within the limits; and whatever is
// compressed comes back.
#include <aio/http/compression.hpp>
#include <aio/http/error.hpp>

#include "fuzz/fuzz.hpp"
#include "http/delivery.hpp"

#include <algorithm>
#include <string>

namespace aio::tests {
namespace {

constexpr std::size_t kMost = 100000;

/// What comes out, and whether it ended well.
std::string decode(http::ContentCoding coding, std::string_view data, std::size_t step, std::size_t most) {
    http::Decompressor decompressor(coding, http::DecompressorOptions().max_size(kMost));
    try {
        return "good: " +
               decoded_in_pieces(decompressor, data, step, most, [most](std::size_t made, std::size_t all) {
                   require(made <= most && all <= kMost, "limits hold");
               });
    } catch (const http::PayloadEncodingError&) {
        return "refused";
    }
}

void try_coding(http::ContentCoding coding, std::string_view text) {
    const std::string whole = decode(coding, text, text.size(), kMost);
    require(decode(coding, text, 1, 7) == whole, "in pieces it is the same");
    http::Compressor compressor(coding);
    std::string data;
    compressor.compress(text.substr(0, text.size() / 2), data);
    compressor.flush(data);
    compressor.compress(text.substr(text.size() / 2), data);
    compressor.finish(data);
    require(decode(coding, data, 100, 1000) == "good: " + std::string(text), "what is compressed comes back");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using aio::http::ContentCoding;
    if (size == 0) return 0;
    const std::string_view text = aio::tests::text_of(data, size);
    constexpr ContentCoding kCodings[] = {ContentCoding::deflate, ContentCoding::gzip, ContentCoding::br,
                                          ContentCoding::zstd};
    aio::tests::try_coding(kCodings[data[0] % 4], text.substr(1));
    return 0;
}
