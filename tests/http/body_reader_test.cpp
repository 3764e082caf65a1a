// SPDX-License-Identifier: MIT
// http::StreamReader over a body that is fed by hand.
#include <aio/aio.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include "http/body_support.hpp"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using Body = http::StreamReader;
using ::testing::ElementsAre;

class HttpStreamReader : public ::testing::Test, public aio::testing::LoopTest {};

Coro<std::string> joined_lines(Body& body) {
    std::string lines;
    while (auto line = co_await body.next_line()) lines += "[" + *line + "]";
    co_return lines;
}
Coro<std::string> joined_chunks(Body& body) {
    std::string text;
    while (auto chunk = co_await body.next_chunk(3)) text += *chunk;
    co_return text;
}
Coro<std::string> exact_and_rest(Body& body) {
    std::string text = co_await body.readexactly(5);
    text += "|";
    text += co_await body.read(2);
    for (std::string more = "|"; !more.empty(); more = co_await body.readany()) text += more;
    co_return text;
}
Coro<std::string> until(Body& body) {
    std::string text;
    for (;;) {
        const std::string part = co_await body.readuntil("\r\n\r\n");
        if (part.empty()) co_return text;
        text += "[" + part + "]";
    }
}
Coro<std::string> filled(Body& body) {
    std::string text;
    for (;;) {
        const std::string_view view = co_await body.fill(4);
        if (view.empty()) co_return text;
        text += view.substr(0, 3);
        body.consume(std::min<std::size_t>(3, view.size()));
    }
}
Coro<std::string> whole(Body& body) { return body.read(); }
Coro<std::string> bounded(Body& body) { return body.read_all(100); }

struct Way {
    const char* name;
    Coro<std::string> (*read)(Body&);
    const char* expected;
};
constexpr std::string_view kText = "one\r\n\r\ntwo\nthree\r\n\r\n\r\n\r\nend";
constexpr Way kWays[] = {
    {"lines", joined_lines, "[one\r\n][\r\n][two\n][three\r\n][\r\n][\r\n][\r\n][end]"},
    {"chunks", joined_chunks, "one\r\n\r\ntwo\nthree\r\n\r\n\r\n\r\nend"},
    {"readuntil", until, "[one\r\n\r\n][two\nthree\r\n\r\n][\r\n\r\n][end]"},
    {"fill", filled, "one\r\n\r\ntwo\nthree\r\n\r\n\r\n\r\nend"},
    {"read", whole, "one\r\n\r\ntwo\nthree\r\n\r\n\r\n\r\nend"},
    {"read_all", bounded, "one\r\n\r\ntwo\nthree\r\n\r\n\r\n\r\nend"},
};

TEST_F(HttpStreamReader, CutsMakeNoDifference) {
    run([&]() -> Coro<> {
        for (const Way& way : kWays) {
            for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
                FedSource source;
                Body body(&source);
                auto reading = create_task(way.read(body));
                co_await turns(1);
                if (cut > 0) source.feed(kText.substr(0, cut));
                co_await turns(2);
                if (cut < kText.size()) source.feed(kText.substr(cut));
                co_await turns(2);
                source.finish();
                const std::string text = co_await reading;
                EXPECT_EQ(text, way.expected) << way.name << " " << cut;
                EXPECT_TRUE(body.at_eof());
                EXPECT_EQ(body.total_bytes(), kText.size());
            }
        }
    });
}

TEST_F(HttpStreamReader, ExactNumbers) {
    run([&]() -> Coro<> {
        for (std::size_t cut = 1; cut < 10; ++cut) {
            FedSource source;
            Body body(&source);
            auto reading = create_task(exact_and_rest(body));
            source.feed(std::string_view("0123456789").substr(0, cut));
            co_await turns(2);
            source.feed(std::string_view("0123456789").substr(cut));
            source.finish();
            const std::string text = co_await reading;
            EXPECT_EQ(text.substr(0, 6), "01234|") << cut;
            EXPECT_EQ(text.size(), 12U) << cut;
        }
        FedSource source;
        Body body(&source);
        source.feed("abc");
        source.finish();
        EXPECT_EQ(co_await body.read(0), "");
        EXPECT_EQ(co_await body.readexactly(0), "");
        EXPECT_EQ(co_await caught(body.readexactly(-1)), "readexactly() of a negative number of bytes");
        EXPECT_EQ(co_await caught(body.readuntil("")), "readuntil() of an empty separator");
        EXPECT_EQ(co_await caught(body.next_chunk(0)), "next_chunk() of at most 0 bytes");
        try {
            co_await body.readexactly(4);
            ADD_FAILURE();
        } catch (const IncompleteReadError& error) {
            EXPECT_EQ(error.partial(), "abc");
            EXPECT_EQ(error.expected(), 4U);
        }
    });
}

TEST_F(HttpStreamReader, ACancelledReadLosesNothing) {
    run([&]() -> Coro<> {
        for (const Way& way : kWays) {
            FedSource source;
            Body body(&source);
            source.feed("begun");
            auto reading = create_task(way.read(body));
            co_await turns(2);
            reading.cancel();
            EXPECT_EQ(co_await caught(reading), "CancelledError") << way.name;
            source.feed(", and done");
            source.finish();
            const std::string text = co_await body.read();
            // What next_chunk() and fill() had given before was read.
            const bool took = way.read == joined_chunks || way.read == filled;
            EXPECT_EQ(text, took ? text : "begun, and done") << way.name;
            EXPECT_TRUE(text.ends_with(", and done"));
            EXPECT_EQ(body.exception(), nullptr);
        }
    });
}

TEST_F(HttpStreamReader, LinesHaveALimit) {
    run([&]() -> Coro<> {
        for (const bool at_once : {true, false}) {
            FedSource source;
            Body body(&source, 10);
            source.feed("123456789\n");
            if (at_once) {
                source.feed("1234567890\nnext\n");
            } else {
                source.feed("12345");
                source.feed("67890\n");
                source.feed("next\n");
            }
            source.finish();
            EXPECT_EQ(co_await body.readline(), "123456789\n");
            try {
                co_await body.readline();
                ADD_FAILURE();
            } catch (const LimitOverrunError& error) {
                EXPECT_STREQ(error.what(), "a line is longer than 10 bytes");
                EXPECT_EQ(error.consumed(), 11U);
            }
            EXPECT_EQ(co_await body.readline(), "next\n");
            EXPECT_EQ(co_await body.readline(), "");
        }
        FedSource source;
        Body body(&source, 10);
        source.feed("no end of it");
        EXPECT_EQ(co_await caught(body.readline()), "a line is longer than 10 bytes");
    });
}

TEST_F(HttpStreamReader, AllOfItHasALimit) {
    run([&]() -> Coro<> {
        FedSource source;
        Body body(&source);
        source.feed("12345");
        source.feed("6");
        source.finish();
        EXPECT_EQ(co_await caught(body.read_all(5)), "the body is longer than 5 bytes");
        EXPECT_EQ(co_await body.read_all(6), "123456") << "what was read is still there";
        EXPECT_EQ(co_await body.read_all(0), "");
    });
}

TEST_F(HttpStreamReader, OneReadsAtATime) {
    run([&]() -> Coro<> {
        FedSource source;
        Body body(&source);
        auto first = create_task(body.readline());
        co_await turns(1);
        EXPECT_EQ(co_await caught(body.read()),
                  "read() called while another coroutine is already waiting for incoming data");
        EXPECT_EQ(thrown<RuntimeError>([&] { body.read_nowait(); }),
                  "read_nowait() called while another coroutine is already waiting for incoming data");
        EXPECT_THROW(body.consume(0), RuntimeError);
        source.feed("line\n");
        EXPECT_EQ(co_await first, "line\n") << "the first one goes on";
    });
}

TEST_F(HttpStreamReader, WhatBreaksTheBodyIsThrownByEachRead) {
    run([&]() -> Coro<> {
        FedSource source;
        Body body(&source);
        auto reading = create_task(body.readline());
        source.feed("a line\nthe beginning of");
        EXPECT_EQ(co_await reading, "a line\n");
        reading = create_task(body.readline());
        co_await turns(2);
        source.fail(ConnectionResetError(ECONNRESET, "lost"));
        const std::string error = co_await caught(reading);
        EXPECT_EQ(error, ConnectionResetError(ECONNRESET, "lost").what());
        EXPECT_EQ(co_await caught(body.read(1)), error) << "also of what is there";
        EXPECT_EQ(co_await caught(body.next_chunk()), error);
        EXPECT_EQ(co_await caught(body.fill(1)), error);
        EXPECT_THROW(body.read_nowait(), ConnectionResetError);
        EXPECT_NE(body.exception(), nullptr);
        EXPECT_FALSE(body.at_eof());

        FedSource other;
        body.reset(&other);
        other.feed("x");
        other.finish();
        EXPECT_EQ(co_await body.read(), "x") << "another body";

        body.reset(&other);
        body.set_exception(std::make_exception_ptr(ValueError("closed")));
        EXPECT_EQ(co_await caught(body.readany()), "closed");
    });
}

TEST_F(HttpStreamReader, ATimeLimitBreaksNothing) {
    run([&]() -> Coro<> {
        using namespace std::chrono_literals;
        FedSource source;
        Body body(&source);
        source.feed("slow");
        EXPECT_EQ(co_await caught(wait_for(body.readline(), 1s)), "TimeoutError");
        source.feed("ly\n");
        EXPECT_EQ(co_await body.readline(), "slowly\n");
    });
}

TEST_F(HttpStreamReader, ChunksAsTheyWereSent) {
    run([&]() -> Coro<> {
        FedSource source;
        Body body(&source);
        source.feed("half a ", false);
        source.feed("chunk");
        source.feed("second");
        source.finish();
        std::vector<std::string> seen;
        for (;;) {
            const http::BodyChunk chunk = co_await body.readchunk();
            if (chunk.data.empty()) break;
            seen.push_back(chunk.data + (chunk.end_of_http_chunk ? "." : ""));
        }
        EXPECT_THAT(seen, ElementsAre("half a ", "chunk.", "second."));
        const http::BodyChunk end = co_await body.readchunk();
        EXPECT_FALSE(end.end_of_http_chunk);

        FedSource other;
        Body mixed(&other);
        other.feed("first");
        other.feed("second");
        EXPECT_EQ(co_await mixed.read(2), "fi");
        const http::BodyChunk rest = co_await mixed.readchunk();
        EXPECT_EQ(rest.data, "rst");
        EXPECT_TRUE(rest.end_of_http_chunk);
    });
}

TEST_F(HttpStreamReader, WithoutABody) {
    run([&]() -> Coro<> {
        Body body;
        EXPECT_EQ(co_await body.read(), "");
        EXPECT_EQ(co_await body.read_all(0), "");
        const auto chunk = co_await body.next_chunk();
        EXPECT_EQ(chunk, std::nullopt);
        EXPECT_TRUE(body.at_eof());
        EXPECT_EQ(body.total_raw_bytes(), 0U);
    });
}

TEST_F(HttpStreamReader, FillLeavesWhatIsNotConsumed) {
    run([&]() -> Coro<> {
        FedSource source;
        Body body(&source);
        source.feed("abc");
        const std::string_view three = co_await body.fill(2);
        EXPECT_EQ(three, "abc");
        body.consume(1);
        source.feed("de");
        const std::string_view more = co_await body.fill(3);
        EXPECT_EQ(more, "bcde");
        EXPECT_EQ(thrown<ValueError>([&] { body.consume(5); }), "consume() of more bytes than there are");
        source.finish();
        const std::string_view all = co_await body.fill(100);
        EXPECT_EQ(all, "bcde") << "there is no more";
        EXPECT_TRUE(body.is_eof());
        EXPECT_FALSE(body.at_eof());
        EXPECT_EQ(body.read_nowait(2), "bc");
        EXPECT_EQ(body.read_nowait(), "de");
        EXPECT_EQ(body.read_nowait(), "");
        EXPECT_TRUE(body.at_eof());
    });
}

}  // namespace
}  // namespace aio::tests
