// SPDX-License-Identifier: MIT
// sendfile() and others: who has to wake it up, and that it lets them run.
#include <transport/sendfile_support.hpp>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace {
std::function<void(ssize_t)> behind_splice;  // what happens before its caller goes on
}

// The kernel's, and behind it what the test says, where another process or thread would have to be quick.
extern "C" ssize_t splice(int from, off64_t* from_offset, int to, off64_t* to_offset, std::size_t size,
                          unsigned flags) {
    const ssize_t result = ::syscall(SYS_splice, from, from_offset, to, to_offset, size, flags);
    const int error = errno;
    if (behind_splice) behind_splice(result);
    errno = error;
    return result;
}

namespace aio::tests {
namespace {

constexpr int kSocketBuffer = 256 * 1024;

class SendfileTurns : public Sendfile {
protected:
    SendfileTurns() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) throw std::runtime_error("pipe2() failed");
        reading = Socket(ends[0]);
        writing = Socket(ends[1]);
    }
    ~SendfileTurns() override { behind_splice = nullptr; }

    // Lets it run until it has ended or waits for what nobody tells.
    static Coro<> until_it_rests(Task<std::uint64_t> sending) {
        for (int turn = 0; turn < 10'000 && !sending.done(); ++turn) co_await sleep(0s);
    }

    Socket reading;
    Socket writing;
};

// A socket that has room all the time gives no edge to wait for.
TEST_F(SendfileTurns, OfAPipeThatIsFilledWhenItWasFoundEmpty) {
    run([&]() -> Coro<> {
        co_await connect(kSocketBuffer);
        int times = 0;
        behind_splice = [&](ssize_t result) {
            if (result >= 0) return;
            EXPECT_EQ(errno, EAGAIN);
            if (++times <= 5) {
                write_text(writing.fileno(), "x");
            } else {
                writing.close();
            }
        };
        auto sending = create_task(writer().sendfile(reading.fileno()));
        co_await until_it_rests(sending);
        EXPECT_TRUE(sending.done()) << "after " << times << " times";
        sending.cancel();
        co_await ended(sending);
        EXPECT_EQ(read_all(peer.fileno()), "xxxxx");
    });
}

// Others have their turn after each MiB, in however many parts that is sent.
TEST_F(SendfileTurns, SmallPartsOfAPipeThatIsNeverEmptyLetOthersRun) {
    constexpr std::size_t kPart = 16 * 1024;
    constexpr std::size_t kAll = 10 * 1024 * 1024;
    run([&]() -> Coro<> {
        co_await connect(kSocketBuffer);
        std::size_t fed = 0;
        std::size_t received = 0;
        const auto feed = [&, part = std::string(kPart, 'x')] {
            const ssize_t count = ::write(writing.fileno(), part.data(), std::min(kPart, kAll - fed));
            if (count > 0) fed += static_cast<std::size_t>(count);
            if (fed == kAll) writing.close();
        };
        behind_splice = [&](ssize_t) {
            received += read_all(peer.fileno()).size();
            if (writing) feed();
        };
        feed();
        auto sending = create_task(writer().sendfile(reading.fileno()));
        std::size_t turns = 0;
        std::size_t most = 0;  // that was sent in one turn
        for (std::size_t before = 0; !sending.done(); before = received) {
            co_await sleep(0s);
            ++turns;
            most = std::max(most, received - before);
        }
        EXPECT_EQ(co_await sending, kAll);
        EXPECT_GE(turns, kAll / (1024 * 1024));
        EXPECT_LE(most, 1024U * 1024 + kPart);
    });
}

// Read in pieces, because the kernel cannot send a socket: a turn for each.
TEST_F(SendfileTurns, ASourceThatAlwaysHasSomethingLetsOthersRun) {
    run([&]() -> Coro<> {
        co_await connect(kSocketBuffer);
        auto [source, feed] = socket_pair(kSocketBuffer);
        const std::string all(200 * 1024, 'x');
        write_text(feed.fileno(), all);
        feed.close();
        auto sending = create_task(writer().sendfile(source.fileno()));
        std::size_t turns = 0;
        std::size_t most = 0;
        for (std::size_t before = 0, now = 0; !sending.done(); before = now) {
            co_await sleep(0s);
            ++turns;
            now = before + read_all(peer.fileno()).size();
            most = std::max(most, now - before);
        }
        EXPECT_EQ(co_await sending, all.size());
        EXPECT_LE(most, 64U * 1024) << "in " << turns << " turns";
    });
}

}  // namespace
}  // namespace aio::tests
