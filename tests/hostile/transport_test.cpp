// SPDX-License-Identifier: MIT
// Protocols, and the owners of what is written; over sockets and in memory.
#include <hostile/foreign_protocol.hpp>

#include <aio/net/socket_transport.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

namespace aio::tests {
namespace {

constexpr std::uint32_t kTransport = has::transport;

// What carries the bytes.
enum class Carrier { socket, memory };
Carrier carrier;

struct Carried : ::testing::TestWithParam<Carrier> {
    void SetUp() override { carrier = GetParam(); }
};
struct HostileProtocol : Carried {};
struct HostileOwner : Carried {};

std::string carrier_name(const ::testing::TestParamInfo<Carrier>& info) {
    return info.param == Carrier::socket ? "Socket" : "Memory";
}
INSTANTIATE_TEST_SUITE_P(, HostileProtocol, ::testing::Values(Carrier::socket, Carrier::memory),
                         carrier_name);
INSTANTIATE_TEST_SUITE_P(, HostileOwner, ::testing::Values(Carrier::socket, Carrier::memory), carrier_name);

// A transport whose channel holds far less than what is written to fill it.
template <class P>
void connect(World& w, const char* where) {
    const auto protocol = std::make_shared<P>(w, where);
    if (carrier == Carrier::memory) {
        connect_in_memory(w, protocol, std::make_shared<Pausing>(), 200'000);
        return;
    }
    SocketPair pair(64 * 1024);
    w.peer = std::move(pair.b);
    Socket socket(std::exchange(pair.a.fd, -1));
    w.transport = make_socket_transport(*w.loop, std::move(socket), protocol);
}

// Reads what is there, so that the transport can go on writing.
void drain(World& w) {
    if (w.far) w.far->resume_reading();
    while (w.peer.fd >= 0 && !w.peer.recv(100'000).empty()) {
    }
}
void peer_sends(World& w, std::string_view text) {
    if (w.far) w.far->write(text);
    if (w.peer.fd >= 0) ::send(w.peer.fd, text.data(), text.size(), MSG_NOSIGNAL);
}

// The peer reads what comes, so that the queue empties.
void drain_for_turns(World& w) {
    for (int i = 0; i < 20; ++i) {
        drain(w);
        w.turns(1);
    }
}

void talk(World& w) {
    w.turns(2);
    peer_sends(w, "twelve bytes");
    w.turns(3);
    drain(w);
    w.turns(2);
    w.close_peer();
    w.turns(3);
}

template <class P>
void in_function(const char* where, std::uint32_t what) {
    everything(what | kTransport, [where](World& w) {
        connect<P>(w, where);
        talk(w);
    });
}

TEST_P(HostileProtocol, ConnectionMade) { in_function<Plain>("connection_made", has::exceptions); }
TEST_P(HostileProtocol, DataReceived) { in_function<Plain>("data_received", has::exceptions); }
TEST_P(HostileProtocol, GetBuffer) { in_function<Buffered>("get_buffer", has::exceptions); }
TEST_P(HostileProtocol, BufferUpdated) { in_function<Buffered>("buffer_updated", has::exceptions); }
TEST_P(HostileProtocol, EofReceived) { in_function<Plain>("eof_received", has::exceptions); }

// Both ways of a connection's end.
TEST_P(HostileProtocol, ConnectionLost) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "connection_lost");
        w.turns(2);
        w.transport->close();
        talk(w);
    });
}
TEST_P(HostileProtocol, ConnectionLostAfterAReset) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "connection_lost");
        w.turns(2);
        w.transport->write("unread");
        w.close_peer();
        w.turns(2);
        if (w.transport) w.transport->write("refused");
        w.turns();
    });
}
TEST_P(HostileProtocol, ConnectionLostWhenEverythingIsSent) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "connection_lost");
        w.turns(2);
        w.transport->write(std::string(1'000'000, 'x'));
        w.transport->close();
        drain_for_turns(w);
    });
}
TEST_P(HostileProtocol, Destructor) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.turns(2);
        w.transport->close();
        w.turns();
    });
}
TEST_P(HostileProtocol, DestructorInAClosedLoop) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.turns(2);
        w.loop->close();
    });
}
TEST_P(HostileProtocol, DestructorBeforeTheFirstTurn) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.loop->close();
    });
}
TEST_P(HostileProtocol, DestructorOfASwitchedOne) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.turns(2);
        w.transport->set_protocol(std::make_shared<Plain>(w, "none"));
        w.turns();
    });
}

TEST_P(HostileProtocol, PauseWriting) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "pause_writing");
        w.turns(2);
        w.loop->call_soon([&w] {
            if (w.transport) w.transport->write(std::string(1'000'000, 'x'));
        });
        talk(w);
    });
}
TEST_P(HostileProtocol, PauseWritingByNewLimits) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "pause_writing");
        w.turns(2);
        w.transport->set_write_buffer_limits(10'000'000);
        w.transport->write(std::string(1'000'000, 'x'));
        w.loop->call_soon([&w] {
            if (w.transport) w.transport->set_write_buffer_limits(0);
        });
        talk(w);
    });
}
TEST_P(HostileProtocol, ResumeWriting) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "resume_writing");
        w.turns(2);
        w.transport->write(std::string(1'000'000, 'x'));
        drain_for_turns(w);
    });
}
TEST_P(HostileProtocol, ResumeWritingOfAClosingOne) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "resume_writing");
        w.turns(2);
        w.transport->write(std::string(1'000'000, 'x'));
        w.transport->close();
        drain_for_turns(w);
    });
}

// --- owners of what is written ---------------------------------------------------------------------

// Bytes whose owner strikes when it is let go of.
struct HostileBytes {
    HostileBytes(World& world, std::size_t count) : bytes(count, 'o'), hostile(world, "owner") {}
    std::string bytes;
    Hostile hostile;
};
void write_hostile(World& w, std::size_t size) {
    auto owner = std::make_shared<HostileBytes>(w, size);
    const BytesView bytes(owner->bytes);
    w.transport->write(bytes, std::move(owner));
}
// The same between other pieces.
void write_hostile_piece(World& w, std::size_t size) {
    auto owner = std::make_shared<HostileBytes>(w, size);
    const BytesView bytes(owner->bytes);
    w.transport->writelines({"head", {bytes, std::move(owner)}, std::string(2000, 't'), "tail"});
}

void connect_plain(World& w) {
    connect<Plain>(w, "none");
    w.turns(2);
}
TEST_P(HostileOwner, OfWhatIsSentAtOnce) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        write_hostile(w, 10);
        talk(w);
    });
}
TEST_P(HostileOwner, OfWhatIsQueuedAndSent) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        write_hostile(w, 1'000'000);
        w.transport->write("more");
        drain_for_turns(w);
    });
}
// Gathered: it strikes when the step has ended, in the step, or when it is dropped.
TEST_P(HostileOwner, OfWhatIsGathered) {
    for (const std::string end : {"step", "look", "abort", "close", "loss"}) {
        everything(kTransport, [&end](World& w) {
            connect_plain(w);
            w.loop->call_soon([&w, &end] {
                if (!w.transport) return;
                w.transport->write("first");
                write_hostile(w, 10);
                if (!w.transport) return;
                w.transport->write("behind");
                if (end == "look") w.transport->get_write_buffer_size();
                if (end == "abort") w.transport->abort();
                if (end == "close") w.transport->close();
                if (end == "loss") w.close_peer();
            });
            talk(w);
        });
    }
}
TEST_P(HostileOwner, OfAPiece) {
    for (const std::string way : {"sent at once", "sent later", "gathered", "lost", "refused"}) {
        everything(kTransport, [&way](World& w) {
            connect_plain(w);
            if (way == "sent at once") write_hostile_piece(w, 10);
            if (way == "sent later") write_hostile_piece(w, 1'000'000);
            if (way == "refused") w.transport->abort();
            if (way == "gathered") w.transport->write("first");
            if (way == "lost") w.transport->write(std::string(1'000'000, 'x'));
            if (!way.starts_with("sent")) write_hostile_piece(w, 10);
            if (way == "lost") w.close_peer();
            drain_for_turns(w);
        });
    }
}
TEST_P(HostileOwner, OfTheLastPiece) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.transport->close();
        drain_for_turns(w);
    });
}
TEST_P(HostileOwner, OfWhatIsDropped) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.transport->write("behind");
        w.transport->abort();
        w.turns();
    });
}
TEST_P(HostileOwner, OfWhatIsDroppedInTheLoop) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.loop->call_soon([&w] {
            if (w.transport) w.transport->abort();
        });
        w.turns();
    });
}
TEST_P(HostileOwner, OfWhatCannotBeSent) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.close_peer();
        w.turns();
    });
}
TEST_P(HostileOwner, OfWhatIsRefused) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->abort();
        write_hostile(w, 10);
        w.turns();
    });
}
TEST_P(HostileOwner, InAClosedLoop) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.transport->write("behind");
        w.loop->close();
    });
}

}  // namespace
}  // namespace aio::tests
