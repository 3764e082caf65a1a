// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace aio::tests {
namespace {

using http::BodyPartReader;
using http::Headers;
using http::MultipartReader;
using http::MultipartWriter;

class HttpMultipartWriter : public ::testing::Test, public aio::testing::LoopTest {
public:
    std::string bytes_of(MultipartWriter& writer) {
        std::string body;
        run([&]() -> Coro<> { body = co_await writer.as_bytes(); });
        return body;
    }
};

AsyncGenerator<std::string> pieces(std::vector<std::string> list) {
    for (std::string& piece : list) {
        co_await sleep(Duration::zero());
        co_yield std::move(piece);
    }
}

TEST_F(HttpMultipartWriter, TextsWithHeads) {
    MultipartWriter writer("mixed", "b");
    writer.append("one", Headers().add("Content-Type", "text/plain").add("X-Mine", "1"));
    writer.append("");
    writer.append_form({{"a", "x y"}, {"b", 2}});
    EXPECT_EQ(writer.size(), 3u);
    EXPECT_EQ(writer.content_type(), "multipart/mixed; boundary=b");
    const auto length = writer.content_length();
    const std::string body = bytes_of(writer);
    EXPECT_EQ(body,
              "--b\r\nContent-Type: text/plain\r\nX-Mine: 1\r\n\r\none\r\n"
              "--b\r\n\r\n\r\n"
              "--b\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=x+y&b=2\r\n"
              "--b--\r\n");
    EXPECT_EQ(length, body.size());
}

TEST_F(HttpMultipartWriter, WithoutParts) {
    MultipartWriter writer("mixed", "b");
    EXPECT_TRUE(writer.empty());
    EXPECT_EQ(writer.content_length(), 7u);
    EXPECT_EQ(bytes_of(writer), "--b--\r\n");
    EXPECT_EQ(bytes_of(writer), "") << "it is sent once";
}

TEST_F(HttpMultipartWriter, GeneratorsAndStreams) {
    run([&]() -> Coro<> {
        MultipartWriter writer("mixed", "b");
        std::vector<std::string> list = {"", "a", "", "b"};
        writer.append(pieces(std::move(list)), Headers());
        StreamReader stream;
        stream.feed_data("from a stream");
        stream.feed_eof();
        writer.append(stream, Headers().add("X", "y"));
        EXPECT_EQ(writer.content_length(), std::nullopt);
        std::vector<std::string> chunks;
        for (;;) {
            std::string chunk = co_await writer.next_chunk();
            if (chunk.empty()) break;
            chunks.push_back(std::move(chunk));
        }
        EXPECT_THAT(chunks, ::testing::ElementsAre("--b\r\n\r\n", "a", "b", "\r\n--b\r\nX: y\r\n\r\n",
                                                   "from a stream", "\r\n--b--\r\n"));
    });
}

TEST_F(HttpMultipartWriter, LargeTextsAreNotCopied) {
    run([&]() -> Coro<> {
        MultipartWriter writer("mixed", "b");
        std::string large(100'000, 'x');
        const char* const where = large.data();
        writer.append(std::move(large));
        const std::string head = co_await writer.next_chunk();
        EXPECT_EQ(head, "--b\r\n\r\n");
        const std::string content = co_await writer.next_chunk();
        EXPECT_EQ(content.data(), where);
    });
}

TEST_F(HttpMultipartWriter, PartsWithinParts) {
    MultipartWriter inner("alternative", "i");
    inner.append("1");
    inner.append("2");
    MultipartWriter writer("mixed", "b");
    writer.append(std::move(inner));
    const auto length = writer.content_length();
    const std::string body = bytes_of(writer);
    EXPECT_EQ(body,
              "--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
              "--i\r\n\r\n1\r\n--i\r\n\r\n2\r\n--i--\r\n"
              "\r\n--b--\r\n");
    EXPECT_EQ(length, body.size());
}

TEST_F(HttpMultipartWriter, WritesToAStream) {
    run([&]() -> Coro<> {
        auto connection = co_await aio::testing::open_memory_connection();
        auto& [client, server] = connection;
        MultipartWriter writer;
        writer.append("one");
        writer.append(std::string(50'000, 'x'));
        co_await writer.write(client.second);
        client.second.close();
        MultipartReader reader(writer.content_type(), server.first);
        std::optional<BodyPartReader> part = co_await reader.next();
        EXPECT_EQ(co_await part->read(), "one");
        part = co_await reader.next();
        const std::string large = co_await part->read();
        EXPECT_EQ(large, std::string(50'000, 'x'));
        part = co_await reader.next();
        EXPECT_FALSE(part);
    });
}

TEST_F(HttpMultipartWriter, BoundariesAreRandom) {
    const MultipartWriter one;
    const MultipartWriter two;
    EXPECT_EQ(one.boundary().size(), 32u);
    EXPECT_NE(one.boundary(), two.boundary());
    EXPECT_EQ(one.content_type(), "multipart/mixed; boundary=" + one.boundary());
    EXPECT_EQ(MultipartWriter("mixed", "a b").content_type(), "multipart/mixed; boundary=\"a b\"");
    for (const std::string boundary : {"", "a ", "a\r\nb", "\xC3\xBC"}) {
        EXPECT_EQ(thrown<ValueError>([&] { MultipartWriter("mixed", boundary); }),
                  "multipart: invalid boundary");
    }
    EXPECT_THROW(MultipartWriter("mixed", std::string(71, 'a')), ValueError);
    EXPECT_THROW(MultipartWriter("a b"), ValueError);
    EXPECT_THROW(MultipartWriter("a\r\nb", "b"), ValueError);
}

TEST_F(HttpMultipartWriter, WhatAGeneratorThrowsComesOut) {
    run([&]() -> Coro<> {
        MultipartWriter writer;
        writer.append(
            []() -> AsyncGenerator<std::string> {
                co_yield "x";
                throw ValueError("broken");
            }(),
            Headers());
        const std::string error = co_await caught(writer.as_bytes());
        EXPECT_EQ(error, "broken");
    });
}

}  // namespace
}  // namespace aio::tests
