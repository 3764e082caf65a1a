// SPDX-License-Identifier: MIT
// Connections through proxies, and what these are told.
#include <client/client_support.hpp>
#include <client/proxy_server.hpp>
#include <ssl/ssl_support.hpp>

#include <aio/client/client_session.hpp>

namespace aio::tests {
namespace {

using namespace http;

class ProxyTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    template <class F>
    void serve(bool tls, bool proxy_tls, F body) {
        run([this, tls, proxy_tls, body = std::move(body)]() -> Coro<> {
            ServerOptions secured;
            secured.ssl(server_context());
            const ServerOptions plain;
            if (tls) {
                co_await server.start(secured);
            } else {
                co_await server.start(plain);
            }
            if (proxy_tls) {
                co_await proxy.start(secured);
            } else {
                co_await proxy.start(plain);
            }
            TCPConnector connector(ConnectorOptions().ssl(client_context()));
            co_await body(connector);
            co_await connector.close();
            co_await proxy.stop();
            co_await server.stop();
        });
    }
    std::string head(std::size_t index = 0) const { return proxy.heads.at(index); }

    CountingServer server;
    ProxyServer proxy{server};
};

bool names(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(ProxyTest, OfPlainRequestsTheClientTellsTheProxy) {
    serve(false, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url());
        request.proxy = URL(proxy.url()).with_user("me").with_password("it's:mine");
        auto connection = co_await connector.connect(request);
        EXPECT_TRUE(connection.through_proxy());
        EXPECT_EQ(connection.proxy_authorization(), "Basic bWU6aXQnczptaW5l");
        const std::string body = co_await ask(connection, server.url("/x"));
        EXPECT_EQ(body, "1 " + server.url("/x"));
        connection.release();
        auto again = co_await connector.connect(request);
        EXPECT_TRUE(again.reused());
        EXPECT_TRUE(again.through_proxy());
    });
}

TEST_F(ProxyTest, HttpsGoesThroughATunnel) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url("/", "https", "localhost"));
        request.proxy = URL(proxy.url());
        request.proxy_headers.set("X-Mine", "1");
        auto connection = co_await connector.connect(request);
        EXPECT_FALSE(connection.through_proxy());
        const std::string body = co_await ask(connection, "/x");
        EXPECT_EQ(body, "1 /x");
        const std::string authority = "localhost:" + std::to_string(server.port());
        EXPECT_EQ(head(),
                  "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\nX-Mine: 1\r\n\r\n");
        connection.release();
        auto again = co_await connector.connect(request);
        EXPECT_TRUE(again.reused());
        EXPECT_EQ(proxy.heads.size(), 1U);
        const auto object = again.writer().get_extra_info("ssl_object");
        EXPECT_EQ(std::any_cast<ssl::SSLObject>(object).server_hostname(), "localhost");
    });
}

// One that it is not for understands no Upgrade (RFC 6455, 4.1).
TEST_F(ProxyTest, WhatAsksForAnUpgradeGoesThroughATunnel) {
    serve(false, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url());
        request.proxy = URL(proxy.url()).with_user("me");
        auto plain = co_await connector.connect(request);
        plain.release();
        request.tunnel = true;
        auto connection = co_await connector.connect(request);
        EXPECT_FALSE(connection.reused());
        EXPECT_FALSE(connection.through_proxy());
        EXPECT_EQ(connection.proxy_authorization(), "");
        const std::string body = co_await ask(connection, "/x");
        EXPECT_EQ(body, "1 /x");
        connection.release();

        ClientSession session;
        auto response = co_await session.get(server.url("/y"))
                            .proxy(URL(proxy.url()))
                            .header(hdrs::UPGRADE, "websocket")
                            .header(hdrs::CONNECTION, "Upgrade");
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "2 /y");
        EXPECT_EQ(proxy.heads.size(), 2U);
        for (const std::string& tunnelled : proxy.heads)
            EXPECT_TRUE(tunnelled.starts_with("CONNECT 127.0.0.1:" + std::to_string(server.port())));
        co_await session.close();
    });
}

TEST_F(ProxyTest, HttpsGoesThroughATunnelInTls) {
    serve(true, true, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url("/", "https", "localhost"));
        request.proxy = URL(proxy.url("https", "localhost"));
        auto connection = co_await connector.connect(request);
        const std::string body = co_await ask(connection, "/x");
        EXPECT_EQ(body, "1 /x");
        connection.release();
        EXPECT_EQ(connector.idle(), 1U);
    });
}

TEST_F(ProxyTest, PlainRequestsGoToAProxyThatHasTls) {
    serve(false, true, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url());
        request.proxy = URL(proxy.url("https"));
        auto connection = co_await connector.connect(request);
        EXPECT_TRUE(connection.through_proxy());
        const std::string body = co_await ask(connection, server.url("/x"));
        EXPECT_EQ(body, "1 " + server.url("/x"));
    });
}

TEST_F(ProxyTest, SessionsAndRequestsHaveTheirs) {
    serve(true, false, [&](TCPConnector&) -> Coro<> {
        const std::string url = server.url("/x", "https", "localhost");
        const Headers fields{{"X-Mine", "1"}};
        ClientSession session(
            SessionOptions().ssl(client_context()).proxy(proxy.url()).proxy_headers(fields));
        ClientResponse response = co_await session.get(url);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "1 /x");
        EXPECT_TRUE(names(head(), "X-Mine: 1\r\n"));
        EXPECT_FALSE(names(server.heads.at(0), "X-Mine"));
        const Headers others{{"X-Other", "2"}};
        const URL with_user = URL(proxy.url()).with_user("me");
        ClientResponse other = co_await session.get(url).proxy(with_user).proxy_headers(others);
        EXPECT_EQ(other.status(), 200);
        EXPECT_TRUE(names(head(1), "X-Other: 2\r\n"));
        EXPECT_TRUE(names(head(1), "Proxy-Authorization: Basic bWU6\r\n"));
        EXPECT_FALSE(names(head(1), "X-Mine"));
        co_await session.close();
    });
}

// What is for the proxy is seen by nobody else.
TEST_F(ProxyTest, ProxyAuthorizationIsNotToldToTheServer) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL(proxy.url()).with_user("me").with_password("secret");
        request.proxy_headers.set("X-For-Proxy", "1");
        auto connection = co_await connector.connect(request);
        EXPECT_EQ(connection.proxy_authorization(), "");
        const std::string body = co_await ask(connection, "/");
        EXPECT_TRUE(names(head(), "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
        EXPECT_FALSE(names(server.heads.at(0), "Proxy"));
        request.proxy_authorization = "Bearer x";
        auto other = co_await connector.connect(request);
        EXPECT_FALSE(other.reused());
        EXPECT_TRUE(names(head(1), "Proxy-Authorization: Bearer x\r\n"));
    });
}

TEST_F(ProxyTest, ARefusalIsAnErrorThatTellsNoSecrets) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        proxy.answer =
            "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nno!\n";
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL(proxy.url()).with_user("me").with_password("secret");
        try {
            co_await connector.connect(request);
            ADD_FAILURE() << "it has connected";
        } catch (const ClientHttpProxyError& error) {
            EXPECT_EQ(error.status(), 407);
            EXPECT_EQ(error.message(), "Who are you");
            EXPECT_EQ(error.headers().get("proxy-authenticate"), "Basic");
            EXPECT_EQ(error.request_info().method, "CONNECT");
            EXPECT_EQ(error.request_info().url, URL(proxy.url()));
            EXPECT_FALSE(names(error.what(), "secret"));
        }
        EXPECT_EQ(connector.lent() + connector.idle(), 0U);
    });
}

TEST_F(ProxyTest, WhateverElseItAnswersIsAnErrorToo) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL(proxy.url());
        proxy.answer = "no HTTP at all\r\n\r\n";
        EXPECT_THROW(co_await connector.connect(request), ClientHttpProxyError);
        proxy.answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Later\r\n\r\n";
        try {
            co_await connector.connect(request);
        } catch (const ClientHttpProxyError& error) {
            EXPECT_EQ(error.status(), 503);
        }
        proxy.answer.clear();
        for (int i = 0; i < 200; ++i) proxy.answer += "HTTP/1.1 102 Processing\r\n\r\n";
        EXPECT_THROW(co_await connector.connect(request), ClientHttpProxyError);
        proxy.answer = "";
        EXPECT_THROW(co_await connector.connect(request), ServerDisconnectedError);
        proxy.answer = "HTTP/1.1 502 Bad";
        EXPECT_THROW(co_await connector.connect(request), ServerDisconnectedError);
        proxy.answer = "HTTP/1.1 502 Bad\r\nX: " + std::string(100'000, 'x');
        EXPECT_THROW(co_await connector.connect(request), ClientHttpProxyError);
        EXPECT_EQ(connector.lent(), 0U);
    });
}

// Bytes behind the answer would be taken for the server's.
TEST_F(ProxyTest, NothingMayComeBetweenTheAnswerAndTls) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL(proxy.url());
        proxy.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        EXPECT_THROW(co_await connector.connect(request), ClientConnectorError);
    });
}

TEST_F(ProxyTest, AServerThatIsNotTrustedIsRefusedBehindAProxyToo) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL(proxy.url());
        request.server_hostname = "other.test";
        try {
            co_await connector.connect(request);
            ADD_FAILURE() << "it has connected";
        } catch (const ClientConnectorCertificateError& error) {
            EXPECT_EQ(error.port(), server.port());
        }
        request.server_hostname.clear();
        request.fingerprint = Fingerprint::of("another certificate");
        EXPECT_THROW(co_await connector.connect(request), ServerFingerprintMismatch);
    });
}

TEST_F(ProxyTest, AProxyThatCannotBeReached) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        const LocalPort refusing;
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL("http://127.0.0.1:" + std::to_string(refusing.port()));
        try {
            co_await connector.connect(request);
            ADD_FAILURE() << "it has connected";
        } catch (const ClientProxyConnectionError& error) {
            EXPECT_EQ(error.port(), refusing.port());
            EXPECT_EQ(error.error_number(), ECONNREFUSED);
        }
        request.proxy = URL("socks5://127.0.0.1:1080");
        EXPECT_THROW(co_await connector.connect(request), InvalidURL);
        request.proxy = URL("/relative");
        EXPECT_THROW(co_await connector.connect(request), InvalidURL);
    });
}

TEST_F(ProxyTest, OneThatDoesNotAnswerHasItsTimeLimit) {
    serve(true, false, [&](TCPConnector& connector) -> Coro<> {
        bool begun = false;
        auto silent = co_await start_server(
            [&begun](aio::StreamReader reader, StreamWriter) { return swallow(std::move(reader), begun); },
            "127.0.0.1", 0);
        ConnectRequest request = to(server.url("/", "https"));
        request.proxy = URL("http://127.0.0.1:" + std::to_string(port_of(silent)));
        request.sock_connect = 3s;
        auto connecting = create_task(connector.connect(request));
        co_await until([&] { return begun; });
        co_await let_limit_pass(clock(), connecting, 3s);
        EXPECT_THROW(co_await connecting, ConnectionTimeoutError);
        silent.close();
    });
}

}  // namespace
}  // namespace aio::tests
