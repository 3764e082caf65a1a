// SPDX-License-Identifier: MIT
#include <net/socket_transport_support.hpp>

#include <optional>
#include <vector>

namespace aio::tests {
namespace {

TEST_F(SocketTransportTest, WritesAtOnce) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        transport->write("made or not");
        EXPECT_EQ(read_all(peer.fileno()), "made or not");
        EXPECT_EQ(transport->get_write_buffer_size(), 0u);
        transport->write("");
        transport->abort();
        co_await until_lost();
    });
}

// Writes of every kind, interleaved while the peer reads now and then, arrive complete and in order.
TEST_F(SocketTransportTest, BufferedWritesKeepTheirOrder) {
    run([&]() -> Coro<> {
        const auto transport = connect(kSmallBuffer);
        co_await turns(2);
        std::string expected;
        std::string got;
        for (int i = 0; i < 300; ++i) {
            const std::string piece =
                std::to_string(i) + ":" + std::string(static_cast<std::size_t>(i * 37 % 5000), 'x');
            switch (i % 6) {
                case 0:
                    transport->write(BytesView(piece));
                    break;
                case 1:
                    transport->write(std::string(piece));
                    break;
                case 2: {
                    const auto owner = std::make_shared<std::string>(piece);
                    transport->write(*owner, owner);
                    break;
                }
                case 3:
                    transport->writelines(std::vector<std::string>{piece.substr(0, 1), "", piece.substr(1)});
                    break;
                case 4: {
                    const auto owner = std::make_shared<std::string>(piece.substr(2));
                    transport->writelines({piece.substr(0, 1), piece.substr(1, 1), {*owner, owner}});
                    break;
                }
                default: {
                    const std::vector<std::string> pieces{piece.substr(0, 1), "", piece.substr(1)};
                    transport->writelines(pieces);
                    break;
                }
            }
            expected += piece;
            if (i % 50 == 49) {
                got += read_all(peer.fileno());
                co_await sleep(0s);
            }
        }
        EXPECT_GT(transport->get_write_buffer_size(), 0u);
        transport->close();
        EXPECT_FALSE(protocol->lost);
        while (!protocol->lost) {
            got += read_all(peer.fileno());
            co_await sleep(0s);
        }
        got += read_all(peer.fileno());
        EXPECT_EQ(got.size(), expected.size());
        EXPECT_TRUE(got == expected);
    });
}

TEST_F(SocketTransportTest, GathersMorePiecesThanOneCallTakes) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        std::vector<std::string> pieces;
        std::string expected;
        for (int i = 0; i < 1000; ++i) expected += pieces.emplace_back(std::to_string(i) + ",");
        transport->writelines(pieces);
        std::string got = read_all(peer.fileno());
        while (got.size() < expected.size()) {
            co_await sleep(0s);
            got += read_all(peer.fileno());
        }
        EXPECT_EQ(got, expected);
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(SocketTransportTest, AnOwnerIsHeldUntilItsBytesAreSent) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        const std::size_t before = write_beyond(*transport);
        auto owner = std::make_shared<std::string>("tail");
        const std::weak_ptr<std::string> watch = owner;
        const BytesView tail = *owner;
        transport->write(tail, std::move(owner));
        EXPECT_FALSE(watch.expired());
        std::size_t received = 0;
        while (received < before + 4) {
            received += read_all(peer.fileno()).size();
            co_await sleep(0s);
        }
        EXPECT_TRUE(watch.expired());
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(SocketTransportTest, PauseAndResumeWritingAlternate) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        print.clear();
        std::size_t expected = write_beyond(*transport);
        transport->write(std::string(1000, 'x'));
        expected += 1000;
        transport->set_write_buffer_limits(100);
        EXPECT_EQ(print.text(), "pause\n");
        bool again = true;
        protocol->on_resume = [&] {  // writes from inside resume_writing()
            EXPECT_LE(transport->get_write_buffer_size(), 25u);
            if (!std::exchange(again, false)) return;
            expected += write_beyond(*transport);
        };
        std::size_t received = 0;
        while (received < expected) {
            received += read_all(peer.fileno()).size();
            co_await sleep(0s);
        }
        co_await turns(2);
        EXPECT_EQ(print.text(), "pause\nresume\npause\nresume\n");
        EXPECT_EQ(received, expected);
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(SocketTransportTest, AZeroMarkPausesOnAnyBufferedByte) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        print.clear();
        transport->set_write_buffer_limits(0);
        transport->write("sent at once");
        EXPECT_TRUE(print.empty());
        write_beyond(*transport, 1);
        EXPECT_EQ(print.text(), "pause\n");
        transport->abort();
        co_await until_lost();
        EXPECT_EQ(print.text(), "pause\nlost None\n") << "as in asyncio, no resume at the end";
    });
}

TEST_F(SocketTransportTest, WriteEofComesAfterWhatIsBuffered) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        EXPECT_TRUE(transport->can_write_eof());
        const std::size_t written = write_beyond(*transport);
        transport->write_eof();
        transport->write_eof();
        EXPECT_EQ(thrown<RuntimeError>([&] { transport->write("x"); }),
                  "Cannot call write() after write_eof()");
        EXPECT_EQ(thrown<RuntimeError>([&] { transport->write(std::string("x")); }),
                  "Cannot call write() after write_eof()");
        EXPECT_EQ(thrown<RuntimeError>([&] { transport->writelines(std::vector<std::string>{"x"}); }),
                  "Cannot call writelines() after write_eof()");
        std::size_t received = 0;
        char end = 0;
        while (received < written) {
            received += read_all(peer.fileno()).size();
            co_await sleep(0s);
        }
        EXPECT_EQ(received, written);
        co_await turns(2);
        EXPECT_EQ(::recv(peer.fileno(), &end, 1, 0), 0);
        write_text(peer.fileno(), "still heard");
        co_await until([&] { return protocol->received == "still heard"; });
        transport->close();
        co_await until_lost();
    });
}

TEST_F(SocketTransportTest, AVanishedPeerEndsAFullWriter) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = tcp_pair(kSmallBuffer);
        const auto transport = make_socket_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        write_beyond(*transport);
        transport->close();
        reset_on_close(theirs.fileno());
        theirs.close();
        co_await until_lost();
        EXPECT_EQ(print.lines().back().substr(0, 5), "lost ");
        EXPECT_NE(print.lines().back(), "lost None");
        EXPECT_TRUE(reports().empty());
    });
}

}  // namespace
}  // namespace aio::tests
