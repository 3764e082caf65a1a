// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>

#include <aio/net/socket_transport.hpp>
#include <aio/testing.hpp>
#include <aio/transport/transport_group.hpp>

#include <gtest/gtest.h>
#include <memory>

namespace aio::tests {
namespace {

struct Group final : TransportGroup {
    explicit Group(int& counter) : count(counter) {}
    void emptied() override { ++count; }
    int& count;
};

class TransportGroupTest : public ::testing::Test, public aio::testing::LoopTest {};

TEST_F(TransportGroupTest, HoldsTransportsUntilTheyAreLost) {
    int emptied = 0;
    run([&]() -> Coro<> {
        const Ref<Group> group(new Group(emptied));
        auto [a, b] = socket_pair();
        SocketTransportOptions first;
        first.group(group);
        const auto ta =
            make_socket_transport(loop(), std::move(a), std::make_shared<Protocol>(), std::move(first));
        SocketTransportOptions second;
        second.group(group);
        const auto tb =
            make_socket_transport(loop(), std::move(b), std::make_shared<Protocol>(), std::move(second));
        EXPECT_EQ(group->size(), 2u);
        EXPECT_EQ(group->members()[0], ta);
        EXPECT_EQ(group->members()[1], tb);
        ta->close();
        EXPECT_EQ(group->size(), 2u) << "closing, but not lost yet";
        while (!group->empty())
            co_await sleep(std::chrono::seconds(0));  // the peer closes at the end of file
        EXPECT_EQ(emptied, 1);
    });
}

}  // namespace
}  // namespace aio::tests
