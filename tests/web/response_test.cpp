// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <aio/compose/async_generator.hpp>

#include <functional>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct ResponseTest : WebTest {
    /// What is sent of a response.
    std::string sent(const Response& response, const std::string& request = kGet) {
        return answer([&](Request&) -> Coro<Response> { co_return response; }, request);
    }
};

TEST_F(ResponseTest, Empty) {
    EXPECT_EQ(sent(Response()), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(sent(Response(404)), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(sent(Response().status(299, "Words of mine")),
              "HTTP/1.1 299 Words of mine\r\nContent-Length: 0\r\n\r\n");
    EXPECT_THROW(Response(100), ValueError);
    EXPECT_THROW(Response(1000), ValueError);
    EXPECT_THROW(Response().status(200, "a\r\nb"), ValueError);
}

TEST_F(ResponseTest, BytesAndText) {
    EXPECT_EQ(sent(Response().body("ab")),
              "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_EQ(sent(Response().body("ab").content_type("image/png")),
              "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_EQ(sent(Response().text("<b>").content_type("text/html")),
              "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 3\r\n\r\n<b>");
    EXPECT_EQ(Response().text("a").content_type(), "text/plain");
    EXPECT_EQ(Response().text("a").charset(), "utf-8");
    EXPECT_EQ(Response().content_type("text/html").charset("latin-1").headers().get("Content-Type"),
              "text/html; charset=latin-1");
    EXPECT_EQ(Response().content_type(), "application/octet-stream");
    EXPECT_THROW(Response().content_type("no type"), ValueError);
}

TEST_F(ResponseTest, LargeBodies) {
    const std::string large(3'000'000, 'x');
    const std::string all = sent(Response().body(large));
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), large);
}

TEST_F(ResponseTest, Headers) {
    EXPECT_EQ(sent(Response().header("X-A", "1").header("x-a", "2").add_header("X-A", "3")),
              "HTTP/1.1 200 OK\r\nx-a: 2\r\nX-A: 3\r\nContent-Length: 0\r\n\r\n");
    EXPECT_THROW(Response().header("X-A", "1\r\nX-B: 2"), ValueError);
    EXPECT_THROW(Response().header("X A", "1"), ValueError);
    EXPECT_THROW(Response().set_cookie("a", "b").set_cookie(http::Cookie("a", "b").path("/;x")), ValueError);
}

TEST_F(ResponseTest, Cookies) {
    EXPECT_EQ(
        sent(Response().set_cookie("a", "1").set_cookie("b", "2").set_cookie("a", "3")),
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=3; Path=/\r\nSet-Cookie: b=2; Path=/\r\nContent-Length: 0\r\n\r\n");
    const std::string gone = sent(Response().del_cookie("a"));
    EXPECT_NE(gone.find("Max-Age=0"), std::string::npos) << gone;
    EXPECT_NE(gone.find("1970"), std::string::npos) << gone;
}

TEST_F(ResponseTest, Validators) {
    const std::chrono::sys_seconds when{std::chrono::seconds(784111777)};
    Response response;
    response.last_modified(when).etag(http::ETag("x", true));
    EXPECT_EQ(response.last_modified(), when);
    EXPECT_EQ(response.etag(), http::ETag("x", true));
    EXPECT_EQ(
        sent(response),
        "HTTP/1.1 200 OK\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: W/\"x\"\r\nContent-Length: "
        "0\r\n\r\n");
}

TEST_F(ResponseTest, Chunked) {
    EXPECT_EQ(sent(Response().body("abc").enable_chunked_encoding()),
              "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: "
              "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    const std::string old = sent(Response().body("abc").enable_chunked_encoding(), "GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.substr(0, 12), "HTTP/1.0 500");
}

TEST_F(ResponseTest, Compression) {
    const std::string text(1000, 'x');
    const std::string accepts = "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n\r\n";
    const std::string plain = sent(Response().text(text).enable_compression());
    EXPECT_NE(plain.find("Vary: Accept-Encoding\r\n"), std::string::npos);
    EXPECT_EQ(plain.substr(plain.find("\r\n\r\n") + 4), text);
    const std::string coded = sent(Response().text(text).enable_compression(), accepts);
    EXPECT_NE(coded.find("Content-Encoding: gzip\r\n"), std::string::npos) << coded;
    std::string decoded;
    http::Decompressor(http::ContentCoding::gzip)
        .decompress(coded.substr(coded.find("\r\n\r\n") + 4), decoded);
    EXPECT_EQ(decoded, text);
    const std::string forced = sent(Response().text(text).enable_compression(http::ContentCoding::br));
    decoded.clear();
    http::Decompressor(http::ContentCoding::br)
        .decompress(forced.substr(forced.find("\r\n\r\n") + 4), decoded);
    EXPECT_EQ(decoded, text);
}

TEST_F(ResponseTest, SentOnceOnly) {
    std::optional<Response> kept;
    const auto again = [&](Request&) -> Coro<Response> {
        if (!kept) kept = Response().text("a");
        co_return *kept;
    };
    const std::string all = answer(again, kGet + kGet);
    EXPECT_EQ(all.substr(0, 15), "HTTP/1.1 200 OK");
    EXPECT_NE(all.find("HTTP/1.1 500"), std::string::npos) << all;
    EXPECT_TRUE(kept->prepared());
    EXPECT_THROW(kept->status(201), RuntimeError);
    EXPECT_THROW(kept->header("a", "b"), RuntimeError);
    EXPECT_EQ(reports().size(), 1u);
}

struct StreamResponseTest : ResponseTest {};

TEST_F(StreamResponseTest, InChunksOrByLength) {
    const auto streams = [](Request& request) -> Coro<Response> {
        web::StreamResponse response;
        response.content_type("text/plain");
        if (request.raw_path() == "/length") response.content_length(5);
        co_await response.prepare(request);
        co_await response.write("ab");
        co_await response.write("");
        co_await response.write("cde");
        co_return response;
    };
    EXPECT_EQ(answer(streams, kGet + kGet),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
              "chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: "
              "text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");
    EXPECT_EQ(answer(streams, "GET /length HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nabcde");
    EXPECT_EQ(answer(streams, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nabcde");
    EXPECT_EQ(answer(streams, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST_F(StreamResponseTest, MoreOrLessThanAnnounced) {
    const auto writes = [](std::string text) {
        return [text](Request& request) -> Coro<Response> {
            return [](Request& r, std::string t) -> Coro<Response> {
                web::StreamResponse response;
                response.content_length(3);
                co_await response.prepare(r);
                co_await response.write(t);
                co_return response;
            }(request, text);
        };
    };
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 3\r\n\r\n";
    EXPECT_EQ(answer(writes("abc"), kGet), head + "abc");
    EXPECT_EQ(answer(writes("a"), kGet + kGet), head + "a");  // the connection ends: it cannot look complete
    EXPECT_EQ(reports().size(), 0u);
    EXPECT_EQ(answer(writes("abcd"), kGet + kGet), "");
    EXPECT_EQ(reports().size(), 1u);
}

TEST_F(StreamResponseTest, AnErrorCutsItOff) {
    const auto fails = [](Request& request) -> Coro<Response> {
        web::StreamResponse response;
        co_await response.prepare(request);
        co_await response.write("ab");
        co_await sleep(1s);
        throw std::runtime_error("late");
        co_return response;
    };
    std::string all;
    try {
        all = answer(fails, kGet + kGet);
    } catch (const ConnectionError&) {
        all = "reset";
    }
    EXPECT_EQ(all.find("0\r\n\r\n"), std::string::npos) << all;
    EXPECT_EQ(all.find("500"), std::string::npos) << all;
    EXPECT_EQ(reports().size(), 1u);
}

TEST_F(StreamResponseTest, OutOfOrder) {
    std::string said;
    const auto handler = [&](Request& request) -> Coro<Response> {
        web::StreamResponse response;
        try {
            co_await response.write("a");
        } catch (const RuntimeError& e) {
            said += std::string(e.what()) + "; ";
        }
        co_await response.prepare(request);
        co_await response.write_eof("b");
        co_await response.write_eof();
        try {
            co_await response.write("c");
        } catch (const RuntimeError& e) {
            said += e.what();
        }
        web::StreamResponse second;
        try {
            co_await second.prepare(request);
        } catch (const RuntimeError& e) {
            said += std::string("; ") + e.what();
        }
        co_return response;
    };
    const std::string all = answer(handler, kGet);
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "1\r\nb\r\n0\r\n\r\n");
    EXPECT_EQ(
        said,
        "Cannot call write() before prepare(); Cannot call write() after write_eof(); a response to this "
        "request was sent before");
}

TEST_F(StreamResponseTest, F79WritesAfterTheEndRaise) {
    std::string said;
    run([&]() -> Coro<> {
        std::optional<web::StreamResponse> kept;
        const auto handler = [&](Request& request) -> Coro<Response> {
            kept.emplace();
            co_await kept->prepare(request);
            co_return *kept;
        };
        std::string all = co_await talk(handler, kGet);
        try {
            co_await kept->write("late");
        } catch (const RuntimeError& e) {
            said = e.what();
        }
    });
    EXPECT_EQ(said, "Cannot call write() after write_eof()");
}

TEST_F(StreamResponseTest, ASlowReaderHoldsUpTheWriter) {
    std::size_t written = 0;
    run([&]() -> Coro<> {
        const auto endless = [&](Request& request) -> Coro<Response> {
            web::StreamResponse response;
            co_await response.prepare(request);
            const std::string piece(64 * 1024, 'x');
            for (;;) {
                co_await response.write(piece);
                written += piece.size();
            }
            co_return response;
        };
        const web::Server server{web::Handler(endless)};
        const RawClient client(server);
        client.send(kGet);
        co_await sleep(1s);
        const std::size_t before = written;
        co_await sleep(1s);
        EXPECT_EQ(written, before);
        EXPECT_LT(written, std::size_t{2'000'000});
        client.writer.transport().abort();
        co_await sleep(1s);
        EXPECT_EQ(server.connections(), 0u);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

}  // namespace
}  // namespace aio::tests
