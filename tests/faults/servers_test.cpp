// SPDX-License-Identifier: MIT
// Faults of servers that are closed; docs/faults.md explains the numbers.
#include <streams/streams_support.hpp>

#include <array>
#include <memory>
#include <optional>

namespace aio::tests {
namespace {

using ServerFaults = StreamsTest;

// --- F17 ---------------------------------------------------------------------------------------------

// The server closes some iterations after a client has connected, in each stage of the connection's making.
TEST_F(ServerFaults, F17_closed_between_accept_and_set_up) {
    run([&]() -> Coro<> {
        for (int turn = 0; turn <= 6; ++turn) {
            SCOPED_TRACE(turn);
            const int before = open_descriptors();
            int served = 0;
            const auto serve = [&served](StreamReader, StreamWriter w) -> Coro<> {
                ++served;
                w.write("hello");
                co_await w.drain();
                w.close();
            };
            const Server server = co_await start_server(serve, "127.0.0.1", 0);
            const Socket client = raw_client(address_of(server));
            co_await turns(turn);
            server.close();
            co_await server.wait_closed();
            const std::string end = co_await fate(client.fileno());
            EXPECT_TRUE(end == "end" || end == "reset") << end;
            EXPECT_LE(served, 1);
            co_await turns(3);
            EXPECT_EQ(open_descriptors(), before + 1) << "the client's";
            EXPECT_EQ(loop().stats().descriptors, 0U);
        }
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(ServerFaults, F17_closed_in_each_callback_of_the_set_up) {
    run([&]() -> Coro<> {
        struct Closing : Protocol {
            void connection_made(Transport& made) override {
                if (in_made) in_made(made);
            }
            std::function<void(Transport&)> in_made;
        };
        for (const std::string at : {"factory", "connection_made"}) {
            SCOPED_TRACE(at);
            const int before = open_descriptors();
            std::optional<Server> server;
            const auto close = [&] {
                server->close();
                server->close_clients();
            };
            const auto factory = [&] {
                if (at == "factory") close();
                auto protocol = std::make_shared<Closing>();
                if (at != "factory") protocol->in_made = [&](Transport&) { close(); };
                return protocol;
            };
            server = co_await create_server(factory, "127.0.0.1", 0);
            const Socket client = raw_client(address_of(*server));
            co_await server->wait_closed();
            EXPECT_EQ(open_descriptors(), before + 1) << "nothing is left when wait_closed() returns";
            const std::string end = co_await fate(client.fileno());
            EXPECT_TRUE(end == "end" || end == "reset") << end;
        }
    });
    EXPECT_TRUE(reports().empty());
}

// --- F18 ---------------------------------------------------------------------------------------------

enum class Ends { abort, close };

Coro<> wait_until_closed(Server server) { co_await server.wait_closed(); }

TEST_F(ServerFaults, F18_wait_closed_waits_for_the_last_connection) {
    run([&]() -> Coro<> {
        for (const Ends way : {Ends::abort, Ends::close}) {
            Future<> served = loop().create_future<>();
            const auto serve = [&served](StreamReader r, StreamWriter w) -> Coro<> {
                w.write("hello");
                served.set_result();
                co_await r.read();
                w.close();
            };
            const Server server = co_await start_server(serve, "127.0.0.1", 0);
            const Socket client = raw_client(address_of(server));
            co_await served;
            server.close();
            try {
                co_await wait_for(server.wait_closed(), 300ms);
                ADD_FAILURE() << "it returned with a connection open";
            } catch (const TimeoutError&) {
            }
            way == Ends::abort ? server.abort_clients() : server.close_clients();
            co_await server.wait_closed();
            const std::string end = co_await fate(client.fileno());
            EXPECT_TRUE(end == "end" || (way == Ends::abort && end == "reset")) << end;
            co_await server.wait_closed();
        }
    });
    EXPECT_TRUE(reports().empty());
}

// What is buffered is sent first by close_clients(), and dropped by abort_clients().
TEST_F(ServerFaults, F18_close_clients_flushes) {
    run([&]() -> Coro<> {
        constexpr std::size_t kMuch = 1 << 20;
        for (const Ends way : {Ends::abort, Ends::close}) {
            Future<> served = loop().create_future<>();
            const auto serve = [&served](StreamReader r, StreamWriter w) -> Coro<> {
                w.write(std::string(kMuch, 'x'));
                served.set_result();
                co_await r.read();
                w.close();
            };
            const Server server = co_await start_server(serve, bound_socket(kSmallBuffer), ServerOptions());
            const Socket client = connected_socket(address_of(server), kSmallBuffer);
            co_await served;
            server.close();
            way == Ends::abort ? server.abort_clients() : server.close_clients();
            bool returned = false;
            auto waiting = create_task(wait_until_closed(server));
            waiting.add_done_callback([&](const auto&) { returned = true; });
            if (way == Ends::close) {
                co_await settle_for_real(5ms);
                EXPECT_FALSE(returned) << "the client has not read yet";
            }
            std::size_t received = 0;
            while (!returned) {
                received += read_all(client.fileno()).size();
                co_await sleep(0s);
            }
            received += read_all(client.fileno()).size();
            EXPECT_EQ(received == kMuch, way == Ends::close);
        }
    });
}

// Waiting begins before the server is closed: it waits for both, and does not return at once.
TEST_F(ServerFaults, F18_wait_closed_before_close) {
    run([&]() -> Coro<> {
        Future<> served = loop().create_future<>();
        const auto serve = [&served](StreamReader r, StreamWriter w) -> Coro<> {
            served.set_result();
            co_await r.read();
            w.close();
        };
        const Server server = co_await start_server(serve, "127.0.0.1", 0);
        auto waiting = create_task(wait_until_closed(server));
        co_await turns(3);
        EXPECT_FALSE(waiting.done()) << "open, without connections";
        Socket client = raw_client(address_of(server));
        co_await served;
        co_await turns(3);
        EXPECT_FALSE(waiting.done());
        server.close();
        co_await settle_for_real(2ms);
        EXPECT_FALSE(waiting.done()) << "closed, with a connection";
        client.close();
        co_await waiting;
    });
}

}  // namespace
}  // namespace aio::tests
