// SPDX-License-Identifier: MIT
// Packets that are lost, refused, or may not be sent: what arrives arrives, and endpoints go on.
#include <peers/lossy_support.hpp>
#include <support/datagrams.hpp>

#include <aio/endpoints.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace aio::tests {
namespace {

class LossyDatagrams : public LossyTest {
protected:
    /// From `sending` to `receiving`.
    Coro<> connect() {
        receiving = (co_await create_datagram_endpoint([this] { return theirs; }, bound_udp())).first;
        const int port = receiving->sockname().port();
        const DatagramOptions options = DatagramOptions().remote_addr("127.0.0.1", port);
        sending = (co_await create_datagram_endpoint([this] { return ours; }, options)).first;
        there = "udp dport " + std::to_string(port) + " ";
    }
    Coro<> end() {
        sending->close();
        receiving->close();
        co_await until([&] { return ours->lost && theirs->lost; });
    }

    const std::shared_ptr<Packets> ours = std::make_shared<Packets>();
    const std::shared_ptr<Packets> theirs = std::make_shared<Packets>();
    Ref<DatagramTransport> sending, receiving;
    std::string there;  ///< a rule's beginning: packets on that way
};

// Every packet either arrives or was lost by the network; none vanishes in an endpoint.
TEST_F(LossyDatagrams, WhatIsNotLostArrives) {
    run([&]() -> Coro<> {
        co_await connect();
        network.arriving(there + "numgen random mod 10 < 3 HIT drop");
        constexpr int kPackets = 500;
        for (int i = 0; i < kPackets; ++i) {
            // Each longer than the one before: of other ones several may travel, and be lost, as one.
            sending->sendto(std::string(static_cast<std::size_t>(i) + 1, 'x'));
            if (i % 50 == 49) co_await turns(3);
        }
        co_await until([&] { return sending->get_write_buffer_size() == 0; });
        network.be_kind();
        sending->sendto("last");
        co_await until([&] { return !theirs->packets.empty() && theirs->packets.back() == "last"; });
        const auto arrived = static_cast<int>(theirs->packets.size()) - 1;
        EXPECT_EQ(arrived + network.hits(), kPackets);
        EXPECT_GT(network.hits(), 50);
        EXPECT_TRUE(ours->errors.empty() && theirs->errors.empty()) << "nobody is told of a loss";
        co_await end();
    });
}

// What a firewall here or there says is told, and costs the endpoint nothing.
TEST_F(LossyDatagrams, PacketsThatMayNotBeSentAreToldAndTheEndpointGoesOn) {
    run([&]() -> Coro<> {
        co_await connect();
        network.leaving(there + "HIT drop");
        sending->sendto("not let out");
        co_await until([&] { return !ours->errors.empty(); });
        network.be_kind();
        network.arriving(there + "HIT reject with icmp type admin-prohibited");
        sending->sendto("sent back");
        co_await until([&] { return ours->errors.size() >= 2; });
        EXPECT_EQ(ours->errors, (Texts{"PermissionError", "OSError"}));
        EXPECT_EQ(network.hits(), 2);
        network.be_kind();
        sending->sendto("through");
        co_await until([&] { return !theirs->packets.empty(); });
        EXPECT_EQ(theirs->packets, Texts{"through"});
        co_await end();
    });
}

// How programs live with it: they ask again until an answer has come.
TEST_F(LossyDatagrams, AskingAgainUntilAnAnswerComes) {
    run([&]() -> Coro<> {
        const DatagramSocket server = co_await open_datagram_socket(bound_udp());
        const auto answer = [](DatagramSocket socket) -> Coro<> {
            while (auto packet = co_await socket.next()) {
                auto& [question, sender] = *packet;
                co_await socket.sendto("answer to " + question, sender);
            }
        };
        auto answering = create_task(answer, server);
        const int port = server.sockname().port();
        const DatagramSocket client = co_await open_datagram_socket("127.0.0.1", port);
        network.arriving("meta l4proto udp numgen random mod 10 < 3 HIT drop");  // both ways
        constexpr int kQuestions = 20;
        int asked = 0;
        for (int i = 0; i < kQuestions; ++i) {
            const std::string question = std::to_string(i), expected = "answer to " + question;
            std::string received;
            while (received != expected) {
                ++asked;
                co_await client.send(question);
                try {
                    do {
                        received = co_await wait_for(client.recv(), 5ms);
                    } while (received != expected);  // a late answer to an earlier question
                } catch (const TimeoutError&) {
                }
            }
        }
        EXPECT_GT(asked, kQuestions);
        EXPECT_GT(network.hits(), 0);
        client.close();
        server.close();
        co_await answering;
        co_await client.wait_closed();
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

}  // namespace
}  // namespace aio::tests
