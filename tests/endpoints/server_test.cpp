// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>

#include <netinet/tcp.h>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

static_assert(std::is_copy_constructible_v<Server>);
static_assert(std::is_nothrow_move_constructible_v<Server>);

using ServerTest = StreamsTest;

// A server that keeps its connections until the client closes, and counts them.
struct Holding {
    Coro<> operator()(StreamReader r, StreamWriter w) {
        ++begun;
        co_await r.read();
        w.close();
    }
    int begun = 0;
};
void close_at_once(StreamReader, StreamWriter w) { w.close(); }

TEST_F(ServerTest, CallbacksMayBeFunctionsLambdasAndCoroutines) {
    run([&]() -> Coro<> {
        const std::string greeting = "a string with a destructor of its own";
        bool begun = false;
        auto lambda = [greeting, &begun](StreamReader, StreamWriter w) -> Coro<> {
            begun = true;
            co_await sleep(1ms);
            w.write(greeting);  // the server keeps the lambda as long as its coroutines
            w.close();
        };
        std::optional<Server> server = co_await start_server(lambda, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(*server));
        co_await until([&] { return begun; });
        server->close();
        server.reset();
        EXPECT_EQ(co_await r.read(), greeting);
        w.close();
        Server plain = co_await start_server(close_at_once, "127.0.0.1", 0);
        auto [r2, w2] = co_await open_connection("127.0.0.1", port_of(plain));
        EXPECT_EQ(co_await r2.read(), "");
        w2.close();
        plain.close();
        co_await plain.wait_closed();
    });
}

TEST_F(ServerTest, ServesWithoutAnyHandle) {
    run([&]() -> Coro<> {
        int port = 0;
        {
            const Server server = co_await start_server(close_at_once, "127.0.0.1", 0);
            port = port_of(server);
        }
        auto [r, w] = co_await open_connection("127.0.0.1", port);
        EXPECT_EQ(co_await r.read(), "");
        w.close();
    });
}

TEST_F(ServerTest, ListensOnSeveralHosts) {
    run([&]() -> Coro<> {
        std::vector<std::string> hosts = {"127.0.0.1", "127.0.0.2", "127.0.0.1"};
        Server server = co_await start_server(close_at_once, hosts, 0, ServerOptions());
        EXPECT_EQ(server.sockets().size(), 2u) << "each address once";
        EXPECT_EQ(server.sockets().at(1).getsockname().host(), "127.0.0.2");
        for (const TransportSocket& socket : server.sockets()) {
            const SocketAddress address = socket.getsockname();
            auto [r, w] = co_await open_connection(address.host(), address.port());
            EXPECT_EQ(co_await r.read(), "");
            w.close();
        }
        EXPECT_EQ(server.repr().substr(0, 21), "<Server sockets=(<soc");
        server.close();
        co_await server.wait_closed();
        EXPECT_EQ(server.repr(), "<Server sockets=()>");
    });
}

TEST_F(ServerTest, EmptyHostMeansAllInterfaces) {
    run([&]() -> Coro<> {
        Server server = co_await start_server(close_at_once, "", 0);
        EXPECT_FALSE(server.sockets().empty());
        EXPECT_EQ(server.sockets().at(0).getsockname().host(), "0.0.0.0");
        auto [r, w] = co_await open_connection("127.0.0.3", port_of(server));
        EXPECT_EQ(co_await r.read(), "");
        w.close();
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(ServerTest, SetsSocketOptions) {
    run([&]() -> Coro<> {
        ServerOptions options;
        options.reuse_port(true).keep_alive(true).backlog(7).family(AF_INET);
        std::optional<StreamWriter> accepted;
        auto keep = [&](StreamReader, StreamWriter w) { accepted = std::move(w); };
        Server server = co_await start_server(keep, "localhost", 0, options);
        EXPECT_EQ(server.sockets().size(), 1u);
        const TransportSocket socket = server.sockets().at(0);
        EXPECT_NE(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR), 0);
        EXPECT_NE(socket.getsockopt(SOL_SOCKET, SO_REUSEPORT), 0);
        EXPECT_EQ(info_of(socket.fileno()).tcpi_sacked, 7U) << "of one that listens it is the backlog";
        Server second = co_await start_server(close_at_once, "127.0.0.1", port_of(server), options);
        second.close();
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        co_await until([&] { return accepted.has_value(); });
        EXPECT_NE(TransportSocket(accepted->transport().fd()).getsockopt(SOL_SOCKET, SO_KEEPALIVE), 0);
        accepted->close();
        w.close();
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(ServerTest, AdoptsABoundSocket) {
    run([&]() -> Coro<> {
        Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));  // blocking
        socket.bind(SocketAddress("127.0.0.1", 0));
        Server server = co_await start_server(close_at_once, std::move(socket), ServerOptions());
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        EXPECT_EQ(co_await r.read(), "");
        w.close();
        server.close();
        co_await server.wait_closed();
        Socket datagram(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        try {
            co_await start_server(close_at_once, std::move(datagram), ServerOptions());
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
    });
}

TEST_F(ServerTest, ErrorsNameTheAddress) {
    run([&]() -> Coro<> {
        const Socket taken = bound_socket();
        taken.listen(1);
        const int before = open_descriptors();
        try {
            co_await start_server(close_at_once, "127.0.0.1", taken.getsockname().port());
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_EQ(e.what(), "bind to " + taken.getsockname().str() + ": Address already in use");
        }
        const std::string foreign = foreign_address();
        if (!foreign.empty()) {
            try {
                co_await start_server(close_at_once, foreign, 0);
                ADD_FAILURE();
            } catch (const OSError& e) {
                EXPECT_EQ(e.what(), "could not bind on any address out of [" + foreign +
                                        ":0]: Cannot assign requested address");
            }
        }
        try {
            co_await start_server(close_at_once, "127.0.0.1", 70000);
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        EXPECT_EQ(open_descriptors(), before);
    });
}

TEST_F(ServerTest, AFailingFactoryIsReportedAndTheServerGoesOn) {
    run([&]() -> Coro<> {
        int calls = 0;
        auto factory = [&]() -> std::shared_ptr<Protocol> {
            if (++calls == 1) throw ValueError("no");
            return std::make_shared<Protocol>();
        };
        Server server = co_await create_server(factory, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        EXPECT_EQ(co_await r.read(), "");
        w.close();
        auto [r2, w2] = co_await open_connection("127.0.0.1", port_of(server));
        co_await until([&] { return calls == 2; });
        w2.close();
        server.close();
        co_await server.wait_closed();
    });
    ASSERT_EQ(reports().size(), 1u);
    EXPECT_EQ(reports()[0], "Error on transport creation for incoming connection [exception]");
}

TEST_F(ServerTest, ConnectionsAcceptedButNotMadeAreDroppedByClose) {
    run([&]() -> Coro<> {
        int calls = 0;
        auto count = [&](StreamReader, StreamWriter) { ++calls; };
        Server server = co_await start_server(count, "127.0.0.1", 0);
        const Socket client = raw_client(address_of(server));
        const int before = open_descriptors();
        while (open_descriptors() == before) co_await sleep(0s);  // the transport is made a turn later
        EXPECT_EQ(calls, 0);
        server.close();
        co_await server.wait_closed();
        co_await turns(3);
        EXPECT_EQ(calls, 0);
        EXPECT_EQ(open_descriptors(), before - 1) << "without the listener's and the connection's";
        const std::string end = co_await fate(client.fileno());
        EXPECT_TRUE(end == "end" || end == "reset") << end;
    });
}

// --- life-cycle --------------------------------------------------------------------------------------

TEST_F(ServerTest, StartServingIsIdempotentUntilClosed) {
    run([&]() -> Coro<> {
        ServerOptions later;
        later.start_serving(false);
        Server server = co_await start_server(close_at_once, "127.0.0.1", 0, later);
        const int port = port_of(server);
        try {
            co_await open_connection("127.0.0.1", port);
            ADD_FAILURE();
        } catch (const ConnectionRefusedError&) {
        }
        co_await server.start_serving();
        co_await server.start_serving();
        EXPECT_TRUE(server.is_serving());
        auto [r, w] = co_await open_connection("127.0.0.1", port);
        EXPECT_EQ(co_await r.read(), "");
        w.close();
        server.close();
        server.close();
        int errors = 0;
        try {
            co_await server.start_serving();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "server <Server sockets=()> is closed");
            ++errors;
        }
        try {
            co_await server.serve_forever();
        } catch (const RuntimeError&) {
            ++errors;
        }
        EXPECT_EQ(errors, 2);
        co_await server.wait_closed();
        EXPECT_EQ(&server.get_loop(), &loop());
    });
}

TEST_F(ServerTest, CloseEndsServeForever) {
    run([&]() -> Coro<> {
        Server server = co_await start_server(close_at_once, "127.0.0.1", 0);
        auto t = create_task(server.serve_forever());
        co_await turns(2);
        server.close();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled()) << "as in asyncio";
    });
}

TEST_F(ServerTest, CancellingServeForeverWaitsForConnections) {
    run([&]() -> Coro<> {
        Holding holding;
        Server server = co_await start_server(std::ref(holding), "127.0.0.1", 0);
        auto t = create_task(server.serve_forever());
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        co_await until([&] { return holding.begun == 1; });
        t.cancel();
        co_await turns(5);
        EXPECT_FALSE(t.done());
        EXPECT_FALSE(server.is_serving());
        w.close();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
    });
}

TEST_F(ServerTest, CancellingTwiceDoesNotWait) {
    run([&]() -> Coro<> {
        Holding holding;
        Server server = co_await start_server(std::ref(holding), "127.0.0.1", 0);
        auto t = create_task(server.serve_forever());
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
        co_await until([&] { return holding.begun == 1; });
        t.cancel();
        co_await turns(5);
        t.cancel();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
        auto waits = create_task(server.wait_closed());
        co_await turns(2);
        waits.cancel();
        co_await ended(waits);
        EXPECT_TRUE(waits.cancelled());
        w.close();
        co_await server.wait_closed();
    });
}

TEST_F(ServerTest, ClosesAndAbortsItsClients) {
    run([&]() -> Coro<> {
        for (const bool abort : {false, true}) {
            auto flood = [](StreamReader r, StreamWriter w) -> Coro<> {
                w.write(std::string(4'000'000, 'x'));
                co_await r.read();
                w.close();
            };
            // The client takes some hundred kilobytes and the kernel as much; the rest is the server's.
            Server server = co_await start_server(flood, bound_socket(kSmallBuffer), ServerOptions());
            auto [r, w] = co_await open_connection(connected_socket(address_of(server), kSmallBuffer));
            co_await r.readexactly(1);
            server.close();
            if (abort) {
                server.abort_clients();
            } else {
                server.close_clients();
            }
            std::size_t received = 1;
            try {
                const std::string rest = co_await r.read();
                received += rest.size();
            } catch (const ConnectionError&) {
            }
            EXPECT_EQ(received == 4'000'000, !abort);
            w.close();
            co_await server.wait_closed();
        }
    });
}

TEST_F(ServerTest, WorksWithAsyncWith) {
    run([&]() -> Coro<> {
        Server server = co_await start_server(close_at_once, "127.0.0.1", 0);
        const auto body = [](Server inside) -> Coro<int> {
            EXPECT_TRUE(inside.is_serving());
            auto [r, w] = co_await open_connection("127.0.0.1", port_of(inside));
            co_await r.read();
            w.close();
            co_return 7;
        };
        EXPECT_EQ(co_await async_with(server, body), 7);
        EXPECT_FALSE(server.is_serving());
    });
}

TEST_F(ServerTest, ALoopThatClosesClosesItsServers) {
    const int before = open_descriptors();
    Holding holding;
    std::optional<Server> survivor;
    std::optional<StreamPair> connection;
    {
        const auto closed = new_event_loop();
        closed->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        const auto body = [&]() -> Coro<> {
            survivor = co_await start_server(std::ref(holding), "127.0.0.1", 0);
            co_await start_server(std::ref(holding), "127.0.0.1", 0);  // nobody holds that one
            connection = co_await open_connection("127.0.0.1", port_of(*survivor));
            co_await until([&] { return holding.begun == 1; });
        };
        closed->run_until_complete(body());
    }
    EXPECT_FALSE(survivor->is_serving());
    EXPECT_TRUE(survivor->sockets().empty());
    EXPECT_TRUE(connection->second.is_closing());
    survivor->close();
    survivor.reset();
    connection.reset();  // the last reference to the loop, which keeps its own descriptors
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ServerTest, ConnectionsRunInACopyOfTheServersContext) {
    static const ContextVar<int> number("number", 0);
    std::vector<int> seen;
    run([&]() -> Coro<> {
        auto token = number.set(5);
        auto note = [&](StreamReader, StreamWriter w) -> Coro<> {
            seen.push_back(number.get());
            number.set(6);
            w.close();
            co_return;
        };
        Server server = co_await start_server(note, "127.0.0.1", 0);
        number.reset(token);
        for (int i = 0; i < 2; ++i) {
            auto [r, w] = co_await open_connection("127.0.0.1", port_of(server));
            co_await r.read();
            w.close();
        }
        server.close();
        co_await server.wait_closed();
    });
    EXPECT_EQ(py(seen), "[5, 5]");
}

}  // namespace
}  // namespace aio::tests
