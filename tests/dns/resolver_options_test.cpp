// SPDX-License-Identifier: MIT
#include <dns/dns_support.hpp>
#include <support/caught.hpp>

#include <type_traits>

namespace aio::tests {
namespace {

#define SETTER(call) \
    [](auto&& options) -> decltype(auto) { return std::forward<decltype(options)>(options).call; }

template <class Setter>
void expect_chained(Setter set) {
    dns::ResolverOptions options;
    static_assert(std::is_same_v<decltype(set(options)), dns::ResolverOptions&>);
    static_assert(std::is_same_v<decltype(set(std::move(options))), dns::ResolverOptions&&>);
    EXPECT_EQ(&set(options), &options);
}

TEST(DnsOptions, ChainedSettersKeepWhatTheyAreCalledOn) {
    expect_chained(SETTER(servers({})));
    expect_chained(SETTER(search({})));
    expect_chained(SETTER(ndots(1)));
    expect_chained(SETTER(timeout(1s)));
    expect_chained(SETTER(tries(1)));
    expect_chained(SETTER(resolv_conf("/etc/resolv.conf")));
    expect_chained(SETTER(hosts_file("")));
    expect_chained(SETTER(cache_size(1)));
    expect_chained(SETTER(max_ttl(1s)));
}

#undef SETTER

TEST(DnsOptions, AreChecked) {
    const auto refused = [](dns::ResolverOptions options) {
        return thrown<ValueError>([&] { const dns::Resolver resolver(options); });
    };
    EXPECT_EQ(refused(dns::ResolverOptions().timeout(0s)), "timeout must be positive");
    EXPECT_EQ(refused(dns::ResolverOptions().tries(0)), "tries must be positive");
    EXPECT_EQ(refused(dns::ResolverOptions().ndots(-1)), "ndots must not be negative");
    EXPECT_EQ(refused(dns::ResolverOptions().servers({SocketAddress::unix_path("/run/x")})),
              "a name server has an IPv4 or IPv6 address, not /run/x");
}

}  // namespace
}  // namespace aio::tests
