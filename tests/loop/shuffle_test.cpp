// SPDX-License-Identifier: MIT
// LoopOptions::shuffle() and AIO_SHUFFLE: what it varies and what it must not.
#include <aio/loop.hpp>

#include <support/fd.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Order = std::vector<int>;

constexpr int kCount = 12;

Order in_order() {
    Order order;
    for (int i = 0; i < kCount; ++i) order.push_back(i);
    return order;
}

bool complete(Order order) {
    std::sort(order.begin(), order.end());
    return order == in_order();
}

LoopOptions seeded(std::uint64_t seed) {
    LoopOptions options;
    options.shuffle(seed);
    return options;
}

Order order_of_equal_deadlines(const LoopOptions& options) {
    const EventLoopPtr loop = new_event_loop(options);
    Order order;
    const TimePoint when = loop->time();
    for (int i = 0; i < kCount; ++i) loop->call_at(when, [&order, i] { order.push_back(i); });
    loop->call_at(when + 1ms, [&loop] { loop->stop(); });
    loop->run_forever();
    return order;
}

Order order_of_ready_descriptors(const LoopOptions& options) {
    const EventLoopPtr loop = new_event_loop(options);
    Order order;
    std::vector<tests::SocketPair> pairs(kCount);
    for (int i = 0; i < kCount; ++i) {
        const int fd = pairs[static_cast<std::size_t>(i)].a.fd;
        loop->add_reader(fd, [&order, &loop, fd, i] {
            order.push_back(i);
            loop->remove_reader(fd);
        });
        pairs[static_cast<std::size_t>(i)].b.send("x");
    }
    loop->call_later(1ms, [&loop] { loop->stop(); });
    loop->run_forever();
    return order;
}

TEST(Shuffle, VariesEqualDeadlines) {
    EXPECT_EQ(order_of_equal_deadlines(seeded(0)), in_order());
    std::set<Order> orders;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        const Order order = order_of_equal_deadlines(seeded(seed));
        EXPECT_TRUE(complete(order));
        EXPECT_EQ(order_of_equal_deadlines(seeded(seed)), order) << "the seed decides everything";
        orders.insert(order);
    }
    EXPECT_GE(orders.size(), 6U);
}

TEST(Shuffle, KeepsDifferentDeadlinesApart) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        const EventLoopPtr loop = new_event_loop(seeded(seed));
        Order order;
        const TimePoint now = loop->time();
        for (int i = kCount - 1; i >= 0; --i) {
            loop->call_at(now + std::chrono::nanoseconds(i), [&order, i] { order.push_back(i); });
        }
        loop->call_at(now + 1ms, [&loop] { loop->stop(); });
        loop->run_forever();
        EXPECT_EQ(order, in_order());
    }
}

TEST(Shuffle, VariesReadyDescriptors) {
    const Order plain = order_of_ready_descriptors(seeded(0));
    EXPECT_TRUE(complete(plain));
    std::set<Order> orders;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        orders.insert(order_of_ready_descriptors(seeded(seed)));
        EXPECT_TRUE(complete(*orders.begin()));
    }
    EXPECT_GE(orders.size(), 3U);
}

TEST(Shuffle, KeepsCallSoonFirstInFirstOut) {
    const EventLoopPtr loop = new_event_loop(seeded(5));
    Order order;
    for (int i = 0; i < kCount; ++i) loop->call_soon([&order, i] { order.push_back(i); });
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(order, in_order());
}

TEST(Shuffle, TakesItsSeedFromTheEnvironment) {
    const char* const before = std::getenv("AIO_SHUFFLE");
    const std::string saved = before ? before : "";
    ::setenv("AIO_SHUFFLE", "3", 1);
    EXPECT_EQ(order_of_equal_deadlines(LoopOptions()), order_of_equal_deadlines(seeded(3)));
    EXPECT_EQ(order_of_equal_deadlines(seeded(0)), in_order()) << "options override it";
    ::setenv("AIO_SHUFFLE", "0", 1);
    EXPECT_EQ(order_of_equal_deadlines(LoopOptions()), in_order());
    ::setenv("AIO_SHUFFLE", "", 1);
    EXPECT_EQ(order_of_equal_deadlines(LoopOptions()), in_order());
    ::unsetenv("AIO_SHUFFLE");
    EXPECT_EQ(order_of_equal_deadlines(LoopOptions()), in_order());
    if (before) ::setenv("AIO_SHUFFLE", saved.c_str(), 1);
}

TEST(Shuffle, GivesNumbersBelowTheCount) {
    const EventLoopPtr plain = new_event_loop(seeded(0));
    EXPECT_EQ(plain->shuffled(10), 0U);
    const EventLoopPtr loop = new_event_loop(seeded(1));
    EXPECT_EQ(loop->shuffled(0), 0U);
    EXPECT_EQ(loop->shuffled(1), 0U);
    std::set<std::size_t> seen;
    for (int i = 0; i < 200; ++i) seen.insert(loop->shuffled(4));
    EXPECT_EQ(seen, (std::set<std::size_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace aio
