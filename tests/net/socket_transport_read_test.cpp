// SPDX-License-Identifier: MIT
#include <net/socket_transport_support.hpp>

#include <aio/transport/detail/read_buffer.hpp>

namespace aio::tests {
namespace {

TEST_F(SocketTransportTest, ReadsBelowItsBufferSizeAreOneCallEach) {
    run([&]() -> Coro<> {
        int calls = 0;
        protocol->on_data = [&](BytesView data) {
            ++calls;
            EXPECT_LE(data.size(), detail::kReadBufferSize);
        };
        const auto transport = connect();
        co_await turns(2);
        for (int i = 1; i <= 3; ++i) {
            write_text(peer.fileno(), std::string(1000, 'x'));
            co_await until([&] { return protocol->received.size() == static_cast<std::size_t>(i) * 1000; });
        }
        EXPECT_EQ(calls, 3);
        transport->abort();
        co_await until_lost();
    });
}

// One recv per iteration: a connection with much to say does not keep the others waiting.
TEST_F(SocketTransportTest, FullReadsTakeTurnsWithOtherCallbacks) {
    keep_order();
    run([&]() -> Coro<> {
        auto [a, b] = socket_pair();
        auto [c, d] = socket_pair();
        std::string order;
        const auto first = std::make_shared<SmallBuffer>();
        const auto second = std::make_shared<SmallBuffer>();
        first->on_data = [&] { order += '1'; };
        second->on_data = [&] { order += '2'; };
        const auto t1 = make_socket_transport(loop(), std::move(a), first);
        const auto t2 = make_socket_transport(loop(), std::move(c), second);
        write_text(b.fileno(), std::string(40, 'x'));
        write_text(d.fileno(), std::string(40, 'y'));
        co_await until([&] { return first->received.size() == 40 && second->received.size() == 40; });
        EXPECT_EQ(order, "1212121212");
        t1->abort();
        t2->abort();
        co_await until([&] { return first->lost && second->lost; });
    });
}

TEST_F(SocketTransportTest, DataBeforeTheEndOfFileIsNotLost) {
    run([&]() -> Coro<> {
        connect();
        write_text(peer.fileno(), "last words");
        peer.close();
        co_await until_lost();
        EXPECT_EQ(protocol->received, "last words");
        EXPECT_EQ(print.text(), "made\neof\nlost None\n");
    });
}

TEST_F(SocketTransportTest, AResetIsFoundWithoutReadingInVain) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = tcp_pair();
        const auto transport = make_socket_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        reset_on_close(theirs.fileno());
        theirs.close();
        co_await until_lost();
        EXPECT_EQ(print.text(), "made\nlost ConnectionResetError\n");
        EXPECT_TRUE(reports().empty());
    });
}

TEST_F(SocketTransportTest, PausedReadingRemembersWhatHappened) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        transport->pause_reading();
        EXPECT_FALSE(transport->is_reading());
        write_text(peer.fileno(), "x");
        peer.close();
        co_await settle_for_real(2ms);
        EXPECT_EQ(protocol->received, "");
        EXPECT_EQ(print.text(), "made\n");
        transport->resume_reading();
        EXPECT_TRUE(transport->is_reading());
        EXPECT_EQ(protocol->received, "") << "not from inside resume_reading()";
        co_await until_lost();
        EXPECT_EQ(protocol->received, "x");
    });
}

TEST_F(SocketTransportTest, MayBePausedFromTheFirstCallback) {
    run([&]() -> Coro<> {
        protocol->on_made = [](Transport& made) { made.pause_reading(); };
        const auto transport = connect();
        write_text(peer.fileno(), "x");
        co_await settle_for_real(2ms);
        EXPECT_EQ(protocol->received, "");
        transport->resume_reading();
        co_await until([&] { return protocol->received == "x"; });
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(SocketTransportTest, PausedBetweenEventAndTurnReadsNothing) {
    run([&]() -> Coro<> {
        auto [a, b] = socket_pair();
        auto [c, d] = socket_pair();
        const auto other = std::make_shared<Recorder>(print);
        const auto t1 = make_socket_transport(loop(), std::move(a), protocol);
        const auto t2 = make_socket_transport(loop(), std::move(c), other);
        co_await turns(2);
        // Whoever reads first pauses the other, whose event is in the queue already.
        protocol->on_data = [&](BytesView) { t2->pause_reading(); };
        other->on_data = [&](BytesView) { t1->pause_reading(); };
        write_text(b.fileno(), "x");
        write_text(d.fileno(), "y");
        co_await settle_for_real(2ms);
        EXPECT_EQ(protocol->received.size() + other->received.size(), 1u);
        t1->resume_reading();
        t2->resume_reading();
        co_await until([&] { return protocol->received.size() + other->received.size() == 2; });
        t1->abort();
        t2->abort();
        co_await until([&] { return protocol->lost && other->lost; });
    });
}

TEST_F(SocketTransportTest, SwitchesBetweenProtocolKindsInFlight) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        write_text(peer.fileno(), "a");
        co_await until([&] { return protocol->received == "a"; });
        const auto buffered = std::make_shared<SmallBuffer>();
        transport->set_protocol(buffered);
        EXPECT_EQ(transport->get_protocol(), buffered);
        write_text(peer.fileno(), "b");
        co_await until([&] { return buffered->received == "b"; });
        transport->set_protocol(protocol);
        write_text(peer.fileno(), "c");
        co_await until([&] { return protocol->received == "ac"; });
        transport->close();
        co_await until_lost();
        EXPECT_FALSE(buffered->lost);
    });
}

TEST_F(SocketTransportTest, KeptOpenAfterTheEndOfFileItCanStillWrite) {
    run([&]() -> Coro<> {
        protocol->keep_open = true;
        const auto transport = connect();
        co_await turns(2);
        ::shutdown(peer.fileno(), SHUT_WR);
        co_await until([&] { return print.lines().size() == 2; });
        EXPECT_FALSE(transport->is_closing());
        transport->write("answer");
        EXPECT_EQ(read_all(peer.fileno()), "answer");
        co_await settle_for_real(2ms);
        EXPECT_EQ(print.text(), "made\neof\n") << "the end of file is told once";
        transport->close();
        co_await until_lost();
    });
}

}  // namespace
}  // namespace aio::tests
