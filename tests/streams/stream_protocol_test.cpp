// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>

#include <aio/net/socket_transport.hpp>

#include <cstring>
#include <memory>

namespace aio::tests {
namespace {

using StreamProtocolTest = StreamsTest;

// By hand, as somebody does whose transport is not a socket.
TEST_F(StreamProtocolTest, BridgesATransportAndAReader) {
    run([&]() -> Coro<> {
        StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        auto [ours, theirs] = socket_pair();
        const auto transport = make_socket_transport(loop(), std::move(ours), protocol);
        const StreamWriter writer(*transport, protocol, reader);
        write_text(theirs.fileno(), "hello");
        EXPECT_EQ(co_await reader.readexactly(5), "hello");
        writer.write("answer");
        EXPECT_EQ(read_all(theirs.fileno()), "answer");
        theirs.close();
        EXPECT_EQ(co_await reader.read(), "");
        EXPECT_FALSE(writer.is_closing()) << "the end of file leaves it open for writing";
        writer.close();
        co_await writer.wait_closed();
        EXPECT_TRUE(protocol->lost());
        EXPECT_EQ(protocol->error(), nullptr);
    });
}

TEST_F(StreamProtocolTest, CallsBackWithReaderAndWriter) {
    run([&]() -> Coro<> {
        int calls = 0;
        const ClientConnectedCallback callback = [&](StreamReader, StreamWriter w) {
            ++calls;
            w.close();
            return AnyTask();
        };
        const auto protocol = std::make_shared<StreamReaderProtocol>(StreamReader(), callback);
        auto [ours, theirs] = socket_pair();
        make_socket_transport(loop(), std::move(ours), protocol);
        co_await until([&] { return protocol->lost(); });
        EXPECT_EQ(calls, 1);
    });
}

// Small messages, large ones, and the change from one to the other.
TEST_F(StreamProtocolTest, ReceivesMessagesOfAllSizes) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        for (int round = 0; round < 3; ++round) {
            for (std::size_t size = 1; size <= 200'000; size = size * 3 + 1) {
                std::string message(size, static_cast<char>('a' + size % 26));
                auto got = create_task(r.readexactly(static_cast<std::ptrdiff_t>(size)));
                for (std::size_t sent = 0; sent < size;) {
                    const ssize_t count = ::write(peer.fileno(), message.data() + sent, size - sent);
                    if (count > 0) sent += static_cast<std::size_t>(count);
                    co_await sleep(0s);
                }
                const std::string received = co_await got;
                EXPECT_TRUE(received == message) << size;
            }
        }
        w.close();
        co_await w.wait_closed();
    });
}

// Bytes that a cancelled read_into() received are not lost, also if more came meanwhile.
TEST_F(StreamProtocolTest, ReadIntoReceivesInPlaceAndGivesBackOnCancel) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        std::string memory(100, '\0');
        auto t = create_task(r.read_into(memory));
        co_await turns(2);
        write_text(peer.fileno(), "direct");
        EXPECT_EQ(co_await t, 6u);
        EXPECT_EQ(memory.substr(0, 6), "direct");
        t = create_task(r.read_into(memory));
        co_await turns(2);
        write_text(peer.fileno(), "one ");
        co_await until([&] { return memory.starts_with("one "); });  // received, the task has not gone on yet
        t.cancel();
        write_text(peer.fileno(), "two");
        co_await ended(t);
        if (t.cancelled()) {
            EXPECT_EQ(co_await r.readexactly(7), "one two");
        } else {  // the task was quicker
            EXPECT_EQ(co_await r.readexactly(3), "two");
        }
        w.close();
        co_await w.wait_closed();
    });
}

TEST_F(StreamProtocolTest, CancelAfterReceivingInPlaceKeepsTheBytes) {
    StreamReader r;
    run([&]() -> Coro<> {
        detail::ReadArena arena;
        std::string memory(100, '\0');
        auto t = create_task(r.read_into(memory));
        co_await sleep(0s);
        std::memcpy(r.state().get_buffer(arena).data(), "one ", 4);
        r.state().buffer_updated(arena, 4);
        r.feed_data("two");
        t.cancel();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
        EXPECT_EQ(r.buffered().text(), "one two");
        co_await r.readexactly(7);
    });
}

TEST_F(StreamProtocolTest, ThousandIdleReadersHoldNoBuffer) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        auto t = create_task(r.read(65536));
        co_await turns(2);
        write_text(peer.fileno(), std::string(1000, 'x'));
        const std::string text = co_await t;
        EXPECT_EQ(text.size(), 1000u);
        EXPECT_EQ(r.buffered().data(), nullptr);
        w.close();
        co_await w.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
