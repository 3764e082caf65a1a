// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/http/json.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>

#include "http/body_support.hpp"

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
    EXPECT_EQ(bytes_of(writer), "--b--\r\n");
}

TEST_F(HttpMultipartWriter, GeneratorsAndStreams) {
    run([&]() -> Coro<> {
        MultipartWriter writer("mixed", "b");
        std::vector<std::string> list = {"", "a", "", "b"};
        writer.append(generated(std::move(list)));
        writer.append(stream_with("from a stream"), Headers().add("X", "y"));
        EXPECT_EQ(writer.content_length(), std::nullopt);
        EXPECT_FALSE(writer.repeatable());
        KeptBody to;
        co_await writer.write(to);
        EXPECT_THAT(to.pieces, ::testing::ElementsAre("--b\r\n\r\n", "a", "b", "\r\n--b\r\nX: y\r\n\r\n",
                                                      "from a stream", "\r\n--b--\r\n"));
        EXPECT_GE(to.drains, 6) << "it waits between pieces";
        EXPECT_EQ(co_await caught(writer.as_bytes()), "the body was sent before, and can be sent only once");
    });
}

TEST_F(HttpMultipartWriter, SmallTextsAreSentTogether) {
    run([&]() -> Coro<> {
        MultipartWriter writer("mixed", "b");
        for (int i = 0; i < 10; ++i) writer.append("small");
        const std::string large(100'000, 'x');
        writer.append(large);
        KeptBody to;
        co_await writer.write(to);
        EXPECT_EQ(to.pieces.size(), 3U);
        EXPECT_EQ(to.pieces.at(1).size(), large.size()) << "it is not copied";
        EXPECT_EQ(writer.content_length(), to.text.size());
        EXPECT_TRUE(writer.repeatable());
        KeptBody again;
        co_await writer.write(again);
        EXPECT_TRUE(again.text == to.text);
    });
}

struct Point {
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, y))

TEST_F(HttpMultipartWriter, JsonPayloadsAndDispositions) {
    run([&]() -> Coro<> {
        MultipartWriter writer("mixed", "b");
        http::set_content_disposition(writer.append_json(Point{1, 2}), "attachment", "a.json");
        Headers& head = writer.append_payload(http::Payload::text("x"), Headers().add("X-Mine", "1"));
        writer.append("later");
        http::set_content_disposition(head, "form-data", "f\"", "n");
        const std::string body = co_await writer.as_bytes();
        EXPECT_EQ(body,
                  "--b\r\nContent-Type: application/json\r\nContent-Disposition: attachment; "
                  "filename=\"a.json\"\r\n\r\n"
                  "{\"x\":1,\"y\":2}\r\n"
                  "--b\r\nX-Mine: 1\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Disposition: form-data; name=\"n\"; filename=\"f%22\"\r\n\r\nx\r\n"
                  "--b\r\n\r\nlater\r\n--b--\r\n");
        EXPECT_THROW(http::set_content_disposition(head, "form-data", "", "a\nb\x01"), ValueError);
        EXPECT_THROW(http::set_content_disposition(head, "attachment", "a\nb"), ValueError);
        EXPECT_THROW(http::set_content_disposition(head, "a b"), ValueError);

        MultipartReader reader(writer.content_type(), stream_with(body));
        std::optional<BodyPartReader> part = co_await reader.next();
        const Point point = co_await part->json<Point>();
        EXPECT_EQ(point.y, 2);
        EXPECT_EQ(part->filename(), "a.json");
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
