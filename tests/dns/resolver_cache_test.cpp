// SPDX-License-Identifier: MIT
// Answers that are kept.
#include <dns/dns_support.hpp>
#include <support/ended.hpp>

#include <aio/loop/clock.hpp>

#include <sys/stat.h>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace aio::tests {
namespace {

// The system's clock, with what the test adds.
struct AheadClock final : Clock {
    TimePoint now() noexcept override {
        return std::chrono::time_point_cast<Duration>(TimePoint::clock::now()) + ahead;
    }
    Duration idle(EventLoop&, std::optional<TimePoint> deadline) override {
        return deadline ? std::max(*deadline - now(), Duration(0)) : Duration(-1);
    }
    Duration ahead{};
};

struct DnsCache : DnsTest {
    // As serve(), on a loop whose clock can be moved.
    template <class F>
    void serve_with_clock(F body) {
        if (!resolver) use(options());
        const EventLoopPtr other = new_event_loop(LoopOptions().clock(clock));
        other->run_until_complete([&]() -> Coro<> {
            server.start();
            co_await body();
            co_await server.stop();
        }());
        resolver->close();
    }
    std::size_t questions() { return std::exchange(server.asked, {}).size(); }

    const std::shared_ptr<AheadClock> clock = std::make_shared<AheadClock>();
};

TEST_F(DnsCache, DoesNotKeepWhatIsHuge) {
    server.behave("huge.test", [](const DnsQuery& query) {
        if (!query.tcp) return dns_reply(query, 0, {}, {}, true);
        const std::string same_name = "\xc0\x0c";
        const std::string one = same_name + number16(1) + number16(1) + number32(60) + number16(4);
        return dns_reply(query, 0, Texts(300, one + packed("127.0.0.7")));
    });
    serve([&]() -> Coro<> {
        const auto records = co_await resolver->query("huge.test", dns::Type::A);
        EXPECT_EQ(records.size(), 300U);
        EXPECT_EQ(resolver->cached(), 0U);
    });
}

TEST_F(DnsCache, KeepsAnswersForTheirTimeToLive) {
    server.add_alias("www.test", "web.test", 50);
    server.add_address("web.test", "127.0.0.7", 100);
    serve_with_clock([&]() -> Coro<> {
        co_await look_up("www.test", AF_INET);
        co_await look_up("www.test", AF_INET);
        EXPECT_EQ(questions(), 1U);
        EXPECT_EQ(resolver->cached(), 1U);
        clock->ahead += 40s;
        co_await look_up("www.test", AF_INET);
        EXPECT_EQ(questions(), 0U);
        const auto records = co_await resolver->query("www.test", dns::Type::A);
        EXPECT_LE(records.at(0).ttl, 10s);
        clock->ahead += 20s;  // the alias counts too
        const std::string found = co_await look_up("www.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.7:80");
        EXPECT_EQ(questions(), 1U);
        resolver->clear_cache();
        EXPECT_EQ(resolver->cached(), 0U);
        co_await look_up("www.test", AF_INET);
        EXPECT_EQ(questions(), 1U);
    });
}

TEST_F(DnsCache, KeepsThatThereIsNothing) {
    server.negative_ttl = 30;
    serve_with_clock([&]() -> Coro<> {
        for (int i = 0; i < 2; ++i) {
            const int code = co_await failure("nobody.test");
            EXPECT_EQ(code, EAI_NONAME);
        }
        EXPECT_EQ(questions(), 1U);
        clock->ahead += 31s;
        server.add_address("nobody.test", "127.0.0.7");
        const std::string found = co_await look_up("nobody.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.7:80");
        server.negative_ttl = 0;
        co_await failure("none.test");
        co_await failure("none.test");
        EXPECT_EQ(questions(), 3U);
    });
}

TEST_F(DnsCache, KeepsNoFailures) {
    server.behave("broken.test", [](const DnsQuery& query) { return dns_reply(query, kServFail, {}); });
    serve_with_clock([&]() -> Coro<> {
        co_await failure("broken.test");
        const std::size_t once = questions();
        co_await failure("broken.test");
        EXPECT_EQ(questions(), once);
        EXPECT_EQ(resolver->cached(), 0U);
    });
}

TEST_F(DnsCache, IsBounded) {
    use(options().cache_size(3).max_ttl(10s));
    for (int i = 0; i < 5; ++i) server.add_address("n" + std::to_string(i) + ".test", "127.0.0.1", 100);
    serve_with_clock([&]() -> Coro<> {
        co_await look_up("n0.test", AF_INET);
        co_await look_up("n1.test", AF_INET);
        co_await look_up("n2.test", AF_INET);
        co_await look_up("n0.test", AF_INET);  // used again: n1 goes first
        co_await look_up("n3.test", AF_INET);
        EXPECT_EQ(resolver->cached(), 3U);
        questions();
        co_await look_up("n0.test", AF_INET);
        EXPECT_EQ(questions(), 0U);
        co_await look_up("n1.test", AF_INET);
        EXPECT_EQ(questions(), 1U);
        clock->ahead += 11s;
        co_await look_up("n0.test", AF_INET);
        EXPECT_EQ(questions(), 1U);
    });
}

TEST_F(DnsCache, CanBeNone) {
    use(options().cache_size(0));
    server.add_address("www.test", "127.0.0.1");
    serve_with_clock([&]() -> Coro<> {
        co_await look_up("www.test", AF_INET);
        co_await look_up("www.test", AF_INET);
        EXPECT_EQ(questions(), 2U);
        EXPECT_EQ(resolver->cached(), 0U);
        server.add_address("zero.test", "127.0.0.1", 0);
    });
}

TEST_F(DnsCache, KeepsNothingThatIsValidForNoTime) {
    server.add_address("zero.test", "127.0.0.1", 0);
    server.add_address("odd.test", "127.0.0.1", 0x80000000);
    serve_with_clock([&]() -> Coro<> {
        co_await look_up("zero.test", AF_INET);
        co_await look_up("odd.test", AF_INET);
        EXPECT_EQ(resolver->cached(), 0U);
    });
}

// --- files ----------------------------------------------------------------------------------------

struct TextFile {
    explicit TextFile(const std::string& text) {
        const int fd = ::mkstemp(path.data());
        ::close(fd);
        write(text);
    }
    ~TextFile() { ::unlink(path.c_str()); }
    void write(const std::string& text) const { std::ofstream(path) << text; }
    std::string path = "/tmp/aio_dns_XXXXXX";
};

TEST_F(DnsCache, TheHostsFileComesFirstAndIsReadAgain) {
    const TextFile hosts(
        "# a comment\n127.0.0.8  Printer.test printer alias # more\n::8 printer\nnonsense\n127.0.0.9\n");
    use(options().hosts_file(hosts.path));
    server.add_address("printer", "127.0.0.66");
    serve([&]() -> Coro<> {
        std::string found = co_await look_up("PRINTER");
        EXPECT_EQ(found, "127.0.0.8:80 [::8]:80");
        found = co_await look_up("printer", AF_INET6);
        EXPECT_EQ(found, "[::8]:80");
        AddrInfoOptions wanted;
        wanted.flags(AI_CANONNAME).type(SOCK_STREAM);
        const auto named = co_await resolver->getaddrinfo("alias", 80, wanted);
        EXPECT_EQ(named.at(0).canonname, "Printer.test");
        const NameInfo name = co_await resolver->getnameinfo(SocketAddress("127.0.0.8", 80), NI_NUMERICSERV);
        EXPECT_EQ(name.host, "Printer.test");
        EXPECT_EQ(server.asked, Texts());
        hosts.write("127.0.0.10 printer and a longer line\n");
        found = co_await look_up("printer", AF_INET);
        EXPECT_EQ(found, "127.0.0.10:80");
        ::unlink(hosts.path.c_str());
        found = co_await look_up("printer", AF_INET);
        EXPECT_EQ(found, "127.0.0.66:80");
    });
}

TEST_F(DnsCache, SettingsAreReadAgainWhenTheyChange) {
    const TextFile settings("nameserver 127.0.0.1\nsearch one.test\n");
    use(options().resolv_conf(settings.path));
    dns::ResolverOptions its_options = dns::ResolverOptions().servers({server.address()}).hosts_file("");
    its_options.resolv_conf(settings.path).timeout(1h).tries(1);
    use(its_options);
    server.add_address("www.one.test", "127.0.0.1");
    server.add_address("www.other.test", "127.0.0.2");
    serve([&]() -> Coro<> {
        std::string found = co_await look_up("www", AF_INET);
        EXPECT_EQ(found, "127.0.0.1:80");
        settings.write("nameserver 127.0.0.1\nsearch other.test\n");
        found = co_await look_up("www", AF_INET);
        EXPECT_EQ(found, "127.0.0.2:80");
    });
}

// Who waits already goes on waiting for the servers that were asked; who asks now does not join them.
TEST_F(DnsCache, SettingsThatChangeWhileAQuestionIsOpen) {
    const TextFile settings("nameserver 127.0.0.1\nsearch one.test\n");
    dns::ResolverOptions its_options = dns::ResolverOptions().servers({server.address()}).hosts_file("");
    its_options.resolv_conf(settings.path).timeout(1h).tries(1);
    use(its_options);
    server.add_address("www.one.test", "127.0.0.1");
    server.add_address("www.other.test", "127.0.0.2");
    server.keep("www.one.test");
    serve([&]() -> Coro<> {
        const auto first = create_task(look_up("www", AF_INET));
        const auto given_up = create_task(look_up("www.one.test", AF_INET));
        co_await until([&] { return server.kept() == 1; });
        settings.write("nameserver 127.0.0.1\nsearch other.test\n");
        std::string found = co_await look_up("www", AF_INET);
        EXPECT_EQ(found, "127.0.0.2:80");
        const auto second = create_task(look_up("www.one.test", AF_INET));
        co_await until([&] { return server.kept() == 2; });
        given_up.cancel();
        co_await server.answer_kept();
        found = co_await first;
        EXPECT_EQ(found, "127.0.0.1:80");
        found = co_await second;
        EXPECT_EQ(found, "127.0.0.1:80");
        EXPECT_EQ(resolver->cached(), 2U) << "those of the new servers";
        co_await ended(given_up);
        EXPECT_TRUE(given_up.cancelled());
        // Once more, and given up by all.
        const auto third = create_task(look_up("nobody.one.test", AF_INET));
        server.keep("nobody.one.test");
        co_await until([&] { return server.kept() == 1; });
        settings.write("nameserver 127.0.0.1\nsearch a.test b.test\n");
        found = co_await look_up("www.other.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.2:80");
        third.cancel();
    });
}

}  // namespace
}  // namespace aio::tests
