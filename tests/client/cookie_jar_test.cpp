// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/cookies/cookie_jar.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using namespace http;
using namespace std::chrono_literals;

class CookieJarTest : public ::testing::Test {
protected:
    CookieJarTest() : jar(options()) {}
    CookieJarOptions options() {
        return CookieJarOptions().clock([this] { return now; });
    }
    void set(const char* url, std::vector<std::string_view> fields) {
        jar.update_cookies_from_headers(fields, URL(url));
    }
    std::string sent(const char* url) const { return jar.cookie_header(URL(url)); }

    std::chrono::sys_seconds now{std::chrono::sys_days(std::chrono::year(2030) / 1 / 1)};
    CookieJar jar;
};

TEST_F(CookieJarTest, WithoutADomainACookieIsItsHostsAlone) {
    set("http://e.test/", {"a=1", "b=2; Domain=e.test", "c=3; Domain=.E.TEST"});
    EXPECT_EQ(sent("http://e.test/"), "a=1; b=2; c=3");
    EXPECT_EQ(sent("http://sub.e.test/"), "b=2; c=3");
    EXPECT_EQ(sent("http://xe.test/"), "");
    EXPECT_EQ(sent("http://test/"), "");
    EXPECT_EQ(jar.size(), 3U);
    EXPECT_EQ(jar.host_only_cookies().size(), 1U);
    EXPECT_EQ(jar.host_only_cookies()[0].name(), "a");
    EXPECT_EQ(jar.host_only_cookies()[0].domain(), "e.test");
}

TEST_F(CookieJarTest, F89_NameDomainAndPathTellCookiesApart) {
    set("http://e.test/", {"a=1; Path=/x", "a=2; Path=/y", "a=3; Domain=e.test", "a=4; Path=/x/z"});
    EXPECT_EQ(sent("http://e.test/x"), "a=1; a=3");
    EXPECT_EQ(sent("http://e.test/y"), "a=2; a=3");
    EXPECT_EQ(sent("http://e.test/"), "a=3");
    EXPECT_EQ(sent("http://e.test/x/z/"), "a=4; a=1; a=3");
    set("http://e.test/", {"a=5; Path=/x"});
    EXPECT_EQ(sent("http://e.test/x"), "a=5; a=3");
    EXPECT_EQ(jar.size(), 4U);
}

TEST_F(CookieJarTest, F89_OfAnotherHostOrOfAPublicSuffixItIsRefused) {
    set("http://a.e.test/",
        {"a=1; Domain=b.e.test", "b=1; Domain=a.a.e.test", "c=1; Domain=test", "d=1; Domain=other.org"});
    set("http://shop.co.uk/", {"e=1; Domain=co.uk", "f=1; Domain=uk"});
    set("http://me.github.io/", {"g=1; Domain=github.io"});
    EXPECT_EQ(jar.size(), 0U);
    set("http://shop.co.uk/", {"h=1; Domain=shop.co.uk"});
    EXPECT_EQ(sent("http://www.shop.co.uk/"), "h=1");
    // A public suffix is its own host all the same.
    set("http://github.io/", {"i=1; Domain=github.io"});
    EXPECT_EQ(sent("http://github.io/"), "i=1");
    EXPECT_EQ(sent("http://me.github.io/"), "");
    set("http://localhost/", {"j=1; Domain=localhost"});
    EXPECT_EQ(sent("http://localhost/"), "j=1");
}

TEST_F(CookieJarTest, PathsAreThoseOfTheRequestUnlessTheySayOtherwise) {
    set("http://e.test/dir/page", {"a=1", "b=2; Path=relative", "c=3; Path=/di"});
    EXPECT_EQ(sent("http://e.test/dir/"), "a=1; b=2");
    EXPECT_EQ(sent("http://e.test/dir/other/x"), "a=1; b=2");
    EXPECT_EQ(sent("http://e.test/di/x"), "c=3");
    EXPECT_EQ(sent("http://e.test/"), "");
    set("http://e.test/a;b/c", {"d=4"});
    EXPECT_EQ(sent("http://e.test/a;b/"), "d=4");
}

TEST_F(CookieJarTest, TheyEndInTheirTime) {
    set("http://e.test/", {"a=1; Max-Age=10", "b=2; Expires=Tue, 01 Jan 2030 00:00:20 GMT",
                           "c=3; Max-Age=30; Expires=Tue, 01 Jan 2019 00:00:00 GMT", "d=4",
                           "e=5; Expires=Tue, 01 Jan 2019 00:00:00 GMT", "f=6; Max-Age=0"});
    EXPECT_EQ(sent("http://e.test/"), "a=1; b=2; c=3; d=4");
    now += 10s;
    EXPECT_EQ(sent("http://e.test/"), "b=2; c=3; d=4");
    EXPECT_EQ(jar.size(), 3U);
    EXPECT_EQ(jar.cookies().size(), 3U);
    now += 10s;
    EXPECT_EQ(sent("http://e.test/"), "c=3; d=4");
    set("http://e.test/", {"c=; Max-Age=-1", "d=; Expires=Tue, 01 Jan 2019 00:00:00 GMT"});
    EXPECT_EQ(jar.size(), 0U);
}

TEST_F(CookieJarTest, SecureOnesComeFromAndGoToHttpsOnly) {
    set("https://e.test/", {"a=1; Secure", "b=2"});
    EXPECT_EQ(sent("http://e.test/"), "b=2");
    EXPECT_EQ(sent("https://e.test/"), "a=1; b=2");
    EXPECT_EQ(sent("wss://e.test/"), "a=1; b=2");
    set("http://e.test/", {"a=evil", "a=evil; Domain=e.test", "a=evil; Path=/deep", "c=3; Secure", "b=3"});
    EXPECT_EQ(sent("https://e.test/deep"), "a=1; b=3");
}

TEST_F(CookieJarTest, SomeOriginsAreAsGoodAsHttps) {
    CookieJar local(options().treat_as_secure_origin("http://localhost:8080/any"));
    local.update_cookies_from_headers(std::vector<std::string_view>{"a=1; Secure"},
                                      URL("http://localhost:8080/"));
    EXPECT_EQ(local.cookie_header(URL("http://localhost:8080/")), "a=1");
    EXPECT_EQ(local.cookie_header(URL("http://localhost/")), "");
}

TEST_F(CookieJarTest, NamesKeepTheirPromises) {
    set("https://e.test/", {"__Secure-a=1", "__Host-b=1; Secure", "__Host-c=1; Secure; Path=/; Domain=e.test",
                            "__host-d=1; Path=/"});
    EXPECT_EQ(jar.size(), 0U);
    set("https://e.test/", {"__Secure-a=1; Secure", "__Host-b=1; Secure; Path=/"});
    EXPECT_EQ(jar.size(), 2U);
}

TEST_F(CookieJarTest, AddressesHaveNoneUnlessItIsUnsafe) {
    set("http://127.0.0.1/", {"a=1"});
    set("http://[::1]/", {"a=1"});
    EXPECT_EQ(jar.size(), 0U);
    CookieJar unsafe(options().unsafe(true));
    const auto set_in = [&](const char* url, std::string_view field) {
        unsafe.update_cookies_from_headers(std::vector<std::string_view>{field}, URL(url));
    };
    set_in("http://127.0.0.1/", "a=1");
    set_in("http://127.0.0.1/", "b=2; Domain=127.0.0.1");
    set_in("http://127.0.0.1/", "c=2; Domain=0.0.1");
    set_in("http://[::1]/", "d=4");
    EXPECT_EQ(unsafe.cookie_header(URL("http://127.0.0.1:8080/")), "a=1; b=2");
    EXPECT_EQ(unsafe.cookie_header(URL("http://[::1]/")), "d=4");
    EXPECT_EQ(unsafe.cookie_header(URL("http://127.0.0.2/")), "");
}

TEST_F(CookieJarTest, ThoseOfTheProgramGoToAllHosts) {
    jar.update_cookies(std::vector<Cookie>{Cookie("a", "1"), Cookie("b", "2").domain("e.test"),
                                           Cookie("c", "3").secure(true)});
    EXPECT_EQ(sent("http://any.test/x"), "a=1");
    EXPECT_EQ(sent("http://127.0.0.1/"), "a=1");
    EXPECT_EQ(sent("https://sub.e.test/"), "a=1; b=2; c=3");
}

TEST_F(CookieJarTest, ThoseOfTheRequestReplaceOthersOfTheirNames) {
    set("http://e.test/", {"a=1", "b=2"});
    EXPECT_EQ(
        jar.cookie_header(URL("http://e.test/"), std::vector<Cookie>{Cookie("a", "9"), Cookie("c", "3")}),
        "b=2; a=9; c=3");
}

TEST_F(CookieJarTest, ValuesAreSentAsTheyCame) {
    set("http://e.test/", {"a=\"x y\"", "b=[1]", "c="});
    EXPECT_EQ(sent("http://e.test/"), "a=\"x y\"; b=[1]; c=");
    EXPECT_EQ(jar.filter_cookies(URL("http://e.test/"))[0].value(), "x y");
    const std::vector<Cookie> own = {Cookie("d", "x y"), Cookie("e", "a;b=c")};
    EXPECT_EQ(CookieJar().cookie_header(URL("http://e.test/"), own), "d=\"x y\"; e=\"a\\073b=c\"");
    CookieJar plain(options().quote_cookie(false));
    EXPECT_EQ(plain.cookie_header(URL("http://e.test/"), own), "d=x y; e=\"a\\073b=c\"");
}

TEST_F(CookieJarTest, WhatIsNoCookieIsLeftOut) {
    set("http://e.test/", {"", "novalue", "=x", "a=1\r\nX: y", "b=2"});
    EXPECT_EQ(sent("http://e.test/"), "b=2");
}

TEST_F(CookieJarTest, ClearTakesAllOrSomeAway) {
    set("http://e.test/", {"a=1", "b=2"});
    set("http://sub.e.test/", {"c=3"});
    set("http://other.test/", {"d=4"});
    jar.clear([](const Cookie& cookie) { return cookie.name() == "b"; });
    EXPECT_EQ(sent("http://e.test/"), "a=1");
    jar.clear_domain("e.test");
    EXPECT_EQ(jar.size(), 1U);
    EXPECT_EQ(sent("http://other.test/"), "d=4");
    jar.clear();
    EXPECT_TRUE(jar.empty());
}

// A server cannot make the jar grow without end, nor push out what others have set.
TEST_F(CookieJarTest, ThereAreOnlySoManyOfADomain) {
    set("http://other.test/", {"mine=1"});
    for (int host = 0; host < 4; ++host) {
        const std::string url = "http://h" + std::to_string(host) + ".e.test/";
        for (int i = 0; i < 100; ++i) {
            const std::string field = "c" + std::to_string(i) + "=1";
            set(url.c_str(), {field});
        }
    }
    EXPECT_EQ(jar.size(), CookieJar::kMostPerDomain + 1);
    EXPECT_EQ(sent("http://other.test/"), "mine=1");
    EXPECT_EQ(jar.filter_cookies(URL("http://h3.e.test/")).size(), 100U);
    EXPECT_EQ(jar.filter_cookies(URL("http://h0.e.test/")).size(), 0U);
}

TEST_F(CookieJarTest, ThoseThatAreUsedStay) {
    set("http://e.test/used", {"used=1; Path=/used"});
    for (int i = 0; i < 500; ++i) {
        const std::string field = "c" + std::to_string(i) + "=1; Path=/other";
        set("http://e.test/", {field});
        EXPECT_EQ(sent("http://e.test/used"), "used=1");
    }
}

TEST_F(CookieJarTest, AndSoManyInAll) {
    set("http://other.test/", {"mine=1"});
    for (int domain = 0; domain < 40; ++domain) {
        const std::string url = "http://d" + std::to_string(domain) + ".test/";
        for (int i = 0; i < 100; ++i) {
            const std::string field = "c" + std::to_string(i) + "=1";
            set(url.c_str(), {field});
        }
    }
    EXPECT_EQ(jar.size(), CookieJar::kMost);
    EXPECT_EQ(sent("http://other.test/"), "mine=1");
}

TEST(DummyCookieJarTest, KeepsNothing) {
    DummyCookieJar jar;
    jar.update_cookies(std::vector<Cookie>{Cookie("a", "1")});
    jar.update_cookies_from_headers(std::vector<std::string_view>{"a=1"}, URL("http://e.test/"));
    jar.clear();
    jar.clear_domain("e.test");
    jar.clear([](const Cookie&) { return true; });
    EXPECT_TRUE(jar.empty());
    EXPECT_TRUE(jar.cookies().empty());
    EXPECT_EQ(jar.cookie_header(URL("http://e.test/"), std::vector<Cookie>{Cookie("b", "2")}), "b=2");
}

}  // namespace
}  // namespace aio::tests
