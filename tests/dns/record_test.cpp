// SPDX-License-Identifier: MIT
// Records by kind, names of addresses, and messages that make no sense.
#include <dns/dns_support.hpp>

#include <aio/dns/message_impl.hpp>

#include <random>

namespace aio::tests {
namespace {

struct DnsRecords : DnsTest {
    Coro<std::string> ask(std::string name, dns::Type type) {
        const auto records = co_await resolver->query(std::move(name), type);
        std::string all;
        for (const dns::Record& record : records) {
            all += (all.empty() ? "" : ", ") + record.name + " " + record.value;
            if (record.priority || record.weight || record.port) {
                all += " " + std::to_string(record.priority) + " " + std::to_string(record.weight) + " " +
                       std::to_string(record.port);
            }
        }
        co_return all;
    }
};

TEST_F(DnsRecords, OfEachKind) {
    server.add("x.test", record("x.test", 15, 60, number16(10) + labels("mail.test")));
    server.add("x.test", record("x.test", 15, 60, number16(20) + labels("backup.test")));
    server.add("x.test", record("x.test", 16, 60, std::string("\3one\4 two", 9)));
    server.add("x.test", record("x.test", 2, 60, labels("ns.test")));
    server.add("_http._tcp.test", record("_http._tcp.test", 33, 60,
                                         number16(1) + number16(2) + number16(8080) + labels("web.test")));
    server.add_address("x.test", "127.0.0.1");
    server.add_address("x.test", "::1");
    server.add_alias("y.test", "x.test");
    serve([&]() -> Coro<> {
        std::string text = co_await ask("x.test", dns::Type::MX);
        EXPECT_EQ(text, "x.test mail.test 10 0 0, x.test backup.test 20 0 0");
        text = co_await ask("x.test.", dns::Type::TXT);
        EXPECT_EQ(text, "x.test one two");
        text = co_await ask("x.test", dns::Type::NS);
        EXPECT_EQ(text, "x.test ns.test");
        text = co_await ask("_http._tcp.test", dns::Type::SRV);
        EXPECT_EQ(text, "_http._tcp.test web.test 1 2 8080");
        text = co_await ask("x.test", dns::Type::AAAA);
        EXPECT_EQ(text, "x.test ::1");
        text = co_await ask("y.test", dns::Type::A);
        EXPECT_EQ(text, "x.test 127.0.0.1");
        text = co_await ask("y.test", dns::Type::CNAME);
        EXPECT_EQ(text, "y.test x.test");
        text = co_await caught(ask("x.test", dns::Type::SRV));
        EXPECT_EQ(text, "resolve 'x.test' (DNS server returned answer with no data): " +
                            std::string(::gai_strerror(EAI_NODATA)));
        text = co_await caught(ask("no.test", dns::Type::A));
        EXPECT_EQ(text,
                  "resolve 'no.test' (Domain name not found): " + std::string(::gai_strerror(EAI_NONAME)));
    });
}

TEST_F(DnsRecords, NamesOfAddresses) {
    server.add("4.3.2.10.in-addr.arpa", record("4.3.2.10.in-addr.arpa", 12, 60, labels("host.test")));
    const std::string v6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    server.add(v6, record(v6, 12, 60, labels("six.test")));
    server.behave("9.9.9.10.in-addr.arpa",
                  [](const DnsQuery& query) { return dns_reply(query, kServFail, {}); });
    serve([&]() -> Coro<> {
        NameInfo name = co_await resolver->getnameinfo(SocketAddress("10.2.3.4", 80), NI_NUMERICSERV);
        EXPECT_EQ(name.host + " " + name.service, "host.test 80");
        name = co_await resolver->getnameinfo(SocketAddress("2001:db8::1", 80), NI_NUMERICSERV);
        EXPECT_EQ(name.host, "six.test");
        name = co_await resolver->getnameinfo(SocketAddress("10.1.1.1", 80), NI_NUMERICSERV);
        EXPECT_EQ(name.host, "10.1.1.1");
        server.asked.clear();
        name = co_await resolver->getnameinfo(SocketAddress("10.5.5.5", 80), NI_NUMERICHOST | NI_NUMERICSERV);
        EXPECT_EQ(name.host, "10.5.5.5");
        EXPECT_EQ(server.asked, Texts());
        std::string text = co_await caught(resolver->getnameinfo(SocketAddress("10.1.1.1", 80), NI_NAMEREQD));
        EXPECT_EQ(text,
                  "resolve '10.1.1.1' (Domain name not found): " + std::string(::gai_strerror(EAI_NONAME)));
        text = co_await caught(resolver->getnameinfo(SocketAddress("10.9.9.9", 80), NI_NAMEREQD));
        EXPECT_NE(text.find(::gai_strerror(EAI_AGAIN)), text.npos) << text;
    });
}

// They may come from whoever has the address.
TEST_F(DnsRecords, NamesThatNoHostHasAreNotGiven) {
    const std::string pointer = "4.3.2.10.in-addr.arpa";
    server.add(pointer, record(pointer, 12, 60, labels("$(reboot).test")));
    server.add_alias("www.test", "<b>.test");
    server.add_address("<b>.test", "127.0.0.7");
    serve([&]() -> Coro<> {
        const SocketAddress address("10.2.3.4", 80);
        NameInfo name = co_await resolver->getnameinfo(address, NI_NUMERICSERV);
        EXPECT_EQ(name.host, "10.2.3.4");
        const std::string text = co_await caught(resolver->getnameinfo(address, NI_NAMEREQD));
        EXPECT_NE(text.find(::gai_strerror(EAI_NONAME)), text.npos) << text;
        server.add(pointer, record(pointer, 12, 60, labels("host.test")));
        resolver->clear_cache();
        name = co_await resolver->getnameinfo(address, NI_NUMERICSERV);
        EXPECT_EQ(name.host, "host.test");
        const auto found = co_await resolver->getaddrinfo(
            "www.test", 53, AddrInfoOptions().family(AF_INET).flags(AI_CANONNAME));
        EXPECT_EQ(found.at(0).canonname, "www.test");
    });
}

// The port's name is read in a thread.
TEST_F(DnsRecords, NamesOfPorts_Thread) {
    server.add("4.3.2.10.in-addr.arpa", record("4.3.2.10.in-addr.arpa", 12, 60, labels("host.test")));
    serve([&]() -> Coro<> {
        const NameInfo name = co_await resolver->getnameinfo(SocketAddress("10.2.3.4", 80), 0);
        EXPECT_EQ(name.host + " " + name.service, "host.test http");
    });
}

// --- messages -------------------------------------------------------------------------------------

std::span<const unsigned char> bytes_of(const std::string& text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string sample() {
    const DnsQuery query =
        DnsQuery::parse(std::string(12, '\0') + labels("x.test") + number16(1) + number16(1), false);
    return dns_reply(query, 0,
                     {alias_record("x.test", "y.test"), address_record("y.test", "127.0.0.1"),
                      record("y.test", 16, 60, std::string("\2hi", 3)), record("y.test", 99, 60, "unknown"),
                      record("y.test", 15, 60, number16(1) + labels("mail.test"))},
                     {soa_record(10, 20)});
}

TEST(DnsMessage, IsReadToItsEnd) {
    const auto message = dns::detail::parse_message(bytes_of(sample()));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.size(), 4U);
    EXPECT_EQ(message->negative_ttl, std::chrono::seconds(10));
}

TEST(DnsMessage, CutShortIsNone) {
    const std::string whole = sample();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string part = whole.substr(0, size);  // so that ASan sees its end
        EXPECT_FALSE(dns::detail::parse_message(bytes_of(part))) << size;
    }
}

TEST(DnsMessage, WithAnyByteChangedIsReadOrRefused) {
    const std::string whole = sample();
    std::mt19937 random(20261127);
    int read = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = whole;
        const unsigned changes = 1 + random() % 4;
        for (unsigned i = 0; i < changes; ++i) text[random() % text.size()] = static_cast<char>(random());
        const auto message = dns::detail::parse_message(bytes_of(text));
        if (!message) continue;
        ++read;
        for (const auto type : {dns::Type::A, dns::Type::TXT, dns::Type::CNAME}) {
            dns::detail::select_answer(*message, "x.test", type);
        }
    }
    EXPECT_GT(read, 0);
    EXPECT_LT(read, 20'000);
}

}  // namespace
}  // namespace aio::tests
