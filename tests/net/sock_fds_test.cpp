// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/temporary_file.hpp>
#include <support/turns.hpp>

#include <aio/net/sock.hpp>
#include <aio/testing.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct SockFds : ::testing::Test, aio::testing::LoopTest {
    std::pair<Socket, Socket> pair = socketpair();
    Socket& ours = pair.first;
    Socket& peer = pair.second;

    static std::string content(const Socket& file) {
        std::string text(100, '\0');
        const ssize_t count = ::pread(file.fileno(), text.data(), text.size(), 0);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    static std::vector<int> of(const TemporaryFile& first, const TemporaryFile& second) {
        std::vector<int> fds;
        fds.push_back(first.fd());
        fds.push_back(second.fd());
        return fds;
    }
};

TEST_F(SockFds, GoWithTheirBytes) {
    run([&]() -> Coro<> {
        const TemporaryFile first("one");
        const TemporaryFile second("two");
        const Task<ReceivedFds> receiving = create_task(sock_recv_fds(peer, 100, 8));
        co_await turns(2);
        EXPECT_EQ(co_await sock_send_fds(ours, "files", of(first, second)), 5U);
        const ReceivedFds& received = co_await receiving;
        EXPECT_EQ(received.data, "files");
        EXPECT_FALSE(received.truncated);
        EXPECT_EQ(received.fds.size(), 2U);
        EXPECT_EQ(content(received.fds.at(0)), "one");
        EXPECT_EQ(content(received.fds.at(1)), "two");
        EXPECT_NE(received.fds[0].fileno(), first.fd()) << "a number of its own";
        EXPECT_NE(::fcntl(received.fds[0].fileno(), F_GETFD) & FD_CLOEXEC, 0);
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

TEST_F(SockFds, WithoutAnyItIsAPlainMessage) {
    run([&]() -> Coro<> {
        co_await sock_send_fds(ours, "text", std::vector<int>());
        ReceivedFds received = co_await sock_recv_fds(peer, 2, 1);
        EXPECT_EQ(received.data, "te");
        EXPECT_TRUE(received.fds.empty());
        received = co_await sock_recv_fds(peer, 100, 0);
        EXPECT_EQ(received.data, "xt");
        ours.close();
        received = co_await sock_recv_fds(peer, 100, 1);
        EXPECT_EQ(received.data, "");
    });
}

TEST_F(SockFds, WhatWasNotAskedForIsClosed) {
    run([&]() -> Coro<> {
        const TemporaryFile first("one");
        const TemporaryFile second("two");
        const int before = open_descriptors();
        {
            co_await sock_send_fds(ours, "x", of(first, second));
            const ReceivedFds received = co_await sock_recv_fds(peer, 100, 1);
            EXPECT_EQ(received.fds.size(), 1U);
            EXPECT_TRUE(received.truncated);
            EXPECT_LE(open_descriptors(), before + 1);
        }
        EXPECT_LE(open_descriptors(), before);
        co_await sock_send_fds(ours, "y", of(first, second));
        std::string text = co_await sock_recv(peer, 100);
        EXPECT_EQ(text, "y");
        EXPECT_LE(open_descriptors(), before);
    });
}

TEST_F(SockFds, CancelledTheyAreStillThere) {
    run([&]() -> Coro<> {
        const TemporaryFile file("one");
        const TemporaryFile other("two");
        const int before = open_descriptors();
        for (int tick = 0; tick < 4; ++tick) {
            auto receiving = create_task(sock_recv_fds(peer, 100, 8));
            co_await turns(2);
            co_await sock_send_fds(ours, "x", of(file, other));
            co_await turns(tick);
            receiving.cancel();
            co_await ended(receiving);
            if (receiving.cancelled()) {
                const ReceivedFds received = co_await sock_recv_fds(peer, 100, 8);
                EXPECT_EQ(received.fds.size(), 2U);
            } else {
                EXPECT_EQ(receiving.result().fds.size(), 2U);
            }
        }
        co_await turns(2);
        EXPECT_LE(open_descriptors(), before);
    });
}

TEST_F(SockFds, ErrorsAreTold) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await caught(sock_send_fds(ours, "", std::vector<int>(1, 0))),
                  "descriptors are sent with at least one byte");
        const std::string text = co_await caught(sock_send_fds(ours, "x", std::vector<int>(1, 12345)));
        EXPECT_EQ(text.substr(0, 18), "sendmsg on <socket");
        EXPECT_NE(text.find("Bad file descriptor"), std::string::npos);
    });
}

}  // namespace
}  // namespace aio::tests
