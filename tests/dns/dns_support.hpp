// SPDX-License-Identifier: MIT
#pragma once

#include <dns/name_server.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>

#include <aio/dns.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <netdb.h>
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

/// A resolver that asks the test's server. On the system's clock, which c-ares uses; every answer comes over
/// loopback, and what times out does so after a limit that the test sets.
struct DnsTest : ::testing::Test, aio::testing::LoopTest {
    DnsTest() : LoopTest(true) {}

    dns::ResolverOptions options() const {
        return dns::ResolverOptions()
            .servers({server.address()})
            .search({})
            .hosts_file("")
            .timeout(1h)
            .tries(1);
    }
    void use(dns::ResolverOptions its_options) {
        resolver = std::make_shared<dns::Resolver>(std::move(its_options));
    }

    /// Runs a test beside the server, and looks that nothing is left.
    template <class F>
    void serve(F body) {
        if (!resolver) use(options());
        run([&]() -> Coro<> {
            server.start();
            co_await body();
            co_await server.stop();
            EXPECT_EQ(loop().stats().descriptors, 0U);
            EXPECT_EQ(loop().stats().timers, 0U);
            EXPECT_EQ(loop().stats().tasks, 1U);
        });
        EXPECT_EQ(reports(), Texts());
    }

    /// The addresses of a host, "127.0.0.1:80 [::1]:80", sorted by name.
    Coro<std::string> look_up(std::string host, int family = AF_UNSPEC, int flags = 0) {
        AddrInfoOptions its_options;
        its_options.family(family).type(SOCK_STREAM).flags(flags);
        const auto found = co_await resolver->getaddrinfo(std::move(host), 80, its_options);
        Texts texts;
        for (const AddrInfo& info : found) texts.push_back(info.address.str());
        std::sort(texts.begin(), texts.end());
        std::string all;
        for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
        co_return all;
    }
    /// The EAI_ code that a look-up fails with, 0 if it does not.
    Coro<int> failure(std::string host, int family = AF_INET, int flags = 0) {
        try {
            co_await look_up(std::move(host), family, flags);
        } catch (const gaierror& error) {
            co_return error.error_number();
        }
        co_return 0;
    }
    /// Lets the loop run until the condition holds.
    template <class Condition>
    static Coro<> until(Condition condition) {
        while (!condition()) co_await sleep(0s);
    }

    NameServer server;
    std::shared_ptr<dns::Resolver> resolver;
};

}  // namespace aio::tests
