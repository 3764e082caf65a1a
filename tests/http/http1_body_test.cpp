// SPDX-License-Identifier: MIT
// Bodies of HTTP/1 as they come in, and as they go out.
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/http/http1/body_impl.hpp>
#include <aio/http/http1/writer_impl.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/temporary_file.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include "http/body_support.hpp"

#include <unistd.h>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::detail::Framing;
using http::detail::Http1Body;
using http::detail::Http1Writer;
using Step = http::MessageParser::Step;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A request on its way in, whose head has been read.
struct Incoming {
    explicit Incoming(std::string_view head) : source(wire, parser), body(&source) {
        wire.feed_data(head);
        EXPECT_EQ(parser.parse(wire.buffered()), Step::head);
        wire.consume(parser.consumed());
    }
    StreamReader wire;
    http::RequestParser parser;
    Http1Body source;
    http::StreamReader body;
};

const std::string kChunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kSized = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n";
const std::string kChunks = "5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 1\r\n\r\n";
const std::string kNext = "GET / HTTP/1.1\r\n";

class Http1BodyTest : public ::testing::Test, public aio::testing::LoopTest {};

TEST_F(Http1BodyTest, CutsMakeNoDifference) {
    run([&]() -> Coro<> {
        for (const bool chunked : {true, false}) {
            const std::string wire = (chunked ? kChunks : "hello world") + kNext;
            for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
                Incoming in(chunked ? kChunked : kSized);
                auto reading = create_task(in.body.read());
                co_await turns(1);
                in.wire.feed_data(wire.substr(0, cut));
                co_await turns(3);
                in.wire.feed_data(wire.substr(cut));
                EXPECT_EQ(co_await reading, "hello world") << cut;
                EXPECT_TRUE(in.parser.done());
                EXPECT_EQ(in.wire.buffered(), std::string_view(kNext)) << "nothing of the next one";
                EXPECT_EQ(in.parser.trailers().size(), chunked ? 1U : 0U);
                EXPECT_EQ(in.body.total_raw_bytes(), 11U);
            }
        }
    });
}

TEST_F(Http1BodyTest, ByteByByte) {
    run([&]() -> Coro<> {
        Incoming in(kChunked);
        auto reading = create_task(in.body.read());
        for (const char byte : kChunks) {
            in.wire.feed_data(std::string_view(&byte, 1));
            co_await turns(2);
        }
        EXPECT_EQ(co_await reading, "hello world");
    });
}

TEST_F(Http1BodyTest, ChunksOfTheSender) {
    run([&]() -> Coro<> {
        Incoming in(kChunked);
        in.wire.feed_data(kChunks);
        std::vector<std::string> seen;
        for (;;) {
            const http::BodyChunk chunk = co_await in.body.readchunk();
            if (chunk.data.empty()) break;
            seen.push_back(chunk.data + (chunk.end_of_http_chunk ? "." : ""));
        }
        EXPECT_THAT(seen, ElementsAre("hello.", " .", "world."));
    });
}

TEST_F(Http1BodyTest, SmallReadsOfALargeChunk) {
    run([&]() -> Coro<> {
        Incoming in("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        const std::string sent = numbered(100'000);
        in.wire.feed_data(sent);
        std::string text;
        for (;;) {
            const std::string piece = co_await in.body.read(1000);
            if (piece.empty()) break;
            EXPECT_LE(piece.size(), 1000U);
            text += piece;
            EXPECT_GE(in.wire.buffered().size() + 8192 + text.size(), sent.size())
                << "the rest waits outside";
        }
        EXPECT_TRUE(text == sent);
    });
}

TEST_F(Http1BodyTest, F64_an_end_that_comes_early_is_an_error_wherever_it_comes) {
    run([&]() -> Coro<> {
        for (std::size_t size = 0; size < kChunks.size(); ++size) {
            Incoming in(kChunked);
            in.wire.feed_data(kChunks.substr(0, size));
            in.wire.feed_eof();
            const std::string error = co_await caught(in.body.read());
            EXPECT_NE(error, "no error") << size;
            EXPECT_TRUE(exception_ptr_cast<http::TransferEncodingError>(in.body.exception())) << error;
            EXPECT_EQ(co_await caught(in.body.read()), error);
        }
        for (std::size_t size = 0; size < 11; ++size) {
            Incoming in(kSized);
            in.wire.feed_data(std::string_view("hello world").substr(0, size));
            in.wire.feed_eof();
            EXPECT_NE(co_await caught(in.body.read()), "no error") << size;
            EXPECT_TRUE(exception_ptr_cast<http::ContentLengthError>(in.body.exception())) << size;
        }
        for (const std::string_view bad : {"5\r\nabc\r\n0\r\n\r\n", "3\r\nabcdef\r\n", "x\r\n"}) {
            Incoming in(kChunked);
            in.wire.feed_data(bad);
            EXPECT_NE(co_await caught(in.body.read()), "no error") << bad;
        }
    });
}

TEST_F(Http1BodyTest, ABodyUntilTheEndOfTheConnection) {
    run([&]() -> Coro<> {
        StreamReader wire;
        http::ResponseParser parser;
        wire.feed_data("HTTP/1.1 200 OK\r\n\r\nall ");
        EXPECT_EQ(parser.parse(wire.buffered()), Step::head);
        wire.consume(parser.consumed());
        Http1Body source(wire, parser);
        http::StreamReader body(&source);
        auto reading = create_task(body.read());
        co_await turns(1);
        wire.feed_data("of it");
        wire.feed_eof();
        EXPECT_EQ(co_await reading, "all of it");
        EXPECT_TRUE(parser.done());
    });
}

TEST_F(Http1BodyTest, CancellationLosesNothing) {
    run([&]() -> Coro<> {
        Incoming in(kChunked);
        for (std::size_t i = 0; i < kChunks.size(); ++i) {
            auto reading = create_task(in.body.readexactly(11));
            co_await turns(1);
            in.wire.feed_data(kChunks.substr(i, 1));
            co_await turns(1);
            reading.cancel();
            co_await caught(reading);
            if (reading.cancelled()) continue;
            EXPECT_EQ(reading.result(), "hello world");
            co_return;
        }
        ADD_FAILURE() << "it was never there";
    });
}

TEST_F(Http1BodyTest, ALostConnectionBreaksIt) {
    run([&]() -> Coro<> {
        Incoming in(kSized);
        in.wire.feed_data("hello");
        auto reading = create_task(in.body.read());
        co_await turns(1);
        in.wire.set_exception(ConnectionResetError(ECONNRESET, "lost"));
        const std::string error = co_await caught(reading);
        EXPECT_THAT(error, HasSubstr("lost"));
        EXPECT_EQ(co_await caught(in.body.read()), error);
    });
}

/// A connection over which a message goes out.
class Http1WriterTest : public ::testing::Test, public aio::testing::LoopTest {
public:
    Coro<> connect(const aio::testing::MemoryPipeOptions& options = aio::testing::MemoryPipeOptions()) {
        pipe.set_options(options);
        auto connection = co_await aio::testing::open_memory_connection(pipe);
        far = connection.second.first;
        near = connection.second.second;
        out.emplace(connection.first.second);
    }
    void begin(Framing framing, std::uint64_t length = 0) {
        out->begin_head() = "HEAD\r\n\r\n";
        out->begin_body(framing, length);
    }
    // All that has come.
    Coro<std::string> received() {
        out->stream().close();
        co_return co_await far.read();
    }
    Coro<std::string> decoded(std::string wire) {
        StreamReader stream = stream_with(kChunked + wire.substr(wire.find("\r\n\r\n") + 4));
        http::RequestParser parser;
        parser.parse(stream.buffered());
        stream.consume(parser.consumed());
        Http1Body source(stream, parser);
        http::StreamReader body(&source);
        co_return co_await body.read();
    }

    aio::testing::MemoryPipe pipe;
    StreamReader far;
    StreamWriter near;
    std::optional<Http1Writer> out;
};

TEST_F(Http1WriterTest, ByLength) {
    run([&]() -> Coro<> {
        co_await connect();
        begin(Framing::length, 11);
        out->write("hello");
        out->write("");
        EXPECT_FALSE(out->complete());
        EXPECT_EQ(thrown<RuntimeError>([&] { out->write(" world!"); }),
                  "1 bytes more are written than Content-Length says");
        out->write(" world");
        EXPECT_FALSE(out->complete()) << "it was not ended";
        out->write_eof();
        out->write_eof();
        EXPECT_TRUE(out->complete());
        EXPECT_EQ(out->output_size(), 11U);
        EXPECT_EQ(thrown<RuntimeError>([&] { out->write("x"); }), "the body was ended before");
        EXPECT_EQ(co_await received(), "HEAD\r\n\r\nhello world");
    });
}

TEST_F(Http1WriterTest, TooLittleIsNotComplete) {
    run([&]() -> Coro<> {
        co_await connect();
        begin(Framing::length, 11);
        out->write("hello");
        out->write_eof();
        EXPECT_FALSE(out->complete());
        EXPECT_EQ(co_await received(), "HEAD\r\n\r\nhello");
    });
}

TEST_F(Http1WriterTest, InChunksWithTrailers) {
    run([&]() -> Coro<> {
        co_await connect();
        begin(Framing::chunked);
        out->write("hello");
        const std::string large(10'000, 'x');
        out->write(large);
        EXPECT_THROW(out->write_eof(http::Headers().add("Content-Length", "5")), ValueError);
        EXPECT_FALSE(out->complete());
        out->write_eof(http::Headers().add("X-Sum", "1"));
        EXPECT_TRUE(out->complete());
        EXPECT_EQ(co_await received(),
                  "HEAD\r\n\r\n5\r\nhello\r\n2710\r\n" + large + "\r\n0\r\nX-Sum: 1\r\n\r\n");
    });
}

TEST_F(Http1WriterTest, AnEmptyBodyStillHasAHead) {
    run([&]() -> Coro<> {
        co_await connect();
        begin(Framing::chunked);
        out->write_eof();
        begin(Framing::length, 0);
        out->write_eof();
        begin(Framing::none, 5);
        out->write("hello");
        out->write_eof(http::Headers().add("X-Sum", "1"));
        EXPECT_TRUE(out->complete());
        EXPECT_EQ(co_await received(), "HEAD\r\n\r\n0\r\n\r\nHEAD\r\n\r\nHEAD\r\n\r\n");
    });
}

TEST_F(Http1WriterTest, Compressed) {
    run([&]() -> Coro<> {
        co_await connect();
        begin(Framing::chunked);
        out->compress(http::ContentCoding::gzip);
        const std::string text = numbered(100'000);
        out->write(text);
        EXPECT_THROW(out->write_eof(http::Headers().add("Content-Length", "5")), ValueError);
        out->write_eof();
        EXPECT_TRUE(out->complete());
        const std::string coded = co_await decoded(co_await received());
        std::string plain;
        http::Decompressor(http::ContentCoding::gzip).decompress(coded, plain);
        EXPECT_TRUE(plain == text);
        EXPECT_LT(coded.size(), text.size() / 2);
    });
}

TEST_F(Http1WriterTest, FilesInEachFraming) {
    run([&]() -> Coro<> {
        const std::string text = numbered(200'000);
        const TemporaryFile file(text);
        for (const Framing framing :
             {Framing::length, Framing::chunked, Framing::until_close, Framing::none}) {
            pipe = aio::testing::MemoryPipe();
            co_await connect();
            begin(framing, 150'000);
            co_await out->sendfile(file.fd(), 1000, 150'000);
            out->write_eof();
            EXPECT_TRUE(out->complete());
            std::string wire = co_await received();
            if (framing == Framing::none) {
                EXPECT_EQ(wire, "HEAD\r\n\r\n");
            } else if (framing == Framing::chunked) {
                const std::string body = co_await decoded(wire);
                EXPECT_TRUE(body == text.substr(1000, 150'000));
            } else {
                EXPECT_TRUE(wire == "HEAD\r\n\r\n" + text.substr(1000, 150'000));
            }
        }
        pipe = aio::testing::MemoryPipe();
        co_await connect();
        begin(Framing::chunked);
        out->compress(http::ContentCoding::gzip);
        co_await out->sendfile(file.fd(), 0, 200'000);
        out->write_eof();
        const std::string coded = co_await decoded(co_await received());
        std::string plain;
        http::Decompressor(http::ContentCoding::gzip).decompress(coded, plain);
        EXPECT_TRUE(plain == text);
    });
}

TEST_F(Http1WriterTest, F78_a_file_that_becomes_shorter_is_an_error) {
    run([&]() -> Coro<> {
        for (const Framing framing : {Framing::length, Framing::chunked}) {
            pipe = aio::testing::MemoryPipe();
            co_await connect();
            const TemporaryFile file("0123456789");
            begin(framing, 20);
            EXPECT_EQ(co_await caught(out->sendfile(file.fd(), 5, 20)), "the file ended 15 bytes early");
            if (framing == Framing::length) {
                out->write_eof();
                EXPECT_FALSE(out->complete());
            }
            EXPECT_EQ(
                co_await caught(out->sendfile(file.fd(), 0, 21)),
                framing == Framing::length ? "the body was ended before" : "the file ended 11 bytes early");
        }
    });
}

TEST_F(Http1WriterTest, ACancelledFileIsNotComplete) {
    run([&]() -> Coro<> {
        co_await connect(aio::testing::MemoryPipeOptions().capacity(1000));
        const TemporaryFile file(numbered(1'000'000));
        begin(Framing::length, 1'000'000);
        auto sending = create_task(out->sendfile(file.fd(), 0, 1'000'000));
        co_await turns(3);
        while (pipe.in_flight(aio::testing::MemoryPipe::End::first) == 0) {
            co_await to_thread([] {});
        }
        sending.cancel();
        EXPECT_EQ(co_await caught(sending), "CancelledError");
        out->write_eof();
        EXPECT_FALSE(out->complete()) << "the peer would take the next message for the rest";
    });
}

TEST_F(Http1WriterTest, ALostConnectionIsToldByDrain) {
    run([&]() -> Coro<> {
        co_await connect(aio::testing::MemoryPipeOptions().capacity(1000));
        begin(Framing::chunked);
        out->write(std::string(1'000'000, 'x'));
        auto draining = create_task(out->drain());
        co_await turns(2);
        EXPECT_FALSE(draining.done());
        pipe.lose();
        EXPECT_NE(co_await caught(draining), "no error");
    });
}

}  // namespace
}  // namespace aio::tests
