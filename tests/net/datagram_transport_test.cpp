// SPDX-License-Identifier: MIT
#include <support/datagrams.hpp>
#include <support/log_capture.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

struct DatagramTransportTest : DatagramTest {};

TEST_F(DatagramTransportTest, PacketsKeepTheirBoundsAndTheirSender) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol);
        const SocketAddress here = transport->sockname();
        EXPECT_EQ(protocol->calls, Texts{});
        send_packet(peer, here, "");
        send_packet(peer, here, "one");
        send_packet(peer, here, "");
        co_await until_packets(3);
        EXPECT_EQ(protocol->packets, (Texts{"", "one", ""}));
        EXPECT_EQ(protocol->senders, std::vector(3, peer.getsockname()));
        transport->sendto("", peer.getsockname());
        transport->sendto("back", peer.getsockname());
        transport->sendto("", peer.getsockname());
        co_await arrive(peer, make_texts("", "back", ""));
        transport->close();
        EXPECT_TRUE(transport->is_closing());
        EXPECT_FALSE(protocol->lost);
        co_await until_lost();
        EXPECT_EQ(protocol->calls, (Texts{"made", "lost None"}));
        transport->close();
        transport->abort();
        transport->pause_reading();
        EXPECT_EQ(transport->get_protocol(), nullptr);
        EXPECT_EQ(transport->fd(), -1);
    });
}

TEST_F(DatagramTransportTest, TellsAboutItself) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto transport = make_datagram_transport(loop(), connected_udp(peer.getsockname()), protocol);
        EXPECT_EQ(transport->peername(), peer.getsockname());
        EXPECT_EQ(transport->sockname().host(), "127.0.0.1");
        EXPECT_EQ(transport->repr(), "<DatagramTransport open fd=" + std::to_string(transport->fd()) + " " +
                                         transport->sockname().str() + " <-> " + peer.getsockname().str() +
                                         ">");
        EXPECT_EQ(transport->get_write_buffer_limits(), (WriteBufferLimits{16 * 1024, 64 * 1024}));
        transport->set_write_buffer_limits(100);
        EXPECT_EQ(transport->get_write_buffer_limits(), (WriteBufferLimits{25, 100}));
        EXPECT_THROW(transport->set_write_buffer_limits(1, 2), ValueError);
        EXPECT_TRUE(transport->is_reading());
        EXPECT_THROW(transport->set_protocol(std::make_shared<Protocol>()), TypeError);
        EXPECT_EQ(transport->get_protocol(), protocol);
        transport->close();
        co_await until_lost();
    });
    EXPECT_THROW(make_datagram_transport(loop(), bound_udp(), std::make_shared<Protocol>()), TypeError);
}

TEST_F(DatagramTransportTest, RefusesWhatHasNowhereToGo) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const Socket other = bound_udp();
        const auto free = make_datagram_transport(loop(), bound_udp(), std::make_shared<Packets>());
        EXPECT_THROW(free->sendto("x"), ValueError);
        const auto bound = make_datagram_transport(loop(), connected_udp(peer.getsockname()), protocol);
        EXPECT_THROW(bound->sendto("x", other.getsockname()), ValueError);
        co_await turns(2);
        bound->sendto("a");
        bound->sendto("b", peer.getsockname());
        co_await arrive(peer, make_texts("a", "b"));
        free->close();
        bound->close();
        co_await until_lost();
    });
}

// A peer for the packets without an address makes no connection: anybody's packets arrive.
TEST_F(DatagramTransportTest, APeerThatTheSocketDoesNotKnow) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const Socket other = bound_udp();
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol, peer.getsockname());
        EXPECT_THROW(transport->sendto("x", other.getsockname()), ValueError);
        co_await turns(2);
        transport->sendto("a");
        co_await arrive(peer, make_texts("a"));
        send_packet(other, transport->sockname(), "from another");
        co_await until_packets(1);
        transport->close();
        co_await until_lost();
    });
}

TEST_F(DatagramTransportTest, UnixPackets) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = datagram_pair();
        const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        const std::string large(100'000, 'x');
        const SocketAddress nobody;
        EXPECT_EQ(::send(theirs.fileno(), "a", 1, 0), 1);
        EXPECT_EQ(::send(theirs.fileno(), large.data(), large.size(), 0), 100'000);
        EXPECT_EQ(::send(theirs.fileno(), "", 0, 0), 0);
        co_await until_packets(3);
        EXPECT_EQ(protocol->packets, (Texts{"a", large, ""}));
        EXPECT_EQ(protocol->senders, std::vector(3, nobody));
        transport->sendto("back");
        EXPECT_EQ(packets_at(theirs), Texts{"back"});
        transport->close();
        co_await until_lost();
    });
}

TEST_F(DatagramTransportTest, CloseSendsWhatWaitsAndAbortDropsIt) {
    for (const bool abort : {false, true}) {
        protocol = std::make_shared<Packets>();
        run([&]() -> Coro<> {
            auto [ours, theirs] = datagram_pair(kSmallBuffer);
            const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
            co_await turns(2);
            const int sent = send_beyond(*transport, 20, "packet");
            if (abort) {
                transport->abort();
            } else {
                transport->close();
            }
            EXPECT_EQ(transport->get_write_buffer_size() == 0, abort);
            std::size_t received = 0;
            co_await until([&] {
                received += packets_at(theirs).size();
                return protocol->lost;
            });
            received += packets_at(theirs).size();
            EXPECT_EQ(received == static_cast<std::size_t>(sent), !abort);
            EXPECT_EQ(protocol->calls, (Texts{"made", "lost None"}));
        });
    }
}

TEST_F(DatagramTransportTest, PausesTheProtocolAndResumesIt) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = datagram_pair(kSmallBuffer);
        const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
        transport->set_write_buffer_limits(1000, 200);
        co_await turns(2);
        std::size_t sent = 0;
        while (protocol->calls.size() < 2) {
            transport->sendto("packet");
            co_await turns(1);
            ++sent;
        }
        EXPECT_EQ(protocol->calls, (Texts{"made", "pause"}));
        EXPECT_EQ(transport->get_write_buffer_size(), 72U * 14);
        transport->sendto("packet");
        std::size_t received = 0;
        co_await until([&] {
            received += packets_at(theirs).size();
            return received == sent + 1;
        });
        co_await turns(2);
        EXPECT_EQ(protocol->calls, (Texts{"made", "pause", "resume"}));
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);
        transport->close();
        co_await until_lost();
    });
}

// What a batch has brought and is not wanted now stays, in order, before what comes later.
TEST_F(DatagramTransportTest, PausedWithinABatch) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol);
        Texts all;
        for (int i = 0; i < 10; ++i) {
            all.push_back(i == 5 ? "" : std::to_string(i));
            send_packet(peer, transport->sockname(), all.back());
        }
        protocol->on_packet = [&] { transport->pause_reading(); };
        for (std::size_t count = 1; count <= 10; ++count) {
            co_await until_packets(count);
            co_await turns(3);
            EXPECT_EQ(protocol->packets.size(), count);
            EXPECT_FALSE(transport->is_reading());
            if (count == 3) {
                all.emplace_back("later");
                send_packet(peer, transport->sockname(), all.back());
            }
            transport->resume_reading();
        }
        co_await until_packets(11);
        EXPECT_EQ(protocol->packets, all);
        EXPECT_EQ(protocol->senders, std::vector(11, peer.getsockname()));
        transport->resume_reading();
        transport->close();
        co_await until_lost();
    });
}

TEST_F(DatagramTransportTest, AProtocolThatFailsGoesOn) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol);
        protocol->on_packet = [&] {
            if (protocol->packets.back() == "bad") throw ValueError("no such packet");
        };
        for (const char* data : {"bad", "good", "bad", "good"})
            send_packet(peer, transport->sockname(), data);
        co_await until_packets(4);
        EXPECT_FALSE(transport->is_closing());
        transport->close();
        co_await until_lost();
    });
    EXPECT_EQ(reports(), std::vector<std::string>(
                             2, "protocol.datagram_received() failed [exception, protocol, transport]"));
}

TEST_F(DatagramTransportTest, AnotherProtocolFromTheNextPacketOn) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto other = std::make_shared<Packets>();
        const auto transport = make_datagram_transport(loop(), bound_udp(), protocol);
        protocol->on_packet = [&] { transport->set_protocol(other); };
        for (const char* data : {"1", "2", "3"}) send_packet(peer, transport->sockname(), data);
        co_await until([&] { return other->packets.size() == 2; });
        EXPECT_EQ(protocol->packets, Texts{"1"});
        EXPECT_EQ(other->packets, (Texts{"2", "3"}));
        transport->close();
        co_await until([&] { return other->lost; });
        EXPECT_EQ(other->calls, Texts{"lost None"});
    });
}

TEST_F(DatagramTransportTest, IsNotSentToOnceItIsClosed) {
    const LogCapture log;
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto transport = make_datagram_transport(loop(), connected_udp(peer.getsockname()), protocol);
        co_await turns(2);
        transport->close();
        for (int i = 0; i < 5; ++i) transport->sendto("x");
        co_await until_lost();
        transport->sendto("x");
        EXPECT_EQ(packets_at(peer), Texts{});
    });
    EXPECT_EQ(log.messages(), Texts(2, "socket.send() raised exception."));
}

TEST_F(DatagramTransportTest, TheLoopsEndIsNotTold) {
    const int before = open_descriptors();
    {
        const EventLoopPtr mine = new_event_loop();
        const auto transport = make_datagram_transport(*mine, bound_udp(), protocol);
        mine->run_until_complete(sleep(0s));
        mine->run_until_complete(sleep(0s));
        EXPECT_EQ(protocol->calls, Texts{"made"});
    }
    EXPECT_EQ(protocol->calls, Texts{"made"});
    EXPECT_EQ(protocol->transport->get_protocol(), nullptr);
    EXPECT_TRUE(protocol->transport->is_closing());
    protocol->transport = nullptr;  // which has kept the loop
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(DatagramTransportTest, ADescriptorThatIsNoSocketAnyMoreEndsIt) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const auto transport = make_datagram_transport(loop(), connected_udp(peer.getsockname()), protocol);
        co_await turns(2);
        const Socket elsewhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
        ::dup2(elsewhere.fileno(), transport->fd());
        transport->sendto("x");
        co_await until_lost();
        EXPECT_EQ(protocol->calls, (Texts{"made", "lost OSError"}));
        EXPECT_EQ(protocol->errors, Texts{});
    });
}

}  // namespace
}  // namespace aio::tests
