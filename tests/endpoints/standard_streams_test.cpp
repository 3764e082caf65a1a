// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/pipe.hpp>

#include <aio/endpoints.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

// Puts other descriptors in the place of standard input and output while it lives.
class Standard {
public:
    Standard(int input, int output) : input_(::dup(0)), output_(::dup(1)) {
        ::dup2(input, 0);
        ::dup2(output, 1);
    }
    Standard(const Standard&) = delete;
    Standard& operator=(const Standard&) = delete;
    ~Standard() {
        ::dup2(input_.fd, 0);
        ::dup2(output_.fd, 1);
    }

private:
    Fd input_, output_;
};

bool blocks(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

Coro<> upper_case() {
    auto streams = co_await open_standard_streams();
    auto& [reader, writer] = streams;
    while (auto line = co_await reader.next_line()) {
        for (char& c : *line) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        writer.write(std::move(*line));
        co_await writer.drain();
    }
    writer.close();
    co_await writer.wait_closed();
}

class StandardStreamsTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    StandardStreamsTest() { loop(); }  // its descriptors are there
    static Coro<> until_open(int descriptors) {
        while (open_descriptors() != descriptors) co_await sleep(std::chrono::seconds(0));
    }
};

TEST_F(StandardStreamsTest, OverPipesThatStayBlocking) {
    Pipe input;
    Pipe output;
    make_blocking(input.reading);
    make_blocking(output.writing);
    {
        const Standard standard(input.reading.fd, output.writing.fd);
        const int before = open_descriptors();
        run([&]() -> Coro<> {
            const Task<> task = create_task(upper_case());
            input.write("one\n");
            std::string text;
            while (text != "ONE\n") {
                text += output.read();
                co_await sleep(std::chrono::seconds(0));
            }
            input.write("two");
            input.writing.close();
            co_await task;
            co_await until_open(before - 1);
        });
        EXPECT_TRUE(blocks(0));
        EXPECT_TRUE(blocks(1));
    }
    EXPECT_EQ(output.read(), "TWO");
}

TEST_F(StandardStreamsTest, OverFiles) {
    std::string name = ::testing::TempDir() + "aio_standard_XXXXXX";
    const Fd file(::mkstemp(name.data()));
    ::unlink(name.c_str());
    const Fd result(::memfd_create("result", MFD_CLOEXEC));
    EXPECT_EQ(::write(file.fd, "one\ntwo\n", 8), 8);
    ::lseek(file.fd, 0, SEEK_SET);
    {
        const Standard standard(file.fd, result.fd);
        run(upper_case());
    }
    std::string text(100, '\0');
    text.resize(static_cast<std::size_t>(::pread(result.fd, text.data(), text.size(), 0)));
    EXPECT_EQ(text, "ONE\nTWO\n");
}

TEST_F(StandardStreamsTest, OverDevNull) {
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const Standard standard(null.fd, null.fd);
    run(upper_case());
}

TEST_F(StandardStreamsTest, OverATerminalThatStaysBlocking) {
    Terminal terminal;
    const Standard standard(terminal.slave.fd, terminal.slave.fd);
    run([&]() -> Coro<> {
        const Task<> task = create_task(upper_case());
        EXPECT_EQ(::write(terminal.master.fd, "typed\n\x04", 7), 7);  // and Ctrl-D
        co_await task;
        EXPECT_TRUE(blocks(0));
        std::string text;  // comes from the kernel's worker, piece by piece
        co_await until([&] {
            std::array<char, 100> piece;
            const ssize_t count = ::read(terminal.master.fd, piece.data(), piece.size());
            if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
            return text.find("TYPED") != std::string::npos;
        });
    });
}

TEST_F(StandardStreamsTest, OverASocketThatStaysBlocking) {
    SocketPair sockets;
    make_blocking(sockets.a);
    const Standard standard(sockets.a.fd, sockets.a.fd);
    run([&]() -> Coro<> {
        const Task<> task = create_task(upper_case());
        sockets.b.send("text\n");
        co_await until([&] { return sockets.b.recv() == "TEXT\n"; });
        EXPECT_TRUE(blocks(0));
        ::shutdown(sockets.b.fd, SHUT_WR);
        co_await task;
    });
}

// What cannot be opened anew, here a terminal's master, is switched until the end.
TEST_F(StandardStreamsTest, TheModeOfOthersIsRestored) {
    Terminal terminal;
    make_blocking(terminal.master);
    const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    const Standard standard(terminal.master.fd, null.fd);
    run([&]() -> Coro<> {
        const Task<> task = create_task(upper_case());
        co_await until([] { return !blocks(0); });
        terminal.slave.close();
        co_await task;
        co_await until([] { return blocks(0); });
    });
}

TEST_F(StandardStreamsTest, AClosedDescriptorIsAnError) {
    Pipe pipe;
    const Standard standard(pipe.reading.fd, pipe.writing.fd);
    ::close(1);
    const int before = open_descriptors();
    run([&]() -> Coro<> {
        try {
            co_await open_standard_streams();
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_EQ(e.error_number(), EBADF);
        }
        co_await until_open(before);
    });
}

}  // namespace
}  // namespace aio::tests
