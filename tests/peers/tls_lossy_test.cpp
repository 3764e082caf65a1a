// SPDX-License-Identifier: MIT
// TLS over a network that loses packets and sends resets where nobody did.
#include <peers/lossy_support.hpp>
#include <ssl/ssl_support.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace aio::tests {
namespace {

class LossyTls : public LossyTest {
protected:
    Coro<Server> serve(TimeLimit handshake = 200ms) {
        return echo_server(ServerOptions().ssl(server_side).ssl_handshake_timeout(handshake));
    }
    Coro<StreamPair> connect(const Server& server) {
        ConnectOptions options;
        options.ssl(client_side).server_hostname("localhost");
        options.ssl_handshake_timeout(200ms).ssl_shutdown_timeout(50ms);
        return open_connection("127.0.0.1", port_of(server), options);
    }
    Coro<> expect_nothing_left(Server server) {
        co_await end(std::move(server));
        co_await until([&] { return loop().stats().descriptors == 0; });
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(clients, 0);
    }

    // Records of a handshake are larger than what only acknowledges.
    static constexpr const char* kWithData = "meta length > 100 ";

    const std::shared_ptr<ssl::Context> server_side = server_context();
    const std::shared_ptr<ssl::Context> client_side = client_context();
};

TEST_F(LossyTls, WhatIsLostIsSentAgain) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        auto streams = co_await connect(server);
        network.arriving("meta l4proto tcp numgen random mod 10 < 1 HIT drop");
        co_await echo_through(streams, 1 << 20);
        EXPECT_GT(network.hits(), 20);
        network.be_kind();
        streams.second.close();
        EXPECT_EQ(co_await outcome(streams.second.wait_closed()), "None");
        co_await until([&] { return clients == 0; });
        co_await expect_nothing_left(std::move(server));
        EXPECT_EQ(server_error, nullptr);
    });
}

// The client's hello is answered with a reset; the server has nothing but a connection on which nothing
// comes.
TEST_F(LossyTls, AResetOfTheHelloIsTheClientsError) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        network.arriving(to(server) + kWithData + "HIT reject with tcp reset");
        EXPECT_EQ(co_await outcome(connect(server)), "ConnectionResetError");
        EXPECT_EQ(network.hits(), 1);
        co_await expect_nothing_left(std::move(server));
    });
}

// The server's answer is: then the server's handshake has ended, and the client waits no longer than it
// wants.
TEST_F(LossyTls, AResetOfTheServersAnswerEndsBoth) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        network.arriving(from(server) + kWithData + "HIT reject with tcp reset");
        const std::string error = co_await outcome(connect(server));
        // Whether the hello had been acknowledged: if not, it is sent again, to a socket that is gone.
        EXPECT_TRUE(error == "ConnectionAbortedError" || error == "ConnectionResetError") << error;
        EXPECT_EQ(network.hits(), 1);
        co_await expect_nothing_left(std::move(server));
    });
}

// Nothing that OpenSSL has to say: the connection broke below it.
TEST_F(LossyTls, AResetInTheMiddleIsAnErrorOfTheConnection) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        auto streams = co_await connect(server);
        auto& [reader, writer] = streams;
        co_await echo_through(streams, 100'000);
        auto reading = create_task(outcome(reader.readexactly(std::size_t{1} << 40)));
        co_await turns(10);
        network.arriving(to(server) + "reject with tcp reset");
        writer.write("one more");
        EXPECT_EQ(co_await reading, "ConnectionResetError");
        EXPECT_EQ(co_await outcome(writer.drain()), "ConnectionResetError");
        writer.close();
        EXPECT_EQ(co_await outcome(writer.wait_closed()), "ConnectionResetError");
        network.be_kind();
        server.abort_clients();
        co_await until([&] { return clients == 0; });
        co_await expect_nothing_left(std::move(server));
    });
}

TEST_F(LossyTls, APeerThatVanishedIsNotWaitedForLongerThanTheLimits) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        auto streams = co_await connect(server);
        co_await echo_through(streams, 1000);
        network.arriving("meta l4proto tcp HIT drop");
        EXPECT_EQ(co_await outcome(wait_for(streams.first.read(1), 20ms)), "TimeoutError");
        streams.second.write("is anybody there?");
        streams.second.close();
        EXPECT_EQ(co_await outcome(streams.second.wait_closed()), "TimeoutError") << "no goodbye came";
        EXPECT_GT(network.hits(), 0);
        network.be_kind();
        server.abort_clients();
        co_await until([&] { return clients == 0; });
        co_await expect_nothing_left(std::move(server));
    });
}

// It vanishes when the connection is there and the handshake is not.
TEST_F(LossyTls, APeerThatVanishesInTheHandshakeEndsInTime) {
    run([&]() -> Coro<> {
        Server server = co_await serve(1h);  // or its end, which is a reset, could come first
        network.arriving(std::string("meta l4proto tcp ") + kWithData + "HIT drop");
        EXPECT_EQ(co_await outcome(connect(server)), "ConnectionAbortedError");
        EXPECT_GT(network.hits(), 0);
        network.be_kind();
        co_await expect_nothing_left(std::move(server));
    });
}

}  // namespace
}  // namespace aio::tests
