// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>
#include <support/trace.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <unordered_set>

namespace aio::tests {
namespace {

using http::MultiDict;
using http::URL;
using ::testing::ElementsAre;

TEST(HttpUrl, Parts) {
    const URL url("http://%C3%BC:p%40@bücher.example:8080/a%20b/c.tar.gz?x=1%262&x=%C3%A9#%20end");
    EXPECT_EQ(url.scheme(), "http");
    EXPECT_EQ(url.raw_authority(), "%C3%BC:p%40@xn--bcher-kva.example:8080");
    EXPECT_EQ(url.authority(), "ü:p@@bücher.example:8080");
    EXPECT_EQ(url.raw_user(), "%C3%BC");
    EXPECT_EQ(url.user(), "ü");
    EXPECT_EQ(url.raw_password(), "p%40");
    EXPECT_EQ(url.password(), "p@");
    EXPECT_EQ(url.raw_host(), "xn--bcher-kva.example");
    EXPECT_EQ(url.host(), "bücher.example");
    EXPECT_EQ(url.port(), 8080);
    EXPECT_EQ(url.explicit_port(), 8080);
    EXPECT_EQ(url.raw_path(), "/a%20b/c.tar.gz");
    EXPECT_EQ(url.path(), "/a b/c.tar.gz");
    EXPECT_EQ(url.raw_path_qs(), "/a%20b/c.tar.gz?x=1%262&x=%C3%A9");
    EXPECT_EQ(url.path_qs(), "/a b/c.tar.gz?x=1%262&x=é");
    EXPECT_EQ(url.raw_query_string(), "x=1%262&x=%C3%A9");
    EXPECT_EQ(url.query(), (MultiDict{{"x", "1&2"}, {"x", "é"}}));
    EXPECT_EQ(url.raw_fragment(), "%20end");
    EXPECT_EQ(url.fragment(), " end");
    EXPECT_THAT(url.raw_parts(), ElementsAre("/", "a%20b", "c.tar.gz"));
    EXPECT_THAT(url.parts(), ElementsAre("/", "a b", "c.tar.gz"));
    EXPECT_EQ(url.name(), "c.tar.gz");
    EXPECT_EQ(url.suffix(), ".gz");
    EXPECT_THAT(url.suffixes(), ElementsAre(".tar", ".gz"));
    EXPECT_TRUE(url.is_absolute());
    EXPECT_FALSE(url.is_default_port());
}

TEST(HttpUrl, PartsThatAreNotThere) {
    const URL url("a");
    EXPECT_EQ(url.scheme(), "");
    EXPECT_EQ(url.raw_authority(), "");
    EXPECT_EQ(url.authority(), "");
    EXPECT_EQ(url.raw_user(), std::nullopt);
    EXPECT_EQ(url.password(), std::nullopt);
    EXPECT_EQ(url.host(), std::nullopt);
    EXPECT_EQ(url.port(), std::nullopt);
    EXPECT_EQ(url.query(), MultiDict());
    EXPECT_EQ(url.fragment(), "");
    EXPECT_THAT(url.parts(), ElementsAre("a"));
    EXPECT_FALSE(url.is_absolute());
    EXPECT_FALSE(url.is_default_port());
}

TEST(HttpUrl, TheEmptyOne) {
    EXPECT_FALSE(URL());
    EXPECT_FALSE(URL(""));
    EXPECT_EQ(URL(), URL(""));
    EXPECT_EQ(URL().str(), "");
    EXPECT_EQ(URL().raw_path_qs(), "");
    EXPECT_THAT(URL().parts(), ElementsAre(""));
    EXPECT_TRUE(URL("a"));
    EXPECT_TRUE(URL("#a"));
    EXPECT_TRUE(URL("http://a"));
}

TEST(HttpUrl, AnAbsoluteOneHasAPath) {
    for (const char* text : {"http://a", "http://a/"}) {
        EXPECT_EQ(URL(text).raw_path(), "/");
        EXPECT_EQ(URL(text).raw_path_qs(), "/");
        EXPECT_EQ(URL(text).path(), "/");
    }
    EXPECT_THAT(URL("http://a").parts(), ElementsAre("/"));
    EXPECT_THAT(URL("http://a?x").parts(), ElementsAre("/"));
    EXPECT_THAT(URL("http://a/").parts(), ElementsAre("/", ""));
    EXPECT_EQ(URL("http://a?x").raw_path_qs(), "/?x");
    EXPECT_EQ(URL("http://a#x").raw_path_qs(), "/");
    EXPECT_EQ(URL("http://a/b?x").raw_path_qs(), "/b?x");
    EXPECT_EQ(URL("?x").raw_path_qs(), "?x");
}

TEST(HttpUrl, PortsOfSchemes) {
    EXPECT_EQ(URL("http://a").port(), 80);
    EXPECT_EQ(URL("ws://a").port(), 80);
    EXPECT_EQ(URL("https://a").port(), 443);
    EXPECT_EQ(URL("wss://a").port(), 443);
    EXPECT_EQ(URL("foo://a").port(), std::nullopt);
    EXPECT_EQ(URL("//a").port(), std::nullopt);
    EXPECT_EQ(URL("http://a").explicit_port(), std::nullopt);
    EXPECT_TRUE(URL("http://a:80").is_default_port());
    EXPECT_TRUE(URL("http://a").is_default_port());
    EXPECT_FALSE(URL("https://a:80").is_default_port());
    EXPECT_FALSE(URL("foo://a:80").is_default_port());
}

TEST(HttpUrl, NamesAndSuffixes) {
    EXPECT_EQ(URL("http://a").name(), "");
    EXPECT_EQ(URL("http://a/b/").name(), "");
    EXPECT_EQ(URL("http://a/b%2Fc").name(), "b/c");
    EXPECT_EQ(URL("a/b").name(), "b");
    EXPECT_EQ(URL("http://a/.b").suffix(), "");
    EXPECT_EQ(URL("http://a/b.").suffix(), "");
    EXPECT_EQ(URL("http://a/b.%C3%A9").suffix(), ".é");
    EXPECT_EQ(URL("http://a/b.%C3%A9").raw_suffix(), ".%C3%A9");
    EXPECT_THAT(URL("http://a/..b.c..d").raw_suffixes(), ElementsAre(".c", ".", ".d"));
    EXPECT_THAT(URL("http://a/b.c.").suffixes(), ElementsAre());
    EXPECT_THAT(URL("http://a/...").suffixes(), ElementsAre());
}

TEST(HttpUrl, EqualWithAndWithoutTheSlash) {
    EXPECT_EQ(URL("http://a"), URL("HTTP://A/"));
    EXPECT_EQ(std::hash<URL>()(URL("http://a")), std::hash<URL>()(URL("http://a/")));
    EXPECT_EQ(URL("http://a?x"), URL("http://a/?x"));
    EXPECT_EQ(URL("http://a/%7e"), URL("http://a/~"));
    EXPECT_NE(URL("http://a/%2F"), URL("http://a//"));
    EXPECT_NE(URL("http://a/b"), URL("http://a/b/"));
    EXPECT_NE(URL("http://a:80"), URL("http://a"));
    EXPECT_LT(URL("http://a/b"), URL("http://a/c"));
    const std::unordered_set<URL> urls = {URL("http://a"), URL("http://a/"), URL("http://a/b")};
    EXPECT_EQ(urls.size(), 2u);
    EXPECT_EQ(std::set<URL>(urls.begin(), urls.end()).size(), 2u);
}

TEST(HttpUrl, WhatIsEncodedStaysAsItIs) {
    const URL url("HTTP://H/%7e/[x]?a|b#%5b", http::encoded);
    EXPECT_EQ(url.str(), "http://h/%7e/[x]?a|b#%5b");
    EXPECT_EQ(url.path(), "/~/[x]");
    EXPECT_EQ(url.fragment(), "[");
    EXPECT_EQ(URL("http://h/a/../b", http::encoded).str(), "http://h/a/../b");
    for (const char* text : {"http://h/a b", "http://h/é", "http://h/\t", "http://a@b@h/", "http://h/\x7f"}) {
        EXPECT_THROW(URL(text, http::encoded), ValueError) << text;
    }
}

TEST(HttpUrl, ControlCharactersAreRefused) {
    EXPECT_EQ(thrown<ValueError>([] { URL url("http://a/b\r\nX: y"); }),
              "Invalid URL: control character 0x0D at position 10");
    EXPECT_EQ(thrown<ValueError>([] { URL url(std::string("http://a\0b/", 11)); }),
              "Invalid URL: control character 0x00 at position 8");
    for (int c = 0; c < 0x80; ++c) {
        if (c >= 0x20 && c < 0x7F) continue;
        for (const char* before :
             {"http://u", "http://u:p", "http://a", "http://a/", "http://a/?", "http://a/#", "a"}) {
            const std::string text = std::string(before) + static_cast<char>(c) + "b@c";
            EXPECT_THROW(URL url(text), ValueError) << before << c;
        }
    }
    EXPECT_EQ(URL("http://a/b%0d%0aX").str(), "http://a/b%0D%0AX");
    EXPECT_EQ(URL("http://a/b%0d%0aX").path(), "/b\r\nX");
    EXPECT_EQ(URL("http://a/%00").path(), std::string("/\0", 2));
}

TEST(HttpUrl, BlanksBeforeItAreNone) {
    EXPECT_EQ(URL("  http://a/ ").str(), "http://a/%20");
    EXPECT_EQ(URL("  ").str(), "");
}

TEST(HttpUrl, HasALimit) {
    const std::string path(std::size_t{1} << 20, 'a');
    EXPECT_EQ(thrown<ValueError>([&] { URL url("http://a/" + path); }),
              "Invalid URL: longer than 1048576 bytes");
    EXPECT_THROW(URL("http://a/").with_path(path), ValueError);
    EXPECT_THROW(URL url("/" + path), ValueError);
    EXPECT_EQ(URL(path).str(), path);
    // Which grows when it is encoded.
    EXPECT_THROW(URL url(std::string(std::size_t{1} << 19, ' ') + std::string(path.size() / 2, '"')),
                 ValueError);
}

// Every byte at every place of URLs of every kind: refused, or what comes out is printable ASCII, and read
// again as the same.
TEST(HttpUrl, HostileBytes) {
    for (const std::string text : {"http://u:p@a.b:80/c/../d?e=f&g#h", "//[::1]/a%41%", "a/b:c?d#e",
                                   "foo:bar", "http://1.2.3.4/", "http://é.de/é?é#é"}) {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            for (int c = 0; c < 256; ++c) {
                std::string hostile = text;
                hostile.insert(i, 1, static_cast<char>(c));
                try {
                    const URL url(hostile);
                    for (const char out : url.str()) {
                        ASSERT_TRUE(out > ' ' && out < '\x7f') << hostile;
                    }
                    ASSERT_EQ(URL(url.str()).str(), url.str()) << hostile;
                    ASSERT_EQ(URL(url.str()).raw_host(), url.raw_host()) << hostile;
                    url.human_repr();
                } catch (const ValueError&) {
                }
            }
        }
    }
}

}  // namespace
}  // namespace aio::tests
