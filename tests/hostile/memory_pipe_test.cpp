// SPDX-License-Identifier: MIT
// Connections in memory, whose ends are in one loop: what a protocol does to the other end, and to what
// carries their bytes.
#include <hostile/foreign_protocol.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace aio::tests {
namespace {

constexpr std::uint32_t kPipe = has::transport | has::pipe;

// What happens to a connection in its life; `near` and `far` are what its ends serve.
void live(World& w, std::shared_ptr<BaseProtocol> near, std::shared_ptr<BaseProtocol> far) {
    connect_in_memory(w, std::move(near), std::move(far), 2000);
    w.turns(2);
    const auto in_the_loop = [&w](void (*act)(World&)) {
        if (!w.up()) return;
        w.loop->call_soon([&w, act] {
            if (w.transport) act(w);
        });
        w.turns(4);
    };
    in_the_loop([](World& world) {
        world.transport->set_write_buffer_limits(1000);
        world.transport->write(std::string(5000, 'x'));
    });
    in_the_loop([](World& world) {
        if (world.far) world.far->resume_reading();
        if (world.far) world.far->write("twelve bytes");
    });
    in_the_loop([](World& world) {
        if (world.far) world.far->write_eof();
        if (world.far) world.far->close();
    });
    if (w.pipe) w.pipe->release();
    if (w.pipe) w.pipe->lose();
    w.turns(4);
    if (w.transport) w.transport->abort();
    if (w.far) w.far->abort();
    w.turns(4);
}

// It ends with its loop, with something on its way in both directions.
void live_until_closed(World& w, std::shared_ptr<BaseProtocol> near, std::shared_ptr<BaseProtocol> far) {
    connect_in_memory(w, std::move(near), std::move(far), 2000);
    w.turns(2);
    w.pipe->set_options(testing::MemoryPipeOptions().latency(std::chrono::hours(1)).capacity(2000));
    w.transport->write(std::string(5000, 'x'));
    w.far->write("twelve bytes");
    w.far->write_eof();
    w.turns(2);
    w.loop->close();
}

// The near end strikes, in each of its functions.
template <class P>
void near_strikes(const char* where, std::uint32_t what = kPipe | has::exceptions) {
    everything(what,
               [where](World& w) { live(w, std::make_shared<P>(w, where), std::make_shared<Pausing>()); });
}
// The far end does, to the near one.
template <class P>
void far_strikes(const char* where, std::uint32_t what = kPipe | has::exceptions) {
    everything(what, [where](World& w) {
        const auto far = std::make_shared<P>(w, where);
        if constexpr (std::is_same_v<P, Buffered>) far->most_chunks = 1'000'000;  // of what strikes write
        live(w, std::make_shared<Pausing>(), far);
    });
}

TEST(HostileNearEnd, ConnectionMade) { near_strikes<Plain>("connection_made"); }
TEST(HostileNearEnd, DataReceived) { near_strikes<Plain>("data_received"); }
TEST(HostileNearEnd, GetBuffer) { near_strikes<Buffered>("get_buffer"); }
TEST(HostileNearEnd, BufferUpdated) { near_strikes<Buffered>("buffer_updated"); }
TEST(HostileNearEnd, EofReceived) { near_strikes<Plain>("eof_received"); }
TEST(HostileNearEnd, PauseWriting) { near_strikes<Plain>("pause_writing"); }
TEST(HostileNearEnd, ResumeWriting) { near_strikes<Plain>("resume_writing"); }
TEST(HostileNearEnd, ConnectionLost) { near_strikes<Plain>("connection_lost"); }
TEST(HostileNearEnd, Destructor) { near_strikes<Plain>("destructor", kPipe); }

TEST(HostileFarEnd, ConnectionMade) { far_strikes<Plain>("connection_made"); }
TEST(HostileFarEnd, DataReceived) { far_strikes<Plain>("data_received"); }
TEST(HostileFarEnd, GetBuffer) { far_strikes<Buffered>("get_buffer"); }
TEST(HostileFarEnd, BufferUpdated) { far_strikes<Buffered>("buffer_updated"); }
TEST(HostileFarEnd, ConnectionLost) { far_strikes<Plain>("connection_lost"); }
TEST(HostileFarEnd, Destructor) { far_strikes<Plain>("destructor", kPipe); }

// The loop closes with something on its way to both.
TEST(HostileNearEnd, DestructorInAClosedLoop) {
    everything(kPipe, [](World& w) {
        live_until_closed(w, std::make_shared<Plain>(w, "destructor"), std::make_shared<Pausing>());
    });
}
TEST(HostileFarEnd, DestructorInAClosedLoop) {
    everything(kPipe, [](World& w) {
        live_until_closed(w, std::make_shared<Pausing>(), std::make_shared<Plain>(w, "destructor"));
    });
}

}  // namespace
}  // namespace aio::tests
