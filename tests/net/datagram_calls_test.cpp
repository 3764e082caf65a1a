// SPDX-License-Identifier: MIT
// How many system calls packets cost: many travel in one.
#include <support/datagrams.hpp>
#include <support/failing_calls.hpp>

#include <netinet/udp.h>
#include <sys/syscall.h>
#include <string>
#include <thread>
#include <utility>

namespace aio::tests {
namespace {

constexpr int kPackets = 200;

struct Calls {
    int alone = 0;  ///< for one packet
    int sends = 0;
    int receives = 0;
    unsigned messages = 0;  ///< that the sends had
};

// What a coroutine of that loop costs. The kernel counts, see with_failing_calls(); none fails.
template <class Body>
Calls calls_of(Body body) {
    Calls calls;
    const auto count = [&calls](const seccomp_data& call) {
        if (call.nr == SYS_sendmmsg) {
            ++calls.sends;
            calls.messages += static_cast<unsigned>(call.args[2]);
        } else if (call.nr == SYS_recvmmsg) {
            ++calls.receives;
        } else {
            ++calls.alone;
        }
        return 0;
    };
    with_failing_calls({SYS_sendmmsg, SYS_recvmmsg, SYS_sendmsg, SYS_sendto, SYS_recvmsg, SYS_recvfrom},
                       count, [&] {
                           aio::testing::LoopTest test;
                           test.run([&]() -> Coro<> { co_await body(test.loop()); });
                           test.finish();
                       });
    return calls;
}

Coro<> closed(Ref<DatagramTransport> transport, std::shared_ptr<Packets> protocol) {
    transport->close();
    co_await until([&] { return protocol->lost; });
}

// Sends `kPackets` in one step, of one size or each longer than the last.
Calls calls_of_sending(const Socket& to, bool one_size, Texts& all) {
    return calls_of([&](EventLoop& loop) -> Coro<> {
        const auto protocol = std::make_shared<Packets>();
        const auto transport = make_datagram_transport(loop, bound_udp(), protocol, to.getsockname());
        co_await turns(2);
        for (int i = 0; i < kPackets; ++i) {
            all.emplace_back(one_size ? 100U : static_cast<std::size_t>(i + 1),
                             static_cast<char>('a' + i % 26));
            transport->sendto(all.back());
        }
        co_await turns(1);
        EXPECT_EQ(transport->get_write_buffer_size(), 0U);
        co_await closed(transport, protocol);
    });
}

struct DatagramCalls : DatagramTest {
    void expect_at(const Socket& socket, const Texts& all) {
        run([&]() -> Coro<> { co_await arrive(socket, all); });
    }
    const Socket peer = bound_udp();
    Texts sent;
};

TEST_F(DatagramCalls, ManyAreSentInFew) {
    const Calls calls = calls_of_sending(peer, false, sent);
    expect_at(peer, sent);
    EXPECT_EQ(calls.alone, 1) << "the first one, which does not wait for others";
    EXPECT_EQ(calls.messages, kPackets - 1U);
    EXPECT_LE(calls.sends, 4);
}

TEST_F(DatagramCalls, ThoseOfOneSizeAreOneMessage) {
    int segment = 0;
    socklen_t size = sizeof segment;
    if (::getsockopt(peer.fileno(), SOL_UDP, UDP_SEGMENT, &segment, &size) != 0) {
        GTEST_SKIP() << "the kernel has no UDP_SEGMENT";
    }
    const Calls calls = calls_of_sending(peer, true, sent);
    expect_at(peer, sent);
    EXPECT_LE(calls.messages, 4U) << "the kernel cuts them, 64 from each";
}

// Waits in place until that many have arrived, without taking them.
void await_packets(const Socket& socket, int count) {
    socket.setsockopt(SOL_SOCKET, SO_PEEK_OFF, 0);  // each look is at the next one
    char byte = 0;
    while (count > 0) {
        if (::recv(socket.fileno(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1) {
            --count;
        } else {
            std::this_thread::yield();
        }
    }
    socket.setsockopt(SOL_SOCKET, SO_PEEK_OFF, -1);
}

TEST_F(DatagramCalls, ManyAreReceivedInFew) {
    Socket ours = bound_udp();
    Texts all;
    for (int i = 0; i < kPackets; ++i) {
        all.emplace_back(1, static_cast<char>('a' + i % 26));
        send_packet(peer, ours.getsockname(), all.back());
    }
    await_packets(ours, kPackets);
    const Calls calls = calls_of([&](EventLoop& loop) -> Coro<> {
        const auto receiver = std::make_shared<Packets>();
        const auto transport = make_datagram_transport(loop, std::move(ours), receiver);
        co_await until([&] { return receiver->packets.size() == all.size(); });
        EXPECT_EQ(receiver->packets, all);
        co_await closed(transport, receiver);
    });
    EXPECT_EQ(calls.alone, 0);
    EXPECT_LE(calls.receives, 8) << "32 in each";
}

}  // namespace
}  // namespace aio::tests
