// SPDX-License-Identifier: MIT
// Protocols over TLS.
#include <hostile/foreign_protocol.hpp>
#include <support/tls_upgrades.hpp>

#include <aio/transport/transport_upgrade.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace aio::tests {
namespace {

constexpr std::uint32_t kTlsPlace = has::transport | has::exceptions;

// Two ends that have shaken hands, unless the foreign code has kept them from it.
template <class P>
void connect_securely(World& w, const char* where) {
    using aio::detail::protocol_to_upgrade;
    connect_in_memory(w, protocol_to_upgrade(), protocol_to_upgrade(), 200'000);
    w.turns(2);
    const auto options = StartTlsOptions().server_hostname("here").call_connection_made(true);
    StartTlsOptions server_options = options;
    server_options.server_side(true);
    const auto client =
        w.loop->create_task(start_tls(w.transport, std::make_shared<P>(w, where), tls(false), options));
    const auto server =
        w.loop->create_task(start_tls(w.far, std::make_shared<Pausing>(), tls(true), server_options));
    for (int i = 0; i < 50 && w.up() && !(client.done() && server.done()); ++i) w.turns(1);
    if (!w.up() || !client.done()) return;
    if (client.cancelled() || client.exception()) {
        ++w.errors;
    } else if (w.transport) {
        w.transport = client.result();
    }
    if (server.done() && !server.cancelled() && !server.exception() && w.far) w.far = server.result();
}

// The peer says something and leaves.
void talk_securely(World& w) {
    w.turns(2);
    if (w.far) w.far->write("twelve bytes");
    w.turns(3);
    if (w.far) w.far->resume_reading();
    w.turns(2);
    if (w.far) w.far->close();
    w.turns(10);
    w.close_peer();
    w.turns(3);
}
template <class P>
void over_tls(const char* where) {
    everything(kTlsPlace, [where](World& w) {
        connect_securely<P>(w, where);
        talk_securely(w);
    });
}

TEST(HostileTls, ConnectionMade) { over_tls<Plain>("connection_made"); }
TEST(HostileTls, DataReceived) { over_tls<Plain>("data_received"); }
TEST(HostileTls, GetBuffer) { over_tls<Buffered>("get_buffer"); }
TEST(HostileTls, BufferUpdated) { over_tls<Buffered>("buffer_updated"); }
TEST(HostileTls, EofReceived) { over_tls<Plain>("eof_received"); }
TEST(HostileTls, ConnectionLost) { over_tls<Plain>("connection_lost"); }

TEST(HostileTls, PauseWriting) {
    everything(kTlsPlace, [](World& w) {
        connect_securely<Plain>(w, "pause_writing");
        if (!w.up()) return;
        w.loop->call_soon([&w] {
            if (w.transport) w.transport->write(std::string(800'000, 'x'));
        });
        talk_securely(w);
    });
}
TEST(HostileTls, ResumeWriting) {
    everything(kTlsPlace, [](World& w) {
        connect_securely<Plain>(w, "resume_writing");
        if (w.transport) w.transport->write(std::string(800'000, 'x'));
        talk_securely(w);
    });
}
TEST(HostileTls, ResumeWritingOfAClosingOne) {
    everything(kTlsPlace, [](World& w) {
        connect_securely<Plain>(w, "resume_writing");
        if (w.transport) w.transport->write(std::string(800'000, 'x'));
        if (w.transport) w.transport->close();
        talk_securely(w);
    });
}
TEST(HostileTls, Destructor) {
    everything(has::transport, [](World& w) {
        connect_securely<Plain>(w, "destructor");
        if (w.transport) w.transport->close();
        talk_securely(w);
    });
}
TEST(HostileTls, DestructorInAClosedLoop) {
    everything(has::transport, [](World& w) {
        connect_securely<Plain>(w, "destructor");
        w.loop->close();
    });
}

}  // namespace
}  // namespace aio::tests
