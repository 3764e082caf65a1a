// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>
#include <support/log_capture.hpp>

#include <aio/client/client_session.hpp>

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::SessionOptions;

class ClientSessionTest : public ClientTest {};

std::string hello(const Received&) { return ok("hello", "Content-Type: text/plain\r\n"); }

TEST_F(ClientSessionTest, GivesTheHeadAndThenTheBody) {
    with(answering(hello), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url("/a?b=c"));
        EXPECT_EQ(response.status(), 200);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "hello");
        EXPECT_EQ(server.last().line(), "GET /a?b=c HTTP/1.1");
    });
}

TEST_F(ClientSessionTest, EachMethodHasAFunction) {
    with(answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const std::string url = server.url();
             std::vector<std::string> methods;
             for (const auto call :
                  {&ClientSession::get, &ClientSession::options, &ClientSession::post, &ClientSession::put,
                   &ClientSession::patch, &ClientSession::delete_, &ClientSession::head}) {
                 const ClientResponse response = co_await (session.*call)(url);
                 methods.push_back(server.last().line().substr(0, server.last().line().find(' ')));
                 EXPECT_EQ(response.method(), methods.back());
             }
             const std::vector<std::string> expected{"GET",   "OPTIONS", "POST", "PUT",
                                                     "PATCH", "DELETE",  "HEAD"};
             EXPECT_EQ(methods, expected);
         });
}

TEST_F(ClientSessionTest, AMethodIsATokenInCapitals) {
    with(answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.request("propfind", server.url());
             EXPECT_EQ(server.last().line(), "PROPFIND / HTTP/1.1");
             EXPECT_THROW(session.request("GET /x HTTP/1.1\r\nA: b\r\n\r\nGET", server.url()), ValueError);
             EXPECT_THROW(session.request("", server.url()), ValueError);
         });
}

TEST_F(ClientSessionTest, RelativeUrlsAreJoinedWithTheBase) {
    run([&]() -> Coro<> {
        auto server = co_await RawServer::start(answering(hello));
        ClientSession session(SessionOptions().base_url(server->url("/api/v1/")));
        for (const std::string& url : {std::string("users"), std::string("/root"), std::string("?q=1")}) {
            co_await session.get(url);
        }
        co_await session.get(server->url("/absolute"));
        EXPECT_EQ(server->received()[0].target(), "/api/v1/users");
        EXPECT_EQ(server->received()[1].target(), "/root");
        EXPECT_EQ(server->received()[2].target(), "/api/v1/?q=1");
        EXPECT_EQ(server->received()[3].target(), "/absolute");
        co_await session.close();
        co_await server->close();
    });
    EXPECT_THROW(SessionOptions().base_url("/relative"), ValueError);
    EXPECT_THROW(SessionOptions().base_url("ftp://h/"), ValueError);
}

TEST_F(ClientSessionTest, UrlsThatCannotBeAskedForAreRefused) {
    run([&]() -> Coro<> {
        ClientSession session;
        EXPECT_THROW(session.get("http://"), http::InvalidUrlClientError);
        EXPECT_THROW(session.get("http://h\r\nA: b/"), http::InvalidUrlClientError);
        co_await expect_thrown<http::InvalidUrlClientError>(session.get("/no/host"));
        co_await expect_thrown<http::NonHttpUrlClientError>(session.get("ftp://h/"));
        co_await expect_thrown<http::NonHttpUrlClientError>(session.get("file:///etc/passwd"));
        co_await session.close();
    });
}

TEST_F(ClientSessionTest, DefaultsGoIntoEachRequestAndACallReplacesThem) {
    const SessionOptions options =
        SessionOptions().header("X-One", "1").header("X-Two", "2").cookie("c", "1");
    with(options, answering(hello), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url()).header("x-two", "other").cookie("d", "2");
        EXPECT_EQ(server.last().field("X-One"), "1");
        EXPECT_FALSE(server.last().has("X-Two: 2"));
        EXPECT_EQ(server.last().field("x-two"), "other");
        EXPECT_EQ(server.last().field("Cookie"), "c=1; d=2");
    });
}

TEST_F(ClientSessionTest, ParametersExtendTheQuery) {
    with(answering(hello), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url("/?a=1#part")).param("b", 2).param("b", "x y").params("c=&d=4");
        EXPECT_EQ(server.last().target(), "/?a=1&b=2&b=x+y&c=&d=4");
        const http::MultiDict items{{"é", "&="}};
        co_await session.get(server.url()).params(items);
        EXPECT_EQ(server.last().target(), "/?%C3%A9=%26%3D");
    });
}

TEST_F(ClientSessionTest, ACloseEndsTheConnectorAndLaterRequestsFail) {
    with(answering(hello), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        const auto connector = session.connector();
        EXPECT_FALSE(session.closed());
        co_await session.close();
        co_await session.close();
        EXPECT_TRUE(session.closed());
        EXPECT_TRUE(connector->closed());
        const std::string why = co_await expect_thrown<RuntimeError>(session.get(server.url()));
        EXPECT_EQ(why, "Session is closed");
    });
}

TEST_F(ClientSessionTest, SomebodyElsesConnectorStaysOpen) {
    run([&]() -> Coro<> {
        auto server = co_await RawServer::start(answering(hello));
        auto connector = std::make_shared<http::TCPConnector>();
        ClientSession first(SessionOptions().connector(connector).connector_owner(false));
        co_await first.get(server->url());
        co_await first.close();
        EXPECT_FALSE(connector->closed());
        ClientSession second(SessionOptions().connector(connector));
        co_await second.get(server->url());
        EXPECT_EQ(server->connections(), 1);
        second.detach();
        EXPECT_TRUE(second.closed());
        EXPECT_FALSE(connector->closed());
        co_await connector->close();
        co_await server->close();
    });
}

TEST_F(ClientSessionTest, IsAManagerOfAsyncWith) {
    with(answering(hello), [&](ClientSession&, RawServer& server) -> Coro<> {
        ClientSession kept;
        const std::string text = co_await async_with(kept, [&](ClientSession& inner) -> Coro<std::string> {
            co_return co_await async_with(
                inner.get(server.url()),
                [](ClientResponse& response) -> Coro<std::string> { co_return co_await response.text(); });
        });
        EXPECT_EQ(text, "hello");
        EXPECT_TRUE(kept.closed());
    });
}

TEST_F(ClientSessionTest, OneThatIsLeftOpenIsReportedInDebugMode) {
    loop().set_debug(true);
    LogCapture log;
    run([&]() -> Coro<> {
        {
            ClientSession forgotten;
        }
        ClientSession closed;
        co_await closed.close();
    });
    std::size_t found = 0;
    for (const std::string& message : log.messages())
        found += message == "ResourceWarning: unclosed ClientSession";
    EXPECT_EQ(found, 1u);
}

TEST_F(ClientSessionTest, RequestHasASessionOfItsOwn) {
    with(answering(hello), [&](ClientSession&, RawServer& server) -> Coro<> {
        LogCapture log;
        {
            ClientResponse response = co_await http::request("GET", server.url());
            const std::string text = co_await response.text();
            EXPECT_EQ(text, "hello");
        }
        co_await until([&] { return server.open() == 0; });
        EXPECT_TRUE(log.messages().empty());
    });
}

TEST_F(ClientSessionTest, AHundredAtOnce) {
    with(answering(hello), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const auto fetch = [](ClientSession& with, std::string url) -> Coro<std::size_t> {
            ClientResponse response = co_await with.get(url);
            const std::string text = co_await response.text();
            co_return text.size();
        };
        std::vector<Coro<std::size_t>> fetches;
        for (int i = 0; i < 100; ++i) fetches.push_back(fetch(session, server.url()));
        const std::vector<std::size_t> sizes = co_await gather(std::move(fetches));
        EXPECT_EQ(sizes, std::vector<std::size_t>(100, 5));
    });
}

TEST_F(ClientSessionTest, AnEmptyHandleSaysSo) {
    ClientSession session;
    const ClientSession other = std::move(session);
    EXPECT_THROW(session.get("http://h/"), RuntimeError);  // NOLINT: moved from on purpose
    EXPECT_THROW(session.closed(), RuntimeError);
    EXPECT_FALSE(other.closed());
}

}  // namespace
}  // namespace aio::tests
