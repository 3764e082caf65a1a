// SPDX-License-Identifier: MIT
// Connections and servers ask the loop's resolver for names.
#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/ended.hpp>
#include <support/inject.hpp>

#include <aio/endpoints.hpp>
#include <aio/net/resolver.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <netdb.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct Names final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override {
        asked.push_back(host);
        flags = options.get_flags();
        co_await sleep(1s);
        const auto found = known.find(host);
        if (found == known.end()) throw gaierror(EAI_NONAME, "resolve '" + host + "'");
        std::vector<AddrInfo> addresses;
        for (const char* const numeric : found->second) {
            addresses.push_back({AF_INET, options.get_type(), 0, "", SocketAddress(numeric, port)});
        }
        co_return addresses;
    }
    std::map<std::string, std::vector<const char*>> known{
        {"one.test", {"127.0.0.1"}}, {"two.test", {"127.0.0.2", "127.0.0.1"}}, {"none.test", {}}};
    std::vector<std::string> asked;
    int flags = 0;
};

struct EndpointNames : ::testing::Test, aio::testing::LoopTest {
    const std::shared_ptr<Names> names = std::make_shared<Names>();
    EndpointNames() { set_resolver(loop(), names); }
    static auto echo() {
        return [](StreamReader reader, StreamWriter writer) -> Coro<> {
            writer.write(co_await reader.read(100));
            writer.close();
        };
    }
};

TEST_F(EndpointNames, ServersAndConnections) {
    run([&]() -> Coro<> {
        const Server server = co_await start_server(echo(), "one.test", 0);
        EXPECT_EQ(names->flags, AI_PASSIVE);
        EXPECT_EQ(server.sockets().size(), 1U);
        EXPECT_EQ(server.sockets()[0].getsockname().host(), "127.0.0.1");
        const int port = server.sockets()[0].getsockname().port();
        ConnectOptions options;
        options.local_addr("one.test", 0);
        // the first address refuses
        auto streams = co_await open_connection("two.test", port, options);
        EXPECT_EQ(names->flags, 0);
        EXPECT_EQ(names->asked, std::vector<std::string>({"one.test", "two.test", "one.test"}));
        EXPECT_EQ(streams.second.transport().peername().host(), "127.0.0.1");
        streams.second.write("hello");
        const std::string text = co_await streams.first.read();
        EXPECT_EQ(text, "hello");
        streams.second.close();
        Server closing = server;
        closing.close();
        co_await closing.wait_closed();
    });
}

TEST_F(EndpointNames, SeveralHostsAreLookedUpAtTheSameTime) {
    run([&]() -> Coro<> {
        std::vector<std::string> hosts{"one.test", "127.0.0.3", "two.test"};
        const auto before = clock().elapsed();
        const Server server = co_await start_server(echo(), hosts, 0, ServerOptions());
        EXPECT_EQ(clock().elapsed() - before, 1s);
        EXPECT_EQ(server.sockets().size(), 3U);  // each address once
        server.close();
    });
}

TEST_F(EndpointNames, FailuresAreTold) {
    run([&]() -> Coro<> {
        ConnectOptions all;
        all.all_errors(true);
        std::string text = co_await caught(open_connection("other.test", 1, all));
        EXPECT_EQ(text, "resolve 'other.test': " + std::string(::gai_strerror(EAI_NONAME)));
        text = co_await caught(open_connection("none.test", 1));
        EXPECT_EQ(text, "getaddrinfo('none.test') returned empty list");
        text = co_await caught(start_server(echo(), "other.test", 0));
        EXPECT_EQ(text, "resolve 'other.test': " + std::string(::gai_strerror(EAI_NONAME)));
        text = co_await caught(wait_for(open_connection("one.test", 1), 10ms));
        EXPECT_EQ(text, "TimeoutError");
    });
}

TEST_F(EndpointNames, ACallMayAskSomebodyElse) {
    run([&]() -> Coro<> {
        const auto own = std::make_shared<Names>();
        own->known = {{"mine.test", {"127.0.0.5"}}};
        Server server = co_await start_server(echo(), "mine.test", 0, ServerOptions().resolver(own));
        const SocketAddress address = server.sockets()[0].getsockname();
        EXPECT_EQ(address.host(), "127.0.0.5");
        ConnectOptions options;
        options.resolver(own).local_addr("mine.test", 0);
        auto streams = co_await open_connection("mine.test", address.port(), options);
        EXPECT_EQ(streams.second.transport().sockname().host(), "127.0.0.5");
        streams.second.write("hello");
        const std::string text = co_await streams.first.read();
        EXPECT_EQ(text, "hello");
        streams.second.close();
        DatagramOptions packets;
        packets.resolver(own).local_addr("mine.test", 0);
        for (const int flags : {0, AI_ADDRCONFIG}) {
            packets.flags(flags);
            const DatagramSocket socket = co_await open_datagram_socket("mine.test", 9, packets);
            EXPECT_EQ(socket.sockname().host(), "127.0.0.5");
            socket.close();
            co_await socket.wait_closed();
        }
        EXPECT_EQ(own->asked, std::vector<std::string>(7, "mine.test"));
        EXPECT_EQ(names->asked, std::vector<std::string>());
        co_await open_connection("127.0.0.5", address.port(), options);
        EXPECT_EQ(own->asked.size(), 8U) << "a number needs nobody";
        const std::string error = co_await caught(open_connection("mine.test", 1, options.resolver(nullptr)));
        EXPECT_EQ(error, "resolve 'mine.test': " + std::string(::gai_strerror(EAI_NONAME)));
        EXPECT_EQ(names->asked, std::vector<std::string>{"mine.test"}) << "the loop's";
        server.close();
        co_await server.wait_closed();
    });
}

// A resolver that nobody else holds lives as long as the call, and no longer.
TEST_F(EndpointNames, ACallKeepsItsResolver) {
    run([&]() -> Coro<> {
        std::weak_ptr<Names> kept;
        const auto mine = [&kept] {
            auto made = std::make_shared<Names>();
            kept = made;
            return made;
        };
        Server server = co_await start_server(echo(), "one.test", 0, ServerOptions().resolver(mine()));
        EXPECT_TRUE(kept.expired());
        const int port = server.sockets()[0].getsockname().port();
        const auto connecting =
            create_task(open_connection("one.test", port, ConnectOptions().resolver(mine())));
        co_await sleep(500ms);
        EXPECT_FALSE(kept.expired());
        auto streams = co_await connecting;
        EXPECT_TRUE(kept.expired()) << "the connection does not need it";
        streams.second.close();
        const auto cancelled =
            create_task(open_connection("one.test", port, ConnectOptions().resolver(mine())));
        co_await sleep(500ms);
        cancelled.cancel();
        co_await ended(cancelled);
        EXPECT_TRUE(kept.expired());
        server.close();
        co_await server.wait_closed();
    });
}

struct ConnectsByName : Scenario {
    Socket listener = bound_socket();
    Coro<> prepare() override {
        listener.listen(10);
        set_resolver(get_running_loop(), std::make_shared<Names>());
        co_return;
    }
    Coro<> subject() override {
        auto streams = co_await open_connection("one.test", listener.getsockname().port());
        streams.second.close();
        co_await streams.second.wait_closed();
    }
};
TEST(EndpointNamesInjection, OpenConnection) { inject<ConnectsByName>(8); }

struct ConnectsByAnothersName : ConnectsByName {
    Coro<> prepare() override {
        listener.listen(10);
        co_return;
    }
    Coro<> subject() override {
        ConnectOptions options;
        options.resolver(std::make_shared<Names>());
        auto streams = co_await open_connection("one.test", listener.getsockname().port(), options);
        streams.second.close();
        co_await streams.second.wait_closed();
    }
};
TEST(EndpointNamesInjection, WithAResolverOfItsOwn) { inject<ConnectsByAnothersName>(8); }

}  // namespace
}  // namespace aio::tests
