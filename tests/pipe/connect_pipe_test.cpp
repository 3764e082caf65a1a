// SPDX-License-Identifier: MIT
#include <net/socket_transport_support.hpp>
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <support/pipe.hpp>

#include <aio/pipe.hpp>
#include <aio/streams.hpp>

#include <poll.h>
#include <sys/stat.h>
#include <csignal>
#include <optional>
#include <string>

namespace aio::tests {
namespace {

class ConnectPipeTest : public SocketTransportTest {
protected:
    auto factory() {
        return [this] { return protocol; };
    }
    std::string lines() const { return print.joined(); }
};

TEST_F(ConnectPipeTest, ReadsUntilTheEndAndClosesItself) {
    run([&]() -> Coro<> {
        Pipe pipe;
        pipe.write("early");
        auto connection = co_await connect_read_pipe(factory(), pipe.take_reading());
        EXPECT_EQ(connection.second, protocol);
        EXPECT_TRUE(connection.first->is_reading());
        co_await until([&] { return protocol->received == "early"; });
        pipe.write("late");
        co_await until([&] { return protocol->received == "earlylate"; });
        protocol->keep_open = true;  // does not count
        pipe.writing.close();
        co_await until_lost();
        EXPECT_TRUE(connection.first->is_closing());
    });
    EXPECT_EQ(lines(), "made | eof | lost None");
}

TEST_F(ConnectPipeTest, AReadingEndRefusesToWrite) {
    run([&]() -> Coro<> {
        Pipe pipe;
        auto connection = co_await connect_read_pipe(factory(), pipe.take_reading());
        Transport& transport = *connection.first;
        EXPECT_FALSE(transport.can_write_eof());
        EXPECT_THROW(transport.write("x"), RuntimeError);
        EXPECT_THROW(transport.writelines({"x", "y"}), RuntimeError);
        transport.write_eof();
        EXPECT_FALSE(transport.is_closing());
        transport.close();
        co_await until_lost();
    });
    EXPECT_EQ(lines(), "made | lost None");
}

TEST_F(ConnectPipeTest, PausesAndResumesReading) {
    run([&]() -> Coro<> {
        Pipe pipe;
        auto connection = co_await connect_read_pipe(factory(), pipe.take_reading());
        connection.first->pause_reading();
        EXPECT_FALSE(connection.first->is_reading());
        pipe.write("x");
        pipe.writing.close();
        co_await settle_for_real();
        EXPECT_EQ(protocol->received, "");
        connection.first->resume_reading();
        co_await until_lost();
        EXPECT_EQ(protocol->received, "x");
    });
}

TEST_F(ConnectPipeTest, WritesMoreThanThePipeHolds) {
    run([&]() -> Coro<> {
        Pipe pipe(4096);
        auto connection = co_await connect_write_pipe(factory(), pipe.take_writing());
        Transport& transport = *connection.first;
        EXPECT_FALSE(transport.is_reading());
        transport.pause_reading();
        transport.resume_reading();
        std::string text;
        for (int i = 0; i < 40'000; ++i) text += std::to_string(i);
        transport.write(text);
        EXPECT_GT(transport.get_write_buffer_size(), 0U);
        transport.writelines({"and ", "more"});
        transport.close();
        std::string received;
        while (!protocol->lost) {
            received += pipe.read();
            co_await sleep(0s);
        }
        received += pipe.read();
        EXPECT_EQ(received, text + "and more");
    });
    EXPECT_EQ(lines(), "made | pause | resume | lost None");
}

TEST_F(ConnectPipeTest, WriteEofEndsAWritingEnd) {
    run([&]() -> Coro<> {
        Pipe pipe;
        auto connection = co_await connect_write_pipe(factory(), pipe.take_writing());
        EXPECT_TRUE(connection.first->can_write_eof());
        connection.first->write("last");
        connection.first->write_eof();
        co_await until_lost();
        EXPECT_EQ(pipe.read(), "last");
    });
    EXPECT_EQ(lines(), "made | lost None");
}

TEST_F(ConnectPipeTest, AWriterLearnsThatItsReaderIsGone) {
    run([&]() -> Coro<> {
        Pipe pipe;
        auto connection = co_await connect_write_pipe(factory(), pipe.take_writing());
        pipe.reading.close();
        co_await until_lost();
    });
    EXPECT_EQ(lines(), "made | lost None");
    EXPECT_TRUE(reports().empty());
}

TEST_F(ConnectPipeTest, WhatCouldNotBeWrittenIsABrokenPipe) {
    run([&]() -> Coro<> {
        Pipe pipe;
        auto connection = co_await connect_write_pipe(factory(), pipe.take_writing());
        connection.first->write(std::string(1'000'000, 'x'));
        pipe.reading.close();
        co_await until_lost();
    });
    EXPECT_EQ(lines(), "made | pause | lost BrokenPipeError");
    EXPECT_TRUE(reports().empty());
}

// SIGPIPE would end the test; what the program itself has blocked and pending stays.
TEST_F(ConnectPipeTest, NoSigpipeIsRaised) {
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t sigpipe;
    sigset_t before;
    sigset_t pending;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    for (const int round : {0, 1, 2}) {  // not blocked, blocked, pending
        if (round == 1) ::pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
        if (round == 2) ::raise(SIGPIPE);
        protocol = std::make_shared<Recorder>(print);
        run([&]() -> Coro<> {
            Pipe pipe;
            auto connection = co_await connect_write_pipe(factory(), pipe.take_writing());
            pipe.reading.close();
            connection.first->write("x");
            co_await until_lost();
        });
        ::sigpending(&pending);
        EXPECT_EQ(sigismember(&pending, SIGPIPE), round == 2 ? 1 : 0);
    }
    const timespec at_once{};
    ::sigtimedwait(&sigpipe, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(ConnectPipeTest, TellsItsDescriptorAndText) {
    run([&]() -> Coro<> {
        Pipe pipe;
        const int fd = pipe.reading.fd;
        auto connection = co_await connect_read_pipe(factory(), pipe.take_reading());
        EXPECT_EQ(connection.first->get_extra_info("pipe", -1), fd);
        EXPECT_FALSE(connection.first->get_extra_info("socket").has_value());
        EXPECT_EQ(connection.first->repr(), "<ReadPipeTransport open fd=" + std::to_string(fd) + ">");
        connection.first->close();
        co_await until_lost();
        EXPECT_EQ(connection.first->repr(), "<ReadPipeTransport closed>");
    });
}

TEST_F(ConnectPipeTest, RefusesFilesAndClosesThem) {
    const int before = open_descriptors();
    run([&]() -> Coro<> {
        for (const char* path : {"/proc/self/exe", "/tmp"}) {
            try {
                co_await connect_read_pipe(factory(), ::open(path, O_RDONLY | O_CLOEXEC));
                ADD_FAILURE() << path;
            } catch (const ValueError& e) {
                EXPECT_STREQ(e.what(), "Pipe transport is for pipes/sockets only.");
            }
            try {
                co_await connect_write_pipe(factory(), ::open(path, O_RDONLY | O_CLOEXEC));
                ADD_FAILURE() << path;
            } catch (const ValueError& e) {
                EXPECT_STREQ(e.what(), "Pipe transport is only for pipes, sockets and character devices");
            }
        }
        try {
            co_await connect_read_pipe(factory(), -1);
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_EQ(e.error_number(), EBADF);
        }
    });
    finish();
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ConnectPipeTest, RefusesADescriptorThatIsWatched) {
    run([&]() -> Coro<> {
        Pipe pipe;
        const int fd = pipe.reading.fd;
        loop().add_reader(fd, [] {});
        try {
            co_await connect_read_pipe(factory(), pipe.take_reading());
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_EQ(std::string(e.what()),
                      "File descriptor " + std::to_string(fd) + " is already watched by the loop");
        }
        EXPECT_TRUE(loop().remove_reader(fd));
    });
    EXPECT_EQ(lines(), "");
}

TEST_F(ConnectPipeTest, NobodyElseWatchesWhatATransportReads) {
    run([&]() -> Coro<> {
        Pipe pipe;
        const int fd = pipe.reading.fd;
        auto connection = co_await connect_read_pipe(factory(), pipe.take_reading());
        EXPECT_THROW(loop().add_reader(fd, [] {}), RuntimeError);
        connection.first->abort();
        co_await until_lost();
    });
}

TEST_F(ConnectPipeTest, ASharedDescriptorHasToBeOpen) {
    run([&]() -> Coro<> {
        try {
            co_await aio::detail::attach_shared(-1, protocol, aio::detail::PipeEnd::reading);
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_EQ(e.error_number(), EBADF);
        }
    });
}

bool blocks(const Fd& fd) { return (::fcntl(fd.fd, F_GETFL) & O_NONBLOCK) == 0; }

// As standard input and output of a shell are; what cannot be opened anew is a terminal's master here.
TEST_F(ConnectPipeTest, TheModeOfASharedTerminalIsRestoredByTheLast) {
    using aio::detail::attach_shared;
    for (const bool input_first : {true, false}) {
        Terminal terminal;
        make_blocking(terminal.master);
        const Fd other(::fcntl(terminal.master.fd, F_DUPFD_CLOEXEC, 3));
        run([&]() -> Coro<> {
            const auto reads = std::make_shared<Recorder>(print);
            const auto writes = std::make_shared<Recorder>(print);
            auto input = co_await attach_shared(terminal.master.fd, reads, aio::detail::PipeEnd::reading);
            auto output = co_await attach_shared(other.fd, writes, aio::detail::PipeEnd::writing);
            EXPECT_FALSE(blocks(terminal.master));
            (input_first ? input : output)->close();
            co_await until([&] { return (input_first ? reads : writes)->lost; });
            EXPECT_FALSE(blocks(terminal.master)) << "the other one would stop the loop";
            (input_first ? output : input)->close();
            co_await until([&] { return (input_first ? writes : reads)->lost; });
            co_await until([&] { return blocks(terminal.master); });
        });
    }
}

TEST_F(ConnectPipeTest, AForkedChildLeavesTheModeOfATerminalToItsParent) {
    Terminal terminal;
    make_blocking(terminal.master);
    const ChildSays says;
    EXPECT_EQ(run_in_child([&] {
                  bool forked = false;
                  Runner runner;
                  const auto body = [&]() -> Coro<> {
                      auto input = co_await aio::detail::attach_shared(
                          terminal.master.fd, std::make_shared<Protocol>(), aio::detail::PipeEnd::reading);
                      const pid_t child = ::fork();
                      forked = child == 0;
                      if (forked) co_return;
                      says(how_ended(child));
                      says(blocks(terminal.master) ? "blocks" : "does not");
                  };
                  runner.run(body());
                  runner.close();
                  if (!forked) says(blocks(terminal.master) ? "blocks" : "does not");
              }),
              "exit 0");
    EXPECT_EQ(says.heard(), "exit 0 | does not | blocks | ");
}

TEST_F(ConnectPipeTest, DevicesThatNobodyCanWaitForAreAlwaysReady) {
    run([&]() -> Coro<> {
        auto connection = co_await connect_read_pipe(factory(), ::open("/dev/null", O_RDONLY | O_CLOEXEC));
        co_await until_lost();
        const auto sink = std::make_shared<Recorder>(print);
        auto output =
            co_await connect_write_pipe([&] { return sink; }, ::open("/dev/null", O_WRONLY | O_CLOEXEC));
        output.first->write(std::string(1'000'000, 'x'));
        EXPECT_EQ(output.first->get_write_buffer_size(), 0U);
        output.first->close();
        co_await until([&] { return sink->lost; });
    });
    EXPECT_EQ(lines(), "made | eof | lost None | made | lost None");
}

// The loop's close finds it, although it is not registered.
TEST_F(ConnectPipeTest, ALoopThatClosesEndsAnIdleDevice) {
    std::optional<Ref<Transport>> kept;
    run([&]() -> Coro<> {
        auto connection = co_await connect_read_pipe(factory(), ::open("/dev/zero", O_RDONLY | O_CLOEXEC));
        connection.first->pause_reading();
        kept = connection.first;
    });
    finish();
    EXPECT_EQ((*kept)->get_protocol(), nullptr);
}

TEST_F(ConnectPipeTest, TerminalsAndSocketsAreReadToTheEnd) {
    run([&]() -> Coro<> {
        Terminal terminal;
        auto connection = co_await connect_read_pipe(factory(), std::exchange(terminal.slave.fd, -1));
        EXPECT_EQ(::write(terminal.master.fd, "one\ntwo\n", 8), 8);
        co_await until([&] { return protocol->received == "one\ntwo\n"; });
        terminal.master.close();
        co_await until_lost();
        protocol = std::make_shared<Recorder>(print);
        SocketPair sockets;
        auto over_socket = co_await connect_read_pipe(factory(), std::exchange(sockets.a.fd, -1));
        sockets.b.send("text");
        co_await until([&] { return protocol->received == "text"; });
        sockets.b.close();
        co_await until_lost();
    });
    EXPECT_EQ(lines(), "made | eof | lost None | made | eof | lost None");
}

TEST_F(ConnectPipeTest, AFifoWithoutWritersIsNotAtItsEnd) {
    const std::string path = ::testing::TempDir() + "aio_fifo_" + std::to_string(::getpid());
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    run([&]() -> Coro<> {
        auto connection =
            co_await connect_read_pipe(factory(), ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        co_await settle_for_real();
        EXPECT_FALSE(protocol->lost);
        Fd writer(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
        EXPECT_EQ(::write(writer.fd, "x", 1), 1);
        writer.close();
        co_await until_lost();
    });
    ::unlink(path.c_str());
    EXPECT_EQ(protocol->received, "x");
}

TEST_F(ConnectPipeTest, CancelledOrForgottenItClosesThePipe) {
    Pipe pipe;
    run([&]() -> Coro<> {
        {
            auto forgotten = connect_read_pipe(factory(), ::dup(pipe.reading.fd));
        }
        auto task = create_task(connect_read_pipe(factory(), pipe.take_reading()));
        co_await sleep(0s);
        task.cancel();
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        co_await until_lost();
        pollfd writing{pipe.writing.fd, POLLOUT, 0};
        EXPECT_EQ(::poll(&writing, 1, 0), 1);
        EXPECT_TRUE(writing.revents & POLLERR);  // nobody has the other end
    });
}

TEST_F(ConnectPipeTest, StreamsOverAPipe) {
    run([&]() -> Coro<> {
        Pipe pipe;
        StreamReader reader;
        const auto reading = std::make_shared<StreamReaderProtocol>(reader);
        const auto writing = std::make_shared<StreamReaderProtocol>(StreamReader());
        auto input = co_await connect_read_pipe([&] { return reading; }, pipe.take_reading());
        auto output = co_await connect_write_pipe([&] { return writing; }, pipe.take_writing());
        const StreamWriter writer(*output.first, writing);
        writer.write("hi\nthere");
        const std::string line = co_await reader.readline();
        EXPECT_EQ(line, "hi\n");
        writer.close();
        co_await writer.wait_closed();
        const std::string rest = co_await reader.read();
        EXPECT_EQ(rest, "there");
    });
}

}  // namespace
}  // namespace aio::tests
