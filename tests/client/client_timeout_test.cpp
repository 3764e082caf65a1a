// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>

#include <aio/client/client_timeout.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::ClientTimeout;
using http::SessionOptions;

class ClientTimeoutTest : public ClientTest {
protected:
    ClientTimeoutTest() { in_memory(); }
    /// A head and a byte, and an hour later the rest.
    static Coro<> slow_body(Peer& peer) {
        co_await peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx");
        co_await sleep(1h);
        peer.send("y");
    }
    static Coro<> silent(Peer& peer) {
        co_await peer.request();
        co_await peer.gone();
    }
    /// One byte each second.
    static Coro<> dripping(Peer& peer) {
        co_await peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        for (int i = 0; i < 1000; ++i) {
            peer.send("x");
            co_await sleep(1s);
        }
    }
};

TEST_F(ClientTimeoutTest, S178_total_lasts_to_the_end_of_the_body_and_sock_read_is_apart) {
    with(slow_body, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse total = co_await session.get(server.url()).timeout(ClientTimeout().total(50ms));
        EXPECT_EQ(total.status(), 200);
        try {
            co_await total.read();
            ADD_FAILURE();
        } catch (const http::ServerTimeoutError&) {
            ADD_FAILURE() << "total is no limit of a socket";
        } catch (const TimeoutError&) {
        }
        EXPECT_EQ(clock().elapsed(), 50ms);
        ClientResponse read = co_await session.get(server.url()).timeout(ClientTimeout().sock_read(50ms));
        EXPECT_EQ(read.status(), 200);
        co_await expect_thrown<http::SocketTimeoutError>(read.read());
        EXPECT_EQ(clock().elapsed(), 100ms);
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(ClientTimeoutTest, TotalHoldsForTheHead) {
    with(silent, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await expect_thrown<TimeoutError>(session.get(server.url()).timeout(3s));
        EXPECT_EQ(clock().elapsed(), 3s);
        EXPECT_EQ(lent(session), 0u);
        EXPECT_EQ(idle(session), 0u);
        co_await until([&] { return server.open() == 0; });
    });
}

TEST_F(ClientTimeoutTest, SockReadHoldsForTheHead) {
    with(silent, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string what = co_await expect_thrown<http::SocketTimeoutError>(
            session.get(server.url()).timeout(ClientTimeout().total(1min).sock_read(2s)));
        EXPECT_NE(what.find("Timeout on reading data from socket"), what.npos);
        EXPECT_EQ(clock().elapsed(), 2s);
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(ClientTimeoutTest, TotalCountsRedirectsAndQueues) {
    const auto serve = [](Peer& peer) -> Coro<> {
        while (true) {
            const bool there = co_await peer.request();
            if (!there) break;
            co_await sleep(1s);
            peer.answer("", "HTTP/1.1 302 Go\r\nLocation: /\r\n");
        }
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await expect_thrown<TimeoutError>(session.get(server.url()).timeout(3500ms));
        EXPECT_EQ(clock().elapsed(), 3500ms);
        EXPECT_EQ(server.received().size(), 4u);
    });
}

TEST_F(ClientTimeoutTest, SockReadBeginsAnewWithEachPiece) {
    with(dripping, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response =
            co_await session.get(server.url())
                .timeout(ClientTimeout().sock_read(1500ms).total(20500ms).ceil_threshold(1h));
        co_await expect_thrown<TimeoutError>(response.read());
        EXPECT_EQ(clock().elapsed(), 20500ms);
    });
}

TEST_F(ClientTimeoutTest, ATimeoutIsForGood) {
    with(slow_body, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url()).timeout(ClientTimeout().sock_read(1s));
        co_await expect_thrown<http::SocketTimeoutError>(response.content().readexactly(2));
        co_await expect_thrown<http::SocketTimeoutError>(response.content().readexactly(2));
        EXPECT_TRUE(response.closed());
    });
}

TEST_F(ClientTimeoutTest, WaitingForAFreePlaceIsConnecting) {
    in_memory(http::ConnectorOptions().limit(1));
    with(slow_body, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const ClientResponse first = co_await session.get(server.url());
        const std::string what = co_await expect_thrown<http::ConnectionTimeoutError>(
            session.get(server.url()).timeout(ClientTimeout().connect(2s)));
        EXPECT_NE(what.find("Connection timeout to host " + server.url()), what.npos);
        EXPECT_EQ(clock().elapsed(), 2s);
        co_await expect_thrown<TimeoutError>(session.get(server.url()).timeout(2s));
    });
}

TEST_F(ClientTimeoutTest, NothingIsNoLimit) {
    with(SessionOptions().timeout(ClientTimeout()), slow_body,
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response =
                 co_await session.get(server.url()).timeout(ClientTimeout().total(0s).sock_read(0s));
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "xy");
             EXPECT_EQ(clock().elapsed(), 1h);
         });
}

TEST_F(ClientTimeoutTest, ASessionHasFiveMinutes) {
    with(slow_body, [&](ClientSession& session, RawServer& server) -> Coro<> {
        EXPECT_EQ(session.settings().timeout().total(), 300s);
        EXPECT_EQ(session.settings().timeout().sock_connect(), 30s);
        ClientResponse response = co_await session.get(server.url());
        co_await expect_thrown<TimeoutError>(response.read());
        EXPECT_EQ(clock().elapsed(), 300s);
    });
}

/// Tells what it was asked for.
class AskedConnector final : public http::BaseConnector {
public:
    Coro<http::Connection> connect(http::ConnectRequest request) override {
        asked.push_back(request.sock_connect.delay());
        const int port = *request.url.port();
        auto streams = co_await open_connection("127.0.0.1", port);
        co_return http::Connection(streams.first, streams.second);
    }
    Coro<> close() override { co_return; }
    bool closed() const noexcept override { return false; }

    std::vector<std::optional<Duration>> asked;
};

TEST_F(ClientTimeoutTest, SockConnectIsHandedToTheConnector) {
    over_sockets();
    const auto connector = std::make_shared<AskedConnector>();
    with(SessionOptions().connector(connector), answering([](const Received&) { return ok("x"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url());
             co_await session.get(server.url()).timeout(ClientTimeout().sock_connect(2s));
             co_await session.get(server.url()).timeout(1min);
             EXPECT_EQ(connector->asked[0], 30s);
             EXPECT_EQ(connector->asked[1], 2s);
             EXPECT_EQ(connector->asked[2], std::nullopt);
         });
}

TEST_F(ClientTimeoutTest, LongLimitsEndAtWholeSeconds) {
    const ClientTimeout limits;
    const TimePoint now(1000s + 300ms);
    EXPECT_EQ(limits.deadline(now, 5s), TimePoint(1005s + 300ms));
    EXPECT_EQ(limits.deadline(now, 5001ms), TimePoint(1006s));
    EXPECT_EQ(limits.deadline(now, 6s + 700ms), TimePoint(1007s));
    EXPECT_EQ(ClientTimeout().ceil_threshold(10s).deadline(now, 6s), TimePoint(1006s + 300ms));
    EXPECT_EQ(limits.deadline(now, 0s), std::nullopt);
    EXPECT_EQ(limits.deadline(now, std::nullopt), std::nullopt);
    EXPECT_EQ(limits.deadline(now, Duration::max()), TimePoint::max());
}

// F86: no timer of the last exchange is left on a connection.
TEST_F(ClientTimeoutTest, F86_a_pooled_connection_has_no_limit_of_its_last_use) {
    with(answering([](const Received&) { return ok("x"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const ClientTimeout limits = ClientTimeout().sock_read(500ms).total(800ms);
             for (int i = 0; i < 3; ++i) {
                 ClientResponse response = co_await session.get(server.url()).timeout(limits);
                 const std::string text = co_await response.text();
                 EXPECT_EQ(text, "x");
                 co_await sleep(1s);
             }
             EXPECT_EQ(server.connections(), 1);
         });
}

}  // namespace
}  // namespace aio::tests
