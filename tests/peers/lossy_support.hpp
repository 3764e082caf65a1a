// SPDX-License-Identifier: MIT
#pragma once

#include <peers/echo_service.hpp>
#include <peers/network_namespace.hpp>
#include <streams/streams_support.hpp>
#include <support/known_addresses.hpp>

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

/// Tests over a network that loses packets, or sends resets where nobody did: one of each test's own. Skipped
/// where the machine gives none.
class LossyTest : public ::testing::Test, public aio::testing::LoopTest, public EchoService {
protected:
    LossyTest() : LoopTest(true) {}  // the kernel's retransmissions take real time
    void SetUp() override {
        if (!network.missing().empty()) GTEST_SKIP() << network.missing();
        set_resolver(loop(), resolver);
    }
    void TearDown() override {
        finish();
        EXPECT_EQ(reports(), std::vector<std::string>());
    }

    /// What "host.test" stands for.
    void known(std::vector<SocketAddress> addresses) { resolver->names["host.test"] = std::move(addresses); }
    /// A rule's beginning: packets that go to, or come from, the server's port.
    static std::string to(const Server& server) {
        return "tcp dport " + std::to_string(port_of(server)) + " ";
    }
    static std::string from(const Server& server) {
        return "tcp sport " + std::to_string(port_of(server)) + " ";
    }

    /// Sends `size` bytes to an echo and compares what comes back.
    static Coro<> echo_through(StreamPair& streams, std::size_t size) {
        std::string sent(size, '\0');
        for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<char>(i * 31 >> 3);
        const auto send = [](StreamWriter writer, std::string all) -> Coro<> {
            writer.write(std::move(all));
            co_await writer.drain();
        };
        auto sending = create_task(send, streams.second, sent);
        const std::string received = co_await streams.first.readexactly(size);
        co_await sending;
        EXPECT_TRUE(received == sent);
    }
    /// What came of an awaitable, as the name of an error or "None".
    template <class A>
    static Coro<std::string> outcome(A awaitable) {
        const auto result = co_await as_result(std::move(awaitable));
        co_return error_name(result.exception());
    }
    static Coro<> close(StreamPair& streams) {
        streams.second.close();
        co_await as_result(streams.second.wait_closed());
    }

    const NetworkNamespace network;
    const std::shared_ptr<KnownAddresses> resolver = std::make_shared<KnownAddresses>();
};

}  // namespace aio::tests
