// SPDX-License-Identifier: MIT
// Peers that end a connection with a reset, whenever that is.
#include <peers/resets_support.hpp>

#include <string>

namespace aio::tests {
namespace {

TEST_F(Resets, OfClientsOfAServer) {
    run([&]() -> Coro<> {
        Server server = co_await echo_server();
        co_await leave_everywhere(server, "hello\n");
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        streams.second.write("still here\n");
        EXPECT_EQ(co_await streams.first.readline(), "still here\n");
        streams.second.close();
        server.close();
        co_await server.wait_closed();
    });
    EXPECT_GT(broken, 0);
}

// The server takes the connection and throws it away, at once or in the middle of what it is sent.
TEST_F(Resets, OfAServer) {
    run([&]() -> Coro<> {
        for (const bool at_once : {true, false}) {
            const Socket listening = bound_socket(kSmallBuffer);
            listening.listen(1);
            auto streams = co_await open_connection("127.0.0.1", listening.getsockname().port());
            auto& [reader, writer] = streams;
            Socket accepted(::accept(listening.fileno(), nullptr, nullptr));
            writer.write(std::string(at_once ? 10 : 100'000'000, 'x'));
            auto draining = create_task(as_result(writer.drain()));
            auto reading = create_task(as_result(reader.read()));
            co_await turns(10);
            EXPECT_EQ(draining.done(), at_once);
            reset(std::move(accepted));
            const auto read = co_await reading;
            EXPECT_TRUE(read.raised<ConnectionResetError>());
            const auto drained = co_await draining;
            EXPECT_EQ(drained.raised<ConnectionResetError>(), !at_once);
            const auto again = co_await as_result(writer.drain());
            EXPECT_TRUE(again.raised<ConnectionResetError>());
            writer.close();
            const auto closed = co_await as_result(writer.wait_closed());
            EXPECT_TRUE(closed.raised<ConnectionResetError>());
            EXPECT_EQ(loop().stats().descriptors, 0U);
        }
    });
    EXPECT_TRUE(reports().empty());
}

}  // namespace
}  // namespace aio::tests
