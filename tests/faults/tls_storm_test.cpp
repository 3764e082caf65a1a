// SPDX-License-Identifier: MIT
// TLS while a signal comes every 100 us (see signal_storm_test.cpp).
#include <faults/held.hpp>
#include <ssl/ssl_support.hpp>
#include <support/heap.hpp>
#include <support/signal_storm.hpp>
#include <support/temporary_file.hpp>

#include <gtest/gtest.h>
#include <string>

namespace aio::tests {
namespace {

struct EintrStormTls : SslTest {};

TEST_F(EintrStormTls, HandshakesAndData) {
    const std::string much = numbered(1 << 20);
    run([&]() -> Coro<> {
        const Held before = held_by(loop());
        std::size_t memory = 0;
        {
            const SignalStorm storm;
            do {
                const Server to = co_await echo_server();
                auto streams = co_await connect(to);
                auto& [reader, writer] = streams;
                writer.write(much);
                const std::string answer = co_await reader.readexactly(much.size());
                EXPECT_TRUE(answer == much);
                co_await end(streams);
                co_await end(to);
                if (memory == 0) memory = allocated_bytes();
            } while (!storm.enough() && !HasFailure());
        }
        co_await turns(5);
        EXPECT_EQ(server_error, "");
        EXPECT_EQ(held_by(loop()), before);
        EXPECT_LT(allocated_bytes(), memory + much.size() / 4);
    });
    EXPECT_EQ(reports, "");
}

}  // namespace
}  // namespace aio::tests
