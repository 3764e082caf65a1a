// SPDX-License-Identifier: MIT
// Addresses of one family are told before the other's are known.
#include <dns/dns_support.hpp>

#include <aio/endpoints.hpp>

namespace aio::tests {
namespace {

/// What it is told, a text for each time.
struct Heard final : Resolver::Listener {
    void found(std::vector<AddrInfo> some) override {
        std::string text;
        for (const AddrInfo& info : some) text += (text.empty() ? "" : " ") + info.address.str();
        parts.push_back(std::move(text));
    }
    Texts parts;
};

constexpr unsigned kA = 1;
constexpr unsigned kAAAA = 28;

struct DnsParts : DnsTest {
    Coro<> ask(std::string name, Resolver::Listener& listener, int family = AF_UNSPEC) {
        AddrInfoOptions wanted;
        wanted.type(SOCK_STREAM).family(family);
        co_await resolver->getaddrinfo_in_parts(std::move(name), 80, wanted, listener);
    }
    /// What is told before the questions of this type are answered.
    Coro<Texts> told_before(unsigned type, std::string name) {
        server.keep(name, type);
        Heard heard;
        const auto asking = create_task(ask(name, heard));
        co_await until([&] { return server.kept() == 1 && !heard.parts.empty(); });
        EXPECT_FALSE(asking.done());
        Texts before = heard.parts;
        co_await server.answer_kept();
        co_await asking;
        EXPECT_EQ(heard.parts.size(), 2U);
        Texts again;
        std::swap(again, heard.parts);
        co_await ask(name, heard);
        EXPECT_EQ(heard.parts.size(), 1U) << "what is kept is known at once";
        resolver->clear_cache();
        before.push_back(again.back());
        co_return before;
    }
};

TEST_F(DnsParts, WhatIsAnsweredFirstIsToldFirst) {
    server.add_address("www.test", "127.0.0.7");
    server.add_address("www.test", "127.0.0.8");
    server.add_address("www.test", "::7");
    serve([&]() -> Coro<> {
        Texts told = co_await told_before(kAAAA, "www.test");
        EXPECT_EQ(told, (Texts{"127.0.0.7:80 127.0.0.8:80", "[::7]:80"}));
        told = co_await told_before(kA, "www.test");
        EXPECT_EQ(told, (Texts{"[::7]:80", "127.0.0.7:80 127.0.0.8:80"}));
    });
}

TEST_F(DnsParts, OneFamilyIsToldOnce) {
    server.add_address("four.test", "127.0.0.7");
    server.add_address("both.test", "127.0.0.7");
    server.add_address("both.test", "::7");
    serve([&]() -> Coro<> {
        Heard heard;
        server.keep("four.test", kA);  // that there is no other tells nothing
        const auto asking = create_task(ask("four.test", heard));
        co_await until([&] { return server.kept() == 1 && server.asked.size() == 2; });
        co_await until([&] { return resolver->cached() == 1; });
        EXPECT_EQ(heard.parts, Texts());
        co_await server.answer_kept();
        co_await asking;
        EXPECT_EQ(std::exchange(heard.parts, {}), Texts{"127.0.0.7:80"});
        co_await ask("both.test", heard, AF_INET);
        EXPECT_EQ(std::exchange(heard.parts, {}), Texts{"127.0.0.7:80"});
        co_await ask("127.0.0.3", heard);
        EXPECT_EQ(std::exchange(heard.parts, {}), Texts{"127.0.0.3:80"});
        const std::string error = co_await caught(ask("nobody.test", heard));
        EXPECT_NE(error.find("resolve 'nobody.test'"), error.npos);
        EXPECT_EQ(heard.parts, Texts());
    });
}

// A name that each of two domains has for one family is the first one's.
TEST_F(DnsParts, DomainsOfTheSearchListAreNotMixed) {
    use(options().search({"one.test", "two.test"}));
    server.add_address("www.one.test", "127.0.0.1");
    server.add_address("www.two.test", "::2");
    serve([&]() -> Coro<> {
        Heard heard;
        server.keep("www.one.test", kAAAA);
        const auto asking = create_task(ask("www", heard));
        co_await until([&] { return server.kept() == 1 && !heard.parts.empty(); });
        co_await server.answer_kept();
        co_await asking;
        EXPECT_EQ(heard.parts, Texts{"127.0.0.1:80"});
        EXPECT_EQ(server.asked.size(), 2U) << "nobody asked for www.two.test";
    });
}

// The server never answers about the other family.
TEST_F(DnsParts, AConnectionNeedsOnlyOneFamily) {
    server.add_address("four.test", "127.0.0.1");
    server.keep("four.test", kAAAA);
    server.add_address("six.test", "::1");
    server.keep("six.test", kA);
    serve([&]() -> Coro<> {
        const auto nothing = [](StreamReader, StreamWriter writer) { writer.close(); };
        Server listening = co_await start_server(nothing, "localhost", 0);
        const ConnectOptions options = ConnectOptions().happy_eyeballs_delay(1h).resolver(resolver);
        for (const TransportSocket socket : listening.sockets()) {
            const SocketAddress address = socket.getsockname();
            const char* const host = address.family() == AF_INET ? "four.test" : "six.test";
            auto streams = co_await open_connection(host, address.port(), options);
            EXPECT_EQ(streams.second.transport().peername(), address);
            streams.second.close();
            co_await streams.second.wait_closed();
        }
        listening.close();
        co_await listening.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
