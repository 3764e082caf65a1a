// SPDX-License-Identifier: MIT
// Faults of datagram endpoints; docs/faults.md explains the numbers.
#include <support/child.hpp>
#include <support/datagrams.hpp>

#include <aio/endpoints.hpp>

#include <algorithm>
#include <memory>
#include <string>

namespace aio::tests {
namespace {

struct DatagramFaults : DatagramTest {
    // Both directions of two endpoints that know each other.
    void empties_between(Socket first, Socket second) {
        const auto other = std::make_shared<Packets>();
        run([&]() -> Coro<> {
            const auto one = make_datagram_transport(loop(), std::move(first), protocol);
            const auto two = make_datagram_transport(loop(), std::move(second), other);
            co_await turns(2);
            for (const char* data : {"", "a", ""}) {
                one->sendto(data);
                two->sendto(data);
            }
            co_await until([&] { return protocol->packets.size() >= 3 && other->packets.size() >= 3; });
            co_await turns(3);
            EXPECT_EQ(protocol->packets, (Texts{"", "a", ""}));
            EXPECT_EQ(other->packets, (Texts{"", "a", ""}));
            one->close();
            two->close();
            co_await until([&] { return protocol->lost && other->lost; });
        });
    }
};

TEST_F(DatagramFaults, F34_empty_packets_both_ways) {
    Socket first = bound_udp();
    Socket second = connected_udp(first.getsockname());
    const SocketAddress there = second.getsockname();
    ASSERT_EQ(::connect(first.fileno(), there.native(), there.native_size()), 0);
    empties_between(std::move(first), std::move(second));
}

TEST_F(DatagramFaults, F34_empty_packets_both_ways_unix) {
    auto [first, second] = datagram_pair();
    empties_between(std::move(first), std::move(second));
}

TEST_F(DatagramFaults, F34_a_blocked_socket_counts_each_packet_once) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = datagram_pair(kSmallBuffer);
        const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        constexpr int kPackets = 10'000;
        std::size_t counted = 0;
        for (int i = 0; i < kPackets; ++i) {
            const std::string data = i % 3 == 0 ? "" : std::to_string(i);
            transport->sendto(data);
            const std::size_t size = transport->get_write_buffer_size();
            // Empty ones count; what waits once waits on, because nobody reads.
            EXPECT_TRUE(size == 0 || size == counted + data.size() + 8) << i;
            counted = size;
        }
        EXPECT_EQ(protocol->calls, (Texts{"made", "pause"}));
        int received = 0;
        bool in_order = true;
        co_await until([&] {
            for (const std::string& packet : packets_at(theirs)) {
                in_order = in_order && packet == (received % 3 == 0 ? "" : std::to_string(received));
                ++received;
            }
            return received >= kPackets;
        });
        co_await turns(3);
        EXPECT_TRUE(in_order);
        EXPECT_EQ(received, kPackets);
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);
        EXPECT_EQ(protocol->calls, (Texts{"made", "pause", "resume"}));
        transport->sendto("");
        EXPECT_EQ(packets_at(theirs), Texts{""});
        transport->close();
        co_await until_lost();
    });
}

// The address of an endpoint that another process has.
TEST_F(DatagramFaults, F35_a_port_is_shared_only_if_both_ask_for_it) {
    const auto make = [] { return std::make_shared<Packets>(); };
    const auto bind = [&](int port, bool share) -> Coro<int> {
        try {
            auto made = co_await create_datagram_endpoint(
                make, DatagramOptions().local_addr("127.0.0.1", port).reuse_port(share));
            made.first->close();
        } catch (const OSError& error) {
            co_return error.error_number();
        }
        co_return 0;
    };
    const auto in_child = [&](int port, bool share) {
        return run_in_child([&] {
            const EventLoopPtr own = new_event_loop();
            ::_exit(own->run_until_complete(bind(port, share)));
        });
    };
    for (const bool first_shares : {false, true}) {
        protocol = std::make_shared<Packets>();
        run([&]() -> Coro<> {
            const auto factory = [&] { return protocol; };
            auto made = co_await create_datagram_endpoint(
                factory, DatagramOptions().local_addr("127.0.0.1", 0).reuse_port(first_shares));
            const int port = made.first->sockname().port();
            EXPECT_EQ(in_child(port, false), "exit " + std::to_string(EADDRINUSE));
            EXPECT_EQ(in_child(port, true), first_shares ? "exit 0" : "exit " + std::to_string(EADDRINUSE));
            made.first->close();
            co_await until_lost();
            EXPECT_EQ(in_child(port, false), "exit 0") << "the port is free at once";
            const int again = co_await bind(port, false);
            EXPECT_EQ(again, 0);
        });
    }
}

// Readable and writable in one event, with packets waiting on both ways; the first callback ends it.
struct DatagramReentry : DatagramFaults {
    template <class End>
    void ends_in_its_callback(End end) {
        run([&]() -> Coro<> {
            auto [ours, theirs] = datagram_pair(kSmallBuffer);
            Socket peer = std::move(theirs);
            auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
            co_await turns(2);
            const int sent = send_beyond(*transport, 100, "out");
            int received = 0;
            while (::send(peer.fileno(), "in", 2, MSG_DONTWAIT) == 2) {
            }
            const DatagramTransport* const raw = transport.get();
            transport = nullptr;
            protocol->on_packet = [&] {
                EXPECT_EQ(protocol->packets.size(), 1U);
                end(*protocol);
            };
            received += static_cast<int>(packets_at(peer).size());  // room, and so the other event
            co_await until([&] {
                received += static_cast<int>(packets_at(peer).size());
                return protocol->lost;
            });
            received += static_cast<int>(packets_at(peer).size());
            EXPECT_EQ(protocol->packets.size(), 1U);
            EXPECT_EQ(protocol->calls.back(), "lost None");
            EXPECT_EQ(std::count(protocol->calls.begin(), protocol->calls.end(), "lost None"), 1);
            EXPECT_LE(received, sent);
            EXPECT_NE(raw, nullptr);
        });
    }
};

TEST_F(DatagramReentry, F36_closed_in_its_callback) {
    ends_in_its_callback([](Packets& packets) { packets.transport->close(); });
}
TEST_F(DatagramReentry, F36_aborted_in_its_callback) {
    ends_in_its_callback([](Packets& packets) { packets.transport->abort(); });
}
TEST_F(DatagramReentry, F36_last_reference_dropped_in_its_callback) {
    ends_in_its_callback([](Packets& packets) {
        packets.transport->close();
        packets.transport = nullptr;
    });
}
TEST_F(DatagramReentry, F36_aborted_in_its_callback_and_dropped) {
    ends_in_its_callback([](Packets& packets) {
        packets.transport->abort();
        packets.transport = nullptr;
    });
}

// The same in error_received(), called from inside sendto() and while a batch is sent.
TEST_F(DatagramReentry, F36_aborted_in_the_report_of_an_error) {
    for (const bool gathered : {false, true}) {
        protocol = std::make_shared<Packets>();
        run([&]() -> Coro<> {
            const Socket peer = bound_udp();
            Socket ours = connected_udp(peer.getsockname());
            const auto transport = make_datagram_transport(loop(), std::move(ours), protocol);
            co_await turns(2);
            protocol->on_error = [&] {
                protocol->transport->abort();
                protocol->transport = nullptr;
            };
            const std::string too_long(gathered ? 65'520 : 66'000, 'x');
            if (gathered) {
                transport->set_write_buffer_limits(1'000'000);
                transport->sendto("first");
            }
            transport->sendto(too_long);
            for (int i = 0; i < 5; ++i) transport->sendto("never");
            co_await until_lost();
            EXPECT_EQ(protocol->errors, Texts{"OSError"});
            EXPECT_EQ(protocol->calls, (Texts{"made", "lost None"}));
        });
    }
}

TEST_F(DatagramFaults, F37_a_refused_packet_does_not_stop_the_endpoint) {
    run([&]() -> Coro<> {
        Socket peer = bound_udp();
        const SocketAddress there = peer.getsockname();
        const auto factory = [&] { return protocol; };
        auto made = co_await create_datagram_endpoint(factory, DatagramOptions().remote_addr(there));
        const Ref<DatagramTransport>& transport = made.first;
        peer.close();
        Texts expected;
        for (int i = 0; i < 1000; ++i) {
            if (i == 500) {
                // What was refused last is told before.
                co_await until([&] { return protocol->errors.size() > 1; });
                peer = Socket::datagram(AF_INET);
                set_buffers(peer.fileno(), 4 << 20);
                peer.bind(there);
            }
            transport->sendto(std::to_string(i));
            if (i > 510)
                expected.push_back(std::to_string(i));  // those before may meet an error that is late
            co_await sleep(1ms);
        }
        EXPECT_EQ(protocol->errors, Texts(protocol->errors.size(), "ConnectionRefusedError"));
        EXPECT_FALSE(transport->is_closing());
        Texts received;
        co_await until([&] {
            for (std::string& packet : packets_at(peer)) {
                if (std::stoi(packet) > 510) received.push_back(std::move(packet));
            }
            return received.size() >= expected.size();
        });
        EXPECT_EQ(received, expected);
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);
        transport->close();
        co_await until_lost();
        EXPECT_EQ(protocol->calls, (Texts{"made", "lost None"}));
    });
}

}  // namespace
}  // namespace aio::tests
