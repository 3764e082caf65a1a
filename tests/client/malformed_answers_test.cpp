// SPDX-License-Identifier: MIT
// Servers that break off, or say what they should not.
#include <client/raw_server.hpp>

#include <sys/socket.h>
#include <cerrno>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

class MalformedAnswersTest : public ClientTest {};

TEST_F(MalformedAnswersTest, AreErrorsAndCloseTheConnection) {
    const std::vector<std::string> answers{
        "SSH-2.0-OpenSSH_9\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: " + std::string(9000, 'x') + "\r\n\r\n",
    };
    for (const std::string& answer : answers) {
        with(answering([answer](const Received&) { return answer; }),
             [&](ClientSession& session, RawServer& server) -> Coro<> {
                 try {
                     ClientResponse response = co_await session.get(server.url());
                     ADD_FAILURE() << answer;
                 } catch (const http::ClientResponseError& error) {
                     EXPECT_GE(error.status(), 400);
                     EXPECT_EQ(error.request_info().url.str(), server.url());
                 }
                 EXPECT_EQ(lent(session), 0u);
                 EXPECT_EQ(idle(session), 0u);
             });
    }
}

/// After which nobody knows where the next answer begins.
class BadMessagesTest : public ClientTest {
protected:
    BadMessagesTest() { in_memory(); }

    static constexpr const char* kForged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    static Coro<std::string> text_of(ClientSession& session, std::string method, std::string url) {
        ClientResponse response = co_await session.request(method, url);
        co_return co_await response.text();
    }
    /// Answers "/bad" with those bytes and one more answer that nobody has asked for. The next request has to
    /// go to another connection, and to get the answer to itself.
    void expect_no_reuse(const std::string& bytes, const std::string& method, bool is_error) {
        const auto serve = answering([&bytes](const Received& request) {
            return request.target() == "/bad" ? bytes + kForged : ok("own");
        });
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            bool failed = false;
            try {
                const std::string text = co_await text_of(session, method, server.url("/bad"));
                EXPECT_EQ(text.find("forged"), std::string::npos) << bytes;
            } catch (const http::ClientError&) {
                failed = true;
            }
            EXPECT_EQ(failed, is_error) << bytes;
            EXPECT_EQ(lent(session) + idle(session), 0u) << bytes;
            const std::string own = co_await text_of(session, "GET", server.url("/next"));
            EXPECT_EQ(own, "own") << bytes;
            EXPECT_EQ(server.connections(), 2) << bytes;
        });
    }
};

TEST_F(BadMessagesTest, AreTheLastOfTheirConnection) {
    using namespace std::string_literals;
    const std::string head = "HTTP/1.1 200 OK\r\n";
    for (const std::string& fields :
         {"Content-Length: 5\r\nContent-Length: 6\r\n"s, "Content-Length: 5\r\nContent-Length: 5\r\n"s,
          "Content-Length: 5, 5\r\n"s, "Content-Length: +5\r\n"s, "Content-Length: 0x5\r\n"s,
          "Content-Length: 18446744073709551616\r\n"s, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"s,
          "Transfer-Encoding: chunked, chunked\r\n"s, "Transfer-Encoding: gzip, chunked\r\n"s,
          "Content-Length : 5\r\n"s, "Content-Length: 5\n"s, "A: b\rContent-Length: 5\r\n"s,
          "A: b\r\n folded\r\n"s, ": no name\r\n"s, "no colon\r\n"s, "A: b\0c\r\n"s, "\xc3\xa9: b\r\n"s}) {
        expect_no_reuse(head + fields + "\r\nhello", "GET", true);
    }
    for (const std::string& start : {"hello, this is HTTP/0.9"s, "HTTP/2.0 200 OK"s, "HTTP/1.1 099 OK"s,
                                     "HTTP/1.1 200\tOK"s, "ICY 200 OK"s, "HTTP/1.1 200 O\rK"s}) {
        expect_no_reuse(start + "\r\nContent-Length: 5\r\n\r\nhello", "GET", true);
    }
}

TEST_F(BadMessagesTest, SoAreBadBodies) {
    for (const char* const chunks :
         {"10000000000000000\r\nx\r\n", "-1\r\nx\r\n", "0x1\r\nx\r\n", "1 \r\nx\r\n", "1\nx\r\n",
          "1\r\nxy\r\n", "1;a=\"b\r\nx\r\n", "1;a=b\nx\r\n", "\r\n", "1\r\nx\r\n0\r\nA : b\r\n\r\n",
          "1\r\nx\r\n0\r\nA: b\n\r\n"}) {
        const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        expect_no_reuse(head + chunks, "GET", true);
    }
}

// Good answers, and bytes behind them.
TEST_F(BadMessagesTest, SoAreAnswersWithMoreThanTheyShouldHave) {
    expect_no_reuse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HEAD", false);
    expect_no_reuse("HTTP/1.1 204 No Content\r\n\r\nhello", "GET", false);
    expect_no_reuse("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", "GET", false);
    expect_no_reuse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello", "GET", false);
    expect_no_reuse(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        "Content-Length: 70\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET", false);
}

TEST_F(MalformedAnswersTest, HeadsHaveLimitsThatCanBeSet) {
    with(answering([](const Received&) { return ok("", "A: " + std::string(9000, 'x') + "\r\n"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await expect_thrown<http::ClientResponseError>(session.get(server.url()));
             const ClientResponse response = co_await session.get(server.url()).max_field_size(10'000);
             EXPECT_EQ(response.status(), 200);
             co_await expect_thrown<http::ClientResponseError>(
                 session.get(server.url()).max_field_size(10'000).max_headers(1));
         });
}

TEST_F(MalformedAnswersTest, ABodyThatEndsEarlyIsAnError) {
    for (const std::string& answer :
         {std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")}) {
        const auto serve = [answer](Peer& peer) -> Coro<> {
            co_await peer.request();
            peer.send(answer);
        };
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            ClientResponse response = co_await session.get(server.url());
            const std::string what = co_await expect_thrown<http::ClientPayloadError>(response.text());
            EXPECT_EQ(what.find("Response payload is not completed"), 0u);
            EXPECT_EQ(lent(session), 0u);
            EXPECT_EQ(idle(session), 0u);
        });
    }
}

TEST_F(MalformedAnswersTest, AServerThatOnlyClosesIsADisconnect) {
    const auto serve = [](Peer& peer) -> Coro<> { co_await peer.request(); };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await expect_thrown<http::ServerDisconnectedError>(session.get(server.url()));
    });
}

TEST_F(MalformedAnswersTest, AResetIsAnErrorOfTheSystem) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.request();
        const linger now{1, 0};
        ::setsockopt(peer.writer().transport().fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        try {
            co_await session.get(server.url());
            ADD_FAILURE();
        } catch (const http::ClientOSError& error) {
            EXPECT_EQ(error.error_number(), ECONNRESET);
        }
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(MalformedAnswersTest, ConnectionCloseIsObeyedOnBothSides) {
    with(answering([](const Received& request) {
             return request.target() == "/close" ? ok("x", "Connection: close\r\n") : ok("x");
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url("/close"));
             EXPECT_EQ(idle(session), 0u);
             co_await session.get(server.url()).header("Connection", "close");
             EXPECT_EQ(idle(session), 0u);
             co_await session.get(server.url());
             EXPECT_EQ(idle(session), 1u);
         });
}

TEST_F(MalformedAnswersTest, BytesBehindAResponseSpoilTheConnection) {
    with(answering(
             [](const Received&) { return ok("x") + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"; }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             for (int i = 0; i < 2; ++i) {
                 ClientResponse response = co_await session.get(server.url());
                 const std::string text = co_await response.text();
                 EXPECT_EQ(text, "x");
                 EXPECT_EQ(idle(session), 0u);
             }
         });
}

}  // namespace
}  // namespace aio::tests
