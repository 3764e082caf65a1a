// SPDX-License-Identifier: MIT
// Faults of pipes, docs/faults.md explains the numbers.
#include <faults/failing.hpp>
#include <net/socket_transport_support.hpp>
#include <support/children.hpp>
#include <support/part_of.hpp>
#include <support/pipe.hpp>
#include <support/sanitized.hpp>
#include <support/temporary_folder.hpp>

#include <aio/pipe.hpp>
#include <aio/streams.hpp>

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

class PipeFaults : public SocketTransportTest {
protected:
    auto factory() {
        return [this] { return protocol; };
    }
    // What `fd` gives until it is empty, now.
    static std::string now(int fd) {
        pollfd ready{fd, POLLIN, 0};
        std::string text(64 * 1024, '\0');
        if (::poll(&ready, 1, 0) <= 0) return {};
        const ssize_t count = ::read(fd, text.data(), text.size());
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
};

// --- F40 ---------------------------------------------------------------------------------------------

TEST_F(PipeFaults, F40_input_on_the_terminal_that_is_written_to) {
    Terminal terminal;
    run([&]() -> Coro<> {
        auto made = co_await connect_write_pipe(factory(), std::exchange(terminal.slave.fd, -1));
        EXPECT_EQ(::write(terminal.master.fd, "typed\n", 6), 6);
        co_await settle_for_real();
        EXPECT_FALSE(made.first->is_closing());
        made.first->write("shown");
        std::string text;
        while (text.find("shown") == std::string::npos) {
            text += now(terminal.master.fd);
            co_await sleep(0s);
        }
        terminal.master.close();  // the reader's end is still noticed
        co_await until_lost();
    });
}

TEST_F(PipeFaults, F40_input_on_the_socket_that_is_written_to) {
    SocketPair sockets;
    run([&]() -> Coro<> {
        auto made = co_await connect_write_pipe(factory(), std::exchange(sockets.a.fd, -1));
        sockets.b.send("answer that nobody reads");
        co_await settle_for_real();
        EXPECT_FALSE(made.first->is_closing());
        made.first->write("text");
        co_await until([&] { return sockets.b.recv() == "text"; });
        sockets.b.close();
        co_await until_lost();
    });
}

// --- F41 ---------------------------------------------------------------------------------------------

TEST_F(PipeFaults, F41_a_read_of_a_closed_pipe_whose_number_is_used_again) {
    run([&]() -> Coro<> {
        Pipe first;
        const int number = first.reading.fd;
        StreamReader reader;
        auto made = co_await connect_read_pipe([&] { return std::make_shared<StreamReaderProtocol>(reader); },
                                               first.take_reading());
        auto read = [](StreamReader from) -> Coro<std::string> { co_return co_await from.read(10); };
        const Task<std::string> task = create_task(read, reader);
        co_await sleep(0s);
        made.first->close();
        Pipe second;
        std::string text;
        while (second.reading.fd != number) {  // closed by the loop, in its turn
            co_await sleep(0s);
            second = Pipe();
        }
        second.write("of the new one");
        co_await settle_for_real();
        text = co_await task;
        EXPECT_EQ(text, "");
        EXPECT_EQ(second.read(), "of the new one");
    });
}

TEST_F(PipeFaults, F41_what_two_tasks_write_at_once_stays_together) {
    run([&]() -> Coro<> {
        Pipe pipe(4096);
        const auto writing = std::make_shared<StreamReaderProtocol>(StreamReader());
        auto made = co_await connect_write_pipe([&] { return writing; }, pipe.take_writing());
        const StreamWriter writer(*made.first, writing);
        auto write = [](StreamWriter to, char letter) -> Coro<> {
            to.write(std::string(1'000'000, letter));
            co_await to.drain();
        };
        const Task<> a = create_task(write, writer, 'a');
        const Task<> b = create_task(write, writer, 'b');
        std::string text;
        while (text.size() < 2'000'000) {
            text += pipe.read();
            co_await sleep(0s);
        }
        co_await ended(a, b);
        EXPECT_EQ(text, std::string(1'000'000, 'a') + std::string(1'000'000, 'b'));
        writer.close();
        co_await writer.wait_closed();
    });
}

// --- F42 ---------------------------------------------------------------------------------------------

enum class Channel { pipe, fifo, socket, terminal };

// seq(1)'s output.
std::string numbered_lines(std::size_t count) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i) text += std::to_string(i) + "\n";
    return text;
}

// A pipe that has a name while it is opened.
Pipe named_pipe() {
    const TemporaryFolder folder;
    const std::string path = folder.file("fifo");
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo() failed");
    Pipe pipe;
    pipe.reading = Fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    pipe.writing = Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    return pipe;
}

// What a child writes and is gone at once is read to its last line, however the reader pauses.
class OutputFaults : public Children {
protected:
    Coro<> read_all_of(Channel channel, unsigned seed, std::size_t lines) {
        const std::string expected = numbered_lines(lines);
        Pipe pipe;
        if (channel == Channel::fifo) pipe = named_pipe();
        SocketPair sockets;
        Terminal terminal;
        Fd& theirs = channel == Channel::terminal ? terminal.slave
                     : channel == Channel::socket ? sockets.a
                                                  : pipe.writing;
        Fd& ours = channel == Channel::terminal ? terminal.master
                   : channel == Channel::socket ? sockets.b
                                                : pipe.reading;
        make_blocking(theirs);
        StreamReader reader(1000);
        auto made = co_await connect_read_pipe([&] { return std::make_shared<StreamReaderProtocol>(reader); },
                                               std::exchange(ours.fd, -1));
        auto child =
            co_await create_subprocess_exec(Options().stdout(theirs.fd), "seq", std::to_string(lines));
        theirs.close();
        std::string text;
        for (;;) {
            seed = seed * 1'103'515'245 + 12'345;
            if (seed % 7 == 0) co_await sleep(0s);
            const std::string some = co_await reader.read(1 + static_cast<int>(seed >> 16) % 5000);
            if (some.empty()) break;
            text += some;
        }
        std::erase(text, '\r');  // a terminal's
        EXPECT_EQ(text.size(), expected.size());
        EXPECT_TRUE(text == expected);
        co_await child.wait();
        co_await settle();
        EXPECT_EQ(made.first->get_protocol(), nullptr);
    }
    void run_often(Channel channel, std::size_t times, std::size_t lines = all_lines()) {
        run([&]() -> Coro<> {
            for (unsigned seed = 0; seed < times; ++seed) co_await read_all_of(channel, seed, lines);
        });
    }
    static std::size_t all_lines() { return part_of(kSanitized ? 30'000 : 300'000); }
};

TEST_F(OutputFaults, F42_the_tail_of_a_child_on_a_pipe) { run_often(Channel::pipe, part_of(100)); }
TEST_F(OutputFaults, F42_the_tail_of_a_child_on_a_fifo) { run_often(Channel::fifo, part_of(100)); }
TEST_F(OutputFaults, F42_the_tail_of_a_child_on_a_socket) { run_often(Channel::socket, part_of(100)); }
TEST_F(OutputFaults, F42_the_tail_of_a_child_on_a_terminal) {
    run_often(Channel::terminal, 10);  // each takes long in the kernel
    run_often(Channel::terminal, part_of(90), all_lines() / 20);
}

// Linux says so while the last bytes are between the terminal's ends, once in some thousand times.
TEST(TerminalFaults, F42_an_end_that_the_kernel_tells_of_too_early) {
    const auto of_a_terminal = [](const seccomp_data& call) {
        return ::isatty(static_cast<int>(call.args[0])) == 1;
    };
    Failing reads({SYS_read}, EIO, of_a_terminal);
    reads.run([&](aio::testing::LoopTest&) -> Coro<> {
        Terminal terminal;
        EXPECT_EQ(::write(terminal.slave.fd, "to the last", 11), 11);
        terminal.slave.close();
        StreamReader reader;
        co_await connect_read_pipe([&] { return std::make_shared<StreamReaderProtocol>(reader); },
                                   std::exchange(terminal.master.fd, -1));
        reads.arm(1);
        const std::string text = co_await reader.read();
        EXPECT_EQ(text, "to the last");
    });
    EXPECT_EQ(reads.failed(), 1);
    EXPECT_EQ(reads.reports, Texts());
}

// --- F43 ---------------------------------------------------------------------------------------------

TEST_F(PipeFaults, F43_a_drain_of_a_full_pipe_learns_of_its_readers_end) {
    std::signal(SIGPIPE, SIG_DFL);
    run([&]() -> Coro<> {
        Pipe pipe;
        const auto writing = std::make_shared<StreamReaderProtocol>(StreamReader());
        auto made = co_await connect_write_pipe([&] { return writing; }, pipe.take_writing());
        const StreamWriter writer(*made.first, writing);
        writer.write(std::string(1'000'000, 'x'));
        auto drain = [](StreamWriter to) -> Coro<> { co_await to.drain(); };
        const Task<> task = create_task(drain, writer);
        co_await settle_for_real();
        EXPECT_FALSE(task.done());
        pipe.reading.close();
        try {
            co_await task;
            ADD_FAILURE();
        } catch (const BrokenPipeError&) {
        }
        try {
            co_await writer.wait_closed();
            ADD_FAILURE();
        } catch (const BrokenPipeError&) {
        }
    });
}

// Kernels before 6.18 have no flag that keeps SIGPIPE away, and sandboxes may not know the call that takes
// it.
TEST(PipeKernels, WritesWhereTheKernelHasNoFlagAgainstSigpipe) {
    std::signal(SIGPIPE, SIG_DFL);
    for (const int error : {EOPNOTSUPP, EINVAL, ENOSYS, EPERM, EACCES}) {
        std::atomic<int> refused = 0;
        const auto refuse = [&](const seccomp_data&) {
            ++refused;
            return error;
        };
        with_failing_calls({SYS_pwritev2}, refuse, [] {
            aio::testing::LoopTest test;
            test.run([]() -> Coro<> {
                Pipe pipe;
                StreamReader none;
                const auto writing = std::make_shared<StreamReaderProtocol>(none);
                auto made = co_await connect_write_pipe([&] { return writing; }, pipe.take_writing());
                const StreamWriter writer(*made.first, writing);
                writer.write("small");
                writer.write(std::string(1000, 'y'));
                co_await sleep(0s);
                char arrived[2000];
                EXPECT_EQ(::read(pipe.reading.fd, arrived, sizeof arrived), 1005);
                writer.write(std::string(1'000'000, 'x'));
                pipe.reading.close();
                const std::string told = co_await caught(writer.wait_closed());
                EXPECT_NE(told.find(text_of(EPIPE)), told.npos) << told;
            });
            EXPECT_EQ(test.reports(), Texts());
        });
        EXPECT_EQ(refused, 1);
    }
}

TEST_F(OutputFaults, F43_a_drain_of_a_childs_input_learns_of_its_death) {
    run([]() -> Coro<> {
        auto child = co_await create_subprocess_exec(Options().stdin(PIPE), "sleep", "999");
        child.stdin().write(std::string(1'000'000, 'x'));
        auto drain = [](StreamWriter to) -> Coro<> { co_await to.drain(); };
        const Task<> task = create_task(drain, child.stdin());
        co_await sleep(0s);
        child.kill();
        try {
            co_await task;
            ADD_FAILURE();
        } catch (const ConnectionError&) {
        }
        co_await child.wait();
    });
}

}  // namespace
}  // namespace aio::tests
