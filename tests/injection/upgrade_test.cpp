// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/inject.hpp>
#include <support/xor_upgrade.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

// A server that upgrades every connection, before or after a line, and then answers a line.
struct UpgradedServer : Scenario {
    std::shared_ptr<XorUpgrade> context = std::make_shared<XorUpgrade>();
    std::optional<Server> server;
    int port = 0;

    virtual bool from_the_beginning() const { return true; }
    Coro<> answer(StreamReader reader, StreamWriter writer) {
        try {
            if (!from_the_beginning()) {
                const std::string line = co_await reader.readline();
                if (!line.empty()) co_await writer.start_tls(context);
            }
            writer.write(co_await reader.readline());
        } catch (const OSError&) {  // the client was cancelled
        }
        writer.close();
    }
    Coro<> prepare() override {
        ServerOptions options;
        if (from_the_beginning()) options.ssl(context);
        auto callback = [this](StreamReader reader, StreamWriter writer) {
            return answer(std::move(reader), std::move(writer));
        };
        server = co_await start_server(std::move(callback), "127.0.0.1", 0, std::move(options));
        port = server->sockets()[0].getsockname().port();
    }
    Coro<> finish() override {
        server->close();
        co_await server->wait_closed();
        server.reset();
    }
    static Coro<> converse(StreamReader reader, StreamWriter writer) {
        writer.write("hello\n");
        const std::string line = co_await reader.readline();
        EXPECT_EQ(line, "hello\n");
        writer.close();
        co_await writer.wait_closed();
    }
};

struct ConnectsUpgraded : UpgradedServer {
    Coro<> subject() override {
        auto streams = co_await open_connection("127.0.0.1", port, ConnectOptions().ssl(context));
        co_await converse(streams.first, streams.second);
    }
};

struct StartsTls : UpgradedServer {
    bool from_the_beginning() const override { return false; }
    Coro<> subject() override {
        auto streams = co_await open_connection("127.0.0.1", port);
        streams.second.write("STARTTLS\n");
        co_await streams.second.start_tls(context);
        co_await converse(streams.first, streams.second);
    }
};

TEST(UpgradeInjection, OpenConnection) { inject<ConnectsUpgraded>(20); }
TEST(UpgradeInjection, StartTls) { inject<StartsTls>(20); }

}  // namespace
}  // namespace aio::tests
