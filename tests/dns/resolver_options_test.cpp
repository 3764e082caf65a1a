// SPDX-License-Identifier: MIT
#include <dns/dns_support.hpp>
#include <support/caught.hpp>
#include <support/chained_setters.hpp>

namespace aio::tests {
namespace {

TEST(DnsOptions, ChainedSettersKeepWhatTheyAreCalledOn) {
    expect_chained<dns::ResolverOptions>(SETTER(servers({})));
    expect_chained<dns::ResolverOptions>(SETTER(search({})));
    expect_chained<dns::ResolverOptions>(SETTER(ndots(1)));
    expect_chained<dns::ResolverOptions>(SETTER(timeout(1s)));
    expect_chained<dns::ResolverOptions>(SETTER(tries(1)));
    expect_chained<dns::ResolverOptions>(SETTER(resolv_conf("/etc/resolv.conf")));
    expect_chained<dns::ResolverOptions>(SETTER(hosts_file("")));
    expect_chained<dns::ResolverOptions>(SETTER(cache_size(1)));
    expect_chained<dns::ResolverOptions>(SETTER(max_ttl(1s)));
}

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
