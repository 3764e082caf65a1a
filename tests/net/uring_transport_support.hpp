// SPDX-License-Identifier: MIT
#pragma once

#include <net/socket_transport_support.hpp>

#include <vector>

namespace aio::tests {

/// A loop on io_uring, that defers writes unless the test says otherwise before it uses it.
class UringTransportTest : public ::testing::Test {
protected:
    static EventLoopPtr make_loop(bool defer) {
        return new_event_loop(LoopOptions().poller("io_uring").defer_writes(defer));
    }
    void SetUp() override {
        if (make_loop(false)->poller().name() != "io_uring") GTEST_SKIP() << "this machine refuses io_uring";
    }
    EventLoop& loop() { return runner.get_loop(); }
    void run(std::function<Coro<>()> body) { runner.run(body()); }

    /// A transport; `peer` has the other end, of a socket that keeps the borders of messages or of a stream.
    Ref<Transport> connect(int type = SOCK_SEQPACKET, int buffer = 0) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        for (const int end : ends) {
            if (buffer > 0) set_buffers(end, buffer);
        }
        peer = Socket(ends[1]);
        return make_socket_transport(loop(), Socket(ends[0]), protocol);
    }
    using Calls = std::vector<std::string>;
    /// What was sent since the last call, by system call; "" for the end.
    Calls sent() {
        Calls all;
        std::string text(64 * 1024, '\0');
        for (ssize_t size = 1; size > 0;) {
            size = ::recv(peer.fileno(), text.data(), text.size(), 0);
            if (size >= 0) all.emplace_back(text, 0, static_cast<std::size_t>(size));
        }
        return all;
    }
    Coro<> until_lost() {
        return until([this] { return protocol->lost; });
    }
    static Coro<> turns(int count) {
        for (int i = 0; i < count; ++i) co_await sleep(0s);
    }

    bool defer = true;
    Runner runner{RunOptions().loop_factory([this] { return make_loop(defer); })};
    Trace print;
    std::shared_ptr<Recorder> protocol = std::make_shared<Recorder>(print);
    Socket peer;
};

}  // namespace aio::tests
