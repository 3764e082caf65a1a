// SPDX-License-Identifier: MIT
// The seam between a session and what makes its connections.
#include <client/client_support.hpp>

namespace aio::tests {
namespace {

using namespace http;

/// Opens a connection for each request, and keeps none.
class OneEach final : public BaseConnector {
public:
    Coro<http::Connection> connect(ConnectRequest request) override {
        auto streams = co_await open_connection(std::string(*request.url.raw_host()), *request.url.port());
        co_return http::Connection(std::move(streams.first), std::move(streams.second));
    }
    Coro<> close() override {
        closed_ = true;
        co_return;
    }
    bool closed() const noexcept override { return closed_; }

private:
    bool closed_ = false;
};

using ConnectorSeam = ConnectorTest;

TEST_F(ConnectorSeam, AConnectorOfOnesOwn) {
    run([&]() -> Coro<> {
        co_await server.start();
        OneEach connector;
        auto connection = co_await connector.connect(to(server.url()));
        const std::string body = co_await ask(connection, "/a");
        EXPECT_EQ(body, "1 /a");
        EXPECT_FALSE(connection.reused());
        const Ref<Transport> transport(&connection.writer().transport());
        connection.release();
        EXPECT_TRUE(transport->is_closing());
        {
            auto dropped = co_await connector.connect(to(server.url()));
        }
        co_await until([&] { return server.open == 0; });
        co_await connector.close();
        EXPECT_TRUE(connector.closed());
        co_await server.stop();
    });
}

TEST_F(ConnectorSeam, AnEmptyConnectionRefusesAll) {
    http::Connection connection;
    EXPECT_FALSE(connection);
    EXPECT_THROW(connection.reader(), RuntimeError);
    EXPECT_THROW(connection.writer(), RuntimeError);
    EXPECT_THROW(connection.parser(), RuntimeError);
    EXPECT_THROW(connection.reused(), RuntimeError);
    connection.release();
    connection.close();
}

TEST_F(ConnectorSeam, TheParsersLimitsAreTheRequests) {
    serve([&](TCPConnector& connector) -> Coro<> {
        server.extra_fields = "X-Long: " + std::string(1000, 'x') + "\r\n";
        ConnectRequest request = to(server.url());
        auto first = co_await connector.connect(request);
        const std::string body = co_await ask(first, "/");
        first.release();
        request.parser_options.max_field_size(500);
        auto second = co_await connector.connect(request);
        EXPECT_TRUE(second.reused());
        EXPECT_THROW(co_await ask(second, "/"), LineTooLong);
        second.release();
        EXPECT_EQ(connector.idle(), 0U);
    });
}

}  // namespace
}  // namespace aio::tests
