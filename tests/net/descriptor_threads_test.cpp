// SPDX-License-Identifier: MIT
// AsyncFd and the sock_ functions on loops of several threads: each loop has registrations of its own.
#include <net/net_support.hpp>

#include <aio/aio.hpp>
#include <aio/net/sock.hpp>
#include <aio/transport/async_fd.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

constexpr int kRounds = 300;

// One byte there and back again.
Coro<> plays(int descriptor, bool begins) {
    const AsyncFd fd(descriptor);
    for (int i = 0; i < kRounds; ++i) {
        if (begins || i > 0) write_text(fd.fileno(), "x");
        for (char byte = 0;;) {
            const FdReady ready = co_await fd.readable();
            const auto count = ready.try_io(::read, fd.fileno(), &byte, std::size_t{1});
            if (count) break;
        }
    }
    if (!begins) write_text(fd.fileno(), "x");
}
Coro<> plays_with_sock(TransportSocket socket, bool begins) {
    for (int i = 0; i < kRounds; ++i) {
        if (begins || i > 0) co_await sock_sendall(socket, "x");
        const std::string text = co_await sock_recv(socket, 1);
        EXPECT_EQ(text, "x");
    }
    if (!begins) co_await sock_sendall(socket, "x");
}

TEST(AsyncFdThreads, TwoLoopsTalk_Thread) {
    const auto [ours, theirs] = socket_pair();
    std::thread thread([fd = theirs.fileno()] { run(plays(fd, false)); });
    run(plays(ours.fileno(), true));
    thread.join();
}

TEST(SockThreads, TwoLoopsTalk_Thread) {
    const auto [ours, theirs] = socket_pair();
    std::thread thread([socket = theirs.view()] { run(plays_with_sock(socket, false)); });
    run(plays_with_sock(ours.view(), true));
    thread.join();
}

// Many numbers, so that the loops' tables grow beside each other; descriptors go from one loop to the other.
TEST(AsyncFdThreads, DescriptorsGoFromLoopToLoop_Thread) {
    std::vector<std::pair<Socket, Socket>> pairs;
    for (int i = 0; i < 40; ++i) pairs.push_back(socket_pair());
    const auto reads = [&](bool first) -> Coro<> {
        for (auto& [ours, theirs] : pairs) {
            AsyncFd fd(first ? ours.fileno() : theirs.fileno());
            write_text(fd.fileno(), "x");
            co_await fd.readable();
            EXPECT_EQ(read_all(fd.fileno()), "x");
            fd.detach();
        }
    };
    for (const bool first : {true, false}) {
        std::thread thread([&] { run(reads, !first); });
        run(reads, first);
        thread.join();
    }
}

// One descriptor that two loops watch: one gets what there is, the end is told to both.
TEST(AsyncFdThreads, TwoLoopsWatchOneDescriptor_Thread) {
    auto [ours, theirs] = socket_pair();
    std::atomic<int> waiting{0};
    std::atomic<int> got{0};
    const auto watches = [&](int descriptor) -> Coro<> {
        const AsyncFd fd(descriptor);
        ++waiting;
        for (char byte = 0;;) {
            const FdReady ready = co_await fd.readable();
            const auto count = ready.try_io(::read, fd.fileno(), &byte, std::size_t{1});
            if (count && *count == 0) break;
            if (count && *count == 1) ++got;
        }
    };
    const int watched = ours.fileno();
    std::thread first([&] { run(watches, watched); });
    std::thread second([&] { run(watches, watched); });
    while (waiting < 2) std::this_thread::yield();
    write_text(theirs.fileno(), "x");
    theirs.close();
    first.join();
    second.join();
    EXPECT_EQ(got, 1);
}

TEST(AsyncFdThreads, AnotherThreadsLoopMayNotWait_Thread) {
    const auto [ours, theirs] = socket_pair();
    run([&]() -> Coro<> {
        AsyncFd fd(ours.fileno());
        std::string text;
        std::thread([&] {
            run([&]() -> Coro<> {
                try {
                    co_await fd.readable();
                } catch (const RuntimeError& error) {
                    text = error.what();
                }
            });
        }).join();
        EXPECT_NE(text.find("is bound to a different event loop"), std::string::npos) << text;
        co_return;
    });
}

}  // namespace
}  // namespace aio::tests
