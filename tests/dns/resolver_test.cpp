// SPDX-License-Identifier: MIT
#include <dns/dns_support.hpp>

#include <aio/net/sock.hpp>

#include <set>

namespace aio::tests {
namespace {

using DnsResolver = DnsTest;

TEST_F(DnsResolver, FindsAddressesOfBothFamilies) {
    server.add_address("www.test", "127.0.0.7");
    server.add_address("www.test", "::7");
    serve([&]() -> Coro<> {
        std::string found = co_await look_up("www.test");
        EXPECT_EQ(found, "127.0.0.7:80 [::7]:80");
        EXPECT_EQ(std::set(server.asked.begin(), server.asked.end()),
                  (std::set<std::string>{"www.test/1", "www.test/28"}));
        found = co_await look_up("www.test", AF_INET6);
        EXPECT_EQ(found, "[::7]:80");
        found = co_await look_up("WWW.Test.", AF_INET);
        EXPECT_EQ(found, "127.0.0.7:80");
        EXPECT_EQ(server.asked.size(), 2U);
    });
}

TEST_F(DnsResolver, GivesAllKindsOfSockets) {
    server.add_alias("www.test", "web.test");
    server.add_address("web.test", "127.0.0.7");
    serve([&]() -> Coro<> {
        AddrInfoOptions wanted;
        wanted.family(AF_INET).flags(AI_CANONNAME);
        const auto all = co_await resolver->getaddrinfo("www.test", 53, wanted);
        Texts texts;
        for (const AddrInfo& info : all) {
            texts.push_back(std::to_string(info.type) + "/" + std::to_string(info.proto) + " " +
                            info.canonname);
        }
        EXPECT_EQ(texts, (Texts{"1/6 web.test", "2/17 ", "3/0 "}));
        wanted.proto(IPPROTO_UDP);
        const auto datagrams = co_await resolver->getaddrinfo("www.test", 53, wanted);
        EXPECT_EQ(datagrams.size(), 2U);  // raw ones as well
        EXPECT_EQ(datagrams.at(0).type, SOCK_DGRAM);
        int code = co_await failure("www.test", AF_UNIX);
        EXPECT_EQ(code, EAI_FAMILY);
        code = co_await failure("www.test", AF_INET6, AI_V4MAPPED);
        EXPECT_EQ(code, EAI_BADFLAGS);
        wanted.type(99);
        const std::string text = co_await caught(resolver->getaddrinfo("www.test", 53, wanted));
        EXPECT_EQ(text, "resolve 'www.test': " + std::string(::gai_strerror(EAI_SOCKTYPE)));
    });
}

TEST_F(DnsResolver, AsksNobodyAboutWhatIsNumericOrLocal) {
    serve([&]() -> Coro<> {
        std::string found = co_await look_up("127.0.0.3");
        EXPECT_EQ(found, "127.0.0.3:80");
        found = co_await look_up("localhost", AF_INET);
        EXPECT_EQ(found, "127.0.0.1:80");
        found = co_await look_up("app.LocalHost.", AF_INET);
        EXPECT_EQ(found, "127.0.0.1:80");
        found = co_await look_up("", AF_INET, AI_PASSIVE);
        EXPECT_EQ(found, "0.0.0.0:80");
        int code = co_await failure("www.test", AF_INET, AI_NUMERICHOST);
        EXPECT_EQ(code, EAI_NONAME);
        for (const char* const bad : {"a..b", ".", ".a", "a b", "a\\.b", "\xff\xfe"}) {
            code = co_await failure(bad);
            EXPECT_EQ(code, EAI_NONAME) << bad;
        }
        code = co_await failure(std::string(64, 'x') + ".test");
        EXPECT_EQ(code, EAI_NONAME);
        std::string longest(63, 'x');
        for (int i = 0; i < 3; ++i) longest += "." + std::string(63, 'x');
        code = co_await failure(longest);
        EXPECT_EQ(code, EAI_NONAME);
        EXPECT_EQ(server.asked, Texts());
    });
}

TEST_F(DnsResolver, SaysWhatFailed) {
    server.add("text.test", record("text.test", 16, 60, std::string("\2hi", 3)));
    server.behave("broken.test", [](const DnsQuery& query) { return dns_reply(query, kServFail, {}); });
    server.behave("refused.test", [](const DnsQuery& query) { return dns_reply(query, kRefused, {}); });
    server.behave("half.test", [](const DnsQuery& query) {
        if (query.type == 28) return dns_reply(query, kServFail, {});
        return dns_reply(query, 0, {address_record("half.test", "127.0.0.9")});
    });
    serve([&]() -> Coro<> {
        std::string text = co_await caught(look_up("nobody.test"));
        EXPECT_EQ(text, "resolve 'nobody.test' (Domain name not found): " +
                            std::string(::gai_strerror(EAI_NONAME)));
        int code = co_await failure("text.test", AF_UNSPEC);
        EXPECT_EQ(code, EAI_NODATA);
        code = co_await failure("broken.test", AF_UNSPEC);
        EXPECT_EQ(code, EAI_AGAIN);
        code = co_await failure("refused.test", AF_UNSPEC);
        EXPECT_EQ(code, EAI_AGAIN);
        text = co_await look_up("half.test");
        EXPECT_EQ(text, "127.0.0.9:80");
    });
}

TEST_F(DnsResolver, FollowsAliases) {
    for (int i = 0; i < 5; ++i) {
        server.add_alias("a" + std::to_string(i) + ".test", "a" + std::to_string(i + 1) + ".test");
    }
    server.add_address("a4.test", "127.0.0.4");
    server.behave("loop.test", [](const DnsQuery& query) {
        return dns_reply(query, 0,
                         {alias_record("loop.test", "pool.test"), alias_record("pool.test", "loop.test")});
    });
    server.behave("self.test", [](const DnsQuery& query) {
        return dns_reply(query, 0, {alias_record("self.test", "self.test")});
    });
    server.behave("other.test", [](const DnsQuery& query) {  // about what nobody asked
        return dns_reply(query, 0, {address_record("bank.test", "127.0.0.66")});
    });
    server.behave("end.test", [](const DnsQuery& query) {
        return dns_reply(query, 0, {alias_record("end.test", "nothing.test")});
    });
    serve([&]() -> Coro<> {
        server.behave("a3.test", [](const DnsQuery& query) {
            return dns_reply(query, 0,
                             {alias_record("A3.test", "A4.test"), address_record("a4.TEST", "127.0.0.4")});
        });
        const std::string found = co_await look_up("a3.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.4:80");
        for (const char* const circle : {"loop.test", "self.test"}) {
            const int code = co_await failure(circle);
            EXPECT_EQ(code, EAI_FAIL) << circle;
        }
        for (const char* const nothing : {"other.test", "end.test"}) {
            const int code = co_await failure(nothing);
            EXPECT_EQ(code, EAI_NODATA) << nothing;
        }
    });
}

TEST_F(DnsResolver, TakesATruncatedAnswerByTcp) {
    Texts many;
    for (int i = 1; i <= 100; ++i)
        many.push_back(address_record("many.test", "127.0.1." + std::to_string(i)));
    server.behave("many.test", [many](const DnsQuery& query) {
        if (!query.tcp) return dns_reply(query, 0, {}, {}, true);
        return dns_reply(query, 0, many);
    });
    serve([&]() -> Coro<> {
        AddrInfoOptions wanted;
        wanted.family(AF_INET).type(SOCK_STREAM);
        const auto found = co_await resolver->getaddrinfo("many.test", 80, wanted);
        EXPECT_EQ(found.size(), 100U);
        EXPECT_EQ(found.at(99).address.str(), "127.0.1.100:80");
        EXPECT_EQ(server.asked, (Texts{"many.test/1", "many.test/1/tcp"}));
    });
}

// An answer that is not one, or to another question, does not count: the next try does.
TEST_F(DnsResolver, IgnoresWhatIsNoAnswer) {
    use(options().timeout(20ms).tries(8));
    int asked = 0;
    server.behave("noise.test", [&asked](const DnsQuery& query) {
        std::string reply = dns_reply(query, 0, {address_record("noise.test", "127.0.0.66")});
        switch (++asked) {
            case 1:
                return std::string("\x01");
            case 2:
                reply[0] = static_cast<char>(reply[0] ^ 0x55);
                return reply;  // another question's number
            case 3:
                reply[13] = 'x';
                return reply;  // another name
            default:
                return dns_reply(query, 0, {address_record("noise.test", "127.0.0.1")});
        }
    });
    server.behave("cut.test", [](const DnsQuery& query) {
        const std::string reply = dns_reply(query, 0, {address_record("cut.test", "127.0.0.66")});
        return reply.substr(0, reply.size() - 3);
    });
    serve([&]() -> Coro<> {
        const std::string found = co_await look_up("noise.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.1:80");
        const int code = co_await failure("cut.test");
        EXPECT_EQ(code, EAI_FAIL);
    });
}

TEST_F(DnsResolver, GivesUpOnAServerThatIsSilent) {
    use(options().timeout(5ms).tries(2));
    server.behave("silent.test", [](const DnsQuery&) { return std::string(); });
    serve([&]() -> Coro<> {
        const std::string text = co_await caught(look_up("silent.test", AF_INET));
        EXPECT_EQ(text, "resolve 'silent.test' (Timeout while contacting DNS servers): " +
                            std::string(::gai_strerror(EAI_AGAIN)));
        co_await until([&] { return server.asked.size() >= 2; });
        EXPECT_EQ(server.asked, (Texts{"silent.test/1", "silent.test/1"}));
    });
}

TEST_F(DnsResolver, AsksTheNextServerWhereOneIsDown) {
    server.add_address("www.test", "127.0.0.7");
    const SocketAddress down = [] {
        const Socket socket = Socket::datagram(AF_INET);
        socket.bind(SocketAddress("127.0.0.1", 0));
        return socket.getsockname();
    }();
    use(options().servers({down, server.address()}));
    serve([&]() -> Coro<> {
        const std::string found = co_await look_up("www.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.7:80");
    });
}

TEST_F(DnsResolver, LooksInTheDomainsOfTheSearchList) {
    use(options().search({"one.test", "two.test"}).ndots(2));
    server.add_address("www.two.test", "127.0.0.2");
    server.add_address("a.b.c", "127.0.0.3");
    server.behave("x.one.test", [](const DnsQuery& query) { return dns_reply(query, kServFail, {}); });
    serve([&]() -> Coro<> {
        std::string found = co_await look_up("www", AF_INET);
        EXPECT_EQ(found, "127.0.0.2:80");
        EXPECT_EQ(std::exchange(server.asked, {}), (Texts{"www.one.test/1", "www.two.test/1"}));
        found = co_await look_up("a.b.c", AF_INET);
        EXPECT_EQ(found, "127.0.0.3:80");
        EXPECT_EQ(std::exchange(server.asked, {}), (Texts{"a.b.c/1"}));
        int code = co_await failure("www.");
        EXPECT_EQ(code, EAI_NONAME);
        EXPECT_EQ(std::exchange(server.asked, {}), (Texts{"www/1"}));
        code = co_await failure("x");  // one server did not know
        EXPECT_EQ(code, EAI_AGAIN);
    });
}

TEST_F(DnsResolver, DomainsOfTheSearchListMayBeAbsoluteOrTooLong) {
    const std::string label(60, 'x');
    const std::string too_long = label + "." + label + "." + label + "." + label + ".xxxxxx";
    use(options().search({too_long, "test."}));
    server.add_address("www.test", "127.0.0.2");
    serve([&]() -> Coro<> {
        EXPECT_EQ(co_await look_up("www", AF_INET), "127.0.0.2:80");
        EXPECT_EQ(server.asked, Texts{"www.test/1"});
    });
}

TEST_F(DnsResolver, ServesWhateverConnects) {
    server.add_address("www.test", "127.0.0.1");
    serve([&]() -> Coro<> {
        set_resolver(loop(), resolver);
        const Socket listener = Socket::stream(AF_INET);
        listener.bind(SocketAddress("127.0.0.1", 0));
        listener.listen(1);
        const Socket client = Socket::stream(AF_INET);
        co_await sock_connect(client, "www.test", listener.getsockname().port());
        EXPECT_EQ(client.getpeername(), listener.getsockname());
        const auto found = co_await aio::getaddrinfo("www.test", "http", AddrInfoOptions().type(SOCK_STREAM));
        EXPECT_EQ(found.at(0).address.str(), "127.0.0.1:80");
        set_resolver(loop(), nullptr);
    });
}

}  // namespace
}  // namespace aio::tests
