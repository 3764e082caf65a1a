// SPDX-License-Identifier: MIT
// What is sent: the head, byte by byte, and bodies that are in memory.
#include <client/raw_server.hpp>

#include <aio/client/client_request.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::SessionOptions;

class ClientRequestTest : public ClientTest {
protected:
    static std::string nothing(const Received&) { return ok(""); }
    static std::string host_of(const RawServer& server) {
        return "127.0.0.1:" + std::to_string(server.port());
    }
};

TEST_F(ClientRequestTest, TheHeadOfAGet) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url("/a%20b?c=d#e"));
        EXPECT_EQ(server.last().head,
                  "GET /a%20b?c=d HTTP/1.1\r\n"
                  "Host: " +
                      host_of(server) +
                      "\r\n"
                      "Accept: */*\r\n"
                      "Accept-Encoding: gzip, deflate, br, zstd\r\n"
                      "User-Agent: aio/0.1\r\n\r\n");
    });
}

TEST_F(ClientRequestTest, AutomaticFieldsGiveWay) {
    const SessionOptions options = SessionOptions().skip_auto_header("user-agent");
    with(options, answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.post(server.url())
            .header("accept", "text/html")
            .header("Host", "other.test")
            .skip_auto_header("Accept-Encoding")
            .skip_auto_header("Content-Type")
            .data("x");
        EXPECT_EQ(server.last().head,
                  "POST / HTTP/1.1\r\n"
                  "accept: text/html\r\n"
                  "Host: other.test\r\n"
                  "Content-Length: 1\r\n\r\n");
    });
}

TEST_F(ClientRequestTest, BodiesSayTheirLengthAndType) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.post(server.url()).data("bytes");
        EXPECT_EQ(server.last().field("Content-Length"), "5");
        EXPECT_EQ(server.last().field("Content-Type"), "application/octet-stream");
        EXPECT_EQ(server.last().body, "bytes");
        co_await session.put(server.url()).json_text("{}");
        EXPECT_EQ(server.last().field("Content-Type"), "application/json");
        const http::MultiDict fields{{"a", "1 2"}, {"b", "&"}};
        co_await session.post(server.url()).form(fields);
        EXPECT_EQ(server.last().field("Content-Type"), "application/x-www-form-urlencoded");
        EXPECT_EQ(server.last().body, "a=1+2&b=%26");
        const std::string large(200'000, 'x');
        co_await session.post(server.url()).data(large);
        EXPECT_EQ(server.last().body, large);
        EXPECT_THROW(session.post(server.url()).data("a").json_text("{}"), ValueError);
    });
}

TEST_F(ClientRequestTest, WhoCouldSendABodyAndHasNoneSaysSo) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.post(server.url());
        EXPECT_EQ(server.last().field("Content-Length"), "0");
        co_await session.delete_(server.url());
        EXPECT_EQ(server.last().field("Content-Length"), "0");
        co_await session.get(server.url());
        EXPECT_FALSE(server.last().has("Content-Length"));
        co_await session.post(server.url()).data("");
        EXPECT_EQ(server.last().field("Content-Length"), "0");
        EXPECT_EQ(server.connections(), 1);
    });
}

TEST_F(ClientRequestTest, ChunksAreSentWhereTheyAreAskedFor) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.post(server.url()).data("chunked").chunked();
        EXPECT_EQ(server.last().field("Transfer-Encoding"), "chunked");
        EXPECT_FALSE(server.last().has("Content-Length"));
        EXPECT_EQ(server.last().body, "chunked");
        co_await session.post(server.url()).data("again").header("Transfer-Encoding", "chunked");
        EXPECT_EQ(server.last().body, "again");
        EXPECT_EQ(server.connections(), 1);
    });
}

TEST_F(ClientRequestTest, CompressedBodiesAreSentInChunks) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string text(10'000, 'z');
        co_await session.post(server.url()).data(text).compress(http::ContentCoding::gzip);
        EXPECT_EQ(server.last().field("Content-Encoding"), "gzip");
        EXPECT_LT(server.last().body.size(), 200u);
        http::Decompressor decompressor(http::ContentCoding::gzip);
        std::string decoded;
        decompressor.decompress(server.last().body, decoded);
        EXPECT_EQ(decoded, text);
        co_await session.post(server.url()).data(text).compress();
        EXPECT_EQ(server.last().field("Content-Encoding"), "deflate");
        co_await expect_thrown<ValueError>(
            session.post(server.url()).data(text).compress().header("Content-Encoding", "br"));
    });
}

TEST_F(ClientRequestTest, FramingThatContradictsItselfIsRefused) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string url = server.url();
        co_await expect_thrown<ValueError>(session.post(url).data("abc").header("Content-Length", "2"));
        co_await expect_thrown<ValueError>(session.post(url).data("abc").header("Content-Length", "3, 3"));
        co_await expect_thrown<ValueError>(session.post(url).data("abc").header("Content-Length", "+3"));
        co_await expect_thrown<ValueError>(
            session.post(url).data("abc").chunked().header("Content-Length", "3"));
        co_await expect_thrown<ValueError>(session.post(url).data("abc").header("Transfer-Encoding", "gzip"));
        co_await expect_thrown<ValueError>(
            session.post(url).data("abc").header("Transfer-Encoding", "gzip, chunked"));
        co_await expect_thrown<ValueError>(session.post(url).header("Content-Length", "3"));
        co_await expect_thrown<ValueError>(session.post(url).chunked());
        co_await expect_thrown<ValueError>(
            session.post(url).data("abc").chunked().version(http::kHttpVersion10));
        EXPECT_TRUE(server.received().empty());
        EXPECT_EQ(lent(session), 0u);
        co_await session.post(url).data("abc").header("Content-Length", "3");
        EXPECT_EQ(server.last().body, "abc");
    });
}

TEST_F(ClientRequestTest, AnOlderVersion) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url()).version(http::kHttpVersion10);
        EXPECT_EQ(server.last().line(), "GET / HTTP/1.0");
        EXPECT_EQ(server.last().field("Connection"), "keep-alive");
    });
}

TEST_F(ClientRequestTest, CredentialsGoIntoAuthorizationAndStandNowhereElse) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string with_user = "http://user:pa%40ss@" + host_of(server) + "/x";
        const ClientResponse response = co_await session.get(with_user);
        EXPECT_EQ(server.last().field("Authorization"), "Basic dXNlcjpwYUBzcw==");
        EXPECT_EQ(server.last().field("Host"), host_of(server));
        EXPECT_EQ(response.url().str(), server.url("/x"));
        co_await session.get(server.url()).basic_auth("user", "");
        EXPECT_EQ(server.last().field("Authorization"), "Basic dXNlcjo=");
        co_await expect_thrown<ValueError>(session.get(with_user).basic_auth("a", "b"));
        co_await expect_thrown<ValueError>(session.get(with_user).header("Authorization", "x"));
        co_await expect_thrown<ValueError>(
            session.get(server.url()).basic_auth("a", "b").header("Authorization", "x"));
        EXPECT_THROW(session.get(server.url()).basic_auth("a:b", ""), ValueError);
    });
}

TEST_F(ClientRequestTest, SessionsHaveCredentialsToo) {
    const SessionOptions options = SessionOptions().basic_auth("user", "pass");
    with(options, answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        EXPECT_EQ(server.last().field("Authorization"), "Basic dXNlcjpwYXNz");
        co_await session.get(server.url()).header("Authorization", "own");
        EXPECT_EQ(server.last().field("Authorization"), "own");
    });
}

// F83: nothing that a program passes on ends a line, or a cookie.
TEST_F(ClientRequestTest, F83_control_characters_are_refused_before_anything_is_sent) {
    with(answering(nothing), [&](ClientSession& session, RawServer& server) -> Coro<> {
        using namespace std::string_literals;
        for (const std::string& bad : {"a\r\nX: y"s, "a\nb"s, "a\0b"s, "a\x7f"s, "\x01"s}) {
            EXPECT_THROW(session.get(server.url()).header("X-A", bad), ValueError);
            EXPECT_THROW(session.get(server.url()).header(bad, "x"), ValueError);
            EXPECT_THROW(session.get(server.url()).cookie("a", bad), ValueError);
            EXPECT_THROW(session.get(server.url()).cookie(bad, "a"), ValueError);
            EXPECT_THROW(session.request(bad, server.url()), ValueError);
            EXPECT_THROW(session.get(server.url("/" + bad)), http::InvalidUrlClientError);
            EXPECT_THROW(SessionOptions().header("A", bad), ValueError);
            EXPECT_THROW(SessionOptions().cookie("a", bad), ValueError);
            co_await session.get(server.url()).param(bad, bad).basic_auth("u", bad);
            EXPECT_EQ(server.last().head.find("\r\nX: y"), std::string::npos);
            EXPECT_EQ(std::count(server.last().head.begin(), server.last().head.end(), '\n'), 7);
        }
        EXPECT_THROW(session.get(server.url()).header("X-A", "\u010a"s + "\r"), ValueError);
        co_await session.get(server.url()).header("X-Tab", "a\tb");
        EXPECT_EQ(server.last().field("X-Tab"), "a\tb");
    });
}

TEST_F(ClientRequestTest, OneWriteForHeadAndBody) {
    // The server sees all of it in one piece.
    const auto serve = [](Peer& peer) -> Coro<> {
        const std::string all = co_await peer.reader().read(1 << 20);
        peer.answer(all.substr(all.size() - 4));
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.post(server.url()).data("body");
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "body");
    });
}

}  // namespace
}  // namespace aio::tests
