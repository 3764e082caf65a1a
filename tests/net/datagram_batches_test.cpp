// SPDX-License-Identifier: MIT
// Packets in batches: gathered, joined by the kernel where it can, and delivered in bounded portions.
#include <support/child.hpp>
#include <support/datagrams.hpp>

#include <netinet/udp.h>
#include <algorithm>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

struct DatagramBatchesTest : DatagramTest {
    Socket peer = bound_udp();

    Coro<Ref<DatagramTransport>> open() {
        Ref<DatagramTransport> transport =
            make_datagram_transport(loop(), bound_udp(), protocol, peer.getsockname());
        co_await turns(2);
        co_return transport;
    }
    Coro<> close(Ref<DatagramTransport> transport) {
        transport->close();
        co_await until_lost();
    }
};

TEST_F(DatagramBatchesTest, TheFirstGoesOutAtOnceTheOthersWhenTheStepEnds) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = datagram_pair();
        const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        transport->sendto("1");
        EXPECT_EQ(packets_at(theirs), Texts{"1"});
        transport->sendto("22");
        transport->sendto("");
        transport->sendto("3");
        EXPECT_EQ(packets_at(theirs), Texts{});
        Texts seen_by_next;
        loop().call_soon([&] { seen_by_next = packets_at(theirs); });
        co_await sleep(0s);
        EXPECT_EQ(seen_by_next, (Texts{"22", "", "3"}));
        transport->sendto("4");  // another step
        transport->sendto("5");
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);  // who looks sends first
        EXPECT_EQ(packets_at(theirs), (Texts{"4", "5"}));
        transport->set_gather_writes(false);
        transport->sendto("6");
        transport->sendto("7");
        EXPECT_EQ(packets_at(theirs), (Texts{"6", "7"}));
        transport->set_gather_writes(true);
        transport->sendto("8");
        transport->sendto("9");
        transport->close();
        EXPECT_EQ(packets_at(theirs), (Texts{"8", "9"}));
        co_await until_lost();
    });
}

TEST_F(DatagramBatchesTest, ManyInOneStep) {
    run([&]() -> Coro<> {
        const auto transport = co_await open();
        Texts all;
        for (int i = 0; i < 200; ++i) {
            all.push_back(std::to_string(i));
            transport->sendto(all.back());
        }
        co_await arrive(peer, all);
        co_await close(transport);
    });
}

// Of one size and to one peer, so that they travel together, then shorter, empty, longer and elsewhere.
TEST_F(DatagramBatchesTest, JoinedPacketsComeApartAgain) {
    run([&]() -> Coro<> {
        const Socket other = bound_udp();
        const auto receiver = std::make_shared<Packets>();
        const auto receiving = make_datagram_transport(loop(), bound_udp(), receiver);
        const SocketAddress there = receiving->sockname();
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol);
        co_await turns(2);
        Texts all;
        const auto send = [&](std::size_t size) {
            all.push_back(std::string(size, static_cast<char>('a' + all.size() % 26)));
            transport->sendto(all.back(), there);
        };
        for (int i = 0; i < 40; ++i) send(500);
        for (const std::size_t size : {7U, 7U, 3U, 0U, 0U, 7U, 9U, 9U, 9U, 9U}) send(size);
        transport->sendto("elsewhere", other.getsockname());
        for (int i = 0; i < 10; ++i) send(1000);
        for (int i = 0; i < 3; ++i) send(30'000);
        co_await until([&] { return receiver->packets.size() >= all.size(); });
        EXPECT_EQ(receiver->packets, all);
        EXPECT_EQ(receiver->senders, std::vector(all.size(), transport->sockname()));
        co_await arrive(other, make_texts("elsewhere"));
        receiving->close();
        transport->close();
        co_await until([&] { return receiver->lost && protocol->lost; });
    });
}

// A socket that sends no checksums cannot have messages cut into packets; then they go one by one.
TEST_F(DatagramBatchesTest, WhereThePacketsCannotBeJoined) {
    run([&]() -> Coro<> {
        Socket socket = bound_udp();
        socket.setsockopt(SOL_SOCKET, SO_NO_CHECK, 1);
        const auto transport =
            make_datagram_transport(loop(), std::move(socket), protocol, peer.getsockname());
        co_await turns(2);
        for (int round = 0; round < 2; ++round) {
            Texts all;
            for (int i = 0; i < 30; ++i) {
                all.push_back(std::string(100, static_cast<char>('a' + i)));
                transport->sendto(all.back());
            }
            co_await arrive(peer, all);
        }
        EXPECT_EQ(protocol->errors, Texts{});
        co_await close(transport);
    });
}

TEST_F(DatagramBatchesTest, OthersHaveTheirTurn) {
    keep_order();
    run([&]() -> Coro<> {
        const auto transport = co_await open();
        for (int i = 0; i < 100; ++i) send_packet(peer, transport->sockname(), std::to_string(i));
        std::vector<std::size_t> seen;
        while (protocol->packets.size() < 100) {
            co_await sleep(0s);
            seen.push_back(protocol->packets.size());
        }
        std::size_t before = 0;
        for (const std::size_t count : seen) {
            EXPECT_LE(count - before, 32U);
            before = count;
        }
        EXPECT_EQ(protocol->packets.back(), "99");
        co_await close(transport);
    });
}

// An error in the middle of a batch is told, and the others go out.
TEST_F(DatagramBatchesTest, OneThatCannotBeSent) {
    run([&]() -> Coro<> {
        const auto transport = co_await open();
        const std::string too_long(66'000, 'x');
        transport->sendto("1");
        transport->sendto("2");
        transport->sendto(too_long);
        transport->sendto("3");
        co_await arrive(peer, make_texts("1", "2", "3"));
        EXPECT_EQ(protocol->errors, Texts{"OSError"});
        co_await close(transport);
    });
}

// What error_received() sends does not come back to it from inside itself.
TEST_F(DatagramBatchesTest, SentFromTheReportOfAnError) {
    run([&]() -> Coro<> {
        const auto transport = co_await open();
        const std::string too_long(66'000, 'x');
        bool inside = false;
        protocol->on_error = [&] {
            EXPECT_FALSE(inside);
            inside = true;
            if (protocol->errors.size() < 5) transport->sendto(too_long);
            transport->sendto("error " + std::to_string(protocol->errors.size()));
            inside = false;
        };
        transport->sendto(too_long);
        EXPECT_EQ(protocol->errors.size(), 1U);
        co_await arrive(peer, make_texts("error 1", "error 2", "error 3", "error 4", "error 5"));
        EXPECT_EQ(protocol->errors.size(), 5U);
        co_await close(transport);
    });
}

TEST_F(DatagramBatchesTest, SentInConnectionMade) {
    run([&]() -> Coro<> {
        protocol->on_made = [&] {
            for (int i = 0; i < 3; ++i) protocol->transport->sendto(std::to_string(i));
        };
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol, peer.getsockname());
        transport->sendto("before");
        co_await arrive(peer, make_texts("before", "0", "1", "2"));
        co_await close(transport);
    });
}

// The kernel does not tell a socket that is not connected of room in the peer's queue.
TEST_F(DatagramBatchesTest, AFullUnixQueueThatOthersFilled) {
    run([&]() -> Coro<> {
        const Socket full = Socket::datagram(AF_UNIX);
        full.bind(SocketAddress::unix_path(std::string("\0aio-full-", 10) + std::to_string(::getpid())));
        const Socket others = Socket::datagram(AF_UNIX);
        const SocketAddress there = full.getsockname();
        int filled = 0;
        while (::sendto(others.fileno(), "x", 1, MSG_DONTWAIT, there.native(), there.native_size()) == 1) {
            ++filled;
        }
        const auto transport = make_datagram_transport(loop(), Socket::datagram(AF_UNIX), protocol);
        co_await turns(2);
        transport->sendto("late", there);
        EXPECT_EQ(transport->get_write_buffer_size(), 12U);
        const auto iterations = loop().stats().iterations;
        co_await sleep(1s);
        EXPECT_LT(loop().stats().iterations, iterations + 5000) << "it does not try all the time";
        EXPECT_EQ(transport->get_write_buffer_size(), 12U);
        EXPECT_EQ(packets_at(full).size(), static_cast<std::size_t>(filled));
        co_await sleep(1s);
        EXPECT_EQ(packets_at(full), Texts{"late"});
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);
        EXPECT_EQ(loop().stats().timers, 0U);
        while (::sendto(others.fileno(), "x", 1, MSG_DONTWAIT, there.native(), there.native_size()) == 1) {
        }
        transport->sendto("never", there);
        transport->abort();
        co_await until_lost();
        EXPECT_EQ(loop().stats().timers, 0U);
    });
}

TEST_F(DatagramBatchesTest, WhatAnExitLeavesIsDeliveredWhenTheLoopRunsAgain) {
    const auto transport = make_datagram_transport(loop(), bound_udp(), protocol);
    Texts all;
    for (int i = 0; i < 5; ++i) {
        all.push_back(std::to_string(i));
        send_packet(peer, transport->sockname(), all.back());
    }
    protocol->on_packet = [&] {
        if (protocol->packets.size() < 4) throw SystemExit(7);
    };
    int exits = 0;
    while (protocol->packets.size() < 5) {
        try {
            run([&]() -> Coro<> { co_await until_packets(5); });
        } catch (const SystemExit&) {
            ++exits;
        }
    }
    EXPECT_EQ(exits, 3);
    EXPECT_EQ(protocol->packets, all);
    run([&]() -> Coro<> { co_await close(transport); });
}

TEST_F(DatagramBatchesTest, AClosedEndpointEndsThoughItsLastErrorEndsTheLoop) {
    auto [ours, theirs] = datagram_pair(kSmallBuffer);
    const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
    run([&]() -> Coro<> {
        co_await turns(2);
        send_beyond(*transport, 1, "packet");
        transport->close();
        EXPECT_FALSE(protocol->lost);
    });
    protocol->on_error = [] { throw SystemExit(7); };
    theirs.close();
    int exits = 0;
    while (!protocol->lost) {
        try {
            run([&]() -> Coro<> { co_await until_lost(); });
        } catch (const SystemExit&) {
            ++exits;
        }
    }
    EXPECT_EQ(exits, 1);
}

// A forked child does not send what its parent has gathered.
TEST_F(DatagramBatchesTest, ForkedInTheMiddleOfAStep) {
    run([&]() -> Coro<> {
        const auto transport = co_await open();
        transport->sendto("1");
        transport->sendto("2");
        EXPECT_EQ(run_in_child([] {}), "exit 0");
        co_await arrive(peer, make_texts("1", "2"));
        co_await close(transport);
    });
}

}  // namespace
}  // namespace aio::tests
