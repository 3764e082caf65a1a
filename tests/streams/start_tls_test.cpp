// SPDX-License-Identifier: MIT
// StreamWriter.start_tls(), with an upgrade that turns bytes round in the place of TLS.
#include <streams/streams_support.hpp>
#include <support/xor_upgrade.hpp>

#include <aio/transport/transport_upgrade.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

class StartTls : public StreamsTest {
protected:
    std::shared_ptr<XorUpgrade> context = std::make_shared<XorUpgrade>();
    std::string told;  ///< what the server heard, and how it ended

    /// Reads a line in plain text, then upgrades and echoes lines.
    Coro<> serve(StreamReader reader, StreamWriter writer) {
        told += co_await reader.readline();
        co_await writer.start_tls(context);
        while (auto line = co_await reader.next_line()) {
            told += *line;
            writer.write(*line);
            co_await writer.drain();
        }
        writer.close();
        co_await writer.wait_closed();
        told += "closed";
    }
    Coro<Server> listen() {
        return start_server(
            [this](StreamReader r, StreamWriter w) { return serve(std::move(r), std::move(w)); }, "127.0.0.1",
            0);
    }
    static Coro<std::string> receive(int fd, std::size_t count) {
        std::string text;
        while (text.size() < count) {
            text += read_all(fd);
            co_await sleep(0s);
        }
        co_return text;
    }
};

TEST_F(StartTls, BothEndsGoOnWithTheSameHandles) {
    run([&]() -> Coro<> {
        auto server = co_await listen();
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        auto& [reader, writer] = streams;
        const Ref<Transport> below(&writer.transport());
        writer.write("STARTTLS\n");
        co_await writer.start_tls(context, StartTlsOptions().server_hostname("here"));
        EXPECT_NE(&writer.transport(), below.get());
        EXPECT_EQ(writer.get_extra_info("cipher", std::string()), "XOR");
        writer.write("hello\n");
        EXPECT_EQ(co_await reader.readline(), "hello\n");
        writer.write("bye\n");
        writer.write_eof();
        EXPECT_EQ(co_await reader.read(), "bye\n");
        writer.close();
        co_await writer.wait_closed();
        EXPECT_TRUE(below->is_closing());
        co_await until([&] { return told == "STARTTLS\nhello\nbye\nclosed"; });
        EXPECT_EQ(context->seen.size(), 2u);
        server.close();
        co_await server.wait_closed();
    });
}

// What waits to be sent belongs to the time before, and is not turned round.
TEST_F(StartTls, PiecesThatWaitAreSentBeforeTheHandshake) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair(16 * 1024);
        peer = std::move(theirs);
        auto streams = co_await open_connection(std::move(ours));
        auto& [reader, writer] = streams;
        const auto owner = std::make_shared<std::string>(40'000, 'o');
        std::string plain = "head" + std::string(40'000, 's') + *owner + "STARTTLS\n";
        writer.transport().set_write_buffer_limits(1'000'000);  // or start_tls() waits for them
        writer.writelines({"head", std::string(40'000, 's'), {*owner, owner}, "STARTTLS\n"});
        EXPECT_EQ(owner.use_count(), 2);
        auto upgraded = create_task(writer.start_tls(context));
        EXPECT_EQ(co_await receive(peer.fileno(), plain.size() + 5), plain + "XOR \n");
        write_text(peer.fileno(), "OK\n");
        co_await upgraded;
        EXPECT_EQ(owner.use_count(), 1);
        writer.writelines({"a", std::string(2'000, 'b'), {*owner, owner}});
        const std::string turned_round = turned("a" + std::string(2'000, 'b') + *owner);
        EXPECT_TRUE(co_await receive(peer.fileno(), turned_round.size()) == turned_round);
        writer.close();
        co_await writer.wait_closed();
    });
}

// F44: the line and the handshake arrive in one segment, or byte by byte.
TEST_F(StartTls, AServersHandshakeMayHaveArrivedWithTheLineBefore) {
    const std::string wire = "PROXY\nXOR x\n" + turned("data\n");
    for (const std::size_t size : {wire.size(), std::size_t{1}, std::size_t{6}, std::size_t{8}}) {
        run([&]() -> Coro<> {
            told.clear();
            auto server = co_await listen();
            const Socket client = connected_socket(address_of(server));
            for (std::size_t at = 0; at < wire.size(); at += size) {
                write_text(client.fileno(), wire.substr(at, size));
                co_await turns(3);
            }
            EXPECT_EQ(co_await receive(client.fileno(), 8), "OK\n" + turned("data\n"));
            ::shutdown(client.fileno(), SHUT_WR);
            co_await until([&] { return told == "PROXY\ndata\nclosed"; });
            server.close();
            co_await server.wait_closed();
        });
    }
}

// F44: what somebody in between has put there must not pass for something protected.
TEST_F(StartTls, AClientThatWasSentSomethingBeforeRefuses) {
    run([&]() -> Coro<> {
        auto streams = co_await connect();
        auto& [reader, writer] = streams;
        write_text(peer.fileno(), "220 go ahead\nEVIL");
        EXPECT_EQ(co_await reader.readline(), "220 go ahead\n");
        try {
            co_await writer.start_tls(context);
            ADD_FAILURE();
        } catch (const ConnectionAbortedError& e) {
            EXPECT_STREQ(e.what(), "the server has sent 4 bytes before the handshake");
        }
        EXPECT_TRUE(writer.is_closing());
        co_await writer.wait_closed();
        EXPECT_TRUE(context->seen.empty());
    });
}

TEST_F(StartTls, APeerThatHasEndedCannotShakeHands) {
    run([&]() -> Coro<> {
        auto streams = co_await connect();
        auto& [reader, writer] = streams;
        peer.close();
        EXPECT_EQ(co_await reader.read(), "");
        try {
            co_await writer.start_tls(context);
            ADD_FAILURE();
        } catch (const ConnectionResetError& e) {
            EXPECT_STREQ(e.what(), "the peer has closed the connection before the handshake");
        }
        co_await writer.wait_closed();
    });
}

TEST_F(StartTls, OneAtATime) {
    run([&]() -> Coro<> {
        auto streams = co_await connect();
        auto& [reader, writer] = streams;
        auto first = create_task(writer.start_tls(context));
        co_await turns(2);
        try {
            co_await writer.start_tls(context);
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "start_tls() called while the first one runs");
        }
        write_text(peer.fileno(), "OK\n" + turned("all is well"));
        co_await first;
        EXPECT_EQ(co_await reader.readexactly(11), "all is well");
        writer.close();
        co_await writer.wait_closed();
    });
}

TEST_F(StartTls, AFailureEndsTheStream) {
    for (const bool answers : {true, false}) {
        run([&]() -> Coro<> {
            auto streams = co_await connect();
            auto& [reader, writer] = streams;
            auto waiting = create_task(reader.read(1));
            co_await turns(1);
            if (answers) write_text(peer.fileno(), "NO\n");
            auto upgrade = create_task(writer.start_tls(context));
            co_await ended(upgrade);
            if (answers) {  // it has come before the handshake, or after
                EXPECT_TRUE(exception_ptr_cast<OSError>(upgrade.exception()));
            } else {
                EXPECT_TRUE(exception_ptr_cast<ConnectionAbortedError>(upgrade.exception())) << "after 60 s";
            }
            co_await ended(waiting);
            co_await writer.wait_closed();
        });
    }
}

TEST_F(StartTls, CancellationAtEachTurnEndsTheStream) {
    for (int turn = 0; turn < 7; ++turn) {
        run([&]() -> Coro<> {
            auto streams = co_await connect();
            auto& [reader, writer] = streams;
            auto upgrade = create_task(writer.start_tls(context));
            for (int i = 0; i < turn; ++i) {
                if (i == 1) write_text(peer.fileno(), "OK\n" + turned("x"));
                co_await turns(1);
            }
            upgrade.cancel();
            co_await ended(upgrade);
            if (!upgrade.cancelled() || turn == 0) writer.close();
            co_await writer.wait_closed();
        });
    }
}

// A reader above its limit has paused the transport below; the one above must go on where that was.
TEST_F(StartTls, BackPressureReachesThroughIt) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair();
        auto streams = co_await open_connection(std::move(ours), 10);
        auto& [reader, writer] = streams;
        auto upgrade = create_task(writer.start_tls(context));
        co_await turns(2);
        write_text(theirs.fileno(), "OK\n" + turned(std::string(30, 'x')));
        co_await upgrade;
        EXPECT_FALSE(writer.transport().is_reading());
        EXPECT_EQ((co_await reader.readexactly(25)).size(), 25u);
        EXPECT_TRUE(writer.transport().is_reading());
        write_text(theirs.fileno(), turned("end"));
        EXPECT_EQ(co_await reader.readexactly(8), "xxxxxend");
        const std::size_t written = write_beyond(writer.transport());
        auto drained = create_task(writer.drain());
        co_await turns(1);
        EXPECT_FALSE(drained.done());
        std::size_t received = 0;
        while (received < written) {
            received += read_all(theirs.fileno()).size();
            co_await sleep(0s);
        }
        co_await drained;
        writer.close();
        co_await writer.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
