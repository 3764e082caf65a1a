// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include <aio/net/resolver.hpp>
#include <aio/net/sock.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <netdb.h>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_base_of_v<OSError, gaierror>);

std::vector<std::string> resolve(std::string_view host, int family = AF_UNSPEC,
                                 ResolveFor purpose = ResolveFor::connecting) {
    std::vector<std::string> found;
    for (const SocketAddress& address : resolve_numeric(host, 80, family, purpose))
        found.push_back(address.str());
    return found;
}
using Names = std::vector<std::string>;

TEST(Resolver, TakesNumericAddresses) {
    EXPECT_EQ(resolve("127.0.0.1"), Names{"127.0.0.1:80"});
    EXPECT_EQ(resolve("::1"), Names{"[::1]:80"});
}

TEST(Resolver, LocalhostIsLoopbackIPv6First) {
    EXPECT_EQ(resolve("localhost", AF_INET), Names{"127.0.0.1:80"});
    const Names both = resolve("localhost");
    EXPECT_EQ(both.back(), "127.0.0.1:80");
    EXPECT_TRUE(both.size() == 1 || both == Names({"[::1]:80", "127.0.0.1:80"}));
}

TEST(Resolver, EmptyHostIsLoopbackOrAllInterfaces) {
    EXPECT_EQ(resolve(""), resolve("localhost"));
    EXPECT_EQ(resolve("", AF_UNSPEC, ResolveFor::listening), Names({"0.0.0.0:80", "[::]:80"}));
    EXPECT_EQ(resolve("", AF_INET6, ResolveFor::listening), Names{"[::]:80"});
}

TEST(Resolver, RefusesTheWrongFamily) {
    EXPECT_EQ(thrown<gaierror>([] { resolve("127.0.0.1", AF_INET6); }),
              "resolve '127.0.0.1': " + std::string(::gai_strerror(EAI_ADDRFAMILY)));
}

TEST(Resolver, SaysThatNamesNeedAResolver) {
    try {
        resolve("example.com");
        FAIL();
    } catch (const OSError& e) {
        EXPECT_EQ(e.error_number(), EAI_NONAME);
        EXPECT_EQ(e.what(), "resolve 'example.com': neither numeric nor 'localhost': " +
                                std::string(::gai_strerror(EAI_NONAME)));
    }
}

TEST(Resolver, RefusesZeroBytes) {
    using namespace std::string_view_literals;
    for (const std::string_view host : {"127.0.0.1\0.example.org"sv, "localhost\0"sv, "\0"sv}) {
        for (const ResolveFor purpose : {ResolveFor::connecting, ResolveFor::listening}) {
            EXPECT_EQ(thrown<ValueError>([&] { resolve_numeric(host, 80, AF_UNSPEC, purpose); }),
                      "embedded null character");
        }
    }
}

// --- the resolver of a loop -----------------------------------------------------------------------

// Knows one name, and what it was asked for.
struct Known final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override {
        asked.push_back(host + ":" + std::to_string(port));
        last = options;
        std::vector<AddrInfo> found;
        if (host == "empty.test") co_return found;
        if (host != "known.test") throw gaierror(EAI_NONAME, "resolve '" + host + "'");
        if (delay > 0s) co_await sleep(delay);
        found.push_back({AF_INET, options.get_type(), 0, "", SocketAddress("127.0.0.1", port)});
        co_return found;
    }
    Names asked;
    AddrInfoOptions last;
    Duration delay = 0s;
};

struct LoopResolver : ::testing::Test, aio::testing::LoopTest {
    const std::shared_ptr<Known> known = std::make_shared<Known>();
    LoopResolver() { set_resolver(loop(), known); }
};

TEST_F(LoopResolver, IsAskedForNamesOnly) {
    run([&]() -> Coro<> {
        EXPECT_EQ(get_resolver(loop()), known);
        const Socket listener = bound_socket();
        listener.listen(10);
        const int port = listener.getsockname().port();
        for (const char* const host : {"127.0.0.1", "localhost", ""}) {
            const Socket client = Socket::stream(AF_INET);
            co_await sock_connect(client, host, port);
        }
        EXPECT_EQ(known->asked, Names());
        const Socket client = Socket::stream(AF_INET);
        co_await sock_connect(client, "known.test", port);
        EXPECT_EQ(known->asked, Names{"known.test:" + std::to_string(port)});
        EXPECT_EQ(known->last.get_family(), AF_INET);
        EXPECT_EQ(known->last.get_type(), SOCK_STREAM);
        EXPECT_EQ(client.getpeername(), listener.getsockname());
    });
}

TEST_F(LoopResolver, IsAskedForServicesByNumber) {
    run([&]() -> Coro<> {
        AddrInfoOptions options;
        options.type(SOCK_STREAM);
        const auto found = co_await getaddrinfo("known.test", "8080", options);
        EXPECT_EQ(found.at(0).address.str(), "127.0.0.1:8080");
        EXPECT_EQ(known->asked, Names{"known.test:8080"});
    });
}

// What it does not tell itself the system does.
TEST_F(LoopResolver, NeedsNoNamesOfAddresses) {
    run([&]() -> Coro<> {
        const auto name =
            co_await getnameinfo(SocketAddress("127.0.0.1", 80), NI_NUMERICHOST | NI_NUMERICSERV);
        EXPECT_EQ(name.host + " " + name.service, "127.0.0.1 80");
    });
}

TEST_F(LoopResolver, ItsErrorsAndItsSilenceAreTold) {
    run([&]() -> Coro<> {
        const Socket client = Socket::stream(AF_INET);
        std::string text = co_await caught(sock_connect(client, "other.test", 1));
        EXPECT_EQ(text, "resolve 'other.test': " + std::string(::gai_strerror(EAI_NONAME)));
        text = co_await caught(sock_connect(client, "empty.test", 1));
        EXPECT_EQ(text, "getaddrinfo('empty.test') returned empty list");
        const auto found = co_await getaddrinfo("empty.test", 1);
        EXPECT_TRUE(found.empty());
    });
}

TEST_F(LoopResolver, LivesUntilItsQuestionsHaveEnded) {
    const std::weak_ptr<Known> alive = known;
    run([&]() -> Coro<> {
        auto other = std::make_shared<Known>();
        other->delay = 1s;
        const std::weak_ptr<Known> watched = other;
        set_resolver(loop(), std::move(other));
        const auto lookup = create_task(getaddrinfo("known.test", 1));
        co_await turns(2);
        set_resolver(loop(), known);
        EXPECT_FALSE(watched.expired());
        co_await lookup;
        EXPECT_TRUE(watched.expired());
        set_resolver(loop(), nullptr);
        EXPECT_NE(get_resolver(loop()), nullptr);
        EXPECT_NE(get_resolver(loop()), known);
    });
    loop().close();
    EXPECT_EQ(thrown<RuntimeError>([&] { get_resolver(loop()); }), "Event loop is closed");
    EXPECT_EQ(thrown<RuntimeError>([&] { set_resolver(loop(), nullptr); }), "Event loop is closed");
}

// --- resolvers that misbehave ---------------------------------------------------------------------

// Throws where it should give a coroutine, and lets the loop go on without it.
struct Hostile final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t, AddrInfoOptions) override {
        set_resolver(get_running_loop(), nullptr);  // drops what may be the last reference
        throw ValueError("not " + host);
    }
    ~Hostile() override { ended = true; }
    static inline bool ended = false;
};

// Comes back to the loop that closes.
struct ComesBack final : Resolver {
    explicit ComesBack(EventLoop& its_loop) : loop(its_loop) {}
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string, std::uint16_t, AddrInfoOptions) override {
        co_return std::vector<AddrInfo>();
    }
    ~ComesBack() override {
        told = thrown<RuntimeError>([this] { set_resolver(loop, std::make_shared<Known>()); });
    }
    EventLoop& loop;
    static inline std::string told;
};

TEST_F(LoopResolver, ThatMisbehaves) {
    Hostile::ended = false;
    ComesBack::told.clear();
    run([&]() -> Coro<> {
        set_resolver(loop(), std::make_shared<Hostile>());
        const std::string text = co_await caught(getaddrinfo("known.test", 1));
        EXPECT_EQ(text, "not known.test");
        EXPECT_TRUE(Hostile::ended);
    });
    set_resolver(loop(), std::make_shared<ComesBack>(loop()));
    loop().close();
    EXPECT_EQ(ComesBack::told, "Event loop is closed");
}

}  // namespace
}  // namespace aio::tests
