// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/inject.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests {

// A server that upgrades every connection, before or after a line, and then answers a line.
struct UpgradedServer : Scenario {
    std::shared_ptr<TransportUpgrade> server_side;
    std::shared_ptr<TransportUpgrade> client_side;
    std::string server_hostname;  ///< whom the client asks for
    std::optional<Server> server;
    int port = 0;

    virtual bool from_the_beginning() const { return true; }
    Coro<> answer(StreamReader reader, StreamWriter writer) {
        try {
            if (!from_the_beginning()) {
                const std::string line = co_await reader.readline();
                if (!line.empty()) co_await writer.start_tls(server_side);
            }
            writer.write(co_await reader.readline());
        } catch (const OSError&) {  // the client was cancelled
        }
        writer.close();
    }
    Coro<> prepare() override {
        ServerOptions options;
        if (from_the_beginning()) options.ssl(server_side);
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

/// A client that is secure from the beginning.
template <class Server>
struct ConnectsUpgraded : Server {
    Coro<> subject() override {
        auto options = ConnectOptions().ssl(this->client_side);
        if (!this->server_hostname.empty()) options.server_hostname(this->server_hostname);
        auto streams = co_await open_connection("127.0.0.1", this->port, std::move(options));
        co_await this->converse(streams.first, streams.second);
    }
};

/// One that becomes so after a line.
template <class Server>
struct StartsTls : Server {
    bool from_the_beginning() const override { return false; }
    Coro<> subject() override {
        auto streams = co_await open_connection("127.0.0.1", this->port);
        streams.second.write("STARTTLS\n");
        StartTlsOptions options;
        if (!this->server_hostname.empty()) options.server_hostname(this->server_hostname);
        co_await streams.second.start_tls(this->client_side, std::move(options));
        co_await this->converse(streams.first, streams.second);
    }
};

}  // namespace aio::tests
