// SPDX-License-Identifier: MIT
// Requests that are cancelled at every point: the pool stays sound, and the next request gets its own answer.
#include <client/raw_server.hpp>
#include <support/inject.hpp>

#include <memory>
#include <optional>
#include <string>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

/// "/go" leads to "/end", whose body comes in pieces; everything else is answered with its path.
Coro<> site(Peer& peer) {
    while (true) {
        const bool there = co_await peer.request();
        if (!there) break;
        const std::string target = peer.last().target();
        if (target == "/go") {
            peer.answer("", "HTTP/1.1 302 Go\r\nLocation: /end\r\n");
        } else if (target == "/end") {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
            co_await sleep(1s);
            peer.send("3\r\ntwo\r\n0\r\n\r\n");
        } else {
            peer.answer(target);
        }
    }
}

AsyncGenerator<std::string> two_pieces() {
    co_yield "one";
    co_await sleep(1s);
    co_yield "two";
}

class RequestScenario : public Scenario {
public:
    Coro<> prepare() override {
        server_ = co_await RawServer::start(&site);
        connector_ = std::make_shared<http::TCPConnector>(http::ConnectorOptions().limit(1));
        session_.emplace(http::SessionOptions().connector(connector_));
    }
    Coro<> finish() override {
        EXPECT_EQ(connector_->lent(), 0u);
        {
            ClientResponse response = co_await session_->get(server_->url("/mine"));
            const std::string text = co_await response.text();
            EXPECT_EQ(text, "/mine");
        }
        co_await session_->close();
        co_await server_->close();
        session_.reset();
        connector_.reset();
    }

protected:
    ClientSession& session() { return *session_; }
    std::string url(std::string_view path) const { return server_->url(path); }

private:
    std::unique_ptr<RawServer> server_;
    std::shared_ptr<http::TCPConnector> connector_;
    std::optional<ClientSession> session_;
};

struct RedirectedGet : RequestScenario {
    Coro<> subject() override {
        ClientResponse response = co_await session().get(url("/go")).timeout(1min);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "onetwo");
    }
};

struct StreamedPost : RequestScenario {
    Coro<> subject() override {
        ClientResponse response = co_await session().post(url("/post")).data(two_pieces());
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "/post");
    }
};

TEST(RequestInjection, ARedirectedGet) { inject<RedirectedGet>(10); }
TEST(RequestInjection, AStreamedPost) { inject<StreamedPost>(10); }

}  // namespace
}  // namespace aio::tests
