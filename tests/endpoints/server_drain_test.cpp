// SPDX-License-Identifier: MIT
// Servers that come to their end in time, in virtual time.
#include <streams/streams_support.hpp>
#include <support/caught.hpp>
#include <support/xor_upgrade.hpp>

#include <aio/compose.hpp>

#include <unistd.h>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

class ServerDrain : public StreamsTest {
protected:
    // Serves until the client closes, or for so long.
    static Coro<> serve_for(Duration time, StreamReader, StreamWriter w) {
        co_await sleep(time);
        w.write("done");
        w.close();
    }
    static Coro<> until_cancelled(StreamReader, StreamWriter w) {
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
            w.write("bye");
            throw;
        }
    }
    static Coro<> stubborn(StreamReader, StreamWriter w) {
        for (int i = 0; i < 10; ++i) {
            try {
                co_await sleep(1min);
            } catch (const CancelledError&) {
            }
        }
        w.close();
    }
    template <class F, class... Args>
    Coro<Server> begin(F serve, Args... args) {
        Server server = co_await start_server(ServerOptions(), "127.0.0.1", 0, serve, args...);
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        clients.push_back(std::move(streams));
        co_await until([&] { return all_tasks().size() > 1; });
        begun = loop().time();
        co_return server;
    }
    Duration passed() { return loop().time() - begun; }
    Coro<> end_clients() {
        for (StreamPair& client : clients) {
            client.second.close();
            co_await as_result(client.second.wait_closed());
        }
        clients.clear();
    }

    std::vector<StreamPair> clients;
    TimePoint begun;
};

TEST_F(ServerDrain, EndsAtOnceWithoutConnections) {
    run([&]() -> Coro<> {
        Server server = co_await start_server(until_cancelled, "127.0.0.1", 0);
        const DrainReport report = co_await server.drain(1h, 1h);
        EXPECT_EQ(report.finished + report.cancelled + report.left.size(), 0U);
        EXPECT_FALSE(server.is_serving());
        const DrainReport again = co_await server.drain(1h, 1h);
        EXPECT_TRUE(again.left.empty());
        EXPECT_EQ(co_await caught(server.start_serving()), "server <Server sockets=()> is closed");
    });
}

TEST_F(ServerDrain, LetsConnectionsFinish) {
    run([&]() -> Coro<> {
        Server server = co_await begin(serve_for, Duration(3s));
        const int port = port_of(server);
        auto draining = create_task(server.drain(10s, 1s));
        co_await turns(2);
        EXPECT_EQ((co_await caught(open_connection("127.0.0.1", port))).substr(0, 11), "connect to ");
        const DrainReport& report = co_await draining;
        EXPECT_EQ(passed(), 3s);
        EXPECT_EQ(report.finished, 1U);
        EXPECT_EQ(report.cancelled, 0U);
        EXPECT_EQ(co_await clients[0].first.read(), "done");
        co_await end_clients();
    });
}

TEST_F(ServerDrain, CancelsTasksThatTakeTooLong) {
    run([&]() -> Coro<> {
        Server server = co_await begin(until_cancelled);
        const DrainReport report = co_await server.drain(5s, 2s);
        EXPECT_EQ(passed(), 5s);
        EXPECT_EQ(report.finished, 0U);
        EXPECT_EQ(report.cancelled, 1U);
        EXPECT_TRUE(report.left.empty());
        EXPECT_EQ(co_await clients[0].first.read(), "bye");
        co_await end_clients();
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(ServerDrain, ClosesConnectionsThatNoTaskServes) {
    run([&]() -> Coro<> {
        const auto factory = [] { return std::make_shared<Protocol>(); };
        Server server = co_await create_server(factory, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        w.write("x");
        co_await turns(5);
        begun = loop().time();
        const DrainReport report = co_await server.drain(5s, 2s);
        EXPECT_EQ(passed(), 5s);
        EXPECT_EQ(report.cancelled, 1U);
        EXPECT_EQ(co_await r.read(), "");
        w.close();
    });
}

TEST_F(ServerDrain, AbortsWhatIsLeftAndTellsOfIt) {
    run([&]() -> Coro<> {
        Server server = co_await begin(stubborn);
        const DrainReport report = co_await server.drain(5s, 2s);
        EXPECT_EQ(passed(), 7s);
        EXPECT_EQ(report.finished + report.cancelled, 0U);
        EXPECT_EQ(report.left.size(), 1U);
        EXPECT_NE(report.left.at(0).find("stubborn"), std::string::npos) << report.left[0];
        EXPECT_EQ(loop().stats().descriptors, 1U) << "the client's";
        co_await end_clients();
        co_await sleep(20min);
    });
}

// The connection has another transport then, and is still one.
TEST_F(ServerDrain, CountsAConnectionThatIsUpgradedMeanwhileOnce) {
    run([&]() -> Coro<> {
        const auto serve = [](StreamReader, StreamWriter w) -> Coro<> {
            co_await sleep(1s);
            co_await w.start_tls(std::make_shared<XorUpgrade>());
        };
        Server server = co_await begin(serve);
        const DrainReport report = co_await server.drain(5s, 2s);  // in the handshake
        EXPECT_EQ(report.finished, 0U);
        EXPECT_EQ(report.cancelled, 1U);
        EXPECT_TRUE(report.left.empty());
        co_await end_clients();
    });
}

// A peer that does not read keeps what is buffered, and so the connection.
TEST_F(ServerDrain, AbortsAPeerThatDoesNotRead) {
    run([&]() -> Coro<> {
        const auto flood = [](StreamReader, StreamWriter w) { w.write(std::string(4'000'000, 'x')); };
        Server server = co_await start_server(flood, bound_socket(kSmallBuffer), ServerOptions());
        const Socket client = connected_socket(address_of(server), kSmallBuffer);
        await_events(client.fileno(), POLLOUT);
        co_await until([&] { return loop().stats().descriptors > 1; });
        co_await turns(3);
        begun = loop().time();
        const DrainReport report = co_await server.drain(0s, 2s);
        EXPECT_EQ(passed(), 2s);
        EXPECT_EQ(report.left.size(), 1U);
        EXPECT_NE(report.left.at(0).find("Transport closing"), std::string::npos) << report.left[0];
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

TEST_F(ServerDrain, WaitsForTasksWhoseConnectionIsGone) {
    run([&]() -> Coro<> {
        bool saved = false;
        const auto save = [&saved](StreamReader, StreamWriter w) -> Coro<> {
            w.close();
            co_await sleep(3s);
            saved = true;
        };
        Server server = co_await begin(save);
        EXPECT_EQ(co_await clients[0].first.read(), "");
        co_await end_clients();
        const DrainReport report = co_await server.drain(10s, 1s);
        EXPECT_TRUE(saved);
        EXPECT_EQ(report.finished, 1U);
    });
}

TEST_F(ServerDrain, CancelledItLeavesTheConnections) {
    run([&]() -> Coro<> {
        Server server = co_await begin(serve_for, Duration(1min));
        auto draining = create_task(server.drain(10s, 1s));
        co_await sleep(1s);
        draining.cancel();
        co_await ended(draining);
        EXPECT_TRUE(draining.cancelled());
        EXPECT_FALSE(server.is_serving());
        EXPECT_EQ(co_await clients[0].first.read(), "done");
        co_await end_clients();
        co_await server.wait_closed();
    });
}

TEST_F(ServerDrain, WithoutLimitsItWaits) {
    run([&]() -> Coro<> {
        Server server = co_await begin(serve_for, Duration(72h));
        const DrainReport report = co_await server.drain(std::nullopt, std::nullopt);
        EXPECT_EQ(passed(), 72h);
        EXPECT_EQ(report.finished, 1U);
        co_await end_clients();
    });
}

// --- by itself ---------------------------------------------------------------------------------------

TEST_F(ServerDrain, ServeForeverAndAsyncWithEndInTime) {
    run([&]() -> Coro<> {
        for (const bool forever : {true, false}) {
            Server server =
                co_await start_server(until_cancelled, "127.0.0.1", 0, ServerOptions().drain(5s, 2s));
            auto streams = co_await open_connection("127.0.0.1", port_of(server));
            clients.push_back(std::move(streams));
            co_await until([&] { return all_tasks().size() > 1; });
            begun = loop().time();
            if (forever) {
                auto task = create_task(server.serve_forever());
                co_await turns(1);
                task.cancel();
                co_await ended(task);
                EXPECT_TRUE(task.cancelled());
            } else {
                const auto body = [](Server) -> Coro<> { co_return; };
                co_await async_with(server, body);
            }
            EXPECT_EQ(passed(), 5s);
            EXPECT_EQ(co_await clients[0].first.read(), "bye");
            co_await end_clients();
        }
    });
}

struct ServerAtSigterm : ::testing::Test {
    static EventLoopPtr virtual_loop() {
        EventLoopPtr loop =
            new_event_loop(LoopOptions().clock(std::make_shared<aio::testing::VirtualClock>()));
        loop->set_exception_handler(
            [](EventLoop&, const ExceptionContext& context) { said.push_back(context.str()); });
        return loop;
    }
    static int exit_of(Coro<> main) {
        try {
            aio::run(std::move(main), RunOptions().loop_factory(virtual_loop));
        } catch (const SystemExit& exit) {
            return exit.code();
        }
        return 0;
    }
    static Coro<> serve(bool forever, ServerOptions options) {
        Server server = co_await start_server(answer, "127.0.0.1", 0, options);
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        create_task(listen_to(std::move(streams)));
        co_await until([] { return all_tasks().size() > 2; });
        begun = get_running_loop().time();
        get_running_loop().call_later(1s, [] { ::kill(::getpid(), SIGTERM); });
        get_running_loop().call_later(3s, [] { ::kill(::getpid(), SIGTERM); });
        if (forever) {
            co_await server.serve_forever();
        } else {
            co_await sleep(24h);
        }
    }
    static Coro<> answer(StreamReader, StreamWriter w) {
        co_await sleep(11s);
        w.write("answer");
        w.close();
    }
    // Goes on while the server drains, and is not cancelled before.
    static Coro<> listen_to(StreamPair streams) {
        auto& [r, w] = streams;
        heard = co_await r.read();
        after = get_running_loop().time() - begun;
        w.close();
    }
    void SetUp() override {
        heard.clear();
        said.clear();
    }
    static inline std::string heard;
    static inline std::vector<std::string> said;
    static inline TimePoint begun;
    static inline Duration after;
};

TEST_F(ServerAtSigterm, RunEndsWhenTheConnectionsHaveFinished) {
    for (const bool forever : {true, false}) {
        heard.clear();
        EXPECT_EQ(exit_of(serve(forever, ServerOptions().drain(30s, 5s))), 143);
        EXPECT_EQ(heard, "answer") << "also after a second SIGTERM";
        EXPECT_EQ(after, 11s);
    }
    EXPECT_TRUE(said.empty());
}

TEST_F(ServerAtSigterm, RunEndsInTime) {
    EXPECT_EQ(exit_of(serve(false, ServerOptions().drain(5s, 1s))), 143);
    EXPECT_EQ(heard, "");
    EXPECT_EQ(after, 6s);
    EXPECT_TRUE(said.empty());
}

}  // namespace
}  // namespace aio::tests
