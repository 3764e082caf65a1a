// SPDX-License-Identifier: MIT
// Memory stays bounded whatever the peer does.
#include <streams/streams_support.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <sys/resource.h>
#include <cstdio>

namespace aio::tests {
namespace {

using BackpressureTest = StreamsTest;

// The most memory that the process ever used, in bytes.
std::size_t peak_memory() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

TEST_F(BackpressureTest, AGibibyteThroughASlowReaderNeedsLittleMemory) {
    const std::size_t total = part_of(kSanitized ? std::size_t{64} << 20 : std::size_t{1} << 30);
    constexpr std::size_t kCeiling = 32 << 20;
    std::size_t received = 0;
    std::size_t largest_buffer = 0;
    const std::size_t before = peak_memory();
    run([&]() -> Coro<> {
        auto read_slowly = [&](StreamReader r, StreamWriter w) -> Coro<> {
            for (;;) {
                const std::string data = co_await r.read(100'000);
                if (data.empty()) break;
                received += data.size();
                largest_buffer = std::max(largest_buffer, r.buffered().size());
                co_await sleep(1ms);  // so the writer always is ahead
            }
            w.close();
        };
        Server server = co_await start_server(read_slowly, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        const std::string block(256 * 1024, 'x');
        for (std::size_t sent = 0; sent < total; sent += block.size()) {
            w.write(block);
            co_await w.drain();
            EXPECT_LE(w.transport().get_write_buffer_size(), 64u * 1024);
        }
        w.write_eof();
        EXPECT_EQ(co_await r.read(), "");
        w.close();
        server.close();
        co_await server.wait_closed();
    });
    EXPECT_EQ(received, total);
    EXPECT_LE(largest_buffer, 2 * kDefaultStreamLimit + 256 * 1024) << "twice the limit and one read";
    if (!kSanitized) {
        EXPECT_LT(peak_memory() - before, kCeiling);
    }
}

// A reader that never reads: the peer's drain waits, and nothing grows.
TEST_F(BackpressureTest, AReaderThatStopsMakesThePeersDrainWait) {
    run([&]() -> Coro<> {
        Future<> go_on = loop().create_future<>();
        std::size_t received = 0;
        auto serve = [&](StreamReader r, StreamWriter w) -> Coro<> {
            co_await go_on;
            const std::string all = co_await r.read();
            received = all.size();
            w.close();
        };
        Server server = co_await start_server(serve, bound_socket(kSmallBuffer), ServerOptions());
        auto [r, w] = co_await open_connection(connected_socket(address_of(server), kSmallBuffer));
        const std::string block(1 << 20, 'x');
        std::size_t sent = 0;
        const auto fill = [&sent, &block](StreamWriter writer) -> Coro<> {
            for (int i = 0; i < 32; ++i) {
                writer.write(block);
                sent += block.size();
                co_await writer.drain();
            }
            writer.write_eof();
        };
        auto filling = create_task(fill(w));
        co_await settle_for_real(20ms);
        EXPECT_FALSE(filling.done());
        EXPECT_LT(sent, 32 * block.size());
        go_on.set_result();
        co_await filling;
        EXPECT_EQ(co_await r.read(), "");
        EXPECT_EQ(received, 32 * block.size());
        w.close();
        server.close();
        co_await server.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
