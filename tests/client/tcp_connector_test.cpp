// SPDX-License-Identifier: MIT
#include <client/client_support.hpp>
#include <support/caught.hpp>

namespace aio::tests {
namespace {

using namespace http;

using TCPConnectorTest = ConnectorTest;

TEST_F(TCPConnectorTest, AConnectionThatIsReleasedCarriesTheNextRequest) {
    serve([&](TCPConnector& connector) -> Coro<> {
        auto first = co_await connector.connect(to(server.url()));
        EXPECT_FALSE(first.reused());
        EXPECT_FALSE(first.through_proxy());
        EXPECT_EQ(first.proxy_authorization(), "");
        const std::string body = co_await ask(first, "/a");
        EXPECT_EQ(body, "1 /a");
        EXPECT_EQ(connector.lent(), 1U);
        first.release();
        EXPECT_FALSE(first);
        EXPECT_THROW(first.reader(), RuntimeError);
        EXPECT_EQ(connector.lent(), 0U);
        EXPECT_EQ(connector.idle(), 1U);
        auto second = co_await connector.connect(to(server.url("/b?c#d")));
        EXPECT_TRUE(second.reused());
        const std::string other = co_await ask(second, "/b");
        EXPECT_EQ(other, "1 /b");
        second.release();
    });
}

TEST_F(TCPConnectorTest, OneThatIsDroppedOrClosedDoesNot) {
    serve([&](TCPConnector& connector) -> Coro<> {
        {
            auto dropped = co_await connector.connect(to(server.url()));
            const std::string body = co_await ask(dropped, "/");
            EXPECT_EQ(body, "1 /");
        }
        EXPECT_EQ(connector.lent() + connector.idle(), 0U);
        auto closed = co_await connector.connect(to(server.url()));
        const std::string second = co_await ask(closed, "/");
        EXPECT_EQ(second, "2 /");
        closed.close();
        closed.close();
        closed.release();
        const std::string third = co_await fetch(connector, server.url());
        EXPECT_EQ(third, "3 /");
        co_await until([&] { return server.open == 1; });
    });
}

TEST_F(TCPConnectorTest, MovingOneOverAnotherClosesThat) {
    serve([&](TCPConnector& connector) -> Coro<> {
        auto one = co_await connector.connect(to(server.url()));
        auto other = co_await connector.connect(to(server.url()));
        one = std::move(other);
        EXPECT_EQ(connector.lent(), 1U);
        const std::string body = co_await ask(one, "/");
        EXPECT_EQ(body, "2 /");
    });
}

TEST_F(TCPConnectorTest, NothingGoesBackIntoThePoolWithARestOfTheLastRequest) {
    serve([&](TCPConnector& connector) -> Coro<> {
        auto unread = co_await connector.connect(to(server.url()));
        unread.writer().write("GET / HTTP/1.1\r\n\r\n");
        unread.release();
        EXPECT_EQ(connector.idle(), 0U);
        auto surplus = co_await connector.connect(to(server.url()));
        surplus.writer().write("GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
        const std::string body = co_await ask(surplus, "/3");
        EXPECT_EQ(body, "2 /");
        surplus.release();
        EXPECT_EQ(connector.idle(), 0U);
        server.extra_fields = "Connection: close\r\n";
        const std::string last = co_await fetch(connector, server.url());
        EXPECT_EQ(last, "3 /");
        EXPECT_EQ(connector.idle(), 0U);
    });
}

// F85: what was to be sent still would come before the next request.
TEST_F(TCPConnectorTest, F85_AnUnfinishedUploadEndsTheConnection) {
    serve([&](TCPConnector& connector) -> Coro<> {
        auto connection = co_await connector.connect(to(server.url()));
        const std::string body = co_await ask(connection, "/");
        EXPECT_EQ(body, "1 /");
        server.writers[0].transport().pause_reading();
        while (connection.writer().transport().get_write_buffer_size() == 0) {
            connection.writer().write(std::string(1 << 20, 'x'));
        }
        const Ref<Transport> transport(&connection.writer().transport());
        connection.release();
        EXPECT_EQ(connector.idle() + connector.lent(), 0U);
        EXPECT_TRUE(transport->is_closing());
    });
}

TEST_F(TCPConnectorTest, IdleOnesAreClosedWhenTheirTimeIsOver) {
    serve([&](TCPConnector& connector) -> Coro<> {
        auto one = co_await connector.connect(to(server.url()));
        auto other = co_await connector.connect(to(server.url()));
        const std::string first = co_await ask(one, "/");
        const std::string second = co_await ask(other, "/");
        one.release();
        co_await sleep(10s);
        other.release();
        EXPECT_EQ(connector.idle(), 2U);
        co_await sleep(4900ms);
        EXPECT_EQ(connector.idle(), 2U);
        co_await sleep(200ms);
        EXPECT_EQ(connector.idle(), 1U);
        co_await sleep(9700ms);
        EXPECT_EQ(connector.idle(), 1U);
        co_await sleep(200ms);
        EXPECT_EQ(connector.idle(), 0U);
        co_await until([&] { return server.open == 0; });
    });
}

TEST_F(TCPConnectorTest, WithoutALimitTheyStay) {
    serve(ConnectorOptions().keepalive_timeout(std::nullopt), [&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, server.url());
        co_await sleep(std::chrono::hours(24));
        EXPECT_EQ(connector.idle(), 1U);
        const std::string second = co_await fetch(connector, server.url());
        EXPECT_EQ(second, "1 /");
    });
}

TEST_F(TCPConnectorTest, ForceCloseKeepsNone) {
    serve(ConnectorOptions().force_close(true), [&](TCPConnector& connector) -> Coro<> {
        EXPECT_TRUE(connector.force_close());
        const std::string first = co_await fetch(connector, server.url());
        EXPECT_EQ(connector.idle(), 0U);
        const std::string second = co_await fetch(connector, server.url());
        EXPECT_EQ(second, "2 /");
    });
}

// F92: what a server does to a connection that nobody uses.
TEST_F(TCPConnectorTest, F92_AnIdleConnectionThatTheServerClosesIsNotUsed) {
    serve([&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, server.url());
        EXPECT_EQ(connector.idle(), 1U);
        server.writers[0].close();
        co_await until([&] { return connector.idle() == 0; });
        const std::string second = co_await fetch(connector, server.url());
        EXPECT_EQ(second, "2 /");
    });
}

TEST_F(TCPConnectorTest, F92_NorOneOnWhichTheServerSendsUnasked) {
    serve([&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, server.url());
        server.writers[0].write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
        co_await until([&] { return connector.idle() == 0; });
        co_await until([&] { return server.open == 0; });
        const std::string second = co_await fetch(connector, server.url());
        EXPECT_EQ(second, "2 /");
    });
}

// The loop has not been told of it yet.
TEST_F(TCPConnectorTest, F92_NorOneThatWasClosedInThisVeryTurn) {
    serve([&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, server.url());
        co_await sleep(1s);
        ::shutdown(server.writers[0].transport().fd(), SHUT_WR);
        EXPECT_EQ(connector.idle(), 1U);
        auto connection = co_await connector.connect(to(server.url()));
        EXPECT_FALSE(connection.reused());
    });
}

// F86: it is read from while it is idle, whatever the last response was like.
TEST_F(TCPConnectorTest, F86_AConnectionThatWasPausedIsKeptReadable) {
    serve([&](TCPConnector& connector) -> Coro<> {
        auto connection = co_await connector.connect(to(server.url()));
        const std::string first = co_await ask(connection, "/");
        connection.parser().next("GET");
        const std::string body(1 << 20, 'x');
        server.writers[0].write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                                "\r\n\r\n" + body);
        co_await until([&] { return !connection.writer().transport().is_reading(); });
        std::string received;
        while (!connection.parser().done()) {
            const auto step = connection.parser().parse(connection.reader().buffered());
            if (step == MessageParser::Step::body) received += connection.parser().body();
            connection.reader().consume(connection.parser().consumed());
            if (step == MessageParser::Step::need_data) {
                const std::size_t wanted = connection.parser().wanted();
                co_await connection.reader().fill(wanted);
            }
        }
        EXPECT_EQ(received.size(), body.size());
        connection.release();
        EXPECT_EQ(connector.idle(), 1U);
        const std::string second = co_await fetch(connector, server.url());
        EXPECT_EQ(second, "1 /");
        server.writers[0].close();
        co_await until([&] { return connector.idle() == 0; });
    });
}

TEST_F(TCPConnectorTest, RequestsShareConnectionsOnlyIfAllIsTheSame) {
    serve(ConnectorOptions(), [&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, server.url());
        const std::string other_host = co_await fetch(connector, server.url("/", "http", "localhost"));
        EXPECT_EQ(other_host, "2 /");
        const std::string ws = co_await fetch(connector, server.url("/", "ws"));
        EXPECT_EQ(ws, "1 /");
        EXPECT_EQ(connector.idle(), 2U);
        ConnectRequest request = to(server.url());
        request.proxy = URL(server.url());
        auto proxied = co_await connector.connect(request);
        EXPECT_FALSE(proxied.reused());
        const std::string body = co_await ask(proxied, "/");
        proxied.release();
        request.proxy = request.proxy->with_user("me");
        auto with_user = co_await connector.connect(request);
        EXPECT_FALSE(with_user.reused());
        request.proxy = request.proxy->with_user(std::nullopt);
        auto again = co_await connector.connect(request);
        EXPECT_TRUE(again.reused());
    });
}

TEST_F(TCPConnectorTest, ErrorsTellTheHostAndTheCause) {
    serve([&](TCPConnector& connector) -> Coro<> {
        const LocalPort refusing;
        const std::string url = "http://127.0.0.1:" + std::to_string(refusing.port());
        try {
            co_await connector.connect(to(url));
            ADD_FAILURE() << "it has connected";
        } catch (const ClientConnectorError& error) {
            EXPECT_EQ(error.host(), "127.0.0.1");
            EXPECT_EQ(error.port(), refusing.port());
            EXPECT_FALSE(error.is_ssl());
            EXPECT_EQ(error.error_number(), ECONNREFUSED);
        }
        EXPECT_EQ(connector.lent(), 0U);
        EXPECT_THROW(co_await connector.connect(to("ftp://127.0.0.1/")), NonHttpUrlClientError);
        EXPECT_THROW(co_await connector.connect(to("/path")), InvalidUrlClientError);
        EXPECT_EQ(connector.lent(), 0U);
    });
}

TEST_F(TCPConnectorTest, TakesTheLocalAddressAndTheFamily) {
    serve(ConnectorOptions().local_addr("127.0.0.3", 0).family(AF_INET),
          [&](TCPConnector& connector) -> Coro<> {
              auto connection = co_await connector.connect(to(server.url("/", "http", "localhost")));
              EXPECT_EQ(connection.writer().transport().sockname().host(), "127.0.0.3");
          });
}

TEST_F(TCPConnectorTest, TakesSocketsFromAFactory) {
    std::vector<std::string> made;
    const auto factory = [&](const SocketAddress& address) {
        made.push_back(address.host());
        return Socket::stream(address.family());
    };
    const auto names = std::make_shared<ClientNames>();
    names->known["two.test"] = {"127.0.0.7", "127.0.0.1"};
    serve(ConnectorOptions().socket_factory(factory).resolver(names), [&](TCPConnector& connector) -> Coro<> {
        const std::string body = co_await fetch(connector, server.url("/", "http", "two.test"));
        EXPECT_EQ(body, "1 /");
        EXPECT_EQ(made, std::vector<std::string>({"127.0.0.7", "127.0.0.1"}));
    });
}

TEST_F(TCPConnectorTest, ATimeLimitIsEachAddresses) {
    const auto names = std::make_shared<ClientNames>();
    names->known["two.test"] = {"127.0.0.1", "127.0.0.2"};
    const Unanswering silent;
    const auto one_by_one = ConnectorOptions().resolver(names).happy_eyeballs_delay(std::nullopt);
    serve(one_by_one, [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to("http://127.0.0.1:" + std::to_string(silent.port()));
        request.sock_connect = 200ms;
        auto connecting = create_task(connector.connect(request));
        co_await turns(20);
        co_await let_limit_pass(clock(), connecting, 200ms);
        EXPECT_THROW(co_await connecting, ConnectionTimeoutError);
        EXPECT_EQ(connector.lent(), 0U);
        // The other one refuses.
        request = to("http://two.test:" + std::to_string(silent.port()));
        request.sock_connect = 200ms;
        auto other = create_task(connector.connect(request));
        co_await turns(20);
        clock().advance(names->delay);
        co_await turns(20);
        co_await let_limit_pass(clock(), other, 200ms);
        EXPECT_THROW(co_await other, ClientConnectorError);
    });
}

TEST(TCPConnectorOptionsTest, NegativeTimesAreRefused) {
    EXPECT_THROW(TCPConnector(ConnectorOptions().keepalive_timeout(-1s)), ValueError);
    EXPECT_THROW(TCPConnector(ConnectorOptions().ssl_shutdown_timeout(-1s)), ValueError);
    EXPECT_THROW(TCPConnector(ConnectorOptions().ttl_dns_cache(-1s)), ValueError);
    EXPECT_THROW(TCPConnector(ConnectorOptions().happy_eyeballs_delay(-1s)), ValueError);
    const TCPConnector connector(ConnectorOptions().limit(7).limit_per_host(3));
    EXPECT_EQ(connector.limit(), 7U);
    EXPECT_EQ(connector.limit_per_host(), 3U);
    EXPECT_FALSE(connector.closed());
}

}  // namespace
}  // namespace aio::tests
