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
    Socket listener = Socket::stream(AF_INET);
    Socket socket = Socket::stream(AF_INET);
    SocketAddress address;

    void SetUp() override {
        listener.bind(SocketAddress("127.0.0.1", 0));
        address = listener.getsockname();
    }
};

TEST_F(ConnectOperationTest, Connects) {
    listener.listen(1);
    run([&]() -> Coro<> {
        Attempt attempt(loop(), socket, address);
        const bool at_once = attempt.start();
        while (!at_once && attempt.calls == 0) co_await sleep(std::chrono::seconds(0));
        EXPECT_EQ(attempt.error(), nullptr);
        EXPECT_EQ(socket.getpeername(), address);
        co_await settle(std::chrono::milliseconds(2));
        EXPECT_LE(attempt.calls, 1);
        EXPECT_EQ(loop().stats().descriptors, 0u);
    });
}

TEST_F(ConnectOperationTest, ReportsARefusal) {
    run([&]() -> Coro<> {
        Attempt attempt(loop(), socket, address);
        const bool at_once = attempt.start();
        while (!at_once && attempt.calls == 0) co_await sleep(std::chrono::seconds(0));
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
    listener.listen(1);
    run([&]() -> Coro<> {
        {
            std::optional<Attempt> attempt(std::in_place, loop(), socket, address);
            attempt->start();
        }
        EXPECT_EQ(loop().stats().descriptors, 0u);
        Socket second = Socket::stream(AF_INET);
        {
            Attempt attempt(loop(), second, address);
            attempt.start();
            // until its event is in the ready queue, which polling alone can tell
            loop().call_soon([] {});
            loop().poller().poll(std::chrono::milliseconds(10));
        }
        co_await sleep(std::chrono::seconds(0));
        EXPECT_EQ(loop().stats().descriptors, 0u);
    });
}

}  // namespace
}  // namespace aio::tests
