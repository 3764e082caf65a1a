// SPDX-License-Identifier: MIT
// Connections of which packets are lost, that are reset in their middle, and whose peer vanishes.
#include <peers/lossy_support.hpp>
#include <support/part_of.hpp>

#include <aio/compose/timeout.hpp>

#include <chrono>
#include <string>

namespace aio::tests {
namespace {

using LossyTransfers = LossyTest;

// Writes until that raises, and gives the error.
Coro<std::string> write_until_it_fails(StreamWriter writer) {
    try {
        for (;;) {
            writer.write(std::string(50'000, 'x'));
            co_await writer.drain();
            co_await sleep(1ms);
        }
    } catch (const OSError&) {
        co_return error_name(std::current_exception());
    }
}

TEST_F(LossyTransfers, WhatIsLostIsSentAgain) {
    run([&]() -> Coro<> {
        Server server = co_await echo_server();
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        network.arriving("meta l4proto tcp numgen random mod 10 < 1 HIT drop");
        co_await echo_through(streams, 1 << 20);
        EXPECT_GT(network.hits(), 20);
        network.be_kind();
        co_await close(streams);
        co_await end(std::move(server));
        EXPECT_EQ(server_error, nullptr);
    });
}

TEST_F(LossyTransfers, ASilenceThatEndsIsNoError) {
    run([&]() -> Coro<> {
        Server server = co_await echo_server();
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        co_await echo_through(streams, 1000);
        network.arriving("meta l4proto tcp HIT drop");
        auto rest = create_task([&]() -> Coro<> { return echo_through(streams, 300'000); });
        while (network.hits() < 2) co_await sleep(1ms);
        EXPECT_FALSE(rest.done());
        network.be_kind();
        co_await rest;
        co_await close(streams);
        co_await end(std::move(server));
        EXPECT_EQ(server_error, nullptr);
    });
}

// The reset comes to whoever sends to the server; whoever waits for that end learns of it in its next write.
TEST_F(LossyTransfers, AResetInTheMiddleIsAnErrorOfReadsAndWrites) {
    for (const bool both : {true, false}) {
        run([&]() -> Coro<> {
            Server server = co_await echo_server();
            auto streams = co_await open_connection("127.0.0.1", port_of(server));
            auto& [reader, writer] = streams;
            co_await echo_through(streams, 100'000);
            auto reading = create_task(outcome(reader.readexactly(std::size_t{1} << 40)));
            co_await turns(10);
            network.arriving(to(server) + "reject with tcp reset");
            if (both) {
                EXPECT_EQ(co_await write_until_it_fails(writer), "ConnectionResetError");
            } else {
                writer.write("one more");
            }
            EXPECT_EQ(co_await reading, "ConnectionResetError");
            EXPECT_EQ(co_await outcome(reader.read(1)), "ConnectionResetError");
            EXPECT_EQ(co_await outcome(writer.drain()), "ConnectionResetError");
            writer.close();
            EXPECT_EQ(co_await outcome(writer.wait_closed()), "ConnectionResetError");
            EXPECT_EQ(clients, 1) << "nobody has told the server";
            network.be_kind();
            server.abort_clients();
            co_await end(std::move(server));
            co_await until([&] { return clients == 0; });
            EXPECT_EQ(loop().stats().descriptors, 0U);
        });
    }
}

// A reset that comes while writing is over and reading goes on.
TEST_F(LossyTransfers, AResetAfterTheHalfCloseIsAnErrorOfReads) {
    run([&]() -> Coro<> {
        Future<> go_on = loop().create_future<>();
        Future<> over = loop().create_future<>();
        auto answer = [&](StreamReader reader, StreamWriter writer) -> Coro<> {
            const std::string all = co_await reader.read();
            co_await go_on;
            writer.write(all);
            co_await over;
            writer.close();
            co_await as_result(writer.wait_closed());
        };
        Server server = co_await start_server(answer, "127.0.0.1", 0);
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        streams.second.write("question");
        streams.second.write_eof();
        auto reading = create_task(outcome(streams.first.read()));
        co_await turns(10);
        network.arriving(to(server) + "reject with tcp reset");  // what the client acknowledges with
        go_on.set_result();
        EXPECT_EQ(co_await reading, "ConnectionResetError");
        network.be_kind();
        over.set_result();
        co_await close(streams);
        co_await end(std::move(server));
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

TEST_F(LossyTransfers, ATimeLimitEndsTheWaitForAPeerThatVanished) {
    run([&]() -> Coro<> {
        Server server = co_await echo_server();
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        auto& [reader, writer] = streams;
        co_await echo_through(streams, 1000);
        network.arriving("meta l4proto tcp drop");
        EXPECT_EQ(co_await outcome(wait_for(reader.read(1), 20ms)), "TimeoutError");
        writer.write(std::string(10'000'000, 'x'));
        EXPECT_EQ(co_await outcome(wait_for(writer.drain(), 20ms)), "TimeoutError");
        EXPECT_GT(writer.transport().get_write_buffer_size(), 0U);
        writer.close();
        EXPECT_EQ(co_await outcome(wait_for(writer.wait_closed(), 20ms)), "TimeoutError") << "it would flush";
        writer.transport().abort();
        EXPECT_EQ(co_await outcome(writer.wait_closed()), "None");
        // The server's end has heard nothing of that. Its drain() ends all the same.
        const DrainReport report = co_await server.drain(20ms, 20ms);
        EXPECT_EQ(report.cancelled + report.left.size(), 1U);
        co_await until([&] { return loop().stats().descriptors == 0; });
    });
}

// What the kernel can be told to do, as docs/02_network.md says.
TEST_F(LossyTransfers, UserTimeoutAndKeepAliveNoticeThatThePeerVanished) {
    for (const bool idle : {false, true}) {
        run([&]() -> Coro<> {
            Server server = co_await echo_server();
            auto streams = co_await open_connection("127.0.0.1", port_of(server));
            auto& [reader, writer] = streams;
            co_await echo_through(streams, 1000);
            const auto socket = writer.get_extra_info("socket", TransportSocket());
            socket.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 100);
            if (idle) {
                socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
                socket.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 1);
                socket.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 1);
            }
            network.arriving("meta l4proto tcp HIT drop");
            auto reading = create_task(outcome(reader.read(1)));
            if (!idle) writer.write("is anybody there?");
            EXPECT_EQ(co_await reading, "TimeoutError");
            EXPECT_EQ(co_await outcome(writer.drain()), "TimeoutError");
            writer.close();
            EXPECT_EQ(co_await outcome(writer.wait_closed()), "TimeoutError");
            EXPECT_GE(network.hits(), 1);
            server.abort_clients();
            co_await end(std::move(server));
            co_await until([&] { return loop().stats().descriptors == 0; });
            network.be_kind();
        });
    }
}

}  // namespace
}  // namespace aio::tests
