// SPDX-License-Identifier: MIT
// Datagram sockets, cancelled at every point: no packet is lost, and no descriptor left.
#include <support/datagrams.hpp>
#include <support/inject.hpp>

#include <aio/endpoints.hpp>

#include <string>
#include <utility>

namespace aio::tests {
namespace {

// What arrived is the subject's, or still there.
struct ReceivesPackets : Scenario {
    Socket peer;
    DatagramSocket socket;
    std::string taken;
    std::string left;

    Coro<> prepare() override {
        auto ends = datagram_pair();
        peer = std::move(ends.second);
        socket = co_await open_datagram_socket(std::move(ends.first));
    }
    Coro<> subject() override {
        for (int i = 0; i < 3; ++i) taken += co_await socket.recv();
    }
    Coro<> others() override {
        for (const char* data : {"one", "two", "three"}) {
            co_await sleep(1s);
            if (::send(peer.fileno(), data, std::string(data).size(), 0) < 0) ADD_FAILURE() << "send";
        }
        co_await sleep(1s);
    }
    Coro<> finish() override {
        socket.close();
        while (auto packet = co_await socket.next()) left += packet->first;
        co_await socket.wait_closed();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(taken + left, "onetwothree");
    }
};
TEST(DatagramsInjection, Receive) { inject<ReceivesPackets>(10); }

// A full socket; each packet that send() has taken goes out, in order.
struct SendsPackets : Scenario {
    Socket peer;
    DatagramSocket socket;
    int sent = 0;
    std::string received;

    Coro<> prepare() override {
        auto ends = datagram_pair(kSmallBuffer);
        peer = std::move(ends.second);
        socket = co_await open_datagram_socket(std::move(ends.first));
        socket.transport().set_write_buffer_limits(20, 10);
        while (socket.transport().get_write_buffer_size() <= 20) socket.transport().sendto("-");
    }
    Coro<> subject() override {
        for (const char* data : {"a", "b", "c", "d", "e", "f"}) {
            co_await socket.send(data);
            ++sent;
        }
    }
    Coro<> others() override {
        for (int i = 0; i < 20; ++i) {
            co_await sleep(1s);
            take();
        }
    }
    Coro<> finish() override {
        socket.close();
        co_await socket.wait_closed();
        take();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(received, std::string("abcdef").substr(0, static_cast<std::size_t>(sent)));
    }
    void take() {
        for (const std::string& packet : packets_at(peer)) {
            if (packet != "-") received += packet;
        }
    }
};
TEST(DatagramsInjection, Send) { inject<SendsPackets>(5); }

struct OpensAndCloses : Scenario {
    Coro<> subject() override {
        const DatagramSocket socket = co_await open_datagram_socket("127.0.0.1", 9);
        socket.close();
        co_await socket.wait_closed();
    }
};
TEST(DatagramsInjection, OpenAndClose) { inject<OpensAndCloses>(4); }

struct MakesAnEndpoint : Scenario {
    Coro<> subject() override {
        const auto make = [] { return std::make_shared<DatagramProtocol>(); };
        auto made = co_await create_datagram_endpoint(make, DatagramOptions().local_addr("localhost", 0));
        made.first->close();
    }
};
TEST(DatagramsInjection, CreateDatagramEndpoint) { inject<MakesAnEndpoint>(3); }

}  // namespace
}  // namespace aio::tests
