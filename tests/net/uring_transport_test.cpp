// SPDX-License-Identifier: MIT
// What io_uring adds to the rules of all socket transports, which the other tests hold it to (./dev test
// settings).
#include <net/uring_transport_support.hpp>

#include <functional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

TEST_F(UringTransportTest, DeferredWritesGoOutWithTheNextPoll) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        transport->write("1");
        transport->write(std::string("2"));
        EXPECT_EQ(sent(), Calls{});
        Calls seen_by_next;
        loop().call_soon([&] { seen_by_next = sent(); });
        co_await sleep(0s);
        co_await until([&] { return !seen_by_next.empty() || !(seen_by_next = sent()).empty(); });
        EXPECT_EQ(seen_by_next, Calls{"12"});
        transport->abort();
        co_await until_lost();
    });
}

// The program that uvloop before 0.23 hung in: the default writes at once.
TEST_F(UringTransportTest, WithoutDeferringTheFirstWriteGoesOutAtOnce) {
    defer = false;
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        transport->write("1");
        EXPECT_EQ(sent(), Calls{"1"});
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(UringTransportTest, WhateverCanLookSendsFirst) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        const std::vector<std::function<void()>> looks{
            [&] { EXPECT_EQ(transport->get_write_buffer_size(), 0U); },
            [&] { transport->get_extra_info("socket"); },
            [&] { transport->set_write_buffer_limits(100); },
            [&] { transport->set_gather_writes(true); },
            [&] { transport->write_eof(); },
        };
        for (const auto& look : looks) {
            transport->write("1");
            transport->write("2");
            EXPECT_EQ(sent(), Calls{});
            look();
            const Calls seen = sent();
            std::string text;
            for (const std::string& call : seen) text += call;
            EXPECT_EQ(text, "12");
            co_await turns(3);
        }
        EXPECT_EQ(sent(), Calls{""});
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(UringTransportTest, CloseAndAbortSendFirst) {
    run([&]() -> Coro<> {
        for (const bool abort : {false, true}) {
            protocol = std::make_shared<Recorder>(print);
            const auto transport = connect();
            co_await turns(2);
            transport->write("bye");
            abort ? transport->abort() : transport->close();
            EXPECT_EQ(sent(), Calls{"bye"});
            co_await until_lost();
            EXPECT_EQ(sent(), Calls{""});
        }
    });
}

TEST_F(UringTransportTest, NotOfTransportsThatDoNotGather) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        transport->set_gather_writes(false);
        transport->write("1");
        transport->write("2");
        EXPECT_EQ(sent(), (Calls{"1", "2"}));
        transport->abort();
        co_await until_lost();
    });
}

// Small and large, owned and borrowed, with a peer that takes little at a time.
TEST_F(UringTransportTest, EverythingArrivesInOrder) {
    run([&]() -> Coro<> {
        const auto transport = connect(SOCK_STREAM, 8 * 1024);
        co_await turns(2);
        std::string expected;
        std::string received;
        for (int i = 0; i < 300; ++i) {
            std::string text(static_cast<std::size_t>(i * 7919 % 40'000), static_cast<char>('a' + i % 26));
            expected += text;
            if (i % 3 == 0) {
                transport->write(BytesView(text));
            } else if (i % 3 == 1) {
                transport->write(std::move(text));
            } else {
                const std::array<BytesView, 2> halves{BytesView(text.data(), text.size() / 2),
                                                      BytesView(text).subview(text.size() / 2)};
                transport->writelines(halves);
            }
            if (i % 5 == 0) received += read_all(peer.fileno());
            if (i % 2 == 0) co_await sleep(0s);
        }
        transport->close();
        while (!protocol->lost) {
            received += read_all(peer.fileno());
            co_await sleep(0s);
        }
        received += read_all(peer.fileno());
        EXPECT_TRUE(received == expected) << received.size() << " of " << expected.size();
    });
}

TEST_F(UringTransportTest, ClosedWithDeferredOutputOnItsWayItWaitsForIt) {
    run([&]() -> Coro<> {
        const auto transport = connect(SOCK_STREAM, 4 * 1024);
        co_await turns(2);
        std::size_t written = 0;
        for (int i = 0; i < 8; ++i, written += 16'000) {
            transport->write(std::string(16'000, 'x'));
            co_await turns(2);
        }
        transport->close();
        co_await turns(5);
        EXPECT_FALSE(protocol->lost);
        std::size_t received = 0;
        while (!protocol->lost) {
            received += read_all(peer.fileno()).size();
            co_await sleep(0s);
        }
        received += read_all(peer.fileno()).size();
        EXPECT_EQ(received, written);
    });
}

// A peer that does not read must not keep the socket of a connection that was aborted.
TEST_F(UringTransportTest, AbortTakesBackWhatIsOnItsWay) {
    run([&]() -> Coro<> {
        const int before = open_descriptors();
        const auto transport = connect(SOCK_STREAM, 4 * 1024);
        co_await turns(2);
        for (int i = 0; i < 8; ++i) {
            transport->write(std::string(16'000, 'x'));
            co_await turns(2);
        }
        transport->abort();
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);
        co_await until_lost();
        EXPECT_EQ(open_descriptors(), before + 1);
        std::string rest;
        for (ssize_t size = 1; size > 0;) {  // to the end, which is there at once
            rest.resize(64 * 1024);
            size = ::recv(peer.fileno(), rest.data(), rest.size(), 0);
            EXPECT_TRUE(size >= 0 || errno == ECONNRESET) << "the socket is still open";
        }
    });
}

TEST_F(UringTransportTest, AnErrorOfADeferredWriteEndsTheConnection) {
    run([&]() -> Coro<> {
        protocol->keep_open = true;
        const auto transport = connect(SOCK_STREAM);
        co_await turns(2);
        transport->pause_reading();
        co_await turns(2);
        transport->write("into the void");
        peer.close();
        co_await until_lost();
        EXPECT_EQ(print.joined(), "made | lost BrokenPipeError");
    });
}

// The buffers are everybody's: 100 connections have more to receive than they hold.
TEST_F(UringTransportTest, MoreInputThanTheRingHasBuffers) {
    run([&]() -> Coro<> {
        struct End {
            std::shared_ptr<Recorder> protocol;
            Ref<Transport> transport;
            Socket peer;
        };
        std::vector<End> ends;
        for (int i = 0; i < 100; ++i) {
            protocol = std::make_shared<Recorder>(print);
            Ref<Transport> transport = connect(SOCK_STREAM);
            ends.push_back({protocol, std::move(transport), std::move(peer)});
        }
        co_await turns(3);
        const std::string block(100'000, 'x');
        std::vector<std::size_t> written(ends.size());
        for (int round = 0; round < 3; ++round) {
            for (std::size_t i = 0; i < ends.size(); ++i) {
                const ssize_t size = ::send(ends[i].peer.fileno(), block.data(), block.size(), MSG_NOSIGNAL);
                if (size > 0) written[i] += static_cast<std::size_t>(size);
            }
            for (std::size_t i = 0; i < ends.size(); ++i) {
                co_await until([&] { return ends[i].protocol->received.size() == written[i]; });
            }
        }
        for (End& end : ends) end.transport->abort();
        for (End& end : ends) {
            co_await until([&] { return end.protocol->lost; });
        }
    });
}

TEST_F(UringTransportTest, ReadingThatIsPausedStopsReceiving) {
    run([&]() -> Coro<> {
        const auto transport = connect(SOCK_STREAM, 64 * 1024);
        co_await turns(2);
        transport->pause_reading();
        const std::string block(64 * 1024, 'x');
        std::size_t written = 0;
        for (int quiet = 0; quiet < 100; ++quiet) {
            const ssize_t size = ::send(peer.fileno(), block.data(), block.size(), MSG_NOSIGNAL);
            if (size > 0) {
                written += static_cast<std::size_t>(size);
                quiet = 0;
            }
            co_await sleep(0s);
        }
        EXPECT_LT(written, 4'000'000U);
        EXPECT_EQ(protocol->received, "");
        transport->resume_reading();
        co_await until([&] { return protocol->received.size() == written; });
        transport->abort();
        co_await until_lost();
    });
}

}  // namespace
}  // namespace aio::tests
