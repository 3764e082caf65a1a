// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>
#include <support/temporary_folder.hpp>

#include <aio/client/auth/digest_auth.hpp>
#include <aio/client/auth/digest_auth_middleware.hpp>
#include <aio/fs/open.hpp>
#include <aio/http/forms/form_data.hpp>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::DigestAuthMiddleware;
using http::SessionOptions;

class DigestAuthMiddlewareTest : public ClientTest {
protected:
    DigestAuthMiddlewareTest() { in_memory(); }

    /// Whether the request proves that its sender knows the password.
    bool proves(const Received& request) const {
        const auto said = http::parse_challenges(request.field("Authorization"));
        if (said.empty()) return false;
        const auto of = [&said](std::string_view name) {
            return std::string(said[0].get(name).value_or(""));
        };
        if (of("nonce") != nonce || of("uri") != request.target() || of("username") != "me") return false;
        http::DigestChallenge challenge;
        challenge.realm = "r";
        challenge.nonce = nonce;
        challenge.qop = qop;
        const std::string line = request.line();
        const auto count = static_cast<std::uint32_t>(std::stoul(of("nc"), nullptr, 16));
        const std::string right =
            challenge.authorization("me", password, line.substr(0, line.find(' ')), request.target(),
                                    request.body, of("cnonce"), count);
        return of("response") == http::parse_challenges(right)[0].get("response");
    }
    /// "/away" leads to another host; all else is for those who know the password.
    std::string serve(const Received& request) {
        const auto said = http::parse_challenges(request.field("Authorization"));
        asked.push_back(said.empty() ? "nobody" : std::string(said[0].get("nc").value_or("")));
        if (request.target() == "/away")
            return "HTTP/1.1 307 Go\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n";
        if (proves(request)) return ok("welcome " + request.body);
        return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nWWW-Authenticate: Digest "
               "realm=\"r\", nonce=\"" +
               nonce + "\", qop=\"" + qop + "\"\r\nContent-Length: 2\r\n\r\nno";
    }
    void with_digest(Body body, bool preemptive = true) {
        with(SessionOptions().middleware(DigestAuthMiddleware("me", "secret", preemptive)),
             answering([this](const Received& request) { return serve(request); }), std::move(body));
    }
    static AsyncGenerator<std::string> pieces() {
        co_yield "one";
        co_yield "two";
    }
    using Counts = std::vector<std::string>;

    std::string nonce = "n1";
    std::string qop = "auth";
    std::string password = "secret";
    Counts asked;
};

TEST_F(DigestAuthMiddlewareTest, AnswersAChallengeAndThenAtOnce) {
    with_digest([&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse first = co_await session.post(server.url("/a%20b?c=d")).data("body");
        const std::string text = co_await first.text();
        EXPECT_EQ(text, "welcome body");
        ClientResponse second = co_await session.get(server.url("/other"));
        EXPECT_EQ(second.status(), 200);
        EXPECT_EQ(asked, (Counts{"nobody", "00000001", "00000002"}));
        EXPECT_EQ(server.connections(), 1);
    });
}

TEST_F(DigestAuthMiddlewareTest, OrWaitsToBeAskedEachTime) {
    const auto body = [&](ClientSession& session, RawServer& server) -> Coro<> {
        for (int i = 0; i < 2; ++i) {
            const ClientResponse response = co_await session.get(server.url());
            EXPECT_EQ(response.status(), 200);
        }
        EXPECT_EQ(asked, (Counts{"nobody", "00000001", "nobody", "00000002"}));
    };
    with_digest(body, false);
}

TEST_F(DigestAuthMiddlewareTest, AnOldNonceIsReplaced) {
    with_digest([&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        nonce = "n2";
        const ClientResponse response = co_await session.get(server.url());
        EXPECT_EQ(response.status(), 200);
        EXPECT_EQ(asked, (Counts{"nobody", "00000001", "00000002", "00000001"}));
    });
}

TEST_F(DigestAuthMiddlewareTest, TheWrongPasswordIsTriedOnce) {
    password = "another";
    with_digest([&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url());
        EXPECT_EQ(response.status(), 401);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "no");
        EXPECT_EQ(asked.size(), 2u);
    });
}

// What one server is told proves nothing to another, and says nothing to it either.
TEST_F(DigestAuthMiddlewareTest, NobodyButTheFirstOriginIsAnswered) {
    with_digest([&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        const ClientResponse response = co_await session.get(server.url("/away"));
        EXPECT_EQ(response.status(), 401);
        EXPECT_EQ(response.url().str(), "http://other.test/");
        EXPECT_EQ(asked, (Counts{"nobody", "00000001", "00000002", "nobody"}));
        EXPECT_FALSE(server.last().has("Authorization"));
    });
}

TEST_F(DigestAuthMiddlewareTest, TheBodyMayBePartOfTheAnswer) {
    qop = "auth-int";
    const TemporaryFolder folder;
    const std::string path = folder.file("a");
    std::ofstream(path) << "of a file";
    with_digest([&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.put(server.url()).data("body");
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "welcome body");
        const ClientResponse without = co_await session.get(server.url());
        EXPECT_EQ(without.status(), 200);
        ClientResponse file = co_await session.put(server.url()).data(http::Payload::file(path));
        const std::string told = co_await file.text();
        EXPECT_EQ(told, "welcome of a file");
        EXPECT_EQ(asked, (Counts{"nobody", "00000001", "00000002", "00000003"}));
        co_await expect_thrown<http::ClientPayloadError>(session.put(server.url()).data(pieces()));
        EXPECT_EQ(asked.back(), "nobody");
        const std::size_t sent = asked.size();
        co_await expect_thrown<ValueError>(session.put(server.url()).data("x").compress());
        EXPECT_EQ(asked.size(), sent);
    });
}

TEST_F(DigestAuthMiddlewareTest, F84_what_can_be_sent_again_is) {
    const TemporaryFolder folder;
    const std::string path = folder.file("a");
    std::ofstream(path) << std::string(100, '-') << "the rest";
    const auto body = [&](ClientSession& session, RawServer& server) -> Coro<> {
        fs::File file = co_await fs::open(path, "rb");
        co_await file.seek(100);
        http::Payload opened = file;
        ClientResponse rest = co_await session.post(server.url()).data(std::move(opened));
        const std::string text = co_await rest.text();
        EXPECT_EQ(text, "welcome the rest");
        co_await file.close();
        ClientResponse whole = co_await session.post(server.url()).data(http::Payload::file(path));
        const std::string all = co_await whole.text();
        EXPECT_EQ(all, "welcome " + std::string(100, '-') + "the rest");
        http::FormData form;
        form.add_field("file", http::Payload::file(path));
        http::Payload multipart(std::move(form));
        ClientResponse part = co_await session.post(server.url()).data(std::move(multipart));
        EXPECT_EQ(part.status(), 200);
        EXPECT_NE(server.last().body.find("the rest"), std::string::npos);
        EXPECT_EQ(server.received()[4].body, server.last().body);
    };
    with_digest(body, false);
}

TEST_F(DigestAuthMiddlewareTest, F84_what_cannot_is_an_error_and_the_next_request_brings_the_answer) {
    with_digest([&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string what =
            co_await expect_thrown<http::ClientPayloadError>(session.post(server.url()).data(pieces()));
        EXPECT_NE(what.find("once only"), std::string::npos);
        EXPECT_EQ(lent(session), 0u);
        ClientResponse response = co_await session.post(server.url()).data(pieces());
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "welcome onetwo");
        EXPECT_EQ(asked, (Counts{"nobody", "00000001"}));
    });
}

TEST_F(DigestAuthMiddlewareTest, ALoginHasNoColon) {
    EXPECT_THROW(DigestAuthMiddleware("a:b", "c"), ValueError);
}

}  // namespace
}  // namespace aio::tests
