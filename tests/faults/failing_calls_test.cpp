// SPDX-License-Identifier: MIT
// System calls that fail as the kernel has them fail when it is short of something: what is told, and that
// nothing is left of it. A filter of the kernel's answers them (support/failing_calls.hpp).
#include <faults/failing.hpp>
#include <support/pipe.hpp>

#include <aio/endpoints.hpp>
#include <aio/loop/loop_options.hpp>
#include <aio/net/sock.hpp>
#include <aio/pipe.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

// --- accept() -------------------------------------------------------------------------------------

// Three clients are served by a server whose first calls of accept() fail; gives how long it took.
Duration accepted_in(Failing& calls, int times) {
    Duration taken{};
    calls.run([&](aio::testing::LoopTest& test) -> Coro<> {
        Server server = co_await start_server(echo, "127.0.0.1", 0);
        const int port = server.sockets()[0].getsockname().port();
        calls.arm(times);
        const auto begin = test.loop().time();
        co_await gather(talk(port), talk(port), talk(port));
        taken = test.loop().time() - begin;
        server.close();
        co_await server.wait_closed();
    });
    return taken;
}

TEST(FailingCalls, S151_accept_pauses_when_the_kernel_has_nothing_left) {
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
        SCOPED_TRACE(text_of(error));
        Failing calls({SYS_accept4}, error);
        EXPECT_EQ(accepted_in(calls, 1), 1s);
        EXPECT_EQ(calls.reports, Texts{"socket.accept() out of system resource [exception, socket]"});
        Failing twice({SYS_accept4}, error);
        EXPECT_EQ(accepted_in(twice, 2), 2s);
        EXPECT_EQ(twice.reports.size(), 2U);
    }
}

TEST(FailingCalls, S151_accept_passes_over_what_was_aborted) {
    for (const int error : {ECONNABORTED, EPROTO, EHOSTUNREACH, EPERM, EINTR}) {
        SCOPED_TRACE(text_of(error));
        Failing calls({SYS_accept4}, error);
        EXPECT_EQ(accepted_in(calls, 5), 0s);
        EXPECT_EQ(calls.reports, Texts());
    }
}

// --- sockets --------------------------------------------------------------------------------------

TEST(FailingCalls, WhoFindsNoDescriptorIsToldSo) {
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
        SCOPED_TRACE(text_of(error));
        Failing calls({SYS_socket}, error);
        calls.run([&](aio::testing::LoopTest&) -> Coro<> {
            Server server = co_await start_server(echo, "127.0.0.1", 0);
            const SocketAddress address = server.sockets()[0].getsockname();
            calls.arm(1);
            const std::string text = co_await caught(talk(address.port()));
            EXPECT_EQ(text, "socket for " + address.str() + ": " + text_of(error));
            co_await talk(address.port());
            calls.arm(1);
            const std::string other = co_await caught(start_server(echo, "127.0.0.1", 0));
            EXPECT_NE(other.find(text_of(error)), other.npos) << other;
            calls.arm(1);
            const std::string packets = co_await caught(open_datagram_socket("127.0.0.1", address.port()));
            EXPECT_NE(packets.find(text_of(error)), packets.npos) << packets;
            server.close();
            co_await server.wait_closed();
        });
        EXPECT_EQ(calls.reports, Texts());
    }
}

// --- sending --------------------------------------------------------------------------------------

const std::vector<int> kSending{SYS_sendto, SYS_sendmsg, SYS_sendmmsg, SYS_write, SYS_writev, SYS_pwritev2};

TEST(FailingCalls, APacketThatFindsNoBuffersIsToldAndTheNextOneGoes) {
    for (const int error : {ENOBUFS, ENOMEM}) {
        SCOPED_TRACE(text_of(error));
        Failing calls(kSending, error);
        calls.run([&](aio::testing::LoopTest&) -> Coro<> {
            const DatagramSocket there =
                co_await open_datagram_socket(DatagramOptions().local_addr("127.0.0.1", 0));
            const DatagramSocket socket = co_await open_datagram_socket("127.0.0.1", there.sockname().port());
            calls.arm(1);
            const std::string text = co_await caught(socket.send("lost"));
            EXPECT_NE(text.find(text_of(error)), text.npos) << text;
            co_await sleep(0s);
            co_await socket.send("one");
            std::string packet = co_await there.recv();
            EXPECT_EQ(packet, "one");
            // Those after a step's first one go out together: an error is that of the first of them.
            co_await sleep(0s);
            co_await socket.send("two");
            co_await socket.send("lost");
            co_await socket.send("three");
            calls.arm(1);
            packet = co_await there.recv();
            EXPECT_EQ(packet, "two");
            packet = co_await there.recv();
            EXPECT_EQ(packet, "three");
            const std::string told = co_await caught(socket.recv());
            EXPECT_NE(told.find(text_of(error)), told.npos) << told;
            for (const DatagramSocket& each : {there, socket}) {
                each.close();
                co_await each.wait_closed();
            }
        });
        EXPECT_EQ(calls.reports, Texts());
    }
}

TEST(FailingCalls, AStreamThatFindsNoBuffersIsLost) {
    Failing calls(kSending, ENOBUFS);
    calls.run([&](aio::testing::LoopTest&) -> Coro<> {
        auto [ours, theirs] = socket_pair();
        auto streams = co_await open_connection(std::move(ours));
        auto& [reader, writer] = streams;
        calls.arm(1);
        writer.write("hello");
        std::string text = co_await caught(writer.wait_closed());
        EXPECT_NE(text.find(text_of(ENOBUFS)), text.npos) << text;
        text = co_await caught(reader.read());
        EXPECT_NE(text.find(text_of(ENOBUFS)), text.npos) << text;
    });
}

// --- receiving ------------------------------------------------------------------------------------

const std::vector<int> kReceiving{SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_read, SYS_readv};

// Whatever way the data comes. An interrupted call has read nothing; it is made again.
TEST(FailingCalls, AnInterruptedReceiveLosesNothing) {
    Failing calls(kReceiving, EINTR);
    calls.run([&](aio::testing::LoopTest&) -> Coro<> {
        auto [ours, theirs] = socket_pair();
        auto streams = co_await open_connection(std::move(ours));
        ::send(theirs.fileno(), "stream", 6, 0);
        calls.arm(3);
        std::string text = co_await streams.first.readexactly(6);
        EXPECT_EQ(text, "stream");
        streams.second.close();
        co_await streams.second.wait_closed();

        auto [one, other] = socket_pair();
        one.set_nonblocking();
        ::send(other.fileno(), "call", 4, 0);
        calls.arm(3);
        text = co_await sock_recv(one, 100);
        EXPECT_EQ(text, "call");

        const DatagramSocket there =
            co_await open_datagram_socket(DatagramOptions().local_addr("127.0.0.1", 0));
        const DatagramSocket socket = co_await open_datagram_socket("127.0.0.1", there.sockname().port());
        calls.arm(3);
        co_await socket.send("packet");
        text = co_await there.recv();
        EXPECT_EQ(text, "packet");
        for (const DatagramSocket& each : {there, socket}) {
            each.close();
            co_await each.wait_closed();
        }

        Pipe pipe;
        pipe.write("pipe");
        StreamReader reader;
        calls.arm(3);
        auto reading = co_await connect_read_pipe(
            [&reader] { return std::make_shared<StreamReaderProtocol>(reader); }, pipe.take_reading());
        text = co_await reader.readexactly(4);
        EXPECT_EQ(text, "pipe");
        reading.first->close();
    });
    EXPECT_EQ(calls.reports, Texts());
}

TEST(FailingCalls, AStreamThatCannotReceiveIsLost) {
    if (new_event_loop()->poller().name() == "io_uring")
        GTEST_SKIP() << "the ring receives, not a call of the thread";
    for (const int error : {ENOBUFS, ENOMEM}) {
        SCOPED_TRACE(text_of(error));
        Failing calls(kReceiving, error);
        calls.run([&](aio::testing::LoopTest&) -> Coro<> {
            auto [ours, theirs] = socket_pair();
            auto streams = co_await open_connection(std::move(ours));
            ::send(theirs.fileno(), "hello", 5, 0);
            calls.arm(1);
            std::string text = co_await caught(streams.first.read());
            EXPECT_NE(text.find(text_of(error)), text.npos) << text;
            text = co_await caught(streams.second.wait_closed());
            EXPECT_NE(text.find(text_of(error)), text.npos) << text;
        });
    }
}

}  // namespace
}  // namespace aio::tests
