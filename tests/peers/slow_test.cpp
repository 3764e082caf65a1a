// SPDX-License-Identifier: MIT
// Peers that take their time, on every kind of connection.
#include <support/connection_kinds.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

class SlowPeers : public EveryTransport {
protected:
    // An upgrade makes something else of what it is given, at once.
    static bool keeps_owned_pieces() { return GetParam().above != ConnectionKind::Above::upgrade; }
    // Everything is given back, whatever the peer did.
    Coro<> expect_nothing_left(std::pair<StreamPair, StreamPair>& connection) {
        for (StreamPair* end : {&connection.first, &connection.second}) {
            end->second.close();
            co_await as_result(end->second.wait_closed());
        }
        co_await settle();
        EXPECT_EQ(loop().stats().descriptors, 0U);
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(loop().stats().tasks, 1U);
        EXPECT_TRUE(reports().empty());
    }
};

// A time limit that passes in the middle of a message costs nothing of it.
TEST_P(SlowPeers, OneByteASecond) {
    run([&]() -> Coro<> {
        auto connection = co_await connect_streams();
        auto& [ours, theirs] = connection;
        const auto dictate = [](StreamWriter writer, std::string text) -> Coro<> {
            for (const char letter : text) {
                writer.write(std::string(1, letter));
                co_await writer.drain();
                co_await sleep(1s);
            }
        };
        std::string text = "a line\nand then eight more bytes";
        auto dictating = create_task(dictate, theirs.second, text);
        const TimePoint begin = loop().time();
        const std::string line = co_await ours.first.readline();
        EXPECT_EQ(line, "a line\n");
        EXPECT_GE(loop().time() - begin, 6s);
        int timeouts = 0;
        std::string rest;
        while (rest.size() < text.size() - line.size()) {
            try {
                rest += co_await wait_for(ours.first.readexactly(5), 2500ms);
            } catch (const TimeoutError&) {
                ++timeouts;
            }
        }
        EXPECT_EQ(rest, "and then eight more bytes");
        EXPECT_GE(timeouts, 5) << "one at least in each five bytes";
        co_await dictating;
        co_await expect_nothing_left(connection);
    });
}

// Much is to be sent, little is read at a time: neither end keeps more than its marks say, and nothing
// between them does, such as what is encrypted already.
TEST_P(SlowPeers, AReaderThatTakesLittleAtATime) {
    constexpr std::size_t kBlock = 64 * 1024, kMebibyte = 1 << 20;
    const std::size_t total = part_of(256 * kBlock);
    run([&]() -> Coro<> {
        auto connection = co_await connect_streams();
        auto& [ours, theirs] = connection;
        std::size_t most_waiting = 0;
        const auto send = [&](StreamWriter writer) -> Coro<> {
            for (std::size_t sent = 0; sent < total; sent += kBlock) {
                writer.write(std::string(kBlock, 'x'));
                most_waiting = std::max(most_waiting, writer.transport().get_write_buffer_size());
                co_await writer.drain();
            }
        };
        auto sending = create_task(send, theirs.second);
        std::size_t received = 0, most_buffered = 0, most_memory = 0;
        const std::size_t memory = ::mallinfo2().uordblks;  // 0 under sanitizers
        while (received < total) {
            most_memory = std::max(most_memory, ::mallinfo2().uordblks);
            most_buffered = std::max(most_buffered, ours.first.buffered().size());
            const std::string some = co_await ours.first.read(10'000);
            received += some.size();
            co_await sleep(1ms);
        }
        co_await sending;
        EXPECT_EQ(received, total);
        EXPECT_LE(most_waiting,
                  theirs.second.transport().get_write_buffer_limits().high + kBlock + kBlock / 64)
            << "the mark, a write and what TLS adds to it";
        EXPECT_LE(most_buffered, 2 * kDefaultStreamLimit + 256 * 1024) << "twice the limit and one read";
        EXPECT_LE(most_memory, memory + 2 * kMebibyte);
        co_await expect_nothing_left(connection);
    });
}

// A writer that never waits has given a gibibyte (an eighth where it is encrypted) before the peer has read
// much. What has an owner is not copied and let go as soon as it is sent, or at once when the connection is
// aborted; what an upgrade makes of it is there once.
TEST_P(SlowPeers, AGibibyteThatWaitsToBeSent) {
    constexpr std::size_t kBlock = 64 * 1024, kMebibyte = 1 << 20;
    const std::size_t whole = kSanitized ? 64 : keeps_owned_pieces() ? 1024 : 128;
    const std::size_t total = part_of(whole * kMebibyte);
    run([&]() -> Coro<> {
        const auto block = std::make_shared<const std::string>(kBlock, 'x');
        for (const bool aborted : {false, true}) {
            auto connection = co_await connect_streams();
            auto& [ours, theirs] = connection;
            const std::size_t memory = ::mallinfo2().uordblks;  // 0 under sanitizers
            for (std::size_t given = 0; given < total; given += kBlock) theirs.second.write(*block, block);
            EXPECT_GE(theirs.second.transport().get_write_buffer_size(), total - 2 * kMebibyte);
            const std::size_t wanted = aborted ? total / 16 : total;
            std::size_t received = 0, most_memory = 0;
            while (received < wanted) {
                most_memory = std::max(most_memory, ::mallinfo2().uordblks);
                const std::string some = co_await ours.first.read(kMebibyte);
                received += some.size();
                co_await sleep(1ms);
            }
            const std::size_t kept = keeps_owned_pieces() ? 0 : total + total / 16;
            EXPECT_LE(most_memory, memory + kept + 8 * kMebibyte);
            if (aborted) {
                EXPECT_GE(theirs.second.transport().get_write_buffer_size(), total / 2);
                theirs.second.transport().abort();
                co_await settle();
            }
            EXPECT_EQ(block.use_count(), 1);
            co_await expect_nothing_left(connection);
        }
    });
}

// Each end says that it has no more to send, and still hears the other. TLS has no half-closed state.
TEST_P(SlowPeers, BothEndsCloseTheirHalf) {
    run([&]() -> Coro<> {
        Trace ours_heard, theirs_heard;
        const auto first = std::make_shared<Recorder>(ours_heard);
        const auto second = std::make_shared<Recorder>(theirs_heard);
        const TransportPair ends = co_await connect(first, second);
        if (!ends.first->can_write_eof()) {
            ends.first->close();
            co_await until([&] { return first->lost && second->lost; });
            co_return;
        }
        first->keep_open = second->keep_open = true;
        ends.first->write("question");
        ends.first->write_eof();
        co_await until([&] { return theirs_heard.joined() == "made | eof"; });
        EXPECT_EQ(second->received, "question");
        co_await sleep(1h);
        ends.second->write(std::string(300'000, 'x'));
        ends.second->write_eof();
        co_await until([&] { return first->received.size() >= 300'000; });
        ends.second->close();
        co_await until([&] { return second->lost; });
        ends.first->close();
        co_await until([&] { return first->lost; });
        EXPECT_EQ(ours_heard.joined(), "made | eof | lost None");
        EXPECT_TRUE(theirs_heard.joined().starts_with("made | eof")) << theirs_heard.joined();
        EXPECT_TRUE(theirs_heard.joined().ends_with("lost None")) << theirs_heard.joined();
        EXPECT_EQ(loop().stats().descriptors, 0U);
        EXPECT_EQ(loop().stats().timers, 0U);
    });
}

// We have said all and wait until it is sent; the peer reads none of it and dies, or never dies.
TEST_P(SlowPeers, OneThatDoesNotReadWhileWeClose) {
    run([&]() -> Coro<> {
        for (const bool dies : {true, false}) {
            auto connection = co_await connect_streams();
            auto& [ours, theirs] = connection;
            theirs.second.transport().pause_reading();
            ours.second.write(std::string(1'000'000, 'x'));
            ours.second.close();
            auto closing = create_task(as_result(ours.second.wait_closed()));
            co_await settle();
            EXPECT_FALSE(closing.done());
            (dies ? theirs : ours).second.transport().abort();
            co_await closing;
            co_await expect_nothing_left(connection);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(, SlowPeers, ::testing::ValuesIn(connection_kinds()), name_of_kind);

}  // namespace
}  // namespace aio::tests
