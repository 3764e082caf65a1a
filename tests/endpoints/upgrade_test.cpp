// SPDX-License-Identifier: MIT
// ssl() of connections and servers, with an upgrade that turns bytes round in the place of TLS.
#include <streams/streams_support.hpp>
#include <support/xor_upgrade.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

class UpgradedEndpoints : public StreamsTest {
protected:
    UpgradedEndpoints() {
        loop().set_exception_handler(
            [this](EventLoop&, const ExceptionContext& c) { reports += c.message() + ";"; });
    }
    ServerOptions served() const { return ServerOptions().ssl(context); }
    ConnectOptions connected() const { return ConnectOptions().ssl(context); }
    Coro<Server> echo_server(ServerOptions options) {
        return start_server(
            [this](StreamReader r, StreamWriter w) { return echo(std::move(r), std::move(w)); }, "127.0.0.1",
            0, std::move(options));
    }
    Coro<> echo(StreamReader reader, StreamWriter writer) {
        EXPECT_EQ(writer.get_extra_info("cipher", std::string()), "XOR");
        ++clients;
        while (auto chunk = co_await reader.next_chunk()) writer.write(*chunk);
        writer.close();
        co_await writer.wait_closed();
        --clients;
    }
    /// What the upgrade was told on one side.
    const StartTlsOptions& seen(bool server_side) const {
        for (const StartTlsOptions& options : context->seen) {
            if (options.get_server_side() == server_side) return options;
        }
        throw RuntimeError("there was no such upgrade");
    }

    std::shared_ptr<XorUpgrade> context = std::make_shared<XorUpgrade>();
    std::string reports;
    int clients = 0;
};

TEST_F(UpgradedEndpoints, StreamsOverBothEnds) {
    run([&]() -> Coro<> {
        auto server = co_await echo_server(served());
        auto streams = co_await open_connection("127.0.0.1", port_of(server), connected());
        auto& [reader, writer] = streams;
        EXPECT_EQ(writer.get_extra_info("cipher", std::string()), "XOR");
        writer.write("ping");
        EXPECT_EQ(co_await reader.readexactly(4), "ping");
        writer.write_eof();
        EXPECT_EQ(co_await reader.read(), "");
        writer.close();
        co_await writer.wait_closed();
        co_await end(server);
        EXPECT_EQ(context->seen.size(), 2u);
        EXPECT_EQ(seen(false).get_server_hostname(), "127.0.0.1");
        EXPECT_EQ(seen(true).get_server_hostname(), "");
        EXPECT_EQ(reports, "");
    });
}

struct Ponging : Protocol {
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void data_received(BytesView data) override {
        heard += data.text();
        if (data.text() == "ping") transport->write("pong");
    }
    void connection_lost(std::exception_ptr) override { transport = nullptr; }
    Ref<Transport> transport;
    std::string heard;
};

TEST_F(UpgradedEndpoints, ProtocolsOverBothEnds) {
    run([&]() -> Coro<> {
        std::vector<std::shared_ptr<Ponging>> served_ones;
        auto factory = [&] { return served_ones.emplace_back(std::make_shared<Ponging>()); };
        auto server = co_await create_server(factory, "127.0.0.1", 0, served());
        auto make = [] { return std::make_shared<Ponging>(); };
        auto options =
            connected().server_hostname("other").ssl_handshake_timeout(5s).ssl_shutdown_timeout(6s);
        auto connection = co_await create_connection(make, "127.0.0.1", port_of(server), options);
        auto& [transport, protocol] = connection;
        EXPECT_EQ(protocol->transport.get(), transport.get());
        transport->write("ping");
        co_await until([&] { return protocol->heard == "pong"; });
        EXPECT_EQ(served_ones.at(0)->heard, "ping");
        EXPECT_EQ(seen(false).get_server_hostname(), "other");
        EXPECT_EQ(seen(false).get_ssl_handshake_timeout(), 5s);
        EXPECT_EQ(seen(false).get_ssl_shutdown_timeout(), 6s);
        transport->close();
        co_await end(server);
        co_await until([&] { return !served_ones.at(0)->transport && !protocol->transport; });
    });
}

TEST_F(UpgradedEndpoints, OptionsThatDoNotFitAreRefused) {
    run([&]() -> Coro<> {
        const auto refused = [](auto awaitable) -> Coro<std::string> {
            try {
                co_await std::move(awaitable);
            } catch (const ValueError& e) {
                co_return e.what();
            }
            co_return "accepted";
        };
        const auto connect_with = [](ConnectOptions options) {
            return open_connection("127.0.0.1", 1, options);
        };
        EXPECT_EQ(co_await refused(connect_with(ConnectOptions().server_hostname("x"))),
                  "server_hostname is only meaningful with ssl");
        EXPECT_EQ(co_await refused(connect_with(ConnectOptions().ssl_handshake_timeout(1s))),
                  "ssl_handshake_timeout is only meaningful with ssl");
        EXPECT_EQ(co_await refused(connect_with(ConnectOptions().ssl_shutdown_timeout(1s))),
                  "ssl_shutdown_timeout is only meaningful with ssl");
        EXPECT_EQ(co_await refused(connect_with(connected().ssl_handshake_timeout(0s))),
                  "ssl_handshake_timeout should be a positive number, got 0");
        EXPECT_EQ(co_await refused(echo_server(ServerOptions().ssl_handshake_timeout(1s))),
                  "ssl_handshake_timeout is only meaningful with ssl");
        EXPECT_EQ(co_await refused(echo_server(served().ssl_shutdown_timeout(-1s))),
                  "ssl_shutdown_timeout should be a positive number, got -1");
        auto [ours, theirs] = socket_pair();
        EXPECT_EQ(co_await refused(open_connection(std::move(ours), connected())),
                  "You must set server_hostname when using ssl without a host");
    });
}

TEST_F(UpgradedEndpoints, ASocketOfOnesOwn) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair();
        write_text(theirs.fileno(), "OK\n" + turned("hello"));
        auto streams = co_await open_connection(std::move(ours), connected().server_hostname("me").limit(7));
        auto& [reader, writer] = streams;
        EXPECT_EQ(reader.limit(), 7u);
        EXPECT_EQ(co_await reader.readexactly(5), "hello");
        writer.close();
        co_await writer.wait_closed();
    });
}

TEST_F(UpgradedEndpoints, AClientsHandshakeHasATimeLimit) {
    run([&]() -> Coro<> {
        const Socket listening = bound_socket();
        listening.listen(1);
        const auto begin = loop().time();
        const auto options = connected().ssl_handshake_timeout(3s);
        const auto result =
            co_await as_result(open_connection("127.0.0.1", listening.getsockname().port(), options));
        EXPECT_TRUE(result.raised<ConnectionAbortedError>());
        EXPECT_EQ(loop().time() - begin, 3s);
    });
}

TEST_F(UpgradedEndpoints, ClientsThatNeverShakeHandsAreDropped) {
    run([&]() -> Coro<> {
        auto server = co_await echo_server(served().ssl_handshake_timeout(10s));
        const Socket silent = raw_client(address_of(server));
        co_await turns(3);
        const Socket rude = raw_client(address_of(server));
        await_events(rude.fileno(), POLLOUT);
        write_text(rude.fileno(), "GET / HTTP/1.0\n");
        EXPECT_EQ(co_await fate(rude.fileno()), "end");
        co_await sleep(11s);
        EXPECT_EQ(co_await fate(silent.fileno()), "end");
        EXPECT_EQ(clients, 0);
        EXPECT_EQ(reports, "") << "the network is full of them";
        co_await end(server);
    });
    loop().set_debug(true);
    run([&]() -> Coro<> {
        auto server = co_await echo_server(served());
        const Socket rude = raw_client(address_of(server));
        await_events(rude.fileno(), POLLOUT);
        write_text(rude.fileno(), "GET / HTTP/1.0\n");
        EXPECT_EQ(co_await fate(rude.fileno()), "end");
        co_await until([&] { return !reports.empty(); });
        EXPECT_EQ(reports, "Error on transport creation for incoming connection;");
        co_await end(server);
    });
}

TEST_F(UpgradedEndpoints, TheServerClosesWhatStandsAbove) {
    for (const bool abort : {false, true}) {
        run([&]() -> Coro<> {
            auto server = co_await echo_server(served());
            auto streams = co_await open_connection("127.0.0.1", port_of(server), connected());
            auto& [reader, writer] = streams;
            writer.write("ping");
            EXPECT_EQ(co_await reader.readexactly(4), "ping");
            abort ? server.abort_clients() : server.close_clients();
            co_await end(server);
            EXPECT_EQ(co_await reader.read(), "");
            co_await until([&] { return clients == 0; });
            writer.close();
            co_await writer.wait_closed();
        });
    }
}

// F17, with a handshake that has not begun, has begun, or is over.
TEST_F(UpgradedEndpoints, AServerThatIsClosedAtAnyTimeLeavesNothing) {
    run([&]() -> Coro<> {
        const int before = open_descriptors();
        for (int turn = 0; turn < 10; ++turn) {
            auto server = co_await echo_server(served());
            Socket client = connected_socket(address_of(server));
            write_text(client.fileno(), "XOR x\n");
            co_await turns(turn);
            server.close();
            server.close_clients();
            co_await turns(3);
            client.close();
            co_await server.wait_closed();
            co_await until([&] { return clients == 0; });
        }
        EXPECT_EQ(open_descriptors(), before);
        EXPECT_EQ(reports, "");
    });
}

TEST_F(UpgradedEndpoints, TheEndOfRunEndsHandshakes) {
    run([&]() -> Coro<> {
        auto server = co_await echo_server(served());
        peer = raw_client(address_of(server));
        co_await turns(5);
        server.close();
    });
    EXPECT_EQ(reports, "");
}

// Refused, or cancelled before it began: the connection is closed in either case.
TEST_F(UpgradedEndpoints, WhatIsNotUpgradedIsClosed) {
    run([&]() -> Coro<> {
        const auto nothing = [] { return std::shared_ptr<Protocol>(); };
        Server server = co_await create_server(nothing, "127.0.0.1", 0, served());
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        std::string data = co_await streams.first.read();
        EXPECT_EQ(data, "");
        EXPECT_NE(reports, "");
        EXPECT_EQ(server.sockets().size(), 1u);
        co_await end(server);

        server = co_await echo_server(served());
        streams = co_await open_connection("127.0.0.1", port_of(server));
        const AnyTask self = current_task();
        for (bool cancelled = false; !cancelled;) {
            co_await sleep(0s);
            for (const AnyTask& task : all_tasks()) {
                if (task != self) cancelled = task.cancel() || cancelled;
            }
        }
        data = co_await streams.first.read();
        EXPECT_EQ(data, "");
        co_await end(server);
    });
}

}  // namespace
}  // namespace aio::tests
