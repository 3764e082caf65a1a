// SPDX-License-Identifier: MIT
// Protocols of datagram endpoints, which do something to the endpoint and then whatever foreign code may do.
#include <hostile/actions.hpp>
#include <support/datagrams.hpp>

#include <gtest/gtest.h>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

struct PacketAction {
    const char* name;
    void (*run)(DatagramTransport&);
};
constexpr std::array<PacketAction, 6> kPacketActions{{
    {"nothing", [](DatagramTransport&) {}},
    {"send", [](DatagramTransport& t) { t.sendto("again"); }},
    {"send what is too long",
     [](DatagramTransport& t) {
         if (t.get_write_buffer_size() < 100'000) t.sendto(std::string(300'000, 'x'));
     }},
    {"close", [](DatagramTransport& t) { t.close(); }},
    {"abort", [](DatagramTransport& t) { t.abort(); }},
    {"pause or resume reading",
     [](DatagramTransport& t) {
         if (t.is_reading()) {
             t.pause_reading();
         } else {
             t.resume_reading();
         }
     }},
}};

struct ForeignPackets final : DatagramProtocol {
    ForeignPackets(World& world, const char* where, const PacketAction& what)
        : w(world), place(where), action(what) {
        counted.disarm();
    }
    void connection_made(DatagramTransport& made) override {
        transport = Ref<DatagramTransport>(&made);
        strike("connection_made");
    }
    void datagram_received(BytesView, const SocketAddress&) override {
        EXPECT_FALSE(lost) << w.name();
        strike("datagram_received");
    }
    void error_received(std::exception_ptr) override {
        EXPECT_FALSE(lost) << w.name();
        strike("error_received");
    }
    void pause_writing() override {
        EXPECT_FALSE(std::exchange(paused, true)) << w.name();
        strike("pause_writing");
    }
    void resume_writing() override {
        EXPECT_TRUE(std::exchange(paused, false)) << w.name();
        strike("resume_writing");
    }
    void connection_lost(std::exception_ptr) override {
        EXPECT_FALSE(std::exchange(lost, true)) << w.name();
        strike("connection_lost");
    }
    void strike(const char* where) {
        if (place != where) return;
        if (transport) action.run(*transport);
        w.strike(where);
    }

    World& w;
    std::string place;
    const PacketAction& action;
    Ref<DatagramTransport> transport;
    Hostile counted{w};
    bool lost = false;
    bool paused = false;
};

Ref<DatagramTransport> connect_packets(World& w, const char* where, const PacketAction& action) {
    auto ends = datagram_pair(64 * 1024);
    w.peer = Fd(ends.second.detach());
    const auto protocol = std::make_shared<ForeignPackets>(w, where, action);
    w.let_go.push_back([weak = std::weak_ptr(protocol)] {
        if (const auto still = weak.lock()) still->transport = nullptr;
    });
    return make_datagram_transport(*w.loop, std::move(ends.first), protocol);
}

void peer_sends_packets(World& w, int count) {
    for (int i = 0; i < count && w.peer.fd >= 0; ++i)
        ::send(w.peer.fd, "packet", 6, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void in_packet_function(const char* where, void (*happen)(World&, DatagramTransport&)) {
    for (const PacketAction& action : kPacketActions) {
        SCOPED_TRACE(action.name);
        everything(has::exceptions, [&](World& w) {
            const Ref<DatagramTransport> transport = connect_packets(w, where, action);
            w.turns(2);
            happen(w, *transport);
            w.turns(3);
            if (w.up()) transport->abort();
            w.turns(3);
        });
    }
}

TEST(HostileDatagrams, ConnectionMade) {
    in_packet_function("connection_made", [](World& w, DatagramTransport&) { peer_sends_packets(w, 3); });
}
TEST(HostileDatagrams, DatagramReceived) {
    in_packet_function("datagram_received", [](World& w, DatagramTransport&) {
        peer_sends_packets(w, 5);
        w.turns(3);
        peer_sends_packets(w, 5);
    });
}
TEST(HostileDatagrams, ErrorReceived) {
    in_packet_function("error_received", [](World& w, DatagramTransport& transport) {
        peer_sends_packets(w, 3);
        try {
            transport.sendto(std::string(300'000, 'x'));
        } catch (const std::exception&) {
        } catch (const KeyboardInterrupt&) {
            ++w.interrupts;
        }
    });
}
// In the middle of a batch that is on its way.
TEST(HostileDatagrams, ErrorReceivedOfABatch) {
    in_packet_function("error_received", [](World& w, DatagramTransport& transport) {
        set_buffers(transport.fd(), 16 * 1024);
        w.loop->call_soon([kept = Ref<DatagramTransport>(&transport)] {
            kept->sendto("first");
            kept->sendto("second");
            kept->sendto(std::string(64'900, 'x'));  // more than the socket's buffer
            kept->sendto("third");
        });
    });
}
TEST(HostileDatagrams, PauseAndResumeWriting) {
    for (const char* where : {"pause_writing", "resume_writing"}) {
        in_packet_function(where, [](World& w, DatagramTransport& transport) {
            transport.set_write_buffer_limits(100, 50);
            try {
                while (transport.get_write_buffer_size() <= 100 && !transport.is_closing()) {
                    transport.sendto("packet");
                }
            } catch (const std::exception&) {
            } catch (const KeyboardInterrupt&) {
                ++w.interrupts;
            }
            for (int i = 0; i < 5; ++i) {
                w.turns(3);
                while (w.peer.fd >= 0 && !w.peer.recv(8).empty()) {
                }
            }
        });
    }
}
TEST(HostileDatagrams, ConnectionLost) {
    in_packet_function("connection_lost", [](World& w, DatagramTransport& transport) {
        peer_sends_packets(w, 3);
        transport.close();
    });
}

}  // namespace
}  // namespace aio::tests
