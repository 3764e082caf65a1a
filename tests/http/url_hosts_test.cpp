// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using http::URL;

std::string refused(std::string_view text) {
    return thrown<ValueError>([&] { URL url{text}; });
}

TEST(HttpUrlHosts, F82_numeric_host_spellings_are_refused) {
    for (const char* host : {"2130706433", "0x7f.1",       "017700000001", "127.1",        "0x7f000001",
                             "127.0.0.01", "127.0.0.1.",   "127.0.0.256",  "0177.0.0.1",   "0x7F.0.0.1",
                             "1.2.3",      "1.2.3.4.5",    "a.0x1",        "a.1",          "0x",
                             "0",          "１２７.0.0.1", "１.２.３.４",  "127。0。0。1", "127.0.0.１"}) {
        EXPECT_NE(refused("http://" + std::string(host) + "/").find("is a number, but not an IPv4 address"),
                  std::string::npos)
            << host;
        EXPECT_THROW(URL("http://h/").with_host(host), ValueError) << host;
        EXPECT_THROW(URL::build(http::URLParts().scheme("http").host(host)), ValueError);
        EXPECT_THROW(URL url("http://" + std::string(host) + "/", http::encoded), ValueError);
    }
    for (const char* host : {"%31", "%31.0.0.1", "127.0.0.1%00.test", "a%2eb", "a%00", "127.0.0.1%23.test"}) {
        EXPECT_NE(refused("http://" + std::string(host) + "/").find("has encoded bytes"), std::string::npos)
            << host;
    }
}

TEST(HttpUrlHosts, F82_the_host_is_the_one_that_is_read_from_the_url) {
    EXPECT_EQ(URL("http://a@127.0.0.1/").host(), "127.0.0.1");
    EXPECT_EQ(URL("http://127.0.0.1@a/").host(), "a");
    EXPECT_EQ(URL("http://a.example@b.example@c.example/").host(), "c.example");
    EXPECT_EQ(URL("http://a.example@b.example@c.example/").str(), "http://a.example%40b.example@c.example/");
    EXPECT_EQ(URL("http://a.example:80@c.example/").host(), "c.example");
    EXPECT_EQ(URL("http://a.example#@c.example/").host(), "a.example");
    EXPECT_EQ(URL("http://a.example?@c.example/").host(), "a.example");
    EXPECT_EQ(URL("http://a.example/@c.example/").host(), "a.example");
    EXPECT_EQ(URL("http://[::ffff:127.0.0.1]/").host(), "::ffff:127.0.0.1");
    EXPECT_EQ(URL("http://1.2.3.4.example/").host(), "1.2.3.4.example");
    EXPECT_EQ(URL("http://0x7f.example/").host(), "0x7f.example");
    EXPECT_EQ(URL("http://127.0.0.1/").host(), "127.0.0.1");
}

TEST(HttpUrlHosts, BackslashesAreRefused) {
    for (const char* text : {"http://a.example\\@b.example/", "http://a\\b", "http://\\a/", "//a\\b/"}) {
        EXPECT_EQ(refused(text), "Invalid URL: backslash before the path") << text;
    }
    EXPECT_EQ(URL("http://a/\\@b").str(), "http://a/%5C@b");
}

TEST(HttpUrlHosts, WhoNeedsAHostMustHaveOne) {
    for (const char* text : {"http:///a", "http:/a", "http:a", "http:", "https://", "http://:80/",
                             "http://u@/", "http://u:p@:80/", "///a", "//", "////a/b", "ws:/a", "wss://?x"}) {
        EXPECT_EQ(refused(text), "Invalid URL: host is required for absolute urls") << text;
    }
}

TEST(HttpUrlHosts, CharactersThatNoHostHas) {
    for (const char* host : {"a b",
                             "a<b",
                             "a\"b",
                             "a^b",
                             "a|b",
                             "a{b",
                             "a`b",
                             "a]b",
                             "a[b",
                             "[a]",
                             "[::1",
                             "::1]",
                             "[]",
                             "[::1]a",
                             "[1.2.3.4]",
                             "[::g]",
                             "[v1.a]",
                             "[fe80::1%]",
                             "[fe80::1%25]",
                             "[fe80::1%a b]",
                             "[fe80::1%a%2F]",
                             "[fe80::1%a/b]",
                             "\xff",
                             "a\xc3(",
                             "℀.example"}) {
        EXPECT_THROW(URL url("http://" + std::string(host) + "/"), ValueError) << host;
    }
    EXPECT_EQ(refused("http://::1/"), "Invalid URL: port can't be converted to integer");
    EXPECT_THROW(URL url("http://" + std::string(300, 'a') + "/"), ValueError);
    EXPECT_EQ(refused("http://" + std::string(253, 'a') + "/"), "no exception");
}

TEST(HttpUrlHosts, Ports) {
    EXPECT_EQ(refused("http://a:65536/"), "Invalid URL: port out of range 0-65535");
    EXPECT_EQ(refused("http://a:99999999999999999999/"), "Invalid URL: port out of range 0-65535");
    for (const char* port : {"-1", "+1", " 1", "1 ", "0x1", "a", "80:80", "８０", "1e3"}) {
        EXPECT_EQ(refused("http://a:" + std::string(port) + "/"),
                  "Invalid URL: port can't be converted to integer")
            << port;
    }
    EXPECT_EQ(URL("http://a:65535/").port(), 65535);
}

// Of a host given alone brackets may be missing.
TEST(HttpUrlHosts, WithHost) {
    const URL url("http://u:p@a:1/x?y#z");
    EXPECT_EQ(url.with_host("::1").str(), "http://u:p@[::1]:1/x?y#z");
    EXPECT_EQ(url.with_host("[::1]").str(), "http://u:p@[::1]:1/x?y#z");
    EXPECT_EQ(url.with_host("Bücher.example").str(), "http://u:p@xn--bcher-kva.example:1/x?y#z");
    for (const char* host :
         {"", "a/b", "a:80", "a@b", "a?b", "a#b", "a b", "a\r\nb", "a%20b", "a\\b", "a\tb"}) {
        EXPECT_THROW(url.with_host(host), ValueError) << host;
    }
    EXPECT_THROW(url.with_host(std::string_view("a\0b", 3)), ValueError);
}

}  // namespace
}  // namespace aio::tests
