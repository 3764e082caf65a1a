// SPDX-License-Identifier: MIT
// TLS while a signal comes every 100 us (see signal_storm_test.cpp).
#include <ssl/ssl_support.hpp>
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
        const int before = open_descriptors();
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
            } while (!storm.enough() && !HasFailure());
        }
        co_await turns(5);
        EXPECT_EQ(server_error, "");
        EXPECT_EQ(open_descriptors(), before);
        EXPECT_EQ(loop().stats().tasks, 1U);
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
    EXPECT_EQ(reports, "");
}

}  // namespace
}  // namespace aio::tests
