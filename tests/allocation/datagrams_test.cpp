// SPDX-License-Identifier: MIT
// Memory runs out: datagram transports and sockets, over Unix sockets.
#include <allocation/operation.hpp>
#include <support/datagrams.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

struct EchoedPackets final : DatagramProtocol {
    explicit EchoedPackets(Scene& told) : scene(told) {}
    void connection_made(DatagramTransport& made) override { transport = Ref<DatagramTransport>(&made); }
    void datagram_received(BytesView data, const SocketAddress&) override {
        ++received;
        transport->sendto(data);
    }
    void error_received(std::exception_ptr) override { scene.told = true; }
    void connection_lost(std::exception_ptr error) override {
        transport = nullptr;
        if (error) scene.told = true;
        ++scene.count;
    }
    Scene& scene;
    Ref<DatagramTransport> transport;
    int received = 0;
    Counted counted;
};

template <class Condition>
Coro<bool> packets_arrive(Condition condition) {
    for (int i = 0; i < 2000; ++i) {
        if (condition()) co_return true;
        co_await sleep(0s);
    }
    co_return false;
}

// A batch is echoed: the answers are gathered.
TEST(AllocationDatagrams, Transport) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto ends = datagram_pair();
        const auto protocol = std::make_shared<EchoedPackets>(scene);
        const auto transport = make_datagram_transport(*scene.loop, std::move(ends.first), protocol);
        struct Close {
            Ref<DatagramTransport> transport;
            ~Close() { transport->abort(); }
        } const close{transport};
        for (int i = 0; i < 5; ++i) {
            if (::send(ends.second.fileno(), "text", 4, 0) != 4) ADD_FAILURE() << "send";
        }
        int answers = 0;
        char buffer[16];
        co_await packets_arrive([&] {
            while (::recv(ends.second.fileno(), buffer, sizeof buffer, MSG_DONTWAIT) == 4) ++answers;
            return answers == 5 || scene.count > 0 || scene.reports > 0;
        });
        transport->close();
        co_await packets_arrive([&] { return scene.count > 0; });
        co_return answers == 5 && scene.count == 1;
    });
}

// The protocol pauses in the middle of a batch, so that the rest is held.
TEST(AllocationDatagrams, HeldPackets) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto ends = datagram_pair();
        struct Pausing final : DatagramProtocol {
            explicit Pausing(Scene& told) : scene(told) {}
            void connection_made(DatagramTransport& made) override { transport = &made; }
            void datagram_received(BytesView, const SocketAddress&) override {
                ++received;
                transport->pause_reading();
            }
            void connection_lost(std::exception_ptr error) override {
                if (error) scene.told = true;
                ++scene.count;
            }
            Scene& scene;
            DatagramTransport* transport = nullptr;
            int received = 0;
        };
        const auto protocol = std::make_shared<Pausing>(scene);
        const auto transport = make_datagram_transport(*scene.loop, std::move(ends.first), protocol);
        struct Close {
            Ref<DatagramTransport> transport;
            ~Close() { transport->abort(); }
        } const close{transport};
        for (int i = 0; i < 5; ++i) {
            if (::send(ends.second.fileno(), "text", 4, 0) != 4) ADD_FAILURE() << "send";
        }
        co_await packets_arrive([&] {
            transport->resume_reading();
            return protocol->received == 5 || scene.count > 0;
        });
        transport->close();
        co_await packets_arrive([&] { return scene.count > 0; });
        co_return protocol->received == 5 && scene.count == 1;
    });
}

// What the socket does not take: told to who sends, or it arrives.
TEST(AllocationDatagrams, FullSocket) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto ends = datagram_pair(kSmallBuffer);
        const auto protocol = std::make_shared<EchoedPackets>(scene);
        const auto transport = make_datagram_transport(*scene.loop, std::move(ends.first), protocol);
        struct Close {
            Ref<DatagramTransport> transport;
            ~Close() { transport->abort(); }
        } const close{transport};
        co_await sleep(0s);
        const int sent = send_beyond(*transport, 100, "packet");
        int arrived = 0;
        char buffer[16];
        co_await packets_arrive([&] {
            while (::recv(ends.second.fileno(), buffer, sizeof buffer, MSG_DONTWAIT) > 0) ++arrived;
            return arrived == sent || scene.count > 0;
        });
        transport->close();
        co_await packets_arrive([&] { return scene.count > 0; });
        co_return arrived == sent&& scene.count == 1;
    });
}

TEST(AllocationDatagrams, SocketInACoroutine) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        auto ends = datagram_pair();
        const DatagramSocket socket = co_await open_datagram_socket(std::move(ends.first));
        const std::string text = long_text();
        co_await socket.send(text);
        if (::send(ends.second.fileno(), text.data(), text.size(), 0) < 0) ADD_FAILURE() << "send";
        std::string received;
        try {
            received = co_await wait_for(socket.recv(), 1s);
        } catch (const TimeoutError&) {  // there was no memory for the packet, which was reported
        }
        socket.close();
        co_await socket.wait_closed();
        co_return received == text;
    });
}

TEST(AllocationDatagrams, Endpoint) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto make = [&] { return std::make_shared<EchoedPackets>(scene); };
        auto made = co_await create_datagram_endpoint(make, DatagramOptions().local_addr("127.0.0.1", 0));
        made.first->close();
        co_await packets_arrive([&] { return scene.count > 0; });
        co_return scene.count == 1;
    });
}

}  // namespace
}  // namespace aio::tests
