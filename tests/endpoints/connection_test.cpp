// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>
#include <support/xor_upgrade.hpp>

#include <aio/base/exception_group.hpp>

#include <memory>
#include <vector>

namespace aio::tests {
namespace {

using ConnectionTest = StreamsTest;

struct Counter : Protocol {
    void connection_made(Transport&) override { ++made; }
    void connection_lost(std::exception_ptr) override { ++lost; }
    int made = 0;
    int lost = 0;
};

std::shared_ptr<Counter> make_counter() { return std::make_shared<Counter>(); }

static_assert(ProtocolFactory<decltype(&make_counter)>);
static_assert(!ProtocolFactory<decltype([] { return 1; })>);

// A socket that listens, without a server on the loop.
struct Listening {
    Listening() { socket.listen(10); }
    int port() const { return socket.getsockname().port(); }
    Socket socket = bound_socket();
};

TEST_F(ConnectionTest, GivesTransportAndTheFactorysProtocol) {
    run([&]() -> Coro<> {
        const Listening server;
        auto [transport, protocol] = co_await create_connection(make_counter, "127.0.0.1", server.port());
        static_assert(std::is_same_v<decltype(protocol), std::shared_ptr<Counter>>);
        EXPECT_EQ(protocol->made, 1);
        EXPECT_EQ(transport->get_protocol(), protocol);
        EXPECT_EQ(transport->peername().port(), server.port());
        transport->close();
        co_await turns(2);
        EXPECT_EQ(protocol->lost, 1);
    });
}

TEST_F(ConnectionTest, CapturingFactoriesAreKept) {
    run([&]() -> Coro<> {
        const Listening server;
        auto shared = std::make_shared<Counter>();
        auto factory = [shared] { return shared; };
        auto [transport, protocol] =
            co_await create_connection(std::move(factory), "127.0.0.1", server.port());
        EXPECT_EQ(protocol, shared);
        transport->abort();
    });
}

TEST_F(ConnectionTest, AdoptsAConnectedSocket) {
    run([&]() -> Coro<> {
        auto [a, b] = socket_pair();
        auto [transport, protocol] = co_await create_connection(make_counter, std::move(a));
        auto [other, accepted] = co_await connect_accepted_socket(make_counter, std::move(b));
        transport->close();
        co_await until([&] { return accepted->lost == 1; });
        Socket datagram(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        try {
            co_await create_connection(make_counter, std::move(datagram));
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_EQ(std::string(e.what()).substr(0, 34), "A Stream Socket was expected, got ");
        }
    });
}

TEST_F(ConnectionTest, AcceptsAsAServerDoes) {
    run([&]() -> Coro<> {
        auto [a, b] = socket_pair();
        const auto upgrade = std::make_shared<XorUpgrade>();
        auto accepting =
            create_task(connect_accepted_socket(make_counter, std::move(b), ServerOptions().ssl(upgrade)));
        auto [r, w] =
            co_await open_connection(std::move(a), ConnectOptions().ssl(upgrade).server_hostname("name"));
        const auto& [transport, protocol] = co_await accepting;
        EXPECT_EQ(protocol->made, 1);
        transport->write("hello");
        EXPECT_EQ(co_await r.readexactly(5), "hello");
        transport->close();
        w.close();
        auto [c, d] = socket_pair();
        try {
            const ServerOptions options = ServerOptions().ssl_handshake_timeout(std::chrono::seconds(1));
            co_await connect_accepted_socket(make_counter, std::move(c), options);
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "ssl_handshake_timeout is only meaningful with ssl");
        }
    });
}

TEST_F(ConnectionTest, BindsToALocalAddress) {
    run([&]() -> Coro<> {
        const Listening server;
        ConnectOptions options;
        options.local_addr("127.0.0.2", 0);
        auto [transport, protocol] =
            co_await create_connection(make_counter, "127.0.0.1", server.port(), options);
        EXPECT_EQ(transport->sockname().host(), "127.0.0.2");
        transport->abort();
        options.local_addr("127.0.0.1", server.port());
        try {
            co_await create_connection(make_counter, "127.0.0.1", server.port(), options);
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_EQ(e.what(), "bind to " + server.socket.getsockname().str() + ": Address already in use");
        }
        options.local_addr("::1", 0);
        try {
            co_await create_connection(make_counter, "127.0.0.1", server.port(), options);
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_NE(std::string(e.what()).find("no local address of this family"), std::string::npos);
        }
    });
}

TEST_F(ConnectionTest, RefusesBadArguments) {
    run([&]() -> Coro<> {
        for (const int port : {-1, 65536}) {
            try {
                co_await create_connection(make_counter, "127.0.0.1", port);
                ADD_FAILURE();
            } catch (const ValueError& e) {
                EXPECT_EQ(e.what(), "port must be 0-65535, not " + std::to_string(port));
            }
        }
        try {
            co_await create_connection(make_counter, "no.such.host.example", 1);
            ADD_FAILURE();
        } catch (const gaierror&) {
        }
        ConnectOptions v6;
        v6.family(AF_INET6);
        try {
            co_await create_connection(make_counter, "127.0.0.1", 1, v6);
            ADD_FAILURE();
        } catch (const gaierror&) {
        }
    });
}

TEST_F(ConnectionTest, LocalhostTriesAllItsAddresses) {
    run([&]() -> Coro<> {
        const LocalPort server(true);  // listens on IPv4 only
        auto [transport, protocol] = co_await create_connection(make_counter, "localhost", server.port());
        EXPECT_EQ(transport->peername().host(), "127.0.0.1");
        transport->abort();
        const LocalPort closed;
        ConnectOptions options;
        options.all_errors(true);
        try {
            co_await create_connection(make_counter, "localhost", closed.port(), options);
            ADD_FAILURE();
        } catch (const ExceptionGroup& e) {
            EXPECT_EQ(e.message(), "create_connection failed");
            EXPECT_EQ(e.exceptions().size(),
                      resolve_numeric("localhost", 1, AF_UNSPEC, ResolveFor::connecting).size());
        }
    });
}

TEST_F(ConnectionTest, AFailingFactoryClosesTheSocket) {
    run([&]() -> Coro<> {
        const Listening server;
        auto failing = []() -> std::shared_ptr<Counter> { throw ValueError("no"); };
        const int before = open_descriptors();
        try {
            co_await create_connection(failing, "127.0.0.1", server.port());
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        EXPECT_EQ(open_descriptors(), before);
    });
}

// --- cancellation ------------------------------------------------------------------------------------

TEST_F(ConnectionTest, CancelledBeforeItBegins) {
    run([&]() -> Coro<> {
        const Listening server;
        auto t = create_task(create_connection(make_counter, "127.0.0.1", server.port()));
        t.cancel();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
    });
}

TEST_F(ConnectionTest, CancelledWhileItConnects) {
    run([&]() -> Coro<> {
        const Unanswering server;
        const int before = open_descriptors();
        auto t = create_task(create_connection(make_counter, "127.0.0.1", server.port()));
        co_await turns(5);
        EXPECT_EQ(open_descriptors(), before + 1);
        EXPECT_EQ(loop().stats().descriptors, 1u);
        t.cancel();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
        EXPECT_EQ(open_descriptors(), before);
        EXPECT_EQ(loop().stats().descriptors, 0u);
    });
}

// At every point on the way: no descriptor, no transport and no protocol is left.
TEST_F(ConnectionTest, CancelledInEveryIteration) {
    run([&]() -> Coro<> {
        for (int iteration = 0; iteration < 12; ++iteration) {
            auto [a, b] = socket_pair();
            const int before = open_descriptors();
            const auto shared = std::make_shared<Counter>();
            auto factory = [shared] { return shared; };
            auto t = create_task(create_connection(std::move(factory), std::move(a)));
            for (int i = 0; i < iteration; ++i) co_await sleep(0s);
            t.cancel();
            co_await ended(t);
            if (!t.cancelled()) t.result().first->abort();
            co_await turns(4);
            EXPECT_EQ(shared->made, shared->lost) << iteration;
            EXPECT_EQ(open_descriptors(), before - 1) << iteration;
        }
    });
}

TEST_F(ConnectionTest, ALoopThatClosesWhileConnectingLeavesNothing) {
    const Unanswering server;
    const int before = open_descriptors();
    {
        const auto closed = new_event_loop();
        closed->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        closed->create_task(create_connection(make_counter, "127.0.0.1", server.port()));
        closed->stop();
        closed->run_forever();
    }
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace aio::tests
