// SPDX-License-Identifier: MIT
// Faults of writing and closing over TCP and Unix sockets, beside those of every transport
// (every_transport_test.cpp); docs/faults.md explains the numbers.
#include <aio/net/socket_transport.hpp>

#include <net/socket_transport_support.hpp>
#include <streams/streams_support.hpp>
#include <support/child.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <unistd.h>
#include <fstream>
#include <optional>
#include <vector>

namespace aio::tests {
namespace {

// Bytes of which each place can be told from the others.
std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return text;
}

class TransportFaults : public SocketTransportTest {
protected:
    // Everything that comes until the connection's end, read in pieces of `piece` bytes.
    Coro<std::string> read_to_end(std::size_t piece) {
        std::string text;
        std::string chunk(piece, '\0');
        for (;;) {
            const ssize_t count = ::recv(peer.fileno(), chunk.data(), chunk.size(), MSG_DONTWAIT);
            if (count > 0) {
                text.append(chunk, 0, static_cast<std::size_t>(count));
            } else if (count == 0) {
                co_return text;
            } else if (errno != EAGAIN) {
                raise_os_error(errno, "recv");
            } else {
                co_await sleep(0s);
            }
        }
    }
    Ref<Transport> connect_tcp() {
        auto [ours, theirs] = tcp_pair(kSmallBuffer);
        peer = std::move(theirs);
        return make_socket_transport(loop(), std::move(ours), protocol);
    }
    std::string lines() const { return print.joined(); }
};

// --- F12 ---------------------------------------------------------------------------------------------

constexpr int kMostWrites = 10'000;

// How many writes of `size` bytes with drain() succeed until the error, while nothing else is awaited.
Coro<int> writes_until_lost(StreamWriter writer, std::size_t size) {
    const std::string data(size, 'x');
    for (int writes = 0; writes < kMostWrites; ++writes) {
        writer.write(data);
        try {
            co_await writer.drain();
        } catch (const ConnectionResetError&) {
            co_return writes;
        } catch (const BrokenPipeError&) {
            co_return writes;
        }
    }
    co_return kMostWrites;
}

void accept_and(int listener, bool reset) {
    Socket accepted(::accept(listener, nullptr, nullptr));
    if (reset) reset_on_close(accepted.fileno());
    accepted.close();
}

TEST_F(TransportFaults, F12_small_and_large_writes_to_a_dead_peer) {
    run([&]() -> Coro<> {
        for (const std::size_t size : {std::size_t{100}, std::size_t{1} << 20}) {
            for (const int way : {0, 1, 2, 3}) {
                const bool reset = way & 1;
                const bool gathers = way & 2;
                SCOPED_TRACE(std::to_string(size) + (reset ? " reset" : " closed") +
                             (gathers ? " gathering" : ""));
                const Socket listener = bound_socket();
                listener.listen(1);
                auto [reader, writer] = co_await open_connection(connected_socket(listener.getsockname()));
                writer.transport().set_gather_writes(gathers);
                EXPECT_EQ(run_in_child([&] { accept_and(listener.fileno(), reset); }), "exit 0");
                // The loop is one step, of which the system hears after 64 KiB.
                const std::size_t writes = gathers && size < 64 * 1024 ? 5 * 64 * 1024 / size : 5;
                EXPECT_LE(co_await writes_until_lost(writer, size), static_cast<int>(writes));
                writer.close();
                bool again = false;
                try {
                    co_await writer.drain();
                } catch (const OSError&) {
                    again = true;
                }
                EXPECT_TRUE(again) << "and it stays lost";
            }
        }
    });
}

// The peer dies while drain() waits.
TEST_F(TransportFaults, F12_death_while_drain_waits) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = tcp_pair(kSmallBuffer);
        auto [reader, writer] = co_await open_connection(std::move(ours));
        auto writing = create_task(writes_until_lost(writer, 1 << 20));
        co_await turns(10);
        EXPECT_FALSE(writing.done());
        reset_on_close(theirs.fileno());
        theirs.close();
        EXPECT_LE(co_await writing, 1);
    });
}

// --- F13 ---------------------------------------------------------------------------------------------

// --- F14 ---------------------------------------------------------------------------------------------

TEST_F(TransportFaults, F14_writelines_sends_every_piece) {
    run([&]() -> Coro<> {
        std::vector<std::string> pieces;
        for (std::size_t i = 0; i < part_of(3000); ++i) pieces.push_back(pattern(6500));
        pieces.insert(pieces.begin() + 10, 2000, "");  // more than a gathering call takes
        for (int i = 0; i < 2000; ++i) pieces.push_back(std::to_string(i));
        pieces.push_back(pattern(part_of(8 << 20)));
        pieces.push_back("");
        pieces.push_back("end");
        std::string expected;
        for (const std::string& piece : pieces) expected += piece;
        for (const bool tcp : {true, false}) {
            print.clear();
            protocol = std::make_shared<Recorder>(print);
            const auto transport = tcp ? connect_tcp() : connect(kSmallBuffer);
            co_await turns(2);
            transport->writelines(pieces);
            EXPECT_EQ(lines(), "made | pause") << "it counts as any other write";
            transport->close();
            const std::string got = co_await read_to_end(100'000);
            EXPECT_EQ(got.size(), expected.size());
            EXPECT_TRUE(got == expected);
            co_await until_lost();
            EXPECT_EQ(lines(), "made | pause | resume | lost None");
        }
    });
}

/// What the process has in memory.
std::size_t resident_bytes() {
    std::size_t size = 0;
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> size >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(TransportFaults, F14_writelines_keeps_memory_under_twice_the_mark) {
    run([&]() -> Coro<> {
        constexpr std::size_t kBlock = 1 << 20;
        constexpr std::size_t kMark = 8 * kBlock;
        auto [ours, theirs] = tcp_pair(kSmallBuffer);
        auto [reader, writer] = co_await open_connection(std::move(ours));
        writer.transport().set_write_buffer_limits(kMark);
        const std::vector<std::string> pieces(16, std::string(kBlock / 16, 'x'));
        const std::size_t before = resident_bytes();
        std::size_t written = 0;
        const auto fill = [&, w = writer]() -> Coro<> {
            for (;; ++written) {
                w.writelines(pieces);
                co_await w.drain();
            }
        };
        auto filling = create_task(fill);
        co_await settle_for_real(5ms);
        EXPECT_GE(written, kMark / kBlock - 1) << "it goes on below the mark";
        EXPECT_LE(written, kMark / kBlock + 1);
        EXPECT_LE(writer.transport().get_write_buffer_size(), kMark + kBlock);
        if (!kSanitized) {  // their shadow and what they keep of freed memory count as well
            EXPECT_LT(resident_bytes(), before + 2 * kMark);
        }
        filling.cancel();
        co_await ended(filling);
        writer.transport().abort();
    });
}

// --- F15 ---------------------------------------------------------------------------------------------

// --- F16 ---------------------------------------------------------------------------------------------

}  // namespace
}  // namespace aio::tests
