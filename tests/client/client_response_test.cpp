// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>

#include <aio/client/client_response.hpp>
#include <aio/http/compression.hpp>

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

class ClientResponseTest : public ClientTest {
protected:
    /// Serves the text to whoever asks, and closes then if it is to.
    static RawServer::Serve saying(std::string text, bool close = false) {
        return [text, close](Peer& peer) -> Coro<> {
            while (true) {
                const bool there = co_await peer.request();
                if (!there) break;
                peer.send(text);
                if (close) break;
            }
        };
    }
};

TEST_F(ClientResponseTest, TellsAllOfTheHead) {
    const auto serve = saying("HTTP/1.1 404 Not Here\r\nX-One: a\r\nx-one: b\r\nContent-Length: 0\r\n\r\n");
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const ClientResponse response = co_await session.get(server.url("/dir/page#top"));
        EXPECT_EQ(response.status(), 404);
        EXPECT_EQ(response.reason(), "Not Here");
        EXPECT_FALSE(response.ok());
        EXPECT_EQ(response.version(), http::kHttpVersion11);
        EXPECT_EQ(response.method(), "GET");
        EXPECT_EQ(response.url().str(), server.url("/dir/page"));
        EXPECT_EQ(response.real_url().str(), server.url("/dir/page#top"));
        EXPECT_EQ(response.host(), "127.0.0.1");
        EXPECT_EQ(response.headers().getall("X-ONE").size(), 2u);
        EXPECT_EQ(response.raw_headers()[1].name, "x-one");
        EXPECT_EQ(response.raw_headers()[1].value, "b");
        EXPECT_EQ(response.content_length(), 0u);
        EXPECT_TRUE(response.history().empty());
        const http::RequestInfo sent = response.request_info();
        EXPECT_EQ(sent.method, "GET");
        EXPECT_EQ(sent.url.str(), server.url("/dir/page"));
        EXPECT_EQ(sent.real_url.str(), server.url("/dir/page#top"));
        EXPECT_EQ(sent.headers.get("Accept"), "*/*");
        EXPECT_EQ(
            response.repr().find("<ClientResponse(" + server.url("/dir/page#top") + ") [404 Not Here]>"), 0u);
    });
}

TEST_F(ClientResponseTest, TellsWhatFieldsMean) {
    const auto serve = saying(
        "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; Charset=\"UTF-8\"\r\n"
        "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nLink: </next?p=2>; rel=\"next\"\r\n"
        "Content-Disposition: attachment; filename=\"a.txt\"\r\nContent-Length: 0\r\n\r\n");
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const ClientResponse response = co_await session.get(server.url("/dir/page"));
        EXPECT_EQ(response.content_type(), "text/html");
        EXPECT_EQ(response.charset(), "utf-8");
        EXPECT_EQ(response.get_encoding(), "utf-8");
        EXPECT_EQ(response.cookies().size(), 2u);
        EXPECT_EQ(response.cookies()[1].name(), "b");
        EXPECT_EQ(response.links().at(0).target, server.url("/next?p=2"));
        EXPECT_EQ(response.links().at(0).rel(), "next");
        EXPECT_EQ(response.content_disposition()->filename(), "a.txt");
    });
}

TEST_F(ClientResponseTest, WhatIsNotSaid) {
    with(saying("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const ClientResponse response = co_await session.get(server.url());
             EXPECT_EQ(response.reason(), "");
             EXPECT_EQ(response.content_type(), "application/octet-stream");
             EXPECT_EQ(response.charset(), std::nullopt);
             EXPECT_EQ(response.content_disposition(), std::nullopt);
             EXPECT_TRUE(response.links().empty());
         });
}

TEST_F(ClientResponseTest, TheBodyIsKept) {
    with(answering([](const Received&) { return ok("body"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url());
             const std::string& first = co_await response.read();
             const std::string& second = co_await response.read();
             EXPECT_EQ(&first, &second);
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "body");
             const std::string rest = co_await response.content().read();
             EXPECT_EQ(rest, "");
         });
}

TEST_F(ClientResponseTest, TheBodyStreams) {
    in_memory();
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        co_await sleep(1s);
        peer.send("4\r\n\ntwo\r\n0\r\n\r\n");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url());
        EXPECT_EQ(clock().elapsed(), 0s);
        const auto first = co_await response.content().next_chunk();
        EXPECT_EQ(first, "one");
        EXPECT_EQ(clock().elapsed(), 0s);
        EXPECT_FALSE(response.closed());
        const auto second = co_await response.content().next_chunk();
        EXPECT_EQ(second, "\ntwo");
        EXPECT_EQ(clock().elapsed(), 1s);
        const auto third = co_await response.content().next_chunk();
        EXPECT_EQ(third, std::nullopt);
        EXPECT_TRUE(response.closed());
        EXPECT_EQ(idle(session), 1u);
    });
}

TEST_F(ClientResponseTest, AResponseWithoutABodyGivesItsConnectionBackAtOnce) {
    with(answering([](const Received& request) -> std::string {
             if (request.line().starts_with("HEAD")) return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
             if (request.target() == "/204")
                 return "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n";
             return "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\n\r\n";
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse head = co_await session.head(server.url());
             EXPECT_TRUE(head.closed());
             ClientResponse none = co_await session.get(server.url("/204"));
             ClientResponse same = co_await session.get(server.url("/304"));
             EXPECT_EQ(same.status(), 304);
             for (ClientResponse* response : {&head, &none, &same}) {
                 const std::string text = co_await response->text();
                 EXPECT_EQ(text, "");
             }
             EXPECT_EQ(server.connections(), 1);
         });
}

// F70
TEST_F(ClientResponseTest, F70_interim_responses_are_not_the_response) {
    with(saying("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n"
                "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
                ok("final")),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             for (int i = 0; i < 2; ++i) {
                 ClientResponse response = co_await session.get(server.url());
                 EXPECT_EQ(response.status(), 200);
                 EXPECT_FALSE(response.headers().contains("Link"));
                 const std::string text = co_await response.text();
                 EXPECT_EQ(text, "final");
             }
             EXPECT_EQ(server.connections(), 1);
         });
}

TEST_F(ClientResponseTest, InterimResponsesWithoutEndAreAnError) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.request();
        for (int i = 0; i < 200; ++i) peer.send("HTTP/1.1 102 Processing\r\n\r\n");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await expect_thrown<http::ClientResponseError>(session.get(server.url()));
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(ClientResponseTest, ABodyMayEndWithTheConnection) {
    with(saying("HTTP/1.1 200 OK\r\n\r\nuntil the end", true),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url());
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "until the end");
             EXPECT_EQ(idle(session), 0u);
             ClientResponse none = co_await session.get(server.url()).read_until_eof(false);
             const std::string nothing = co_await none.text();
             EXPECT_EQ(nothing, "");
         });
}

TEST_F(ClientResponseTest, ReadHasALimit) {
    with(answering([](const Received&) { return ok(std::string(1000, 'x')); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url());
             const std::string& whole = co_await response.read(1000);
             EXPECT_EQ(whole.size(), 1000u);
             ClientResponse other = co_await session.get(server.url());
             co_await expect_thrown<LimitOverrunError>(other.read(999));
             EXPECT_EQ(lent(session), 0u);
         });
}

TEST_F(ClientResponseTest, RaiseForStatusReleasesTheConnection) {
    with(
        answering([](const Received& request) {
            return "HTTP/1.1 " + request.target().substr(1) + " Why\r\nX-A: b\r\nContent-Length: 2\r\n\r\nno";
        }),
        [&](ClientSession& session, RawServer& server) -> Coro<> {
            ClientResponse fine = co_await session.get(server.url("/399"));
            fine.raise_for_status();
            fine.release();
            ClientResponse bad = co_await session.get(server.url("/400"));
            try {
                bad.raise_for_status();
                ADD_FAILURE();
            } catch (const http::ClientResponseError& error) {
                EXPECT_EQ(error.status(), 400);
                EXPECT_EQ(error.message(), "Why");
                EXPECT_EQ(error.headers().get("x-a"), "b");
                EXPECT_EQ(error.request_info().url.str(), server.url("/400"));
                EXPECT_EQ(std::string(error.what()), "400, message='Why', url='" + server.url("/400") + "'");
            }
            EXPECT_TRUE(bad.closed());
            EXPECT_EQ(idle(session), 1u);
            co_await expect_thrown<http::ClientResponseError>(
                session.get(server.url("/500")).raise_for_status());
            const auto check = [](ClientResponse& response) -> Coro<> {
                if (response.status() == 418) throw RuntimeError("a teapot");
                co_return;
            };
            co_await session.get(server.url("/500")).raise_for_status(check);
            const std::string what =
                co_await expect_thrown<RuntimeError>(session.get(server.url("/418")).raise_for_status(check));
            EXPECT_EQ(what, "a teapot");
            EXPECT_EQ(server.connections(), 1);
        });
}

TEST_F(ClientResponseTest, TheSessionMayRaiseForStatus) {
    const http::SessionOptions options = http::SessionOptions().raise_for_status(true);
    with(options, answering([](const Received&) {
             return std::string("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await expect_thrown<http::ClientResponseError>(session.get(server.url()));
             const ClientResponse response = co_await session.get(server.url()).raise_for_status(false);
             EXPECT_EQ(response.status(), 500);
         });
}

TEST_F(ClientResponseTest, JsonHasToBeJson) {
    with(answering([](const Received& request) {
             return ok("{\"a\": 1}", "Content-Type: " + request.target().substr(1) + "\r\n");
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             for (const char* const type :
                  {"/application/json", "/application/problem+json", "/image/svg+json"}) {
                 ClientResponse response = co_await session.get(server.url(type));
                 const std::string text = co_await response.json_text();
                 EXPECT_EQ(text, "{\"a\": 1}");
             }
             ClientResponse html = co_await session.get(server.url("/text/html"));
             const std::string what = co_await expect_thrown<http::ContentTypeError>(html.json_text());
             EXPECT_NE(what.find("Attempt to decode JSON with unexpected mimetype: text/html"), what.npos);
             const std::string any = co_await html.json_text("");
             EXPECT_EQ(any, "{\"a\": 1}");
         });
}

TEST_F(ClientResponseTest, TextsAreDecoded) {
    const auto resolver = [](const ClientResponse&, const std::string& body) -> std::string {
        return body.size() > 3 ? "latin-1" : "utf-8";
    };
    with(http::SessionOptions().fallback_charset_resolver(resolver), answering([](const Received& request) {
             const std::string type = request.target().substr(1);
             return ok("caf\xe9", type.empty() ? "" : "Content-Type: text/plain; charset=" + type + "\r\n");
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse latin = co_await session.get(server.url("/ISO-8859-1"));
             EXPECT_EQ(latin.charset(), "iso-8859-1");
             const std::string text = co_await latin.text();
             EXPECT_EQ(text, "caf\u00e9");
             ClientResponse unknown = co_await session.get(server.url());
             EXPECT_EQ(unknown.charset(), std::nullopt);
             EXPECT_THROW(unknown.get_encoding(), RuntimeError);
             const std::string guessed = co_await unknown.text();
             EXPECT_EQ(guessed, "caf\u00e9");
             EXPECT_EQ(unknown.get_encoding(), "latin-1");
             ClientResponse utf = co_await session.get(server.url("/utf-8"));
             co_await expect_thrown<ValueError>(utf.text());
             const std::string replaced = co_await utf.text("", "replace");
             EXPECT_EQ(replaced, "caf\ufffd");
             co_await expect_thrown<LookupError>(utf.text("no-such-charset"));
             ClientResponse odd = co_await session.get(server.url("/no-such-charset"));
             const std::string fallback = co_await odd.text();
             EXPECT_EQ(fallback, "caf\u00e9");
         });
}

TEST_F(ClientResponseTest, LinesOfABodyHaveALimit) {
    with(answering([](const Received&) { return ok("short\n" + std::string(100, 'x') + "\n"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url()).read_bufsize(50);
             const std::string line = co_await response.content().readline();
             EXPECT_EQ(line, "short\n");
             co_await expect_thrown<LimitOverrunError>(response.content().readline());
         });
}

TEST_F(ClientResponseTest, CompressedBodiesAreDecoded) {
    std::string coded;
    http::Compressor compressor(http::ContentCoding::gzip);
    compressor.compress("plain text", coded);
    compressor.finish(coded);
    with(answering([coded](const Received&) { return ok(coded, "Content-Encoding: gzip\r\n"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url());
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "plain text");
             EXPECT_EQ(response.content().total_raw_bytes(), coded.size());
             ClientResponse raw = co_await session.get(server.url()).auto_decompress(false);
             const std::string& bytes = co_await raw.read();
             EXPECT_EQ(bytes, coded);
             EXPECT_EQ(server.connections(), 1);
         });
}

TEST_F(ClientResponseTest, AClosedOneCannotBeRead) {
    with(answering([](const Received&) { return ok("body"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url());
             response.close();
             EXPECT_TRUE(response.closed());
             co_await expect_thrown<http::ConnectionClosedError>(response.text());
             EXPECT_EQ(idle(session), 0u);
             ClientResponse released = co_await session.get(server.url());
             released.release();
             co_await expect_thrown<http::ConnectionClosedError>(released.text());
             EXPECT_EQ(idle(session), 1u);
         });
}

}  // namespace
}  // namespace aio::tests
