// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>
#include <aio/transport.hpp>

#include <gtest/gtest.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace aio::tests {

using namespace std::chrono_literals;

inline SocketAddress address_of(const Server& server) { return server.sockets()[0].getsockname(); }
inline int port_of(const Server& server) { return address_of(server).port(); }

/// What came of a connection as its peer sees it: "end" or "reset", after whatever it sent.
inline Coro<std::string> fate(int fd) {
    for (;;) {
        std::array<char, 4096> chunk{};
        const ssize_t count = ::recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (count == 0) co_return "end";
        if (count < 0 && errno != EAGAIN) co_return errno == ECONNRESET ? "reset" : "another error";
        if (count < 0) co_await sleep(0s);
    }
}

/// Begins to connect, as a client that does nothing else.
inline Socket raw_client(const SocketAddress& address) {
    Socket client = Socket::stream(AF_INET);
    ::connect(client.fileno(), address.native(), address.native_size());
    return client;
}

/// A line there and back, as a client of an echo.
inline Coro<> say_hello(StreamPair streams) {
    auto& [reader, writer] = streams;
    writer.write("hello\n");
    const std::string line = co_await reader.readline();
    EXPECT_EQ(line, "hello\n");
    writer.close();
    co_await writer.wait_closed();
}
inline Coro<> end(Server server) {
    server.close();
    co_await server.wait_closed();
}
inline Coro<> end(StreamPair& streams) {
    streams.second.close();
    co_await streams.second.wait_closed();
}

/// What tests of connected streams have in common.
class StreamsTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    /// Streams over one end of a socket pair; `peer` is the other.
    Coro<StreamPair> connect() {
        auto [ours, theirs] = socket_pair();
        peer = std::move(theirs);
        return open_connection(std::move(ours));
    }

    Socket peer;
};

}  // namespace aio::tests
