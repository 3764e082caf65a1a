// SPDX-License-Identifier: MIT
// A kernel that lets no more descriptors be watched (/proc/sys/fs/epoll/max_user_watches, or no memory): who
// asked is told, nothing is left of it, and the next one is served.
#include <faults/failing.hpp>
#include <support/pipe.hpp>
#include <support/trace.hpp>

#include <aio/pipe.hpp>
#include <aio/subprocess.hpp>
#include <aio/transport/async_fd.hpp>

#include <sys/epoll.h>
#include <cerrno>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

class FailingWatches : public ::testing::TestWithParam<int> {
protected:
    void SetUp() override {
        if (new_event_loop()->poller().name() == "io_uring")
            GTEST_SKIP() << "the ring watches, not a call of the thread";
    }
    static bool begins(const seccomp_data& call) { return call.args[1] != EPOLL_CTL_DEL; }
    void expect_told(const std::string& text) const {
        EXPECT_NE(text.find("epoll_ctl on descriptor"), text.npos) << text;
        EXPECT_NE(text.find(text_of(GetParam())), text.npos) << text;
    }

    Failing calls{{SYS_epoll_ctl}, GetParam(), begins};
};

TEST_P(FailingWatches, OfDescriptors) {
    calls.run([&](aio::testing::LoopTest& test) -> Coro<> {
        EventLoop& loop = test.loop();
        Pipe pipe;
        pipe.write("x");
        int seen = 0;
        for (const bool reading : {true, false}) {
            const int fd = reading ? pipe.reading.fd : pipe.writing.fd;
            const auto watch = [&] {
                if (reading) {
                    loop.add_reader(fd, [&seen, &loop, fd] { seen += loop.remove_reader(fd); });
                } else {
                    loop.add_writer(fd, [&seen, &loop, fd] { seen += loop.remove_writer(fd); });
                }
            };
            calls.arm(1);
            expect_told(thrown<OSError>(watch));
            EXPECT_FALSE(reading ? loop.remove_reader(fd) : loop.remove_writer(fd));
            watch();
            while (seen == (reading ? 0 : 1)) co_await sleep(0s);
        }
        calls.arm(1);
        expect_told(thrown<OSError>([&] { AsyncFd fd(pipe.reading.fd); }));
        const AsyncFd fd(pipe.reading.fd);
        co_await fd.readable();
    });
    EXPECT_EQ(calls.reports, Texts());
}

TEST_P(FailingWatches, OfConnections) {
    calls.run([&](aio::testing::LoopTest&) -> Coro<> {
        calls.arm(1);
        std::string text = co_await caught(start_server(echo, "127.0.0.1", 0));
        expect_told(text);
        Server server = co_await start_server(echo, "127.0.0.1", 0);
        const int port = server.sockets()[0].getsockname().port();
        for (int times = 0; times < 3; ++times) {
            calls.arm(1);
            text = co_await caught(talk(port));
            expect_told(text);
            co_await talk(port);
        }
        server.close();
        co_await server.wait_closed();
    });
    EXPECT_EQ(calls.reports, Texts());
}

// The kernel's queue has it already when the server cannot watch it: it is lost, and the next one is served.
TEST_P(FailingWatches, OfAcceptedConnections) {
    calls.run([&](aio::testing::LoopTest&) -> Coro<> {
        Server server = co_await start_server(echo, "127.0.0.1", 0);
        const SocketAddress address = server.sockets()[0].getsockname();
        const Socket client = connected_socket(address);
        calls.arm(1);
        while (calls.failed() == 0) co_await sleep(1ms);
        co_await sleep(1ms);
        char byte = 0;
        const ssize_t count = ::recv(client.fileno(), &byte, 1, MSG_DONTWAIT);
        EXPECT_TRUE(count == 0 || errno == ECONNRESET) << count << " " << errno;
        co_await talk(address.port());
        server.close();
        co_await server.wait_closed();
    });
    EXPECT_EQ(calls.reports, (Texts{"Fatal error on socket transport [exception, protocol, transport]",
                                    "Unhandled exception in client_connected_cb [exception, transport]"}));
}

// These begin to receive when they are made already: who reads is told, and so is the loop.
TEST_P(FailingWatches, OfDatagramsAndPipes) {
    calls.run([&](aio::testing::LoopTest&) -> Coro<> {
        calls.arm(1);
        const auto socket = co_await open_datagram_socket(DatagramOptions().local_addr("127.0.0.1", 0));
        std::string text = co_await caught(socket.recv());
        expect_told(text);
        for (const bool reading : {true, false}) {
            Pipe pipe;
            StreamReader reader;
            const auto make = [&reader] { return std::make_shared<StreamReaderProtocol>(reader); };
            calls.arm(1);
            if (reading) {
                co_await connect_read_pipe(make, pipe.take_reading());
            } else {
                co_await connect_write_pipe(make, pipe.take_writing());
            }
            text = co_await caught(reader.read());
            expect_told(text);
        }
    });
    EXPECT_EQ(calls.reports, (Texts{"Fatal error on datagram transport [exception, protocol, transport]",
                                    "Fatal error on pipe transport [exception, protocol, transport]",
                                    "Fatal error on pipe transport [exception, protocol, transport]"}));
}

// A thread waits for it then.
TEST_P(FailingWatches, OfChildren) {
    calls.run([&](aio::testing::LoopTest&) -> Coro<> {
        calls.arm(1);
        auto child = co_await create_subprocess_exec("sh", "-c", "exit 3");
        EXPECT_EQ(calls.failed(), 1);
        const int status = co_await child.wait();
        EXPECT_EQ(status, 3);
    });
    EXPECT_EQ(calls.reports, Texts());
}

INSTANTIATE_TEST_SUITE_P(, FailingWatches, ::testing::Values(ENOSPC, ENOMEM));

}  // namespace
}  // namespace aio::tests
