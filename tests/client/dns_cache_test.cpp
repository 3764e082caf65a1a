// SPDX-License-Identifier: MIT
// How a connector finds hosts, and what it keeps of that.
#include <client/client_support.hpp>
#include <support/caught.hpp>

namespace aio::tests {
namespace {

using namespace http;

class DnsCacheTest : public ConnectorTest {
protected:
    DnsCacheTest() { names->known["one.test"] = {"127.0.0.1"}; }
    ConnectorOptions options() const { return ConnectorOptions().resolver(names); }
    std::string url(const std::string& host = "one.test") const { return server.url("/", "http", host); }
    Coro<std::string> get(TCPConnector& connector, std::string from) {
        auto connection = co_await connector.connect(to(from));
        co_return co_await ask(connection, "/");
    }

    const std::shared_ptr<ClientNames> names = std::make_shared<ClientNames>();
};

TEST_F(DnsCacheTest, KeepsAddressesForTenSeconds) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        co_await get(connector, url());
        EXPECT_EQ(connector.cached_hosts(), (std::vector<std::pair<std::string, std::uint16_t>>{
                                                {"one.test", static_cast<std::uint16_t>(server.port())}}));
        co_await sleep(9s);
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 1U);
        co_await sleep(2s);
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 2U);
        connector.clear_dns_cache("other.test", 80);
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 2U);
        connector.clear_dns_cache("one.test", static_cast<std::uint16_t>(server.port()));
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 3U);
        connector.clear_dns_cache();
        EXPECT_TRUE(connector.cached_hosts().empty());
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 4U);
    });
}

TEST_F(DnsCacheTest, ForEverOrNotAtAll) {
    serve(options().ttl_dns_cache(std::nullopt), [&](TCPConnector& connector) -> Coro<> {
        co_await get(connector, url());
        co_await sleep(std::chrono::hours(24));
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 1U);
    });
    serve(options().use_dns_cache(false), [&](TCPConnector& connector) -> Coro<> {
        co_await get(connector, url());
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 3U);
        EXPECT_TRUE(connector.cached_hosts().empty());
    });
}

TEST_F(DnsCacheTest, AnAddressNeedsNoLookUp) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        co_await get(connector, url("127.0.0.1"));
        co_await get(connector, url("localhost"));
        EXPECT_TRUE(names->asked.empty());
    });
}

TEST_F(DnsCacheTest, TheLoopsResolverIsAskedWhereThereIsNoOther) {
    set_resolver(loop(), names);
    serve([&](TCPConnector& connector) -> Coro<> {
        co_await get(connector, url());
        EXPECT_EQ(names->asked, std::vector<std::string>({"one.test"}));
    });
}

TEST_F(DnsCacheTest, AHostWithoutAnAddressIsAnErrorThatIsNotKept) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        for (int i = 0; i < 2; ++i) {
            try {
                co_await connector.connect(to(url("unknown.test")));
                ADD_FAILURE() << "it has connected";
            } catch (const ClientConnectorDNSError& error) {
                EXPECT_EQ(error.host(), "unknown.test");
                EXPECT_EQ(error.error_number(), EAI_NONAME);
            }
        }
        EXPECT_EQ(names->asked.size(), 2U);
        names->known["none.test"] = {};
        EXPECT_THROW(co_await connector.connect(to(url("none.test"))), ClientConnectorDNSError);
        EXPECT_EQ(connector.lent(), 0U);
    });
}

// Who is cancelled, or has no time left, takes nothing from the others.
TEST_F(DnsCacheTest, F32_CancellingOneLeavesTheOthers) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        std::vector<Task<std::string>> all;
        for (int i = 0; i < 5; ++i) all.push_back(create_task(get(connector, url())));
        co_await sleep(50ms);
        EXPECT_EQ(names->asked.size(), 1U);
        all[0].cancel();
        auto limited = create_task(caught(wait_for(all[1], 50ms)));
        const std::string second = co_await limited;
        EXPECT_EQ(second, "TimeoutError");
        for (int i = 2; i < 5; ++i) {
            const std::string body = co_await all[i];
            EXPECT_EQ(body.substr(2), "/");
        }
        EXPECT_TRUE(all[0].cancelled());
        EXPECT_EQ(names->asked.size(), 1U);
        EXPECT_EQ(names->withdrawn, 0);
    });
}

TEST_F(DnsCacheTest, F32_TheAnswerIsKeptThoughNobodyWaitsAnyMore) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        auto only = create_task(get(connector, url()));
        co_await sleep(50ms);
        only.cancel();
        co_await sleep(1s);
        EXPECT_EQ(connector.cached_hosts().size(), 1U);
        co_await get(connector, url());
        EXPECT_EQ(names->asked.size(), 1U);
    });
}

TEST_F(DnsCacheTest, F32_AFailureReachesAllAndTheNextAsksAnew) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        std::vector<Task<std::string>> all;
        for (int i = 0; i < 3; ++i) all.push_back(create_task(get(connector, url("late.test"))));
        for (auto& each : all) EXPECT_THROW(co_await each, ClientConnectorDNSError);
        names->known["late.test"] = {"127.0.0.1"};
        const std::string body = co_await get(connector, url("late.test"));
        EXPECT_EQ(body, "1 /");
        EXPECT_EQ(names->asked.size(), 2U);
    });
}

TEST_F(DnsCacheTest, F32_ClosingEndsAll) {
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        std::vector<Task<std::string>> all;
        for (int i = 0; i < 3; ++i) all.push_back(create_task(get(connector, url())));
        co_await sleep(50ms);
        co_await connector.close();
        for (auto& each : all) EXPECT_THROW(co_await each, ConnectionClosedError);
        co_await turns(3);
        EXPECT_EQ(names->withdrawn, 1);
    });
    // In the very turn in which they begin.
    serve(options(), [&](TCPConnector& connector) -> Coro<> {
        auto early = create_task(get(connector, url()));
        co_await turns(1);
        co_await connector.close();
        EXPECT_THROW(co_await early, ConnectionClosedError);
    });
}

// F33: an address that swallows packets uses up its own time only.
TEST_F(DnsCacheTest, F33_TheSecondAddressHasATimeOfItsOwn) {
    const Unanswering silent;
    const Socket listening = Socket::stream(AF_INET);
    listening.bind(SocketAddress("127.0.0.2", static_cast<std::uint16_t>(silent.port())));
    listening.listen(5);
    names->known["two.test"] = {"127.0.0.1", "127.0.0.2"};
    for (const bool eyeballs : {true, false}) {
        ConnectorOptions wanted = options();
        if (!eyeballs) wanted.happy_eyeballs_delay(std::nullopt);
        serve(wanted, [&](TCPConnector& connector) -> Coro<> {
            ConnectRequest request = to("http://two.test:" + std::to_string(silent.port()));
            request.sock_connect = 200ms;
            auto connecting = create_task(connector.connect(request));
            co_await turns(20);
            clock().advance(names->delay);
            co_await turns(20);
            co_await let_limit_pass(clock(), connecting, 200ms);
            auto connection = co_await std::move(connecting);
            EXPECT_EQ(connection.writer().transport().peername().host(), "127.0.0.2");
        });
    }
}

TEST_F(DnsCacheTest, ManyNamesDoNotFillTheMemory) {
    names->delay = 0s;
    serve(options().force_close(true), [&](TCPConnector& connector) -> Coro<> {
        for (int i = 0; i < 1100; ++i) {
            const std::string host = "h" + std::to_string(i) + ".test";
            names->known[host] = {"127.0.0.1"};
            co_await get(connector, url(host));
        }
        EXPECT_EQ(connector.cached_hosts().size(), 1000U);
    });
}

}  // namespace
}  // namespace aio::tests
