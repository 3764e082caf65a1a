// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/connect/proxies.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// An environment with these variables and no others that speak of proxies.
class Environment {
public:
    explicit Environment(const Variables& variables) {
        for (const char* const name :
             {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ws_proxy", "wss_proxy", "all_proxy",
              "ALL_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"}) {
            const char* const value = std::getenv(name);
            before_.emplace_back(name, value ? std::optional<std::string>(value) : std::nullopt);
            ::unsetenv(name);
        }
        for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() {
        for (const auto& [name, value] : before_) {
            ::unsetenv(name.c_str());
            if (value) ::setenv(name.c_str(), value->c_str(), 1);
        }
    }

private:
    std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

std::string proxy_for(const char* url) {
    const auto proxy = http::get_env_proxy_for_url(http::URL(url));
    return proxy ? proxy->str() : "none";
}

TEST(Proxies, AreChosenByTheScheme) {
    const Environment set(Variables{{"http_proxy", "http://a.test:3128"},
                                    {"HTTPS_PROXY", "https://me:secret@b.test"},
                                    {"wss_proxy", "c.test:80"}});
    EXPECT_EQ(proxy_for("http://x.test/"), "http://a.test:3128");
    EXPECT_EQ(proxy_for("https://x.test/"), "https://me:secret@b.test");
    EXPECT_EQ(proxy_for("wss://x.test/"), "http://c.test:80");
    EXPECT_EQ(proxy_for("ws://x.test/"), "http://a.test:3128");
    EXPECT_EQ(proxy_for("/relative"), "none");
}

TEST(Proxies, AllProxyIsForTheOthers) {
    const Environment set(Variables{{"ALL_PROXY", "http://all.test:1"}, {"https_proxy", ""}});
    EXPECT_EQ(proxy_for("http://x.test/"), "http://all.test:1");
    EXPECT_EQ(proxy_for("https://x.test/"), "none");
}

TEST(Proxies, SmallLettersComeFirst) {
    const Environment set(Variables{{"HTTP_PROXY", "http://big.test"}, {"http_proxy", "http://small.test"}});
    EXPECT_EQ(proxy_for("http://x.test/"), "http://small.test");
}

// CVE-2016-1000110: there it is a field of the request.
TEST(Proxies, InACgiProgramHttpProxyInCapitalsDoesNotCount) {
    const Environment set(Variables{{"HTTP_PROXY", "http://evil.test"}, {"REQUEST_METHOD", "GET"}});
    EXPECT_EQ(proxy_for("http://x.test/"), "none");
    ::setenv("http_proxy", "http://good.test", 1);
    EXPECT_EQ(proxy_for("http://x.test/"), "http://good.test");
}

// What aio cannot talk to is no reason to go without.
TEST(Proxies, OfOtherKindsAreGivenAsWell) {
    const Environment set(Variables{{"all_proxy", "socks5://127.0.0.1:9050"}});
    EXPECT_EQ(proxy_for("http://x.test/"), "socks5://127.0.0.1:9050");
    ::setenv("all_proxy", "http://no port:x", 1);
    EXPECT_THROW(proxy_for("http://x.test/"), ValueError);
}

TEST(Proxies, NoProxyNamesHostsAndDomains) {
    const Environment set(
        {{"all_proxy", "http://p.test"}, {"no_proxy", "a.test, .b.test ,C.test:8080,,127.0.0.1,::1"}});
    for (const char* const url :
         {"http://a.test/", "http://sub.a.test/", "http://b.test", "http://x.b.test:99/",
          "http://c.test:8080", "http://x.C.test:8080", "http://127.0.0.1", "http://[::1]/"}) {
        EXPECT_EQ(proxy_for(url), "none") << url;
    }
    for (const char* const url :
         {"http://xa.test/", "http://a.test.org", "http://c.test", "http://c.test:80", "http://127.0.0.2"}) {
        EXPECT_EQ(proxy_for(url), "http://p.test") << url;
    }
    EXPECT_TRUE(http::proxy_bypass("A.TEST"));
    EXPECT_FALSE(http::proxy_bypass("c.test"));
    EXPECT_TRUE(http::proxy_bypass("c.test", 8080));
}

TEST(Proxies, AStarIsForAllHosts) {
    const Environment set(Variables{{"http_proxy", "http://p.test"}, {"NO_PROXY", "*"}});
    EXPECT_EQ(proxy_for("http://x.test/"), "none");
    const Environment among(Variables{{"http_proxy", "http://p.test"}, {"NO_PROXY", "a.test,*"}});
    EXPECT_EQ(proxy_for("http://x.test/"), "http://p.test");
}

}  // namespace
}  // namespace aio::tests
