// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::ByteRange;

// "none", or "0-4 7-9" as the ranges [0, 4) and [7, 9).
std::string ranges(std::string_view text, std::uint64_t size) {
    const auto specs = http::parse_range(text);
    if (!specs) return "none";
    std::string found;
    for (const ByteRange& range : http::satisfiable_ranges(*specs, size)) {
        found += std::to_string(range.start) + '-' + std::to_string(range.stop) + ' ';
    }
    return found;
}

TEST(HttpRange, NamesPieces) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"bytes=0-499", "0-500 "},
        {"bytes=500-999", "500-1000 "},
        {"bytes=-500", "500-1000 "},
        {"bytes=500-", "500-1000 "},
        {"bytes=0-0,-1", "0-1 999-1000 "},
        {" Bytes= 0-0 , 5-6 ", "0-1 5-7 "},
        {"bytes=0-5000", "0-1000 "},
        {"bytes=-5000", "0-1000 "},
        {"bytes=999-", "999-1000 "},
        {"bytes=1000-", ""},
        {"bytes=-0", ""},
        {"bytes=1000-2000,0-1", "0-2 "},
        {"bytes=,,0-1,", "0-2 "},
        {"bytes=5-6,0-1", "5-7 0-2 "},
        {"bytes=0-18446744073709551615", "0-1000 "},
        {"bytes=0-99999999999999999999999", "0-1000 "},
        {"bytes=99999999999999999999999-", ""},
        {"bytes=-99999999999999999999999", "0-1000 "}};
    for (const auto& [text, expected] : rows) EXPECT_EQ(ranges(text, 1000), expected) << text;
    EXPECT_EQ(ranges("bytes=0-", 0), "");
    EXPECT_EQ(ranges("bytes=-1", 0), "");
    EXPECT_EQ(ranges("bytes=0-", std::numeric_limits<std::uint64_t>::max()), "0-18446744073709551615 ");
}

TEST(HttpRange, IsIgnoredWhereItIsMalformed) {
    for (const std::string text :
         {"", "bytes", "bytes=", "bytes=-", "bytes=,", "bytes 0-1", "items=0-1", "bytes=1-0", "bytes=a-b",
          "bytes=0-1-2", "bytes=+0-1", "bytes=0x0-1", "bytes=0-1;2-3", "bytes=0 1-2", "bytes=0-1,x",
          "bytes=--1", "bytes=1", "bytes=0-\x01", "=0-1"}) {
        EXPECT_EQ(ranges(text, 1000), "none") << text;
    }
}

TEST(HttpRange, NoByteIsSentTwice) {
    EXPECT_EQ(ranges("bytes=0-5,3-8", 100), "0-9 ");
    EXPECT_EQ(ranges("bytes=50-60,0-,0-,0-", 100), "0-100 ");
    EXPECT_EQ(ranges("bytes=8-9,0-1,9-10", 100), "0-2 8-11 ");
    EXPECT_EQ(ranges("bytes=0-1,2-3", 100), "0-2 2-4 ");
    EXPECT_EQ(ranges("bytes=0-9,2-3,20-29", 100), "0-10 20-30 ");
}

TEST(HttpRange, ManyPiecesAreRefused) {
    std::string text = "bytes=0-0";
    for (std::size_t i = 1; i < http::kMostRanges; ++i)
        text += "," + std::to_string(2 * i) + "-" + std::to_string(2 * i);
    EXPECT_EQ(http::parse_range(text)->size(), http::kMostRanges);
    EXPECT_EQ(http::parse_range(text + ",-1"), std::nullopt);
    EXPECT_EQ(http::parse_range("bytes=" + std::string(100'000, ',')), std::nullopt);
}

TEST(HttpContentRange, IsWrittenAndRead) {
    using http::ContentRange;
    const auto parsed = [](std::string_view text) {
        const auto range = http::parse_content_range(text);
        return range ? range->str() : "none";
    };
    EXPECT_EQ((ContentRange{ByteRange{0, 500}, 1234}.str()), "bytes 0-499/1234");
    EXPECT_EQ((ContentRange{std::nullopt, 1234}.str()), "bytes */1234");
    EXPECT_EQ((ContentRange{ByteRange{5, 5}, 1234}.str()), "bytes */1234");
    for (const std::string text :
         {"bytes 0-499/1234", "bytes */1234", "bytes 1-1/*", "bytes 1233-1233/1234"}) {
        EXPECT_EQ(parsed(text), text);
    }
    EXPECT_EQ(http::parse_content_range("Bytes  2-4/10"), (ContentRange{ByteRange{2, 5}, 10}));
    for (const std::string text :
         {"", "bytes", "bytes ", "bytes 0-1", "bytes */*", "bytes 1-0/5", "bytes 0-5/5", "bytes -1/5",
          "bytes 1-/5", "bytes a-b/5", "bytes 0-1/x", "bytes=0-1/5", "items 0-1/5", "bytes 0-1/5 x"}) {
        EXPECT_EQ(parsed(text), "none") << text;
    }
}

}  // namespace
}  // namespace aio::tests
