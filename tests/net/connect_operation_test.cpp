// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>

#include <aio/loop/event_loop.hpp>
#include <aio/net/detail/connect_operation.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <optional>
#include <string>

namespace aio::tests {
namespace {

struct Attempt final : detail::ConnectOperation {
    using detail::ConnectOperation::ConnectOperation;
    void connected() override { ++calls; }
    int calls = 0;
};

class ConnectOperationTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    Socket listener = bound_socket();
    Socket socket = Socket::stream(AF_INET);
    SocketAddress address = listener.getsockname();
};

TEST_F(ConnectOperationTest, Connects) {
    listener.listen(1);
    run([&]() -> Coro<> {
        Attempt attempt(loop(), socket, address);
        const bool at_once = attempt.start();
        co_await until([&] { return at_once || attempt.calls > 0; });
        EXPECT_EQ(attempt.error(), nullptr);
        EXPECT_EQ(socket.getpeername(), address);
        co_await settle_for_real(std::chrono::milliseconds(2));
        EXPECT_LE(attempt.calls, 1);
        EXPECT_EQ(loop().stats().descriptors, 0u);
    });
}

TEST_F(ConnectOperationTest, ReportsARefusal) {
    run([&]() -> Coro<> {
        Attempt attempt(loop(), socket, address);
        const bool at_once = attempt.start();
        co_await until([&] { return at_once || attempt.calls > 0; });
        try {
            std::rethrow_exception(attempt.error());
        } catch (const ConnectionRefusedError& e) {
            EXPECT_EQ(e.what(), "connect to " + address.str() + ": Connection refused");
        }
    });
}

TEST_F(ConnectOperationTest, ReportsAnErrorOfTheCallItself) {
    run([&]() -> Coro<> {
        Attempt attempt(loop(), socket, SocketAddress("::1", 1));  // the wrong family
        EXPECT_TRUE(attempt.start());
        EXPECT_NE(attempt.error(), nullptr);
        co_return;
    });
}

TEST_F(ConnectOperationTest, IsWithdrawnByItsDestructor) {
    const Unanswering unanswering;
    listener.listen(1);
    run([&]() -> Coro<> {
        {
            std::optional<Attempt> attempt(std::in_place, loop(), socket, unanswering.address());
            EXPECT_FALSE(attempt->start());
            EXPECT_EQ(loop().stats().descriptors, 1u);
        }
        EXPECT_EQ(loop().stats().descriptors, 0u);
        Socket second = Socket::stream(AF_INET);
        {
            Attempt attempt(loop(), second, address);
            if (!attempt.start()) {
                // until its event is in the ready queue
                const std::size_t before = loop().ready().size();
                while (loop().ready().size() == before) loop().poller().poll(std::chrono::milliseconds(10));
            }
        }
        co_await sleep(std::chrono::seconds(0));
        EXPECT_EQ(loop().stats().descriptors, 0u);
    });
}

}  // namespace
}  // namespace aio::tests
