// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>

#include <vector>

namespace aio::tests {
namespace {

using OpenConnectionTest = StreamsTest;

Coro<> upper_case(StreamReader r, StreamWriter w) {
    while (auto line = co_await r.next_line()) {
        for (char& c : *line) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        w.write(std::move(*line));
        co_await w.drain();
    }
    w.close();
}

TEST_F(OpenConnectionTest, TalksOverIPv4AndIPv6) {
    run([&]() -> Coro<> {
        for (const SocketAddress& address :
             resolve_numeric("localhost", 0, AF_UNSPEC, ResolveFor::connecting)) {
            Server server = co_await start_server(upper_case, address.host(), 0);
            auto [r, w] = co_await open_connection(address.host(), port_of(server));
            w.write("hello\nworld");
            w.write_eof();
            EXPECT_EQ(co_await r.read(), "HELLO\nWORLD");
            w.close();
            co_await w.wait_closed();
            server.close();
            co_await server.wait_closed();
        }
    });
}

TEST_F(OpenConnectionTest, TakesTheReadersLimit) {
    run([&]() -> Coro<> {
        Server server = co_await start_server(upper_case, "127.0.0.1", 0);
        ConnectOptions options;
        options.limit(8);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server), options);
        EXPECT_EQ(r.limit(), 8u);
        w.write("longer than that\n");
        try {
            co_await r.readline();
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        w.close();
        co_await w.wait_closed();
        auto [ours, theirs] = socket_pair();
        auto [r2, w2] = co_await open_connection(std::move(ours), 9);
        EXPECT_EQ(r2.limit(), 9u);
        w2.close();
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(OpenConnectionTest, FailsLikeCreateConnection) {
    run([&]() -> Coro<> {
        const Socket closed = bound_socket();
        try {
            co_await open_connection("127.0.0.1", closed.getsockname().port());
            ADD_FAILURE();
        } catch (const ConnectionRefusedError& e) {
            EXPECT_EQ(e.what(), "connect to " + closed.getsockname().str() + ": Connection refused");
        }
    });
}

// The peer resets, half-closes or vanishes: the reader learns of each.
TEST_F(OpenConnectionTest, PeersThatMisbehave) {
    run([&]() -> Coro<> {
        {
            auto [ours, theirs] = tcp_pair();
            auto [r, w] = co_await open_connection(std::move(ours));
            write_text(theirs.fileno(), "half");
            ::shutdown(theirs.fileno(), SHUT_WR);
            EXPECT_EQ(co_await r.read(), "half");
            w.write("still open");
            EXPECT_EQ(receive(theirs.fileno(), 10), "still open");
            w.close();
            co_await w.wait_closed();
        }
        {
            auto [ours, theirs] = tcp_pair();
            auto [r, w] = co_await open_connection(std::move(ours));
            auto t = create_task(r.readline());
            co_await turns(2);
            reset_on_close(theirs.fileno());
            theirs.close();
            try {
                co_await t;
                ADD_FAILURE();
            } catch (const ConnectionResetError& e) {
                EXPECT_EQ(std::string(e.what()).substr(0, 20), "read from 127.0.0.1:");
            }
            try {
                co_await w.wait_closed();
                ADD_FAILURE();
            } catch (const ConnectionResetError&) {
            }
        }
        {
            auto [ours, theirs] = tcp_pair();
            auto [r, w] = co_await open_connection(std::move(ours));
            theirs.close();
            EXPECT_EQ(co_await r.read(1), "");
            EXPECT_TRUE(r.at_eof());
            w.close();
            co_await w.wait_closed();
        }
    });
    EXPECT_TRUE(reports().empty());
}

}  // namespace
}  // namespace aio::tests
