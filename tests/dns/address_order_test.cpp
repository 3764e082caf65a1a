// SPDX-License-Identifier: MIT
#include <dns/dns_support.hpp>

#include <aio/dns/address_order_impl.hpp>

namespace aio::tests {
namespace {

Texts ordered(const Texts& hosts) {
    std::vector<SocketAddress> addresses;
    for (const std::string& host : hosts) addresses.emplace_back(host, 0);
    dns::detail::order_addresses(addresses);
    Texts texts;
    for (const SocketAddress& address : addresses) texts.push_back(address.host());
    return texts;
}

TEST(AddressOrder, EqualOnesStayAsTheyAre) {
    const Texts hosts{"127.0.0.3", "127.0.0.1", "127.0.0.2"};
    EXPECT_EQ(ordered(hosts), hosts);
    EXPECT_EQ(ordered({}), Texts());
}

// A broadcast address is nobody's to connect to.
TEST(AddressOrder, WhatCannotBeReachedComesLast) {
    EXPECT_EQ(ordered({"255.255.255.255", "127.0.0.1"}), (Texts{"127.0.0.1", "255.255.255.255"}));
}

// From loopback, where the address before was reached from, nobody else can be.
TEST(AddressOrder, EachAddressIsReachedFromItsOwn) {
    const std::string far = "198.51.100.1";
    const std::string nobody = "255.255.255.255";
    if (ordered({nobody, far}).front() != far) GTEST_SKIP() << "there is no route";
    EXPECT_EQ(ordered({"127.0.0.1", nobody, far}), (Texts{"127.0.0.1", far, nobody}));
}

TEST(AddressOrder, LoopbackOfIPv6ComesFirst) {
    const bool has_v6 = resolve_numeric("localhost", 0, AF_UNSPEC, ResolveFor::connecting).size() == 2;
    EXPECT_EQ(ordered({"127.0.0.1", "::1"}),
              has_v6 ? (Texts{"::1", "127.0.0.1"}) : (Texts{"127.0.0.1", "::1"}));
}

}  // namespace
}  // namespace aio::tests
