// SPDX-License-Identifier: MIT
// How many connections there may be, who waits for one, and how all of them end (S177).
#include <client/client_support.hpp>
#include <support/caught.hpp>

#include <algorithm>
#include <random>

namespace aio::tests {
namespace {

using namespace http;

class ConnectionLimits : public ConnectorTest {
protected:
    /// Notes its name when it has its connection, and gives that back after a while.
    Coro<> visit(TCPConnector& connector, std::string url, std::string name, Duration stay = 1s) {
        auto connection = co_await connector.connect(to(url));
        order += name;
        const std::string body = co_await ask(connection, "/");
        co_await sleep(stay);
        connection.release();
    }
    std::string order;
};

TEST_F(ConnectionLimits, S177_RequestsWaitInTheOrderInWhichTheyCame) {
    serve(ConnectorOptions().limit(2), [&](TCPConnector& connector) -> Coro<> {
        std::vector<Task<>> visits;
        for (const char* name : {"a", "b", "c", "d", "e"}) {
            visits.push_back(create_task(visit(connector, server.url(), name)));
            co_await turns(2);
        }
        EXPECT_EQ(connector.lent(), 2U);
        for (auto& visit : visits) co_await visit;
        EXPECT_EQ(order, "abcde");
        EXPECT_EQ(server.most, 2);
        EXPECT_EQ(server.connections, 2);
    });
}

TEST_F(ConnectionLimits, S177_AHostThatIsFullDoesNotStopTheOthers) {
    serve(ConnectorOptions().limit(3).limit_per_host(1), [&](TCPConnector& connector) -> Coro<> {
        const std::string here = server.url();
        const std::string there = server.url("/", "http", "localhost");
        std::vector<Task<>> visits;
        for (const char* name : {"a", "b", "c"}) {
            visits.push_back(create_task(visit(connector, here, name)));
            co_await turns(2);
        }
        for (const char* name : {"x", "y"}) {
            visits.push_back(create_task(visit(connector, there, name)));
            co_await turns(2);
        }
        for (auto& visit : visits) co_await visit;
        EXPECT_EQ(order.size(), 5U);
        EXPECT_TRUE(order.starts_with("ax"));
        EXPECT_LT(order.find('b'), order.find('c'));
        EXPECT_EQ(server.most, 2);
    });
}

TEST_F(ConnectionLimits, WithoutLimitsNobodyWaits) {
    serve(ConnectorOptions().limit(0), [&](TCPConnector& connector) -> Coro<> {
        std::vector<http::Connection> all;
        for (int i = 0; i < 150; ++i) all.push_back(co_await connector.connect(to(server.url())));
        EXPECT_EQ(connector.lent(), 150U);
    });
}

TEST_F(ConnectionLimits, ByDefaultThereAreAHundred) {
    serve([&](TCPConnector& connector) -> Coro<> {
        std::vector<http::Connection> all;
        for (int i = 0; i < 100; ++i) all.push_back(co_await connector.connect(to(server.url())));
        auto next = create_task(visit(connector, server.url(), "next"));
        co_await turns(20);
        EXPECT_EQ(order, "");
        all.pop_back();
        co_await next;
        EXPECT_EQ(order, "next");
    });
}

TEST_F(ConnectionLimits, AnIdleConnectionToAnotherHostGivesWay) {
    serve(ConnectorOptions().limit(2), [&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, server.url());
        const std::string second = co_await fetch(connector, server.url("/", "http", "127.0.0.1"));
        const std::string third = co_await fetch(connector, server.url("/", "http", "localhost"));
        EXPECT_EQ(connector.idle(), 2U);
        const std::string wss = co_await fetch(connector, server.url("/", "http", "LOCALHOST"));
        EXPECT_EQ(wss, "2 /");  // the same host
        ConnectRequest request = to(server.url());
        request.proxy = URL(server.url());
        auto connection = co_await connector.connect(request);
        EXPECT_EQ(connector.lent() + connector.idle(), 2U);
        co_await until([&] { return server.open == 2; });
        auto kept = co_await connector.connect(to(server.url("/", "http", "localhost")));
        EXPECT_TRUE(kept.reused());  // the one that was idle for longest has gone
    });
}

TEST_F(ConnectionLimits, F87_APlaceThatACancelledWaiterWasGivenGoesOn) {
    serve(ConnectorOptions().limit(1), [&](TCPConnector& connector) -> Coro<> {
        auto holder = co_await connector.connect(to(server.url()));
        auto first = create_task(visit(connector, server.url(), "a"));
        auto second = create_task(visit(connector, server.url(), "b"));
        auto third = create_task(visit(connector, server.url(), "c"));
        co_await turns(2);
        holder.close();  // the place is the first one's now
        first.cancel();
        second.cancel();
        co_await third;
        EXPECT_EQ(order, "c");
        EXPECT_TRUE(first.cancelled());
        EXPECT_TRUE(second.cancelled());
    });
}

TEST_F(ConnectionLimits, F87_OneThatIsCancelledWhileItWaitsIsPassedOver) {
    serve(ConnectorOptions().limit(1), [&](TCPConnector& connector) -> Coro<> {
        auto holder = co_await connector.connect(to(server.url()));
        auto first = create_task(visit(connector, server.url(), "a"));
        auto second = create_task(visit(connector, server.url(), "b"));
        co_await turns(2);
        first.cancel();
        holder.close();  // in the same turn
        co_await second;
        EXPECT_EQ(order, "b");
        const auto end = co_await as_result(first);
        EXPECT_TRUE(first.cancelled());
    });
}

// Whenever they are cancelled, no place is lost.
TEST_F(ConnectionLimits, F87_CancelledAtAnyMoment) {
    serve(ConnectorOptions().limit(10), [&](TCPConnector& connector) -> Coro<> {
        std::mt19937 random(87);
        for (int round = 0; round < 40; ++round) {
            std::vector<Task<>> visits;
            for (int i = 0; i < 60; ++i)
                visits.push_back(create_task(visit(connector, server.url(), "", 5ms)));
            for (int i = 0; i < 60; ++i) {
                if (random() % 3 == 0) co_await sleep(std::chrono::microseconds(random() % 3000));
                if (random() % 4 == 0) co_await turns(static_cast<int>(random() % 4));
                visits[random() % visits.size()].cancel();
            }
            EXPECT_LE(connector.lent(), 10U);
            for (auto& visit : visits) visit.cancel();
            for (auto& visit : visits) const auto end = co_await as_result(visit);
            EXPECT_EQ(connector.lent(), 0U);
        }
        std::vector<http::Connection> all;
        for (int i = 0; i < 10; ++i) all.push_back(co_await connector.connect(to(server.url())));
        EXPECT_EQ(connector.lent(), 10U);
    });
}

TEST_F(ConnectionLimits, F88_AConnectionThatIsDroppedWithinABodyFreesItsPlace) {
    serve(ConnectorOptions().limit(1), [&](TCPConnector& connector) -> Coro<> {
        auto waiting = create_task(visit(connector, server.url(), "next", 0s));
        {
            auto connection = co_await connector.connect(to(server.url()));
            connection.writer().write("GET /first HTTP/1.1\r\n\r\n");
            co_await connection.reader().fill(10);
        }
        co_await waiting;
        EXPECT_EQ(server.connections, 2);
    });
}

TEST_F(ConnectionLimits, CancellingAConnectThatIsUnderWayFreesThePlace) {
    const Unanswering silent;
    serve(ConnectorOptions().limit(1), [&](TCPConnector& connector) -> Coro<> {
        auto stuck = create_task(connector.connect(to("http://127.0.0.1:" + std::to_string(silent.port()))));
        co_await turns(5);
        EXPECT_EQ(connector.lent(), 1U);
        auto next = create_task(visit(connector, server.url(), "next", 0s));
        co_await turns(5);
        stuck.cancel();
        co_await next;
        EXPECT_TRUE(stuck.cancelled());
    });
}

TEST_F(ConnectionLimits, ClosingEndsAllOfThemAndAllWhoWait) {
    const Unanswering silent;
    run([&]() -> Coro<> {
        co_await server.start();
        TCPConnector connector(ConnectorOptions().limit(3));
        const std::string idle = co_await fetch(connector, server.url());
        auto lent = co_await connector.connect(to(server.url()));
        auto other = co_await connector.connect(to(server.url()));
        auto making =
            create_task(caught(connector.connect(to("http://127.0.0.1:" + std::to_string(silent.port())))));
        auto waiting = create_task(caught(connector.connect(to(server.url()))));
        co_await turns(5);
        co_await connector.close();
        EXPECT_TRUE(connector.closed());
        EXPECT_TRUE(lent.writer().is_closing());
        const std::string made = co_await making;
        EXPECT_EQ(made, "Connector is closed");
        const std::string waited = co_await waiting;
        EXPECT_EQ(waited, "Connector is closed");
        EXPECT_THROW(co_await connector.connect(to(server.url())), ConnectionClosedError);
        co_await until([&] { return server.open == 0; });
        EXPECT_EQ(connector.idle(), 0U);
        EXPECT_EQ(connector.lent(), 2U);
        lent.release();
        other.close();
        EXPECT_EQ(connector.lent(), 0U);
        co_await connector.close();
        co_await server.stop();
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ConnectionLimits, AConnectorThatGoesClosesItsConnections) {
    run([&]() -> Coro<> {
        co_await server.start();
        http::Connection lent;
        {
            TCPConnector connector;
            const std::string idle = co_await fetch(connector, server.url());
            auto other = co_await connector.connect(to(server.url()));
            lent = co_await connector.connect(to(server.url()));
            other.release();
        }
        EXPECT_TRUE(lent.writer().is_closing());
        co_await until([&] { return server.open == 0; });
        co_await server.stop();
        lent.release();
    });
}

TEST_F(ConnectionLimits, AConnectorMayOutliveItsLoop) {
    auto connector = std::make_unique<TCPConnector>();
    http::Connection lent;
    {
        aio::testing::LoopTest other;
        other.run([&]() -> Coro<> {
            co_await server.start();
            const std::string idle = co_await fetch(*connector, server.url());
            lent = co_await connector->connect(to(server.url("/", "http", "localhost")));
        });
        server.writers.clear();
    }
    lent.release();
    connector.reset();
}

TEST_F(ConnectionLimits, OnlyOneLoopUsesAConnector) {
    TCPConnector connector;
    const auto refused = [&]() -> Coro<> {
        co_await server.start();
        auto connection = co_await connector.connect(to(server.url()));
        connection.close();
        co_await server.stop();
    };
    run(refused);
    aio::testing::LoopTest other;
    EXPECT_THROW(other.run(refused), RuntimeError);
}

struct Told final : ConnectTrace {
    Coro<> connection_queued_start() override { return tell("queued "); }
    Coro<> connection_queued_end() override { return tell("had "); }
    Coro<> connection_create_start() override { return tell("create "); }
    Coro<> connection_create_end() override { return tell("created "); }
    Coro<> connection_reuseconn() override { return tell("reuse "); }
    Coro<> dns_resolvehost_start(std::string_view host) override {
        return tell("resolve " + std::string(host) + ' ');
    }
    Coro<> dns_resolvehost_end(std::string_view) override { return tell("resolved "); }
    Coro<> dns_cache_hit(std::string_view) override { return tell("hit "); }
    Coro<> dns_cache_miss(std::string_view) override { return tell("miss "); }
    Coro<> tell(std::string what) {
        text += what;
        co_await sleep(0s);
    }
    std::string text;
};

TEST_F(ConnectionLimits, ATraceHearsHowAConnectionIsMade) {
    const auto names = std::make_shared<ClientNames>();
    names->known["one.test"] = {"127.0.0.1"};
    serve(ConnectorOptions().limit(1).resolver(names), [&](TCPConnector& connector) -> Coro<> {
        const auto told = std::make_shared<Told>();
        ConnectRequest request = to(server.url("/", "http", "one.test"));
        request.trace = told;
        auto connection = co_await connector.connect(request);
        EXPECT_EQ(told->text, "create miss resolve one.test resolved created ");
        told->text.clear();
        auto next = create_task(connector.connect(request));
        co_await turns(5);
        const std::string body = co_await ask(connection, "/");
        connection.release();
        auto second = co_await std::move(next);
        EXPECT_EQ(told->text, "queued had reuse ");
        told->text.clear();
        second.close();
        auto third = co_await connector.connect(request);
        EXPECT_EQ(told->text, "create hit created ");
    });
}

}  // namespace
}  // namespace aio::tests
