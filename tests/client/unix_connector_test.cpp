// SPDX-License-Identifier: MIT
#include <client/client_support.hpp>
#include <ssl/ssl_support.hpp>
#include <support/temporary_folder.hpp>

#include <aio/client/connect/unix_connector.hpp>

namespace aio::tests {
namespace {

using namespace http;

class UnixConnectorTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    static Coro<> answer(aio::StreamReader reader, StreamWriter writer) {
        while (true) {
            const std::string head = co_await as_text(reader);
            if (head.empty()) break;
            writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
        writer.close();
    }
    static Coro<std::string> as_text(aio::StreamReader reader) {
        try {
            co_return co_await reader.readuntil("\r\n\r\n");
        } catch (const EOFError&) {
            co_return std::string();
        }
    }
    const TemporaryFolder folder;
    const std::string path = folder.file("socket");
};

TEST_F(UnixConnectorTest, ReachesTheSocketWhateverTheHost) {
    run([&]() -> Coro<> {
        auto server = co_await start_unix_server(&answer, path);
        UnixConnector connector(path);
        EXPECT_EQ(connector.path(), path);
        auto connection = co_await connector.connect(to("http://any.test/"));
        const std::string body = co_await ask(connection, "/");
        EXPECT_EQ(body, "ok");
        connection.release();
        EXPECT_EQ(connector.idle(), 1U);
        auto again = co_await connector.connect(to("http://any.test/x"));
        EXPECT_TRUE(again.reused());
        auto other = co_await connector.connect(to("http://other.test/"));
        EXPECT_FALSE(other.reused());
        EXPECT_EQ(connector.lent(), 2U);
        again.close();
        other.close();
        server.close();
        co_await connector.close();
        EXPECT_TRUE(connector.closed());
        EXPECT_THROW(co_await connector.connect(to("http://any.test/")), ConnectionClosedError);
    });
}

TEST_F(UnixConnectorTest, OverTls) {
    run([&]() -> Coro<> {
        auto server = co_await start_unix_server(&answer, path, ServerOptions().ssl(server_context()));
        UnixConnector connector(path, ConnectorOptions().ssl(client_context()));
        auto connection = co_await connector.connect(to("https://localhost/"));
        const std::string body = co_await ask(connection, "/");
        EXPECT_EQ(body, "ok");
        EXPECT_THROW(co_await connector.connect(to("https://other.test/")), ClientConnectorCertificateError);
        server.close();
        co_await connector.close();
    });
}

TEST_F(UnixConnectorTest, WhatDoesNotWork) {
    run([&]() -> Coro<> {
        UnixConnector connector(path);
        try {
            co_await connector.connect(to("http://any.test/"));
            ADD_FAILURE() << "it has connected";
        } catch (const UnixClientConnectorError& error) {
            EXPECT_EQ(error.path(), path);
            EXPECT_EQ(error.error_number(), ENOENT);
        }
        ConnectRequest request = to("http://any.test/");
        request.proxy = URL("http://proxy.test:3128");
        EXPECT_THROW(co_await connector.connect(request), ValueError);
        EXPECT_EQ(connector.lent(), 0U);
    });
}

}  // namespace
}  // namespace aio::tests
