// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include "http/delivery.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::Compressor;
using http::ContentCoding;
using http::Decompressor;
using http::DecompressorOptions;

constexpr ContentCoding kCodings[] = {ContentCoding::deflate, ContentCoding::gzip, ContentCoding::br,
                                      ContentCoding::zstd};

/// Text of which half can be foretold.
std::string sample(std::size_t size) {
    std::minstd_rand random(3);
    std::string text;
    while (text.size() < size) {
        text += "line " + std::to_string(random() % 100000);
        text += random() % 2 ? " of many\n" : "\n";
    }
    text.resize(size);
    return text;
}

std::string compressed(ContentCoding coding, std::string_view text, std::optional<int> level = std::nullopt) {
    Compressor compressor(coding, level);
    std::string out;
    compressor.compress(text, out);
    compressor.finish(out);
    return out;
}

/// Decodes by pieces of `step` bytes, at most `most` bytes at a time.
std::string decoded(ContentCoding coding, std::string_view data, std::size_t step, std::size_t most) {
    Decompressor decompressor(coding);
    return decoded_in_pieces(decompressor, data, step, most,
                             [most](std::size_t made, std::size_t) { EXPECT_LE(made, most); });
}

std::string name_of(ContentCoding coding) { return std::string(http::coding_name(coding)); }

// The same body by another's hand: made by python3's zlib, with Z_FINISH and -15 for raw.
constexpr std::string_view kRaw("\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x00", 10);

TEST(Compression, NamesOfTheCodings) {
    for (const ContentCoding coding : kCodings) EXPECT_EQ(http::find_coding(name_of(coding)), coding);
    EXPECT_EQ(http::find_coding("identity"), ContentCoding::identity);
    EXPECT_EQ(http::find_coding("GZip"), ContentCoding::gzip);
    EXPECT_EQ(http::find_coding("x-gzip"), ContentCoding::gzip);
    EXPECT_EQ(http::find_coding("compress"), std::nullopt);
    EXPECT_EQ(http::find_coding(""), std::nullopt);
}

TEST(Compression, WhatIsCompressedComesBack) {
    for (const ContentCoding coding : kCodings) {
        for (const std::size_t size :
             {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{300000}}) {
            const std::string text = sample(size);
            const std::string data = compressed(coding, text);
            if (size > 1000) {
                EXPECT_LT(data.size(), size / 2) << name_of(coding);
            }
            for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, data.size()}) {
                for (const std::size_t most : {std::size_t{1} << 10, std::size_t{1} << 30}) {
                    EXPECT_EQ(decoded(coding, data, step, most), text)
                        << name_of(coding) << size << " " << step;
                }
            }
        }
    }
}

TEST(Compression, DeflateComesWithZlibsHeaderOrWithout) {
    EXPECT_EQ(compressed(ContentCoding::deflate, "hello")[0] & 0xf, 8);
    EXPECT_EQ(decoded(ContentCoding::deflate, kRaw, 100, 100), "hello hello hello");
    EXPECT_EQ(decoded(ContentCoding::deflate, kRaw, 1, 1), "hello hello hello");
}

TEST(Compression, WhatIsFlushedCanBeReadAtOnce) {
    for (const ContentCoding coding : kCodings) {
        Compressor compressor(coding);
        Decompressor decompressor(coding);
        for (const std::string_view text : {"first", "second"}) {
            std::string data;
            std::string out;
            compressor.compress(text, data);
            compressor.flush(data);
            EXPECT_EQ(decompressor.decompress(data, out), data.size());
            EXPECT_EQ(out, text) << name_of(coding);
        }
        std::string data;
        std::string out;
        compressor.finish(data);
        EXPECT_EQ(decompressor.decompress(data, out), data.size());
        EXPECT_EQ(out, "");
        decompressor.feed_eof();
        EXPECT_THROW(compressor.compress("x", data), RuntimeError);
        EXPECT_THROW(compressor.flush(data), RuntimeError);
        EXPECT_THROW(compressor.finish(data), RuntimeError);
    }
}

TEST(Compression, LevelsThatDoNotExist) {
    EXPECT_THROW(Compressor(ContentCoding::gzip, 10), ValueError);
    EXPECT_THROW(Compressor(ContentCoding::deflate, -1), ValueError);
    EXPECT_THROW(Compressor(ContentCoding::br, 12), ValueError);
    EXPECT_THROW(Compressor(ContentCoding::zstd, 0), ValueError);
    EXPECT_THROW(Compressor(ContentCoding::zstd, 20), ValueError);
    EXPECT_THROW(Compressor{ContentCoding::identity}, ValueError);
    EXPECT_THROW(Decompressor{ContentCoding::identity}, ValueError);
    EXPECT_THROW(Decompressor(ContentCoding::gzip, DecompressorOptions().max_ratio(0)), ValueError);
    const std::string text = sample(100000);
    for (const auto& [coding, level] : {std::pair(ContentCoding::gzip, 9), std::pair(ContentCoding::br, 11),
                                        std::pair(ContentCoding::zstd, 19)}) {
        const std::string best = compressed(coding, text, level);
        EXPECT_LT(best.size(), compressed(coding, text).size()) << name_of(coding);
        EXPECT_EQ(decoded(coding, best, best.size(), 1 << 20), text);
    }
}

TEST(Compression, F90_members_and_frames_follow_each_other) {
    for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::zstd}) {
        const std::string two =
            compressed(coding, "first ") + compressed(coding, "") + compressed(coding, "second");
        for (std::size_t step = 1; step <= two.size(); ++step) {
            EXPECT_EQ(decoded(coding, two, step, 3), "first second") << name_of(coding) << step;
        }
        EXPECT_THROW(decoded(coding, two + "garbage!", 7, 100), http::ContentEncodingError);
    }
    for (const ContentCoding coding : {ContentCoding::deflate, ContentCoding::br}) {
        EXPECT_THROW(decoded(coding, compressed(coding, "x") + "g", 1, 100), http::ContentEncodingError);
    }
}

TEST(Compression, F90_a_body_that_is_cut_off_is_an_error) {
    const std::string text = sample(2000);
    for (const ContentCoding coding : kCodings) {
        const std::string data = compressed(coding, text);
        EXPECT_EQ(decoded(coding, "", 1, 1), "");  // nothing at all is sent with a status that has no body
        for (std::size_t size = 1; size < data.size(); ++size) {
            EXPECT_THROW(decoded(coding, data.substr(0, size), 50, 1000), http::ContentEncodingError)
                << name_of(coding) << size;
        }
    }
}

// Never other data without an error: all formats but br have a checksum at their end. A changed bit may say
// nothing (gzip's time) or the same text in another way (a copy of another place), which is no fault.
TEST(Compression, F90_a_body_that_is_corrupted_is_an_error) {
    const std::string text = sample(2000);
    for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::zstd}) {
        const std::string data = compressed(coding, text);
        std::size_t accepted = 0;
        for (std::size_t i = 0; i < data.size(); ++i) {
            std::string bad = data;
            bad[i] = static_cast<char>(bad[i] ^ 0x10);
            try {
                EXPECT_EQ(decoded(coding, bad, bad.size(), 1000), text) << name_of(coding) << i;
                EXPECT_LT(i, data.size() - 4) << name_of(coding) << ": the checksum is not looked at";
                ++accepted;
            } catch (const http::ContentEncodingError&) {
                continue;
            }
        }
        EXPECT_LT(accepted, data.size() / 20) << name_of(coding);
    }
    EXPECT_THROW(decoded(ContentCoding::br, "\xff\xff\xff\xff\xff", 5, 1000), http::ContentEncodingError);
    Decompressor decompressor(ContentCoding::gzip);
    std::string out;
    EXPECT_THROW(decompressor.decompress("no gzip", out), http::ContentEncodingError);
    EXPECT_THROW(decompressor.decompress("", out), RuntimeError);
    EXPECT_THROW(decompressor.feed_eof(), RuntimeError);
}

TEST(Compression, F91_a_bomb_is_bounded_in_each_call_and_altogether) {
    const std::string zeros(std::size_t{16} << 20, '\0');
    for (const ContentCoding coding : kCodings) {
        const std::string bomb = compressed(coding, zeros);
        std::string out;
        Decompressor bounded(coding);
        EXPECT_LE(bounded.decompress(bomb, out, 1000), bomb.size());
        EXPECT_EQ(out.size(), 1000U) << name_of(coding);
        EXPECT_LT(out.capacity(), std::size_t{64} << 10);

        const auto refused = [&](const DecompressorOptions& options, std::size_t most) {
            out.clear();
            Decompressor limited(coding, options);
            EXPECT_THROW(limited.decompress(bomb, out), http::DecompressSizeError) << name_of(coding);
            EXPECT_LE(out.size(), most);
        };
        refused(DecompressorOptions().max_size(100000), 100000);
        refused(DecompressorOptions().max_ratio(50), std::size_t{2} << 20);
        Decompressor enough(coding, DecompressorOptions().max_size(zeros.size()));
        out.clear();
        EXPECT_EQ(enough.decompress(bomb, out), bomb.size());
        EXPECT_EQ(out.size(), zeros.size());
    }
    std::string members;
    for (int i = 0; i < 200; ++i) members += compressed(ContentCoding::gzip, std::string(1000, 'x'));
    Decompressor limited(ContentCoding::gzip, DecompressorOptions().max_size(100000));
    std::string out;
    EXPECT_THROW(limited.decompress(members, out), http::DecompressSizeError);
    EXPECT_EQ(http::DecompressSizeError("x").code(), 413);
}

}  // namespace
}  // namespace aio::tests
