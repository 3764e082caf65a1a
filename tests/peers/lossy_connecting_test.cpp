// SPDX-License-Identifier: MIT
// Connecting where packets vanish, are answered with a reset, or take their time.
#include <peers/delaying_relay.hpp>
#include <peers/lossy_support.hpp>
#include <support/ended.hpp>
#include <support/part_of.hpp>

#include <aio/base/exception_group.hpp>

#include <chrono>
#include <random>
#include <string>

namespace aio::tests {
namespace {

class LossyConnecting : public LossyTest {
protected:
    // Connects, and tells whom it reached.
    Coro<std::string> reached(ConnectOptions options) {
        auto streams = co_await open_connection("host.test", 80, std::move(options));
        std::string host = streams.second.transport().peername().host();
        co_await close(streams);
        co_return host;
    }
    Coro<std::string> failure(ConnectOptions options) {
        return outcome(open_connection("host.test", 80, std::move(options)));
    }
    // Everything is given back, and the server has seen no other connections than these.
    Coro<> expect_nothing_left(unsigned watched) {
        co_await until([&] { return loop().stats().descriptors == watched && clients == 0; });
        EXPECT_EQ(loop().stats().timers, 0U);
    }
};

// The classic of them: IPv6 that leads nowhere.
TEST_F(LossyConnecting, ABlackHoleIsPassedBy) {
    network.arriving("ip6 daddr ::1 HIT drop");
    network.arriving("ip daddr 127.0.0.2 HIT drop");
    run([&]() -> Coro<> {
        Server server = co_await echo_server();
        const unsigned watched = loop().stats().descriptors;
        const auto port = static_cast<std::uint16_t>(port_of(server));
        known({{"::1", port}, {"127.0.0.2", port}, {"127.0.0.1", port}});
        EXPECT_EQ(co_await reached(ConnectOptions().happy_eyeballs_delay(20ms)), "127.0.0.1");
        EXPECT_GE(network.hits(), 2) << "both were tried";
        EXPECT_EQ(co_await reached(ConnectOptions().connect_timeout(300ms)), "127.0.0.1")
            << "each has its share of the time";
        co_await expect_nothing_left(watched);
        co_await end(std::move(server));
    });
}

TEST_F(LossyConnecting, ABlackHoleAloneEndsInTime) {
    network.arriving("ip daddr 127.0.0.2 HIT drop");
    run([&]() -> Coro<> {
        known({{"127.0.0.2", 80}});
        EXPECT_EQ(co_await failure(ConnectOptions().connect_timeout(50ms)), "TimeoutError");
        EXPECT_EQ(co_await outcome(wait_for(open_connection("host.test", 80), 50ms)), "TimeoutError");
        const int seen = network.hits();
        EXPECT_GE(seen, 2);
        EXPECT_EQ(loop().stats().descriptors, 0U);
        EXPECT_EQ(loop().stats().timers, 0U);
    });
}

TEST_F(LossyConnecting, AResetAndAnUnreachableHostAreFollowedByTheNextAtOnce) {
    network.arriving("ip daddr 127.0.0.2 tcp flags syn HIT reject with tcp reset");
    network.arriving("ip daddr 127.0.0.3 tcp flags syn HIT reject with icmp type host-unreachable");
    run([&]() -> Coro<> {
        Server server = co_await start_server(
            [this](StreamReader r, StreamWriter w) { return echo(std::move(r), std::move(w)); }, "0.0.0.0",
            0);
        const unsigned watched = loop().stats().descriptors;
        const auto port = static_cast<std::uint16_t>(port_of(server));
        known({{"127.0.0.2", port}});
        EXPECT_EQ(co_await failure(ConnectOptions()), "ConnectionRefusedError");
        known({{"127.0.0.3", port}});
        const auto unreachable = co_await as_result(open_connection("host.test", 80));
        const auto* const error = exception_ptr_cast<OSError>(unreachable.exception());
        EXPECT_TRUE(error && error->error_number() == EHOSTUNREACH) << error_name(unreachable.exception());
        known({{"127.0.0.2", port}, {"127.0.0.3", port}});
        EXPECT_EQ(co_await failure(ConnectOptions().all_errors(true)), "ExceptionGroup");
        known({{"127.0.0.2", port}, {"127.0.0.3", port}, {"127.0.0.1", port}});
        EXPECT_EQ(co_await reached(ConnectOptions()), "127.0.0.1");
        EXPECT_EQ(co_await reached(ConnectOptions().happy_eyeballs_delay(1h)), "127.0.0.1");
        EXPECT_EQ(network.hits(), 8);
        co_await expect_nothing_left(watched);
        co_await end(std::move(server));
    });
}

class DelayedBy : public LossyConnecting {
protected:
    explicit DelayedBy(DelayingRelay::Clock::duration delay) : relay(delay) {}
    void SetUp() override {
        LossyConnecting::SetUp();
        if (!IsSkipped() && !relay.available()) GTEST_SKIP() << "no TUN devices here";
    }
    // At both ends of the link, and where there is none.
    Coro<Server> serve() {
        return start_server(
            [this](StreamReader r, StreamWriter w) {
                ++accepted;
                return echo(std::move(r), std::move(w));
            },
            "0.0.0.0", 0);
    }

    DelayingRelay relay;
    int accepted = 0;
};

class Delayed : public DelayedBy {
protected:
    static constexpr auto kDelay = 100ms;
    Delayed() : DelayedBy(kDelay) {}
};

TEST_F(Delayed, TheFastAddressWinsAndTheSlowOneIsGivenUp) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        const unsigned watched = loop().stats().descriptors;
        const auto port = static_cast<std::uint16_t>(port_of(server));
        known({{DelayingRelay::there(), port}, {"127.0.0.1", port}});
        EXPECT_EQ(co_await reached(ConnectOptions().happy_eyeballs_delay(20ms)), "127.0.0.1");
        co_await until(
            [&] { return relay.relayed() >= 3; });  // SYN, its answer, and the reset that this gets
        co_await expect_nothing_left(watched);
        EXPECT_EQ(accepted, 1) << "the slow attempt did not become a connection";
        co_await end(std::move(server));
    });
}

TEST_F(Delayed, ASlowAddressWinsWhereTheOtherLeadsNowhere) {
    network.arriving("ip daddr 127.0.0.2 HIT drop");
    run([&]() -> Coro<> {
        Server server = co_await serve();
        const unsigned watched = loop().stats().descriptors;
        const auto port = static_cast<std::uint16_t>(port_of(server));
        known({{DelayingRelay::there(), port}, {"127.0.0.2", port}});
        const TimePoint begin = loop().time();
        EXPECT_EQ(co_await reached(ConnectOptions().happy_eyeballs_delay(20ms)), DelayingRelay::there());
        EXPECT_GE(loop().time() - begin, 2 * kDelay) << "there and back";
        EXPECT_GE(network.hits(), 1);
        co_await until([&] { return accepted == 1; });  // it learns of the connection last
        co_await expect_nothing_left(watched);
        co_await end(std::move(server));
    });
}

class Staggered : public DelayedBy {
protected:
    static constexpr auto kDelay = 5ms;
    Staggered() : DelayedBy(kDelay) {}
};

// Each attempt is answered just before the next one begins, just then, or just after.
TEST_F(Staggered, F29_attempts_that_are_answered_when_the_next_one_begins) {
    run([&]() -> Coro<> {
        Server server = co_await serve();
        const unsigned watched = loop().stats().descriptors;
        const auto port = static_cast<std::uint16_t>(port_of(server));
        known({{"10.9.0.2", port}, {"10.9.0.3", port}, {"10.9.0.4", port}, {"10.9.0.5", port}});
        std::minstd_rand random(29);
        int successes = 0;
        for (std::size_t i = 0; i < part_of(300); ++i) {
            const auto delay = 2 * kDelay - 1ms + std::chrono::microseconds(random() % 2000);
            auto task =
                create_task(open_connection("host.test", 80, ConnectOptions().happy_eyeballs_delay(delay)));
            if (random() % 3 == 0) {
                co_await sleep(std::chrono::microseconds(random() % 25'000));
                task.cancel();
            }
            co_await ended(task);
            if (!task.cancelled()) {
                ++successes;
                StreamPair streams = task.result();
                co_await echo_through(streams, 1000);
                co_await until([&] { return clients == 1; });  // those that have lost are gone
                co_await close(streams);
            }
            co_await expect_nothing_left(watched);
        }
        EXPECT_GT(successes, 0);
        co_await end(std::move(server));
    });
}

// Each end says that it has nothing more to send while the other goes on.
TEST_F(Delayed, BothEndsCloseTheirHalf) {
    run([&]() -> Coro<> {
        std::string received;
        bool over = false;
        auto answer = [&](StreamReader reader, StreamWriter writer) -> Coro<> {
            received = co_await reader.read();  // to the end
            writer.write("answer to " + received);
            writer.write_eof();
            const std::string nothing = co_await reader.read();
            EXPECT_EQ(nothing, "");
            writer.close();
            co_await writer.wait_closed();
            over = true;
        };
        Server server = co_await start_server(answer, DelayingRelay::here(), 0);
        auto streams = co_await open_connection(DelayingRelay::there(), port_of(server));
        auto& [reader, writer] = streams;
        writer.write("question");
        writer.write_eof();
        EXPECT_EQ(co_await reader.read(), "answer to question");
        EXPECT_TRUE(reader.at_eof());
        co_await close(streams);
        co_await until([&] { return over; });
        co_await end(std::move(server));
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

// Both at the same time: neither end may take the other's end for that of the connection.
TEST_F(Delayed, BothEndsCloseTheirHalfAtOnce) {
    run([&]() -> Coro<> {
        const std::string ours(300'000, 'a'), theirs(300'000, 'b');
        std::string received;
        bool over = false;
        auto say = [&](StreamReader reader, StreamWriter writer) -> Coro<> {
            writer.write(theirs);
            writer.write_eof();
            received = co_await reader.read();
            writer.close();
            co_await writer.wait_closed();
            over = true;
        };
        Server server = co_await start_server(say, DelayingRelay::here(), 0);
        auto streams = co_await open_connection(DelayingRelay::there(), port_of(server));
        streams.second.write(ours);
        streams.second.write_eof();
        const std::string answer = co_await streams.first.read();
        EXPECT_TRUE(answer == theirs);
        co_await close(streams);
        co_await until([&] { return over; });
        EXPECT_TRUE(received == ours);
        co_await end(std::move(server));
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

}  // namespace
}  // namespace aio::tests
