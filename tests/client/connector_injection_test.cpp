// SPDX-License-Identifier: MIT
// Requests that are cancelled at every point: the pool stays sound, and nothing is left of them.
#include <client/client_support.hpp>
#include <client/proxy_server.hpp>
#include <ssl/ssl_support.hpp>
#include <support/inject.hpp>

#include <memory>
#include <string>

namespace aio::tests {
namespace {

using namespace http;

// One connection for all, and a host that has to be looked up.
struct UsesAConnector : Scenario {
    CountingServer server;
    const std::shared_ptr<ClientNames> names = std::make_shared<ClientNames>();
    std::unique_ptr<TCPConnector> connector;

    virtual ConnectorOptions options() const { return ConnectorOptions().limit(1).resolver(names); }
    virtual ConnectRequest request() const { return to(server.url("/", "http", "one.test")); }
    virtual Coro<> start() { return server.start(); }

    Coro<> prepare() override {
        names->known["one.test"] = {"127.0.0.1"};
        co_await start();
        connector = std::make_unique<TCPConnector>(options());
    }
    Coro<> ask_once() {
        auto connection = co_await connector->connect(request());
        co_await ask(connection, "/");
        connection.release();
    }
    Coro<> subject() override {
        co_await ask_once();
        co_await ask_once();
    }
    Coro<> finish() override {
        EXPECT_EQ(connector->lent(), 0U);
        co_await ask_once();
        EXPECT_EQ(connector->idle(), 1U);
        co_await connector->close();
        co_await server.stop();
        co_await until([&] { return server.open == 0; });
        server.writers.clear();
    }
};

struct WaitsForAPlace : UsesAConnector {
    Coro<> others() override {
        co_await ask_once();
        auto connection = co_await connector->connect(request());
        co_await sleep(1s);
        connection.close();
    }
};

struct ConnectsByTls : UsesAConnector {
    ConnectorOptions options() const override { return ConnectorOptions().limit(1).ssl(context); }
    ConnectRequest request() const override { return to(server.url("/", "https")); }
    Coro<> start() override { return server.start(ServerOptions().ssl(server_context())); }
    const std::shared_ptr<ssl::Context> context = client_context();
};

struct ConnectsThroughATunnel : ConnectsByTls {
    ProxyServer proxy{server};
    ConnectRequest request() const override {
        ConnectRequest through = to(server.url("/", "https"));
        through.proxy = URL(proxy.url());
        return through;
    }
    Coro<> start() override {
        co_await server.start(ServerOptions().ssl(server_context()));
        co_await proxy.start();
    }
    Coro<> finish() override {
        co_await UsesAConnector::finish();
        co_await proxy.stop();
    }
};

TEST(ConnectorInjection, F87_OfAPoolWithOnePlace) { inject<UsesAConnector>(32); }
TEST(ConnectorInjection, F87_WhoWaitsForAPlace) { inject<WaitsForAPlace>(60); }
TEST(ConnectorInjection, ByTls) { inject<ConnectsByTls>(32); }
TEST(ConnectorInjection, ThroughATunnel) { inject<ConnectsThroughATunnel>(65); }

}  // namespace
}  // namespace aio::tests
