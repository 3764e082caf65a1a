// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>

#include <aio/loop/event_loop.hpp>
#include <aio/net/detail/listener.hpp>
#include <aio/testing.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

class ListenerTest : public ::testing::Test, public aio::testing::LoopTest, public detail::Listener::Owner {
protected:
    std::vector<Socket> connections;
    std::vector<SocketAddress> peers;
    int closed_by_loop = 0;
    std::unique_ptr<detail::Listener> listener;

    void accepted(Socket connection, SocketAddress peer) override {
        connections.push_back(std::move(connection));
        peers.push_back(std::move(peer));
    }
    void loop_closed(detail::Listener&) noexcept override { ++closed_by_loop; }

    SocketAddress listen(int backlog = 100) {
        Socket socket = bound_socket();
        SocketAddress address = socket.getsockname();
        listener = std::make_unique<detail::Listener>(loop(), std::move(socket), backlog, *this);
        return address;
    }
    static Socket connect(const SocketAddress& address) {
        Socket socket = Socket::stream(AF_INET);
        ::connect(socket.fileno(), address.native(), address.native_size());
        return socket;
    }
    void TearDown() override {
        finish();
        listener.reset();
    }
};

TEST_F(ListenerTest, AcceptsNonBlockingSocketsWithTheirPeer) {
    run([&]() -> Coro<> {
        const SocketAddress address = listen();
        listener->start();
        listener->start();  // harmless
        const Socket client = connect(address);
        while (connections.empty()) co_await sleep(0s);
        EXPECT_EQ(peers[0], client.getsockname());
        EXPECT_TRUE(::fcntl(connections[0].fileno(), F_GETFL) & O_NONBLOCK);
        EXPECT_TRUE(::fcntl(connections[0].fileno(), F_GETFD) & FD_CLOEXEC);
        EXPECT_EQ(listener->socket().getsockname(), address);
    });
}

TEST_F(ListenerTest, DoesNotListenBeforeItsStart) {
    run([&]() -> Coro<> {
        const SocketAddress address = listen();
        const Socket client = Socket::stream(AF_INET);
        EXPECT_EQ(loop().stats().descriptors, 0u);
        ::connect(client.fileno(), address.native(), address.native_size());
        await_events(client.fileno(), POLLOUT);
        EXPECT_EQ(client.view().getsockopt(SOL_SOCKET, SO_ERROR), ECONNREFUSED);
        co_return;
    });
}

TEST_F(ListenerTest, AcceptsAtMostBacklogPlusOnePerIteration) {
    run([&]() -> Coro<> {
        const SocketAddress address = listen(2);
        listener->start();
        ::listen(listener->socket().fileno(), 10);  // room for more than it takes at a time
        std::vector<Socket> clients;
        for (int i = 0; i < 5; ++i) clients.push_back(connect(address));
        await_queued_connections(listener->socket().fileno(), 5);
        while (connections.empty()) co_await sleep(0s);
        EXPECT_EQ(connections.size(), 3u);
        while (connections.size() < 5) co_await sleep(0s);
    });
}

TEST_F(ListenerTest, CloseStopsEverything) {
    run([&]() -> Coro<> {
        const SocketAddress address = listen();
        listener->start();
        const Socket client = connect(address);
        await_queued_connections(listener->socket().fileno(), 1);
        listener->close();
        listener->close();
        EXPECT_EQ(loop().stats().descriptors, 0u);
        EXPECT_EQ(listener->socket().fileno(), -1);
        co_await settle_for_real(2ms);
        EXPECT_TRUE(connections.empty());
    });
}

TEST_F(ListenerTest, TellsItsOwnerThatTheLoopClosed) {
    run([&]() -> Coro<> {
        listen();
        listener->start();
        co_return;
    });
    finish();
    EXPECT_EQ(closed_by_loop, 1);
    EXPECT_EQ(listener->socket().fileno(), -1);
}

// A listening socket that was shut down reports a hang-up for ever.
TEST_F(ListenerTest, ABrokenSocketDoesNotSpin) {
    run([&]() -> Coro<> {
        listen();
        listener->start();
        ::shutdown(listener->socket().fileno(), SHUT_RDWR);
        while (reports().empty()) co_await sleep(0s);
        EXPECT_EQ(reports()[0], "socket.accept() failed [exception, socket]");
        const auto before = loop().stats();
        EXPECT_EQ(before.timers, 1u);
        EXPECT_EQ(before.descriptors, 0u) << "it is out of the poll";
        co_await sleep(1500ms);
        EXPECT_EQ(reports().size(), 2u) << "it was tried again after a second";
        listener.reset();
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

TEST_F(ListenerTest, TellsItsOwnerThatTheLoopClosedWhileItPaused) {
    run([&]() -> Coro<> {
        listen();
        listener->start();
        ::shutdown(listener->socket().fileno(), SHUT_RDWR);
        while (reports().empty()) co_await sleep(0s);
    });
    finish();
    EXPECT_EQ(closed_by_loop, 1);
    EXPECT_EQ(listener->socket().fileno(), -1);
}

// The report comes from inside the retry's own callback.
TEST_F(ListenerTest, MayBeDestroyedByTheReportOfAFailedRetry) {
    run([&]() -> Coro<> {
        listen();
        listener->start();
        ::shutdown(listener->socket().fileno(), SHUT_RDWR);
        while (reports().empty()) co_await sleep(0s);
        const int fd = listener->socket().fileno();
        const Socket kept(::dup(fd));
        const Socket file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
        ::dup2(file.fileno(), fd);  // epoll refuses files
        int calls = 0;
        loop().set_exception_handler([&](EventLoop&, const ExceptionContext&) {
            ++calls;
            listener.reset();
        });
        co_await sleep(1500ms);
        loop().set_exception_handler(nullptr);
        EXPECT_EQ(calls, 1);
        EXPECT_FALSE(loop().descriptor_is_watched(fd));
    });
}

TEST_F(ListenerTest, AFailingStartClaimsNothing) {
    run([&]() -> Coro<> {
        listen();
        const int fd = listener->socket().fileno();
        // Somebody else's registration of the number makes the listener's own fail.
        struct Other final : detail::IoWatch {
            using detail::IoWatch::IoWatch;
            void on_events(std::uint32_t) noexcept override {}
        } other(fd);
        loop().poller().add(other, detail::io::readable);
        EXPECT_THROW(listener->start(), FileExistsError);
        EXPECT_FALSE(loop().descriptor_is_watched(fd));
        loop().poller().remove(other);
        listener->start();
        EXPECT_TRUE(loop().descriptor_is_watched(fd));
        listener->close();
        EXPECT_FALSE(loop().descriptor_is_watched(fd));
        co_return;
    });
}

}  // namespace
}  // namespace aio::tests
