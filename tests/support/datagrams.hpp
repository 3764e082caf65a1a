// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/socket_buffers.hpp>
#include <support/turns.hpp>

#include <aio/net/datagram_transport.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

using namespace std::chrono_literals;

/// Keeps what a datagram endpoint is told; what it does besides is set by the test.
struct Packets : DatagramProtocol {
    void connection_made(DatagramTransport& made) override {
        transport = Ref<DatagramTransport>(&made);
        calls.emplace_back("made");
        if (on_made) on_made();
    }
    void datagram_received(BytesView data, const SocketAddress& sender) override {
        packets.push_back(data.str());
        senders.push_back(sender);
        if (on_packet) on_packet();
    }
    void error_received(std::exception_ptr error) override {
        errors.push_back(error_name(error));
        if (on_error) on_error();
    }
    void pause_writing() override { calls.emplace_back("pause"); }
    void resume_writing() override { calls.emplace_back("resume"); }
    void connection_lost(std::exception_ptr error) override {
        calls.push_back("lost " + error_name(error));
        lost = true;
    }

    Ref<DatagramTransport> transport;
    std::vector<std::string> packets;
    std::vector<SocketAddress> senders;
    std::vector<std::string> errors;
    std::vector<std::string> calls;
    bool lost = false;
    std::function<void()> on_made;
    std::function<void()> on_packet;
    std::function<void()> on_error;
};

using Texts = std::vector<std::string>;

/// A list for arguments of coroutines, where g++ 12 takes none in braces.
template <class... Text>
Texts make_texts(const Text&... texts) {
    return Texts{std::string(texts)...};
}

/// A UDP socket on the loopback, with room for the packets of a test.
inline Socket bound_udp() {
    Socket socket = Socket::datagram(AF_INET);
    set_buffers(socket.fileno(), 512 * 1024);
    socket.bind(SocketAddress("127.0.0.1", 0));
    return socket;
}
/// The same, connected to `peer`.
inline Socket connected_udp(const SocketAddress& peer) {
    Socket socket = bound_udp();
    if (::connect(socket.fileno(), peer.native(), peer.native_size()) != 0)
        throw std::runtime_error("connect");
    return socket;
}
/// Two Unix sockets for packets that are connected to each other; `buffer` as in set_buffers().
inline std::pair<Socket, Socket> datagram_pair(int buffer = 0) {
    std::pair<Socket, Socket> ends = socketpair(SOCK_DGRAM);
    if (buffer > 0) {
        set_buffers(ends.first.fileno(), buffer);
        set_buffers(ends.second.fileno(), buffer);
    }
    return ends;
}

/// The packets that have arrived at a socket. Unix packets are there when they have been sent; those of UDP
/// may take their time, see arrive().
inline Texts packets_at(const Socket& socket) {
    Texts all;
    std::vector<char> buffer(70'000);
    for (ssize_t size = 0;
         (size = ::recv(socket.fileno(), buffer.data(), buffer.size(), MSG_DONTWAIT)) >= 0;) {
        all.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
    return all;
}
/// Expects exactly these to arrive.
inline Coro<> arrive(const Socket& socket, Texts expected) {
    Texts all;
    co_await until([&] {
        for (std::string& packet : packets_at(socket)) all.push_back(std::move(packet));
        return all.size() >= expected.size();
    });
    EXPECT_EQ(all, expected);
}
inline void send_packet(const Socket& socket, const SocketAddress& to, const std::string& data) {
    if (::sendto(socket.fileno(), data.data(), data.size(), 0, to.native(), to.native_size()) < 0) {
        throw std::runtime_error("sendto");
    }
}

/// Sends until the socket takes no more and `packets` wait in the transport. Gives how many were sent.
inline int send_beyond(DatagramTransport& transport, std::size_t packets, const std::string& data) {
    int sent = 0;
    while (transport.get_write_buffer_size() < packets * (data.size() + 8)) {
        transport.sendto(data);
        ++sent;
    }
    return sent;
}

struct DatagramTest : ::testing::Test, aio::testing::LoopTest {
    std::shared_ptr<Packets> protocol = std::make_shared<Packets>();

    Coro<> until_lost() {
        return until([this] { return protocol->lost; });
    }
    Coro<> until_packets(std::size_t count) {
        return until([this, count] { return protocol->packets.size() >= count; });
    }
    void TearDown() override { finish(); }
};

}  // namespace aio::tests
