// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include <aio/net/sock.hpp>
#include <aio/net/socket_transport.hpp>
#include <aio/testing.hpp>
#include <aio/transport/async_fd.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_convertible_v<Socket&, TransportSocket>);
static_assert(!std::is_convertible_v<Socket, TransportSocket>);  // of a temporary

struct SockTest : ::testing::Test, aio::testing::LoopTest {
    std::pair<Socket, Socket> pair = socketpair();
    Socket& a = pair.first;
    Socket& b = pair.second;

    unsigned watched() { return loop().stats().descriptors; }
};

TEST_F(SockTest, ReceivesAtOnceOrWaits) {
    run([&]() -> Coro<> {
        write_text(b.fileno(), "hello");
        std::string text = co_await sock_recv(a, 3);
        EXPECT_EQ(text, "hel");
        text = co_await sock_recv(a, 300'000);  // more than what is received into first
        EXPECT_EQ(text, "lo");
        EXPECT_EQ(watched(), 0U);
        const Task<std::string> waiting = create_task(sock_recv(a, 100));
        co_await turns(2);
        EXPECT_EQ(watched(), 1U);
        write_text(b.fileno(), "later");
        text = co_await waiting;
        EXPECT_EQ(text, "later");
        EXPECT_EQ(watched(), 0U);
        b.close();
        text = co_await sock_recv(a, 100);
        EXPECT_EQ(text, "");
    });
}

TEST_F(SockTest, ReceivesIntoMemory) {
    run([&]() -> Coro<> {
        std::string memory(5, '.');
        const auto later = loop().call_later(1s, [&] { write_text(b.fileno(), "abc"); });
        std::size_t count = co_await sock_recv_into(a, memory);
        EXPECT_EQ(count, 3U);
        EXPECT_EQ(memory, "abc..");
        b.close();
        count = co_await sock_recv_into(a, memory);
        EXPECT_EQ(count, 0U);
    });
}

TEST_F(SockTest, SendsEverything) {
    auto [small, peer] = socket_pair(kSmallBuffer);
    run([&]() -> Coro<> {
        std::string data(500'000, 'x');
        for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i % 26);
        const Task<> sending = create_task(sock_sendall(small, data));
        std::string received;
        while (received.size() < data.size()) {
            const std::string some = co_await sock_recv(peer, 10'000);
            received += some;
        }
        co_await sending;
        EXPECT_TRUE(received == data);
        EXPECT_EQ(watched(), 0U);
        co_await sock_sendall(small, "");
    });
}

TEST_F(SockTest, BothDirectionsAtTheSameTimeShareOneRegistration) {
    auto [small, peer] = socket_pair(kSmallBuffer);
    run([&]() -> Coro<> {
        const std::string data(500'000, 'x');
        const Task<> sending = create_task(sock_sendall(small, data));
        const Task<std::string> reading = create_task(sock_recv(small, 10));
        co_await turns(2);
        EXPECT_EQ(watched(), 1U);
        write_text(peer.fileno(), "answer");
        std::string text = co_await reading;
        EXPECT_EQ(text, "answer");
        EXPECT_EQ(watched(), 1U);  // the sender's
        std::size_t received = 0;
        while (received < data.size()) {
            text = co_await sock_recv(peer, 100'000);
            received += text.size();
        }
        co_await sending;
        EXPECT_EQ(watched(), 0U);
    });
}

TEST_F(SockTest, SeveralMayReceiveFromOneSocket) {
    run([&]() -> Coro<> {
        const Task<std::string> first = create_task(sock_recv(a, 1));
        const Task<std::string> second = create_task(sock_recv(a, 1));
        co_await turns(2);
        write_text(b.fileno(), "x");
        co_await until([&] { return first.done() || second.done(); });
        EXPECT_FALSE(first.done() && second.done());
        write_text(b.fileno(), "y");
        std::string both = co_await first;
        both += co_await second;
        std::sort(both.begin(), both.end());
        EXPECT_EQ(both, "xy");
    });
}

TEST_F(SockTest, ADeadPeerIsAnErrorAndNoSignal) {
    run([&]() -> Coro<> {
        b.close();
        const std::string text = co_await caught(sock_sendall(a, "x"));
        EXPECT_EQ(text, "send on " + a.view().repr() + ": Broken pipe");
    });
}

TEST_F(SockTest, Datagrams) {
    run([&]() -> Coro<> {
        const Socket one = Socket::datagram(AF_INET);
        const Socket two = Socket::datagram(AF_INET);
        one.bind(SocketAddress("127.0.0.1", 0));
        two.bind(SocketAddress("127.0.0.1", 0));
        std::size_t count = co_await sock_sendto(one, "datagram", two.getsockname());
        EXPECT_EQ(count, 8U);
        auto packet = co_await sock_recvfrom(two, 4);
        EXPECT_EQ(packet.first, "data");  // the rest is lost
        EXPECT_EQ(packet.second, one.getsockname());
        const auto sender = [&]() -> Coro<> { co_await sock_sendto(one, "", two.getsockname()); };
        loop().call_later(1s, [&] { loop().create_task(sender); });
        packet = co_await sock_recvfrom(two, 100);
        EXPECT_EQ(packet.first, "");
        std::string memory(10, '.');
        count = co_await sock_sendto(two, "12345", one.getsockname());
        const auto received = co_await sock_recvfrom_into(one, memory);
        EXPECT_EQ(received.first, 5U);
        EXPECT_EQ(received.second, two.getsockname());
        EXPECT_EQ(memory, "12345.....");
        count = co_await sock_sendto(two, "67890", one.getsockname());
        const auto part = co_await sock_recvfrom_into(one, memory, 2);
        EXPECT_EQ(part.first, 2U);
        EXPECT_EQ(memory, "67345.....");
        co_await sock_connect(one, two.getsockname());
        count = co_await sock_sendto(one, "to the peer", SocketAddress());
        EXPECT_EQ(count, 11U);
        const std::string text = co_await caught(sock_recvfrom_into(one, memory, 11));
        EXPECT_EQ(text, "nbytes is greater than the length of the buffer");
    });
}

TEST_F(SockTest, ConnectsAndAccepts) {
    run([&]() -> Coro<> {
        const Socket listener = bound_socket();
        listener.listen(1);
        auto accepting = create_task(sock_accept(listener));
        const Socket client = Socket::stream(AF_INET);
        co_await sock_connect(client, listener.getsockname());
        EXPECT_EQ(client.getpeername(), listener.getsockname());
        auto accepted = co_await std::move(accepting);
        EXPECT_EQ(accepted.second, client.getsockname());
        EXPECT_TRUE(::fcntl(accepted.first.fileno(), F_GETFL) & O_NONBLOCK);
        EXPECT_TRUE(::fcntl(accepted.first.fileno(), F_GETFD) & FD_CLOEXEC);
        co_await sock_sendall(client, "hello");
        std::string text = co_await sock_recv(accepted.first, 100);
        EXPECT_EQ(text, "hello");
        text = co_await caught(sock_connect(client, listener.getsockname()));
        EXPECT_NE(text.find("already connected"), std::string::npos) << text;
        EXPECT_EQ(watched(), 0U);
    });
}

TEST_F(SockTest, ConnectsToANumericHost) {
    run([&]() -> Coro<> {
        const Socket listener = bound_socket();
        listener.listen(1);
        const Socket client = Socket::stream(AF_INET);
        co_await sock_connect(client, "localhost", listener.getsockname().port());
        EXPECT_EQ(client.getpeername(), listener.getsockname());
        const std::string text = co_await caught(sock_connect(client, "127.0.0.1", 65536));
        EXPECT_EQ(text, "port must be 0-65535, not 65536");
    });
}

TEST_F(SockTest, ARefusedConnectionNamesTheAddress) {
    run([&]() -> Coro<> {
        const Socket refusing = bound_socket();
        const std::string address = refusing.getsockname().str();
        Socket client = Socket::stream(AF_INET);
        std::string text = co_await caught(sock_connect(client, refusing.getsockname()));
        EXPECT_EQ(text, "connect to " + address + ": Connection refused");
        // The same on a descriptor that was registered before it was connected: such a one seems hung up.
        AsyncFd fd(Socket::stream(AF_INET));
        co_await fd.readable();
        text = co_await caught(sock_connect(fd, refusing.getsockname()));
        EXPECT_EQ(text, "connect to " + address + ": Connection refused");
        refusing.listen(1);
        AsyncFd connecting(Socket::stream(AF_INET));
        co_await connecting.writable();
        co_await sock_connect(connecting, refusing.getsockname());
        text = co_await caught(wait_for(sock_recv(connecting, 1), 1s));
        EXPECT_EQ(text, "TimeoutError");
    });
}

TEST_F(SockTest, ACancelledConnectionGoesOn) {
    const Unanswering unanswering;
    run([&]() -> Coro<> {
        const Socket client = Socket::stream(AF_INET);
        Task<> connecting = create_task(sock_connect(client, unanswering.address()));
        co_await turns(2);
        EXPECT_EQ(watched(), 1U);
        connecting.cancel();
        std::string text = co_await caught(std::move(connecting));
        EXPECT_EQ(text, "CancelledError");
        EXPECT_EQ(watched(), 0U);
        const auto again = [&]() -> Coro<> { co_await sock_connect(client, unanswering.address()); };
        text = co_await caught(async_with(timeout(1s), again));
        EXPECT_EQ(text, "TimeoutError");
    });
}

// The kernel does not tell when there is room.
TEST_F(SockTest, AFullQueueOfAUnixSocketIsAnError) {
    run([&]() -> Coro<> {
        const Socket listener = Socket::stream(AF_UNIX);
        listener.bind(
            SocketAddress::unix_path(std::string(1, '\0') + "aio-sock-test-" + std::to_string(::getpid())));
        listener.listen(0);
        const Socket first = Socket::stream(AF_UNIX);
        co_await sock_connect(first, listener.getsockname());
        const Socket second = Socket::stream(AF_UNIX);
        try {
            co_await sock_connect(second, listener.getsockname());
            ADD_FAILURE();
        } catch (const BlockingIOError&) {
        }
    });
}

TEST_F(SockTest, DebugModeRefusesSocketsThatBlock) {
    const Socket blocking(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    run([&]() -> Coro<> {
        loop().set_debug(true);
        const std::string refusal = "the socket must be non-blocking";
        std::string memory(4, ' ');
        std::string text = co_await caught(sock_recv(blocking, 1));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_recv_into(blocking, memory));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_recvfrom(blocking, 1));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_recvfrom_into(blocking, memory));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_sendall(blocking, ""));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_sendto(blocking, "", SocketAddress()));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_connect(blocking, SocketAddress()));
        EXPECT_EQ(text, refusal);
        text = co_await caught(sock_accept(blocking));
        EXPECT_EQ(text, refusal);
        loop().set_debug(false);
    });
}

// --- whose descriptor it is -----------------------------------------------------------------------

TEST_F(SockTest, IsNotMixedWithATransport) {
    run([&]() -> Coro<> {
        const TransportSocket view = a.view();
        const auto transport = make_socket_transport(loop(), std::move(a), std::make_shared<Protocol>());
        co_await turns(1);
        const std::string text = co_await caught(sock_recv(view, 1));
        EXPECT_EQ(text,
                  "File descriptor " + std::to_string(view.fileno()) + " is already watched by the loop");
        transport->abort();
        co_await turns(2);
    });
}

TEST_F(SockTest, AnAsyncFdsRegistrationIsUsed) {
    run([&]() -> Coro<> {
        AsyncFd fd(a.fileno());
        const Task<std::string> reading = create_task(sock_recv(fd, 100));
        const Task<std::string> beside = create_task(sock_recv(a.view(), 100));
        co_await turns(2);
        EXPECT_EQ(watched(), 1U);
        write_text(b.fileno(), "x");
        co_await until([&] { return reading.done() || beside.done(); });
        write_text(b.fileno(), "y");
        co_await reading;
        co_await beside;
        EXPECT_EQ(watched(), 1U);
        const Task<std::string> left = create_task(caught(sock_recv(fd, 100)));
        co_await turns(2);
        fd.close();
        const std::string text = co_await left;
        EXPECT_NE(text.find("Bad file descriptor"), std::string::npos) << text;
        EXPECT_EQ(watched(), 0U);
    });
}

// A number that is given out again while somebody still waits for what it was.
TEST_F(SockTest, AReusedNumberIsRegisteredAnew) {
    run([&]() -> Coro<> {
        const int number = a.fileno();
        const Task<std::string> forgotten = create_task(sock_recv(a, 1));
        co_await turns(2);
        a.close();
        auto [fresh, peer] = socket_pair();
        if (fresh.fileno() != number) fresh = Socket(::fcntl(fresh.detach(), F_DUPFD_CLOEXEC, number));
        EXPECT_EQ(fresh.fileno(), number);
        const Task<std::string> reading = create_task(sock_recv(fresh, 1));
        co_await turns(2);
        write_text(peer.fileno(), "xy");
        co_await reading;
        co_await forgotten;  // as for the descriptor, so for who uses its number
        EXPECT_EQ(watched(), 0U);
    });
}

TEST_F(SockTest, AClosedSocketIsAnError) {
    run([&]() -> Coro<> {
        const TransportSocket none;
        std::string text = co_await caught(sock_recv(none, 1));
        EXPECT_EQ(text, "recv on <socket fd=-1>: Bad file descriptor");
        text = co_await caught(sock_accept(none));
        EXPECT_EQ(text, "accept on <socket fd=-1>: Bad file descriptor");
    });
}

}  // namespace
}  // namespace aio::tests
