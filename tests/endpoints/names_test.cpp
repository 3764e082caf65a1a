// SPDX-License-Identifier: MIT
// Connections and servers ask the loop's resolver for names.
#include <net/net_support.hpp>
#include <support/caught.hpp>
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

}  // namespace
}  // namespace aio::tests
