// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/http/body/decoded_source_impl.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/turns.hpp>

#include "http/body_support.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::ContentCoding;
using http::DecompressorOptions;
using http::detail::BodySource;
using http::detail::make_decoded_source;
using http::detail::parse_content_encoding;
using ::testing::ElementsAre;
using Codings = std::vector<ContentCoding>;

constexpr ContentCoding kAll[] = {ContentCoding::deflate, ContentCoding::gzip, ContentCoding::br,
                                  ContentCoding::zstd};

std::string coded(ContentCoding coding, std::string_view text) {
    http::Compressor compressor(coding);
    std::string out;
    compressor.compress(text, out);
    compressor.finish(out);
    return out;
}

std::string coded(const Codings& codings, std::string text) {
    for (const ContentCoding coding : codings) text = coded(coding, text);
    return text;
}

class DecodedSourceTest : public ::testing::Test, public aio::testing::LoopTest {
public:
    /// What comes of a body that is fed in pieces of so many bytes.
    Coro<std::string> decoded(Codings codings, std::string data, std::size_t step,
                              DecompressorOptions options = DecompressorOptions()) {
        FedSource source;
        const auto plain = make_decoded_source(source, codings, options);
        http::StreamReader body(plain.get());
        auto reading = create_task(body.read());
        for (std::size_t begin = 0; begin < data.size(); begin += step) {
            co_await turns(2);
            source.feed(data.substr(begin, step));
        }
        source.finish();
        co_return co_await reading;
    }
};

TEST_F(DecodedSourceTest, NamesOfCodings) {
    EXPECT_EQ(parse_content_encoding(""), Codings());
    EXPECT_EQ(parse_content_encoding("identity"), Codings());
    EXPECT_EQ(parse_content_encoding("GZip"), Codings{ContentCoding::gzip});
    EXPECT_EQ(parse_content_encoding(" deflate,, identity , br"),
              (Codings{ContentCoding::deflate, ContentCoding::br}));
    EXPECT_EQ(parse_content_encoding("gzip, compress"), std::nullopt);
    EXPECT_EQ(parse_content_encoding("gzip,gzip,gzip,gzip")->size(), 4U);
    EXPECT_EQ(parse_content_encoding("gzip,gzip,gzip,gzip,gzip"), std::nullopt);
}

TEST_F(DecodedSourceTest, F90_pieces_make_no_difference) {
    run([&]() -> Coro<> {
        const std::string text = "hello hello hello, and then some more of it";
        for (const ContentCoding coding : kAll) {
            const std::string data = coded(coding, text);
            for (std::size_t step = 1; step <= data.size(); ++step) {
                EXPECT_EQ(co_await decoded(Codings(1, coding), data, step), text)
                    << http::coding_name(coding) << step;
            }
        }
    });
}

TEST_F(DecodedSourceTest, SeveralCodings) {
    run([&]() -> Coro<> {
        Codings codings;
        codings.push_back(ContentCoding::gzip);
        codings.push_back(ContentCoding::br);
        codings.push_back(ContentCoding::deflate);
        std::string text;
        for (int i = 0; i < 5000; ++i) text += std::to_string(i * i);
        const std::string data = coded(codings, text);
        for (const std::size_t step : {std::size_t{7}, data.size()}) {
            const std::string result = co_await decoded(codings, data, step);
            EXPECT_TRUE(result == text) << step;
        }
        EXPECT_TRUE(http::detail::decode_content(data, codings, DecompressorOptions()) == text);
    });
}

TEST_F(DecodedSourceTest, F90_what_is_cut_off_or_goes_on_is_an_error) {
    run([&]() -> Coro<> {
        for (const ContentCoding coding : kAll) {
            const std::string data = coded(coding, "hello hello hello");
            for (std::size_t size = 1; size < data.size(); ++size) {
                const std::string error =
                    co_await caught(decoded(Codings(1, coding), data.substr(0, size), 5));
                EXPECT_THAT(error, ::testing::HasSubstr("cut off")) << http::coding_name(coding) << size;
            }
            EXPECT_NE(co_await caught(decoded(Codings(1, coding), data + "garbage!", 3)), "no error");
            EXPECT_EQ(co_await decoded(Codings(1, coding), "", 1), "") << "nothing at all was sent";
        }
        const std::string members = coded(ContentCoding::gzip, "one ") + coded(ContentCoding::gzip, "two");
        EXPECT_EQ(co_await decoded(Codings(1, ContentCoding::gzip), members, 4), "one two");
    });
}

TEST_F(DecodedSourceTest, F91_nothing_is_decoded_before_it_is_asked_for) {
    run([&]() -> Coro<> {
        const std::string bomb = coded(ContentCoding::gzip, std::string(std::size_t{64} << 20, '\0'));
        FedSource source;
        source.feed(bomb);
        source.finish();
        const auto plain =
            make_decoded_source(source, Codings(1, ContentCoding::gzip), DecompressorOptions());
        http::StreamReader body(plain.get());
        EXPECT_EQ((co_await body.read(10)).size(), 10U);
        EXPECT_LT(body.total_bytes(), 100'000U);
        EXPECT_EQ(co_await caught(body.read_all(1'000'000)), "the body is longer than 1000000 bytes");
        EXPECT_LT(body.total_bytes(), 2'000'000U);
    });
}

TEST_F(DecodedSourceTest, F91_a_bomb_lets_others_run) {
    run([&]() -> Coro<> {
        constexpr std::size_t kSize = std::size_t{32} << 20;
        const std::string bomb = coded(ContentCoding::zstd, std::string(kSize, 'x'));
        FedSource source;
        source.feed(bomb);
        source.finish();
        const auto plain =
            make_decoded_source(source, Codings(1, ContentCoding::zstd), DecompressorOptions());
        http::StreamReader body(plain.get());
        std::size_t ticks = 0;
        auto ticker = create_task(
            [](std::size_t& count) -> Coro<> {
                for (;; ++count) co_await sleep(Duration::zero());
            },
            std::ref(ticks));
        std::size_t size = 0;
        while (auto chunk = co_await body.next_chunk()) size += chunk->size();
        ticker.cancel();
        EXPECT_EQ(size, kSize);
        EXPECT_GE(ticks, 25U) << "once for each mebibyte";
    });
}

TEST_F(DecodedSourceTest, F91_limits) {
    run([&]() -> Coro<> {
        const std::string bomb = coded(ContentCoding::br, std::string(std::size_t{8} << 20, '\0'));
        const Codings codings(1, ContentCoding::br);
        EXPECT_EQ(co_await caught(decoded(codings, bomb, 1000, DecompressorOptions().max_size(100'000))),
                  "the body becomes larger than 100000 bytes");
        EXPECT_EQ(co_await caught(decoded(codings, bomb, 1000, DecompressorOptions().max_ratio(50))),
                  "the body becomes more than 50 times as large as it was sent");
    });
}

TEST_F(DecodedSourceTest, ErrorsAndCancellationOfWhatIsBelow) {
    run([&]() -> Coro<> {
        const std::string data = coded(ContentCoding::gzip, "hello");
        FedSource source;
        const auto plain =
            make_decoded_source(source, Codings(1, ContentCoding::gzip), DecompressorOptions());
        http::StreamReader body(plain.get());
        auto reading = create_task(body.read());
        source.feed(data.substr(0, 12));
        co_await turns(2);
        reading.cancel();
        EXPECT_EQ(co_await caught(reading), "CancelledError");
        source.feed(data.substr(12));
        EXPECT_EQ(co_await body.readexactly(5), "hello") << "nothing was lost";
        EXPECT_EQ(body.total_raw_bytes(), data.size());
        source.fail(ValueError("broken below"));
        EXPECT_EQ(co_await caught(body.read()), "broken below");
    });
}

TEST_F(DecodedSourceTest, ChunksOfTheSender) {
    run([&]() -> Coro<> {
        http::Compressor compressor(ContentCoding::gzip);
        FedSource source;
        for (const std::string_view event : {"first", "second"}) {
            std::string piece;
            compressor.compress(event, piece);
            compressor.flush(piece);
            source.feed(piece);
        }
        const auto plain =
            make_decoded_source(source, Codings(1, ContentCoding::gzip), DecompressorOptions());
        http::StreamReader body(plain.get());
        for (const std::string_view event : {"first", "second"}) {
            const http::BodyChunk chunk = co_await body.readchunk();
            EXPECT_EQ(chunk.data, event);
            EXPECT_TRUE(chunk.end_of_http_chunk);
        }
    });
}

}  // namespace
}  // namespace aio::tests
