// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>

#include <aio/client/client_middleware.hpp>

#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientHandler;
using http::ClientRequest;
using http::ClientResponse;
using http::ClientSession;
using http::SessionOptions;

class ClientMiddlewareTest : public ClientTest {
protected:
    static std::string echo(const Received& request) { return ok(request.field("X-Order") + request.body); }

    /// Adds its name on the way in and out.
    static Coro<ClientResponse> named(std::vector<std::string>& log, std::string name, ClientRequest& request,
                                      ClientHandler next) {
        log.push_back(name + " in");
        request.headers().set("X-Order", std::string(request.headers().get("X-Order", "")) + name);
        ClientResponse response = co_await next(request);
        log.push_back(name + " out");
        co_return response;
    }
};

TEST_F(ClientMiddlewareTest, TheFirstIsOutermost) {
    std::vector<std::string> log;
    const SessionOptions options = SessionOptions()
                                       .middleware({named, std::ref(log), std::string("a")})
                                       .middleware({named, std::ref(log), std::string("b")});
    with(options, answering(echo), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url());
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "ab");
        EXPECT_EQ(log, (std::vector<std::string>{"a in", "b in", "b out", "a out"}));
        EXPECT_EQ(response.request_info().headers.get("X-Order"), "ab");
    });
}

TEST_F(ClientMiddlewareTest, ACallMayHaveItsOwn) {
    std::vector<std::string> log;
    const SessionOptions options = SessionOptions().middleware({named, std::ref(log), std::string("a")});
    with(options, answering(echo), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const http::ClientMiddleware own(named, std::ref(log), std::string("c"));
        ClientResponse response = co_await session.get(server.url()).middleware(own);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "c");
    });
}

TEST_F(ClientMiddlewareTest, SeesAndChangesTheRequest) {
    const auto change = [](ClientRequest& request, ClientHandler next) -> Coro<ClientResponse> {
        EXPECT_EQ(request.method(), "POST");
        EXPECT_EQ(*request.body().bytes(), "old");
        EXPECT_TRUE(request.headers().contains("User-Agent"));
        request.url(request.url().with_path("/other"));
        request.method("put");
        request.update_body(http::Payload("the new body"));
        return next(request);
    };
    with(SessionOptions().middleware(change), answering(echo),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.post(server.url()).data("old");
             EXPECT_EQ(server.last().line(), "PUT /other HTTP/1.1");
             EXPECT_EQ(server.last().field("Content-Length"), "12");
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "the new body");
         });
}

TEST_F(ClientMiddlewareTest, MayChangeTheWay) {
    std::optional<http::URL> proxy;
    const auto change = [&proxy](ClientRequest& request, ClientHandler next) -> Coro<ClientResponse> {
        EXPECT_EQ(request.proxy(), std::nullopt);
        EXPECT_EQ(request.ssl(), nullptr);
        request.proxy(proxy);
        request.proxy_headers().set("X-Proxy", "yes");
        request.version(http::kHttpVersion10);
        return next(request);
    };
    with(SessionOptions().middleware(change), answering(echo),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             proxy = http::URL(server.url());
             co_await session.get("http://other.test/path");
             EXPECT_EQ(server.last().line(), "GET http://other.test/path HTTP/1.0");
             EXPECT_EQ(server.last().field("X-Proxy"), "yes");
         });
}

TEST_F(ClientMiddlewareTest, MaySendAgain) {
    const auto retry = [](ClientRequest& request, ClientHandler next) -> Coro<ClientResponse> {
        for (int i = 0;; ++i) {
            request.headers().set("X-Try", std::to_string(i));
            ClientResponse response = co_await next(request);
            if (response.status() != 503 || i == 5) co_return response;
        }
    };
    with(SessionOptions().middleware(retry), answering([](const Received& request) -> std::string {
             if (request.field("X-Try") == "2") return ok(request.body);
             return "HTTP/1.1 503 Wait\r\nContent-Length: 2\r\n\r\nno";
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.put(server.url()).data("body");
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "body");
             EXPECT_EQ(server.received().size(), 3u);
             EXPECT_EQ(server.connections(), 1);
         });
}

TEST_F(ClientMiddlewareTest, RunsForEachRedirect) {
    std::vector<std::string> urls;
    const auto note = [&urls](ClientRequest& request, ClientHandler next) -> Coro<ClientResponse> {
        urls.push_back(std::string(request.url().raw_path()));
        return next(request);
    };
    with(SessionOptions().middleware(note), answering([](const Received& request) -> std::string {
             if (request.target() == "/end") return ok("x");
             return "HTTP/1.1 302 Go\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n";
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url("/begin"));
             EXPECT_EQ(urls, (std::vector<std::string>{"/begin", "/end"}));
         });
}

TEST_F(ClientMiddlewareTest, ItsErrorEndsTheRequest) {
    const auto fail = [](ClientRequest& request, ClientHandler next) -> Coro<ClientResponse> {
        if (!request.headers().contains("X-Key")) throw LookupError("no keys");
        co_return co_await next(request);
    };
    with(SessionOptions().middleware(fail), answering(echo),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const std::string what = co_await expect_thrown<LookupError>(session.get(server.url()));
             EXPECT_EQ(what, "no keys");
             EXPECT_EQ(server.connections(), 0);
         });
}

}  // namespace
}  // namespace aio::tests
