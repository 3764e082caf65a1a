// SPDX-License-Identifier: MIT
// What a session does with its jar, and with the environment.
#include <client/raw_server.hpp>
#include <support/temporary_folder.hpp>

#include <aio/client/cookies/cookie_jar.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::SessionOptions;

class SessionCookiesTest : public ClientTest {
protected:
    /// Of addresses as well, which is what these servers have.
    static SessionOptions with_jar() {
        return SessionOptions().cookie_jar(
            std::make_shared<http::CookieJar>(http::CookieJarOptions().unsafe(true)));
    }
    /// "/set" sets a cookie and leads to "/".
    static std::string site(const Received& request) {
        if (request.target() != "/set") return ok(request.field("Cookie"));
        return "HTTP/1.1 302 Go\r\nLocation: /\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2; Path=/other\r\n"
               "Content-Length: 0\r\n\r\n";
    }
};

TEST_F(SessionCookiesTest, WhatAResponseSetsTheNextRequestBrings) {
    with(with_jar(), answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url("/set"));
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "a=1");
        EXPECT_EQ(session.cookie_jar()->size(), 2u);
        EXPECT_TRUE(response.cookies().empty());
        ClientResponse other = co_await session.get(server.url("/other"));
        const std::string both = co_await other.text();
        EXPECT_EQ(both, "b=2; a=1");
    });
}

TEST_F(SessionCookiesTest, ARequestsOwnReplaceThoseOfTheJar) {
    with(with_jar(), answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url("/set"));
        ClientResponse own = co_await session.get(server.url()).cookie("a", "own");
        const std::string text = co_await own.text();
        EXPECT_EQ(text, "a=own");
        ClientResponse field = co_await session.get(server.url()).header("Cookie", "c=3");
        const std::string behind = co_await field.text();
        EXPECT_EQ(behind, "c=3; a=1");
    });
}

TEST_F(SessionCookiesTest, WithADummyNothingIsKept) {
    const SessionOptions options = SessionOptions().cookie_jar(std::make_shared<http::DummyCookieJar>());
    with(options, answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url("/set"));
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "");
    });
}

/// A variable of the environment for as long as this lives.
class SessionEnvironment {
public:
    SessionEnvironment(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    SessionEnvironment(const SessionEnvironment&) = delete;
    SessionEnvironment& operator=(const SessionEnvironment&) = delete;
    ~SessionEnvironment() { ::unsetenv(name_); }

private:
    const char* name_;
};

class TrustEnvTest : public ClientTest {};

TEST_F(TrustEnvTest, ProxiesAndNetrcCountIfTheEnvironmentIsTrusted) {
    const TemporaryFolder folder;
    const std::string file = folder.file("netrc");
    std::ofstream(file) << "machine 127.0.0.1 login me password secret\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    const SessionEnvironment netrc("NETRC", file);
    run([&]() -> Coro<> {
        auto proxy = co_await RawServer::start(answering([](const Received&) { return ok("by proxy"); }));
        const SessionEnvironment variable("http_proxy",
                                          "http://user:pass@127.0.0.1:" + std::to_string(proxy->port()));
        ClientSession trusting(SessionOptions().trust_env(true));
        ClientResponse response = co_await trusting.get("http://127.0.0.1:1/path?q#f");
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "by proxy");
        EXPECT_EQ(proxy->last().line(), "GET http://127.0.0.1:1/path?q HTTP/1.1");
        EXPECT_EQ(proxy->last().field("Host"), "127.0.0.1:1");
        EXPECT_EQ(proxy->last().field("Authorization"), "Basic bWU6c2VjcmV0");
        EXPECT_EQ(proxy->last().field("Proxy-Authorization"), "Basic dXNlcjpwYXNz");
        EXPECT_FALSE(response.request_info().headers.contains("Proxy-Authorization"));
        co_await trusting.close();

        ClientSession wary;
        ClientResponse direct = co_await wary.get(proxy->url());
        EXPECT_EQ(proxy->last().line(), "GET / HTTP/1.1");
        EXPECT_FALSE(proxy->last().has("Authorization"));
        ClientResponse asked = co_await wary.get("http://other.test/")
                                   .proxy(proxy->url())
                                   .proxy_headers(http::Headers().set("X-Proxy", "yes"));
        EXPECT_EQ(proxy->last().line(), "GET http://other.test/ HTTP/1.1");
        EXPECT_EQ(proxy->last().field("X-Proxy"), "yes");
        co_await wary.close();
        co_await proxy->close();
    });
}

// A redirect may lead from a host behind the proxy to one that is asked without it, and to another behind it.
TEST_F(TrustEnvTest, NobodyIsToldWhatIsForAnother) {
    run([&]() -> Coro<> {
        auto direct = co_await RawServer::start(answering([](const Received&) { return ok("direct"); }));
        const std::string there = direct->url("/there");
        RawServer::Serve leads_on = answering([there](const Received& request) {
            const bool first = request.target() == "http://a.test/";
            return "HTTP/1.1 302 Go\r\nLocation: " + (first ? std::string("http://b.test/") : there) +
                   "\r\nContent-Length: 0\r\n\r\n";
        });
        auto proxy = co_await RawServer::start(std::move(leads_on));
        const SessionEnvironment variable("http_proxy",
                                          "http://user:pass@127.0.0.1:" + std::to_string(proxy->port()));
        const SessionEnvironment exceptions("no_proxy", "127.0.0.1");
        ClientSession session(SessionOptions().trust_env(true));
        ClientResponse response = co_await session.get("http://a.test/").basic_auth("me", "secret");
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "direct");
        EXPECT_EQ(proxy->received().size(), 2u);
        EXPECT_EQ(proxy->received()[0].field("Authorization"), "Basic bWU6c2VjcmV0");
        EXPECT_EQ(proxy->received()[0].field("Proxy-Authorization"), "Basic dXNlcjpwYXNz");
        EXPECT_EQ(proxy->last().line(), "GET http://b.test/ HTTP/1.1");
        EXPECT_FALSE(proxy->last().has("Authorization")) << proxy->last().head;
        EXPECT_EQ(proxy->last().field("Proxy-Authorization"), "Basic dXNlcjpwYXNz");
        EXPECT_EQ(direct->last().line(), "GET /there HTTP/1.1");
        EXPECT_EQ(direct->last().head.find("uthorization"), std::string::npos) << direct->last().head;
        co_await session.close();
        co_await proxy->close();
        co_await direct->close();
    });
}

}  // namespace
}  // namespace aio::tests
