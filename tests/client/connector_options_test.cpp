// SPDX-License-Identifier: MIT
// Chained setters: of a variable they give the variable, of a temporary the temporary.
#include "support/chained_setters.hpp"

#include <aio/client/connect/connector_options.hpp>
#include <aio/client/cookies/cookie_jar.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace aio::tests {
namespace {

using http::ConnectorOptions;
using http::CookieJarOptions;
using namespace std::chrono_literals;

TEST(ConnectorOptionsTest, SettersKeepWhatTheyAreCalledOn) {
    expect_chained<ConnectorOptions>(SETTER(limit(1)));
    expect_chained<ConnectorOptions>(SETTER(limit_per_host(1)));
    expect_chained<ConnectorOptions>(SETTER(keepalive_timeout(1s)));
    expect_chained<ConnectorOptions>(SETTER(force_close(true)));
    expect_chained<ConnectorOptions>(SETTER(use_dns_cache(false)));
    expect_chained<ConnectorOptions>(SETTER(ttl_dns_cache(1s)));
    expect_chained<ConnectorOptions>(SETTER(family(AF_INET)));
    expect_chained<ConnectorOptions>(SETTER(local_addr("127.0.0.1", 0)));
    expect_chained<ConnectorOptions>(SETTER(resolver(nullptr)));
    expect_chained<ConnectorOptions>(SETTER(happy_eyeballs_delay(1s)));
    expect_chained<ConnectorOptions>(SETTER(interleave(1)));
    expect_chained<ConnectorOptions>(SETTER(socket_factory(nullptr)));
    expect_chained<ConnectorOptions>(SETTER(ssl(nullptr)));
    expect_chained<ConnectorOptions>(SETTER(fingerprint(http::Fingerprint(std::string(32, 'x')))));
    expect_chained<ConnectorOptions>(SETTER(ssl_shutdown_timeout(1s)));
    expect_chained<CookieJarOptions>(SETTER(unsafe(true)));
    expect_chained<CookieJarOptions>(SETTER(quote_cookie(false)));
    expect_chained<CookieJarOptions>(SETTER(treat_as_secure_origin("http://localhost")));
    expect_chained<CookieJarOptions>(SETTER(clock(nullptr)));
}

TEST(ConnectorOptionsTest, WhereNothingIsSaid) {
    const ConnectorOptions options;
    EXPECT_EQ(options.get_limit(), 100U);
    EXPECT_EQ(options.get_limit_per_host(), 0U);
    EXPECT_EQ(options.get_keepalive_timeout().delay(), 15s);
    EXPECT_FALSE(options.get_force_close());
    EXPECT_TRUE(options.get_use_dns_cache());
    EXPECT_EQ(options.get_ttl_dns_cache().delay(), 10s);
    EXPECT_EQ(options.get_family(), AF_UNSPEC);
    EXPECT_EQ(options.get_happy_eyeballs_delay().delay(), 250ms);
    EXPECT_EQ(options.get_ssl_shutdown_timeout().delay(), 0s);
    EXPECT_FALSE(options.get_local_addr() || options.get_interleave() || options.get_socket_factory());
    EXPECT_FALSE(options.get_resolver() || options.get_ssl() || options.get_fingerprint());
    EXPECT_FALSE(CookieJarOptions().get_unsafe());
    EXPECT_TRUE(CookieJarOptions().get_quote_cookie());
}

}  // namespace
}  // namespace aio::tests
