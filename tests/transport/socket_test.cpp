// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/trace.hpp>

#include <aio/transport/socket.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <cerrno>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<Socket>);
static_assert(std::is_nothrow_move_constructible_v<Socket>);
static_assert(std::is_trivially_copyable_v<TransportSocket>);

TEST(Socket, IsNonBlockingAndClosedOnExec) {
    const Socket socket = Socket::stream(AF_INET);
    EXPECT_TRUE(::fcntl(socket.fileno(), F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(::fcntl(socket.fileno(), F_GETFD) & FD_CLOEXEC);
    EXPECT_EQ(socket.view().family(), AF_INET);
    EXPECT_EQ(socket.view().type(), SOCK_STREAM);
}

TEST(Socket, ClosesAtTheEnd) {
    int fd = -1;
    {
        const Socket socket = Socket::stream(AF_INET);
        fd = socket.fileno();
    }
    EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(Socket, MovesAndDetaches) {
    Socket a = Socket::stream(AF_INET);
    const int fd = a.fileno();
    Socket b = std::move(a);
    EXPECT_FALSE(a);
    EXPECT_EQ(a.fileno(), -1);
    a = std::move(b);
    EXPECT_EQ(a.fileno(), fd);
    EXPECT_EQ(a.detach(), fd);
    EXPECT_FALSE(a);
    EXPECT_NE(::fcntl(fd, F_GETFD), -1);
    ::close(fd);
}

TEST(Socket, KnowsItsNames) {
    auto [a, b] = tcp_pair();
    EXPECT_EQ(a.getsockname(), b.getpeername());
    EXPECT_EQ(a.getpeername(), b.getsockname());
    EXPECT_EQ(a.view().repr(),
              "<socket fd=" + std::to_string(a.fileno()) + " " + a.getsockname().str() + ">");
}

TEST(Socket, SetsOptions) {
    const Socket socket = Socket::stream(AF_INET);
    socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    EXPECT_NE(socket.view().getsockopt(IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST(Socket, ErrorsNameOperationAndAddress) {
    const Socket first = Socket::stream(AF_INET);
    first.bind(SocketAddress("127.0.0.1", 0));
    first.listen(1);
    const std::string name = first.getsockname().str();
    EXPECT_EQ(thrown<OSError>([&] { Socket::stream(AF_INET).bind(first.getsockname()); }),
              "bind to " + name + ": Address already in use");
    EXPECT_EQ(thrown<OSError>([] { Socket::stream(12345); }).substr(0, 8), "socket: ");
    EXPECT_EQ(thrown<OSError>([] { TransportSocket(-1).getsockname(); }),
              "getsockname of descriptor -1: Bad file descriptor");
    EXPECT_EQ(thrown<OSError>([&] { first.getpeername(); }), "getpeername of descriptor " +
                                                                 std::to_string(first.fileno()) +
                                                                 ": Transport endpoint is not connected");
    EXPECT_EQ(TransportSocket(-1).repr(), "<socket fd=-1>");
}

TEST(Socket, MakesAnAdoptedDescriptorNonBlocking) {
    const Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_FALSE(::fcntl(socket.fileno(), F_GETFL) & O_NONBLOCK);
    socket.set_nonblocking();
    EXPECT_TRUE(::fcntl(socket.fileno(), F_GETFL) & O_NONBLOCK);
}

}  // namespace
}  // namespace aio::tests
