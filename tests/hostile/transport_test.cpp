// SPDX-License-Identifier: MIT
// Protocols, and the owners of what is written.
#include <hostile/actions.hpp>

#include <aio/net/socket_transport.hpp>

#include <gtest/gtest.h>
#include <array>
#include <set>

namespace aio::tests {
namespace {

constexpr std::uint32_t kTransport = has::transport;

/// Strikes in one of its functions.
template <class Base>
struct Foreign : Base {
    Foreign(World& world, std::string where) : w(world), place(std::move(where)) {}
    ~Foreign() override { strike("destructor", 1); }
    void connection_made(Transport&) override { strike("connection_made", 1); }
    bool eof_received() override {
        strike("eof_received");  // again if an interrupt left it, as in asyncio
        return keep_open;
    }
    void connection_lost(std::exception_ptr) override {
        EXPECT_FALSE(lost) << w.name();
        lost = true;
        strike("connection_lost", 1);
    }
    void pause_writing() override {
        EXPECT_FALSE(std::exchange(paused, true)) << w.name();
        strike("pause_writing");
    }
    void resume_writing() override {
        EXPECT_TRUE(std::exchange(paused, false)) << w.name();
        strike("resume_writing");
    }
    void strike(const char* where, int at_most = 1000) {
        if (place == where) w.strike(where, at_most);
    }

    World& w;
    std::string place;
    bool keep_open = true;
    bool lost = false;
    bool paused = false;
};

struct Plain final : Foreign<Protocol> {
    using Foreign::Foreign;
    void data_received(BytesView) override {
        EXPECT_FALSE(lost) << w.name();
        strike("data_received");
    }
};

struct Buffered final : Foreign<BufferedProtocol> {
    using Foreign::Foreign;
    std::span<char> get_buffer(std::size_t) override {
        strike("get_buffer");
        return memory;
    }
    void buffer_updated(std::size_t) override {
        EXPECT_FALSE(lost) << w.name();
        strike("buffer_updated");
    }
    std::array<char, 8> memory{};
};

// A transport on one end of a socket pair, whose buffer is far smaller than what is written to fill it.
template <class P>
void connect(World& w, const char* where) {
    SocketPair pair(64 * 1024);
    w.peer = std::move(pair.b);
    Socket socket(std::exchange(pair.a.fd, -1));
    w.transport = make_socket_transport(*w.loop, std::move(socket), std::make_shared<P>(w, where));
}

// Reads what is there, so that the transport can go on writing.
void drain(World& w) {
    while (w.peer.fd >= 0 && !w.peer.recv(100'000).empty()) {
    }
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
    if (w.peer.fd >= 0) ::send(w.peer.fd, "twelve bytes", 12, MSG_NOSIGNAL);
    w.turns(3);
    drain(w);
    w.turns(2);
    w.peer.close();
    w.turns(3);
}

template <class P>
void in_function(const char* where, std::uint32_t what) {
    everything(what | kTransport, [where](World& w) {
        connect<P>(w, where);
        talk(w);
    });
}

TEST(HostileProtocol, ConnectionMade) { in_function<Plain>("connection_made", has::exceptions); }
TEST(HostileProtocol, DataReceived) { in_function<Plain>("data_received", has::exceptions); }
TEST(HostileProtocol, GetBuffer) { in_function<Buffered>("get_buffer", has::exceptions); }
TEST(HostileProtocol, BufferUpdated) { in_function<Buffered>("buffer_updated", has::exceptions); }
TEST(HostileProtocol, EofReceived) { in_function<Plain>("eof_received", has::exceptions); }

// Both ways of a connection's end.
TEST(HostileProtocol, ConnectionLost) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "connection_lost");
        w.turns(2);
        w.transport->close();
        talk(w);
    });
}
TEST(HostileProtocol, ConnectionLostAfterAReset) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "connection_lost");
        w.turns(2);
        w.transport->write("unread");
        w.peer.close();
        w.turns(2);
        if (w.transport) w.transport->write("refused");
        w.turns();
    });
}
TEST(HostileProtocol, ConnectionLostWhenEverythingIsSent) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "connection_lost");
        w.turns(2);
        w.transport->write(std::string(1'000'000, 'x'));
        w.transport->close();
        drain_for_turns(w);
    });
}
TEST(HostileProtocol, Destructor) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.turns(2);
        w.transport->close();
        w.turns();
    });
}
TEST(HostileProtocol, DestructorInAClosedLoop) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.turns(2);
        w.loop->close();
    });
}
TEST(HostileProtocol, DestructorBeforeTheFirstTurn) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.loop->close();
    });
}
TEST(HostileProtocol, DestructorOfASwitchedOne) {
    everything(kTransport, [](World& w) {
        connect<Plain>(w, "destructor");
        w.turns(2);
        w.transport->set_protocol(std::make_shared<Plain>(w, "none"));
        w.turns();
    });
}

TEST(HostileProtocol, PauseWriting) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "pause_writing");
        w.turns(2);
        w.loop->call_soon([&w] {
            if (w.transport) w.transport->write(std::string(1'000'000, 'x'));
        });
        talk(w);
    });
}
TEST(HostileProtocol, PauseWritingByNewLimits) {
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
TEST(HostileProtocol, ResumeWriting) {
    everything(has::exceptions | kTransport, [](World& w) {
        connect<Plain>(w, "resume_writing");
        w.turns(2);
        w.transport->write(std::string(1'000'000, 'x'));
        drain_for_turns(w);
    });
}
TEST(HostileProtocol, ResumeWritingOfAClosingOne) {
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
void write_hostile(World& w, std::size_t size) {
    struct Owner {
        Owner(World& world, std::size_t count) : bytes(count, 'o'), hostile(world, "owner") {}
        std::string bytes;
        Hostile hostile;
    };
    const auto owner = std::make_shared<Owner>(w, size);
    const BytesView bytes(owner->bytes);
    w.transport->write(bytes, std::shared_ptr<const void>(std::move(owner)));
}

void connect_plain(World& w) {
    connect<Plain>(w, "none");
    w.turns(2);
}
TEST(HostileOwner, OfWhatIsSentAtOnce) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        write_hostile(w, 10);
        talk(w);
    });
}
TEST(HostileOwner, OfWhatIsQueuedAndSent) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        write_hostile(w, 1'000'000);
        w.transport->write("more");
        drain_for_turns(w);
    });
}
// Gathered: it strikes when the step has ended, in the step, or when it is dropped.
TEST(HostileOwner, OfWhatIsGathered) {
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
                if (end == "loss") w.peer.close();
            });
            talk(w);
        });
    }
}
TEST(HostileOwner, OfTheLastPiece) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.transport->close();
        drain_for_turns(w);
    });
}
TEST(HostileOwner, OfWhatIsDropped) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.transport->write("behind");
        w.transport->abort();
        w.turns();
    });
}
TEST(HostileOwner, OfWhatIsDroppedInTheLoop) {
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
TEST(HostileOwner, OfWhatCannotBeSent) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->write(std::string(1'000'000, 'x'));
        write_hostile(w, 10);
        w.peer.close();
        w.turns();
    });
}
TEST(HostileOwner, OfWhatIsRefused) {
    everything(kTransport, [](World& w) {
        connect_plain(w);
        w.transport->abort();
        write_hostile(w, 10);
        w.turns();
    });
}
TEST(HostileOwner, InAClosedLoop) {
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
