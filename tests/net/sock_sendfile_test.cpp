// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/temporary_file.hpp>
#include <support/turns.hpp>

#include <aio/net/sock.hpp>
#include <aio/testing.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct SockSendfile : ::testing::Test, aio::testing::LoopTest {
    std::pair<Socket, Socket> pair = socket_pair(kSmallBuffer);
    Socket& ours = pair.first;
    Socket& peer = pair.second;

    Coro<std::string> received(std::size_t size) { return read_size(peer.fileno(), size); }
};

TEST_F(SockSendfile, WaitsForRoom) {
    run([&]() -> Coro<> {
        const TemporaryFile file(numbered(1'000'000));
        auto sending = create_task(sock_sendfile(ours, file.fd()));
        co_await turns(3);
        EXPECT_FALSE(sending.done());
        EXPECT_TRUE(co_await received(1'000'000) == numbered(1'000'000));
        EXPECT_EQ(co_await sending, 1'000'000U);
        EXPECT_EQ(file.position(), 1'000'000);
        EXPECT_EQ(loop().stats().descriptors, 0U);
        EXPECT_EQ(co_await sock_sendfile(ours, file.fd(), SendfileOptions().offset(5).count(3)), 3U);
        EXPECT_EQ(co_await received(3), numbered(8).substr(5));
        EXPECT_EQ(file.position(), 8);
    });
}

TEST_F(SockSendfile, FallsBackWhereTheKernelCannot) {
    run([&]() -> Coro<> {
        auto [source, feed] = socket_pair();
        EXPECT_EQ(co_await caught(sock_sendfile(ours, source.fileno(), SendfileOptions().fallback(false))),
                  "the kernel cannot send descriptor " + std::to_string(source.fileno()));
        write_text(feed.fileno(), "text");
        EXPECT_EQ(co_await sock_sendfile(ours, source.fileno(), SendfileOptions().count(4)), 4U);
        EXPECT_EQ(co_await received(4), "text");
    });
}

TEST_F(SockSendfile, RefusesOtherSockets) {
    run([&]() -> Coro<> {
        const TemporaryFile file("text");
        const Socket datagrams = Socket::datagram(AF_UNIX);
        EXPECT_EQ(co_await caught(sock_sendfile(datagrams, file.fd())),
                  "only SOCK_STREAM type sockets are supported");
        loop().set_debug(true);
        ::fcntl(ours.fileno(), F_SETFL, 0);
        EXPECT_EQ(co_await caught(sock_sendfile(ours, file.fd())), "the socket must be non-blocking");
        loop().set_debug(false);
    });
}

TEST_F(SockSendfile, CancelledItKeepsTheFilesPosition) {
    run([&]() -> Coro<> {
        const TemporaryFile file(numbered(1'000'000));
        auto sending = create_task(sock_sendfile(ours, file.fd()));
        co_await turns(3);
        sending.cancel();
        co_await ended(sending);
        EXPECT_TRUE(sending.cancelled());
        EXPECT_EQ(loop().stats().descriptors, 0U);
        const auto sent = static_cast<std::size_t>(file.position());
        EXPECT_GT(sent, 0U);
        EXPECT_TRUE(co_await received(sent) == numbered(sent));
    });
}

TEST_F(SockSendfile, ThePeersEndIsAnErrorAndNoSignal) {
    run([&]() -> Coro<> {
        const TemporaryFile file(numbered(1'000'000));
        peer.close();
        try {
            co_await sock_sendfile(ours, file.fd());
            ADD_FAILURE();
        } catch (const BrokenPipeError& e) {
            EXPECT_EQ(std::string(e.what()).substr(0, 19), "sendfile to <socket");
        }
    });
}

}  // namespace
}  // namespace aio::tests
