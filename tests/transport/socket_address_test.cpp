// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/transport/socket_address.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <sys/un.h>
#include <string>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(std::is_nothrow_default_constructible_v<SocketAddress>);
static_assert(std::is_copy_constructible_v<SocketAddress>);
static_assert(std::is_nothrow_move_constructible_v<SocketAddress>);
static_assert(sizeof(SocketAddress) <= 48, "a transport has two of them");

TEST(SocketAddress, IsEmptyByDefault) {
    const SocketAddress none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.family(), AF_UNSPEC);
    EXPECT_EQ(none.host(), "");
    EXPECT_EQ(none.port(), 0);
    EXPECT_EQ(none.str(), "(unnamed)");
}

TEST(SocketAddress, HoldsIPv4) {
    const SocketAddress address("127.0.0.1", 80);
    EXPECT_EQ(address.family(), AF_INET);
    EXPECT_EQ(address.host(), "127.0.0.1");
    EXPECT_EQ(address.port(), 80);
    EXPECT_EQ(address.str(), "127.0.0.1:80");
    EXPECT_EQ(address.native_size(), sizeof(sockaddr_in));
    EXPECT_EQ(address.path(), "");
}

TEST(SocketAddress, HoldsIPv6) {
    const SocketAddress address("0:0::1", 65535);
    EXPECT_EQ(address.family(), AF_INET6);
    EXPECT_EQ(address.host(), "::1");
    EXPECT_EQ(address.str(), "[::1]:65535");
    EXPECT_EQ(address.native_size(), sizeof(sockaddr_in6));
}

TEST(SocketAddress, HoldsAZone) {
    EXPECT_EQ(SocketAddress("fe80::1%lo", 1).str(), "[fe80::1%lo]:1");
    EXPECT_EQ(SocketAddress("fe80::1%1", 1), SocketAddress("fe80::1%lo", 1));  // lo is the first interface
    EXPECT_NE(SocketAddress("fe80::1%1", 1), SocketAddress("fe80::1", 1));
    EXPECT_FALSE(SocketAddress::parse("fe80::1%no-such-interface", 1));
    EXPECT_FALSE(SocketAddress::parse("fe80::1%", 1));
}

TEST(SocketAddress, RefusesWhatIsNotNumeric) {
    for (const char* host : {"localhost", "", "1.2.3", "1.2.3.4.5", "::g", "127.0.0.1 ", "[::1]"}) {
        EXPECT_FALSE(SocketAddress::parse(host, 1)) << host;
    }
    EXPECT_FALSE(SocketAddress::parse(std::string(1000, '1'), 1));
    EXPECT_EQ(thrown<ValueError>([] { SocketAddress("localhost", 1); }),
              "'localhost' is not a numeric IPv4 or IPv6 address");
}

TEST(SocketAddress, HoldsAUnixPath) {
    const SocketAddress address = SocketAddress::unix_path("/run/app.sock");
    EXPECT_EQ(address.family(), AF_UNIX);
    EXPECT_EQ(address.path(), "/run/app.sock");
    EXPECT_EQ(address.host(), "/run/app.sock");
    EXPECT_EQ(address.str(), "/run/app.sock");
    EXPECT_EQ(address.port(), 0);
}

TEST(SocketAddress, HoldsAnAbstractName) {
    const std::string name("\0app\0x", 6);
    const SocketAddress address = SocketAddress::unix_path(name);
    EXPECT_EQ(address.path(), name);
    EXPECT_EQ(address.str(), "@app@x");
    EXPECT_EQ(address.native_size(), offsetof(sockaddr_un, sun_path) + 6);
}

TEST(SocketAddress, RefusesAPathThatIsTooLong) {
    EXPECT_EQ(SocketAddress::unix_path(std::string(107, 'x')).path(), std::string(107, 'x'));
    EXPECT_EQ(thrown<ValueError>([] { SocketAddress::unix_path(std::string(108, 'x')); }),
              "Unix socket path of 108 bytes is too long (at most 107)");
    const std::string abstract = std::string(1, '\0') + std::string(107, 'x');
    EXPECT_EQ(SocketAddress::unix_path(abstract).path(), abstract) << "has no end to mark";
    EXPECT_EQ(thrown<ValueError>([&] { SocketAddress::unix_path(abstract + "x"); }),
              "Unix socket path of 109 bytes is too long (at most 108)");
}

TEST(SocketAddress, SurvivesTheKernelsForm) {
    const SocketAddress all[] = {SocketAddress("1.2.3.4", 5), SocketAddress("2001:db8::1", 6),
                                 SocketAddress::unix_path("/a"),
                                 SocketAddress::unix_path(std::string("\0b", 2))};
    for (const SocketAddress& address : all) {
        EXPECT_EQ(SocketAddress::from_native(address.native(), address.native_size()), address)
            << address.str();
    }
    const sockaddr unknown{AF_APPLETALK, {}};
    EXPECT_TRUE(SocketAddress::from_native(&unknown, sizeof unknown).empty());
    EXPECT_TRUE(SocketAddress::from_native(all[0].native(), 4).empty());
}

TEST(SocketAddress, ComparesByValue) {
    EXPECT_EQ(SocketAddress("127.0.0.1", 1), SocketAddress("127.0.0.1", 1));
    EXPECT_NE(SocketAddress("127.0.0.1", 1), SocketAddress("127.0.0.1", 2));
    EXPECT_NE(SocketAddress("127.0.0.1", 1), SocketAddress("127.0.0.2", 1));
    EXPECT_NE(SocketAddress("127.0.0.1", 1), SocketAddress("::ffff:127.0.0.1", 1));
    EXPECT_NE(SocketAddress::unix_path("/a"), SocketAddress::unix_path("/b"));
    EXPECT_EQ(SocketAddress(), SocketAddress());
}

// What the kernel would take for the part before it.
TEST(SocketAddress, RefusesZeroBytes) {
    using namespace std::string_view_literals;
    for (const std::string_view host : {"127.0.0.1\0"sv, "127.0.0.1\0.example.org"sv,
                                        "\0"
                                        "127.0.0.1"sv,
                                        "::1\0"sv, "fe80::1%1\0"sv, "fe80::1%lo\0x"sv, "fe80::1\0%1"sv}) {
        EXPECT_FALSE(SocketAddress::parse(host, 80)) << host;
        EXPECT_EQ(thrown<ValueError>([&] { SocketAddress(host, 80); }), "embedded null character");
    }
    EXPECT_EQ(thrown<ValueError>([] { SocketAddress::unix_path("/run/a\0b"sv); }), "embedded null character");
    EXPECT_EQ(thrown<ValueError>([] { SocketAddress::unix_path("/run/a\0"sv); }), "embedded null character");
    EXPECT_EQ(SocketAddress::unix_path("\0a\0b"sv).path(), "\0a\0b"sv) << "an abstract name may";
}

}  // namespace
}  // namespace aio::tests
