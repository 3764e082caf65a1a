// SPDX-License-Identifier: MIT
#include <aio/net/resolver.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <netdb.h>
#include <string>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

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

}  // namespace
}  // namespace aio::tests
