// SPDX-License-Identifier: MIT
// Faults of connecting; docs/faults.md explains the numbers.
#include <streams/streams_support.hpp>
#include <support/known_addresses.hpp>
#include <support/part_of.hpp>
#include <support/xor_upgrade.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

class ConnectingFaults : public ::testing::Test, public aio::testing::LoopTest {
protected:
    ConnectingFaults() : LoopTest(true) {}  // the deadlines and the connections race for real

    // Sends back what comes, until the client closes.
    static Coro<> echo(StreamReader r, StreamWriter w) {
        for (;;) {
            const std::string data = co_await r.read(1000);
            if (data.empty()) break;
            w.write(data);
            co_await w.drain();
        }
        w.close();
    }
    // The number that the next descriptor gets.
    static int next_number() {
        const int number = ::dup(STDERR_FILENO);
        ::close(number);
        return number;
    }
    static Coro<> turns(int count) {
        for (int i = 0; i < count; ++i) co_await sleep(0s);
    }
};

// --- F2 ----------------------------------------------------------------------------------------------

struct Tally {
    int usable = 0;
    int timeouts = 0;
    int cancels = 0;
    int broken = 0;
};

Coro<> connect_within(int port, std::chrono::microseconds limit, Tally& tally) {
    std::optional<StreamPair> pair;
    try {
        pair = co_await wait_for(open_connection("127.0.0.1", port), limit);
    } catch (const TimeoutError&) {
        ++tally.timeouts;
        co_return;
    }
    auto& [r, w] = *pair;
    w.write("ping");
    const std::string answer = co_await r.readexactly(4);
    answer == "ping" ? ++tally.usable : ++tally.broken;
    w.close();
}

// The same with a protocol: what create_connection() gives is closed by nobody if it is lost.
struct Silent final : Protocol {
    void connection_made(Transport&) override { ++open; }
    void connection_lost(std::exception_ptr) override { --open; }
    inline static int open = 0;
};

Coro<> create_within(int port, std::chrono::microseconds limit, Tally& tally) {
    std::optional<Connection<Silent>> connection;
    const auto factory = [] { return std::make_shared<Silent>(); };
    try {
        connection = co_await wait_for(create_connection(factory, "127.0.0.1", port), limit);
    } catch (const TimeoutError&) {
        ++tally.timeouts;
        co_return;
    }
    connection->first->get_protocol() == connection->second ? ++tally.usable : ++tally.broken;
    connection->first->close();
}

TEST_F(ConnectingFaults, F2_connected_just_when_wait_for_gives_up) {
    const int rounds = static_cast<int>(part_of(2000));
    run([&]() -> Coro<> {
        for (const bool streams : {true, false}) {
            const int before = open_descriptors();
            const Server server = co_await start_server(echo, "127.0.0.1", 0);
            const int port = port_of(server);
            std::minstd_rand random(1);
            Tally tally;
            for (int i = 0; i < rounds; ++i) {
                const bool last = i + 1 == rounds;  // succeeds on the slowest machine too
                const auto limit =
                    last ? std::chrono::microseconds(1min) : std::chrono::microseconds(i * 3000 / rounds);
                auto attempt = create_task(streams ? connect_within(port, limit, tally)
                                                   : create_within(port, limit, tally));
                if (!last && random() % 4 == 0) {
                    co_await turns(static_cast<int>(random() % 12));
                    attempt.cancel();
                }
                co_await ended(attempt);
                if (attempt.cancelled()) ++tally.cancels;
            }
            EXPECT_EQ(tally.usable + tally.timeouts + tally.cancels, rounds);
            EXPECT_EQ(tally.broken, 0);
            EXPECT_GT(tally.usable, 0);
            EXPECT_GT(tally.timeouts, 0);
            server.close();
            co_await server.wait_closed();
            co_await until([&] { return open_descriptors() == before; });
            EXPECT_EQ(Silent::open, 0);
            EXPECT_EQ(loop().stats().descriptors, 0U);
        }
    });
    EXPECT_TRUE(reports().empty());
}

// --- F28 ---------------------------------------------------------------------------------------------

// Connects to where nobody answers until it is cancelled, and in the same iteration to where somebody does.
Coro<int> connect_after_a_cancel(int unanswering, int answering) {
    try {
        co_await open_connection("127.0.0.1", unanswering);
        ADD_FAILURE() << "it was to be cancelled";
    } catch (const CancelledError&) {
    }
    auto [r, w] = co_await open_connection("127.0.0.1", answering);
    const int number = w.transport().fd();
    w.write("ping");
    const std::string answer = co_await r.readexactly(4);
    EXPECT_EQ(answer, "ping");
    w.close();
    co_return number;
}

TEST_F(ConnectingFaults, F28_a_cancelled_connect_and_the_next_one_of_its_number) {
    run([&]() -> Coro<> {
        const Unanswering silent;
        const Server server = co_await start_server(echo, "127.0.0.1", 0);
        const unsigned watched = loop().stats().descriptors;
        for (int tick = 1; tick <= 8; ++tick) {
            SCOPED_TRACE(tick);
            co_await until([&] { return loop().stats().descriptors == watched; });
            const int number = next_number();
            auto task = create_task(connect_after_a_cancel(silent.port(), port_of(server)));
            co_await turns(tick);
            EXPECT_EQ(loop().stats().descriptors, watched + 1);
            task.cancel();
            EXPECT_EQ(loop().stats().descriptors, watched) << "at once, not an iteration later";
            EXPECT_EQ(co_await task, number);
        }
        co_await until([&] { return loop().stats().descriptors == watched; });
        server.close();
        co_await server.wait_closed();
    });
    EXPECT_TRUE(reports().empty());
}

// Closed by a deadline, while other threads take and give back numbers.
TEST_F(ConnectingFaults, F28_while_threads_open_and_close_files_Thread) {
    std::atomic<bool> over = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&over] {
            while (!over) {
                std::array<int, 4> files{};
                for (int& file : files) file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
                for (const int file : files) ::close(file);
                std::this_thread::yield();
            }
        });
    }
    run([&]() -> Coro<> {
        const Unanswering silent;
        const Server server = co_await start_server(echo, "127.0.0.1", 0);
        const unsigned watched = loop().stats().descriptors;
        for (int i = 0; i < 100; ++i) {
            auto task = create_task(connect_after_a_cancel(silent.port(), port_of(server)));
            co_await turns(1 + i % 5);
            task.cancel();
            co_await task;
        }
        co_await until([&] { return loop().stats().descriptors == watched; });
        server.close();
        co_await server.wait_closed();
    });
    over = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(reports().empty());
}

// --- F29 ---------------------------------------------------------------------------------------------

// Accepts what has come, and tells how many of it the client has not closed.
std::size_t still_open(const std::vector<Socket>& listeners, std::vector<Socket>& accepted) {
    for (const Socket& listener : listeners) {
        for (;;) {
            Socket socket(::accept4(listener.fileno(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) break;
            accepted.push_back(std::move(socket));
        }
    }
    const auto closed = [](const Socket& socket) {
        char byte = 0;
        const ssize_t count = ::recv(socket.fileno(), &byte, 1, 0);
        return count == 0 || (count < 0 && errno != EAGAIN);
    };
    std::erase_if(accepted, closed);
    return accepted.size();
}

// Four addresses that answer, tried so soon after each other that several may win at the same time.
TEST_F(ConnectingFaults, F29_two_winners_of_a_staggered_connect) {
    const int rounds = static_cast<int>(part_of(5000));
    run([&]() -> Coro<> {
        const auto resolver = std::make_shared<KnownAddresses>();
        set_resolver(loop(), resolver);
        std::vector<Socket> listeners;
        for (int i = 0; i < 4; ++i) {
            listeners.push_back(bound_socket());
            listeners.back().listen(10);
            resolver->names["host.test"].push_back(listeners.back().getsockname());
        }
        std::vector<Socket> accepted;
        std::minstd_rand random(1);
        const int before = open_descriptors();
        int successes = 0;
        for (int i = 0; i < rounds; ++i) {
            const auto delay = std::chrono::microseconds(random() % 60);
            auto task =
                create_task(open_connection("host.test", 1, ConnectOptions().happy_eyeballs_delay(delay)));
            if (random() % 3 == 0) {
                co_await turns(static_cast<int>(random() % 8));
                task.cancel();
            }
            co_await ended(task);
            EXPECT_EQ(loop().stats().timers, 0U);
            if (task.cancelled()) {
                co_await until([&] { return still_open(listeners, accepted) == 0; });
                EXPECT_EQ(open_descriptors(), before);
                continue;
            }
            ++successes;
            co_await until([&] { return still_open(listeners, accepted) <= 1; });
            EXPECT_EQ(still_open(listeners, accepted), 1U);
            const auto& [r, w] = task.result();
            write_text(accepted[0].fileno(), "ping");
            EXPECT_EQ(co_await StreamReader(r).readexactly(4), "ping");
            w.close();
            co_await w.wait_closed();
            co_await until([&] { return still_open(listeners, accepted) == 0; });
        }
        EXPECT_GT(successes, 0);
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
    EXPECT_TRUE(reports().empty());
}

// --- F30 ---------------------------------------------------------------------------------------------

// Ten files, which get the numbers that have become free.
struct TenFiles {
    TenFiles() {
        for (int& file : files) file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    TenFiles(const TenFiles&) = delete;
    TenFiles& operator=(const TenFiles&) = delete;
    ~TenFiles() {
        for (const int file : files) EXPECT_EQ(::close(file), 0) << "somebody has closed it";
    }
    std::array<int, 10> files{};
};

TEST_F(ConnectingFaults, F30_a_socket_has_one_owner_when_its_setting_up_fails) {
    run([&]() -> Coro<> {
        const int before = open_descriptors();
        const auto silent = [] { return std::make_shared<Silent>(); };
        const auto failing = []() -> std::shared_ptr<Silent> { throw ValueError("no"); };
        for (const bool fails : {false, true}) {
            for (int tick = 0; tick < 8; ++tick) {
                SCOPED_TRACE(tick);
                auto [ours, theirs] = socket_pair();
                const ConnectOptions options =
                    ConnectOptions().ssl(std::make_shared<XorUpgrade>()).server_hostname("name");
                auto task = fails ? create_task(create_connection(failing, std::move(ours), options))
                                  : create_task(create_connection(silent, std::move(ours), options));
                EXPECT_EQ(ours.fileno(), -1) << "it is the connection's";
                co_await turns(tick);
                task.cancel();
                co_await ended(task);
                if (fails && tick > 0) {
                    EXPECT_EQ(exception_ptr_cast<ValueError>(task.exception()) != nullptr, true);
                }
                const TenFiles files;
                ours = Socket();
                co_await turns(4);
            }
        }
        co_await until([&] { return open_descriptors() == before; });
        EXPECT_EQ(Silent::open, 0);
    });
    EXPECT_TRUE(reports().empty());
}

}  // namespace
}  // namespace aio::tests
