// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace aio::tests {
namespace {

using http::MultiDict;
using http::URL;
using http::URLParts;

const char* const kText = "http://u:p@h:1/a/b.c?x=1#f";

TEST(HttpUrlChanges, SchemeUserHostPort) {
    const URL url(kText);
    EXPECT_EQ(url.with_scheme("HTTPS").str(), "https://u:p@h:1/a/b.c?x=1#f");
    EXPECT_EQ(url.with_user("é@").str(), "http://%C3%A9%40:p@h:1/a/b.c?x=1#f");
    EXPECT_EQ(url.with_user(std::nullopt).str(), "http://h:1/a/b.c?x=1#f");
    EXPECT_EQ(url.with_password(":/?#").str(), "http://u:%3A%2F%3F%23@h:1/a/b.c?x=1#f");
    EXPECT_EQ(url.with_password(std::nullopt).str(), "http://u@h:1/a/b.c?x=1#f");
    EXPECT_EQ(url.with_user("a\r\nb").str(), "http://a%0D%0Ab:p@h:1/a/b.c?x=1#f");
    EXPECT_EQ(url.with_port(2).str(), "http://u:p@h:2/a/b.c?x=1#f");
    EXPECT_EQ(url.with_port(std::nullopt).str(), "http://u:p@h/a/b.c?x=1#f");
    for (const char* scheme : {"1a", "a b", "a:", "a/", "é", "a\r\n"}) {
        EXPECT_EQ(thrown<ValueError>([&] { url.with_scheme(scheme); }), "Invalid URL: invalid scheme")
            << scheme;
    }
    const URL relative("a");
    EXPECT_EQ(thrown<ValueError>([&] { relative.with_scheme("http"); }),
              "scheme replacement is not allowed for relative URLs");
    EXPECT_THROW(relative.with_user("a"), ValueError);
    EXPECT_THROW(relative.with_password("a"), ValueError);
    EXPECT_THROW(relative.with_host("a"), ValueError);
    EXPECT_THROW(relative.with_port(1), ValueError);
}

TEST(HttpUrlChanges, Path) {
    const URL url(kText);
    EXPECT_EQ(url.with_path("/x y").str(), "http://u:p@h:1/x%20y");
    EXPECT_EQ(url.with_path("x/../y").str(), "http://u:p@h:1/y");
    EXPECT_EQ(url.with_path("/%41?#\r\n").str(), "http://u:p@h:1/%2541%3F%23%0D%0A");
    EXPECT_EQ(url.with_path("").str(), "http://u:p@h:1");
    EXPECT_EQ(url.with_path("x%7e", http::encoded).str(), "http://u:p@h:1/x%7e");
    EXPECT_EQ(URL("a/b").with_path("../c").str(), "/../c");
    EXPECT_EQ(URL("a/b").with_path("//c").str(), "/.//c");
    for (const char* path : {"/a?b", "/a#b", "/a b", "/a\r\nb", "/é"}) {
        EXPECT_THROW(url.with_path(path, http::encoded), ValueError) << path;
    }
}

TEST(HttpUrlChanges, Query) {
    const URL url(kText);
    EXPECT_EQ(url.with_query("a=b c&d=+%26").str(), "http://u:p@h:1/a/b.c?a=b+c&d=+%2526#f");
    EXPECT_EQ(url.with_query("").str(), "http://u:p@h:1/a/b.c#f");
    EXPECT_EQ(url.with_query({{"a", "b c"}, {"d", "+&=;%?/:@é"}, {"a", 2}}).str(),
              "http://u:p@h:1/a/b.c?a=b+c&d=%2B%26%3D%3B%25?/:@%C3%A9&a=2#f");
    EXPECT_EQ(url.with_query({{"a", "1\r\nX: 2"}}).raw_query_string(), "a=1%0D%0AX:+2");
    EXPECT_EQ(url.with_query(MultiDict()).str(), "http://u:p@h:1/a/b.c#f");
    EXPECT_EQ(URL("http://h").with_query("a").str(), "http://h/?a");
    EXPECT_EQ(URL("http://h?a").with_query("").str(), "http://h");
    EXPECT_EQ(url.with_query("a=1#b").raw_query_string(), "a=1%23b");
}

TEST(HttpUrlChanges, AnyBytesComeBackOutOfAQuery) {
    MultiDict fields;
    for (int c = 0; c < 128; ++c) {
        fields.add(std::string(1, static_cast<char>(c)), std::string(1, static_cast<char>(c)));
    }
    EXPECT_EQ(URL("").with_query(fields).query(), fields);
    EXPECT_EQ(URL(URL("").with_query(fields).str()).query(), fields);
}

TEST(HttpUrlChanges, NumbersInAQuery) {
    EXPECT_EQ(
        URL("")
            .with_query({{"a", 1}, {"b", -2L}, {"c", 1.0}, {"d", 0.1f}, {"e", 1e16}, {"f", 123456789.0}})
            .str(),
        "?a=1&b=-2&c=1.0&d=0.10000000149011612&e=1e%2B16&f=123456789.0");
    EXPECT_EQ(URL("").with_query({{"a", 1e-5}, {"b", 0.0001}, {"c", 1e15}, {"d", -0.0}, {"e", 1e300}}).str(),
              "?a=1e-05&b=0.0001&c=1000000000000000.0&d=-0.0&e=1e%2B300");
    EXPECT_EQ(thrown<ValueError>([] { URL("").with_query({{"a", HUGE_VAL}}); }),
              "float('inf') is not supported");
    EXPECT_EQ(thrown<ValueError>([] { URL("").with_query({{"a", std::nan("")}}); }),
              "float('nan') is not supported");
}

TEST(HttpUrlChanges, UpdateQuery) {
    const URL url("http://h/?a=1&b=2&a=3#f");
    EXPECT_EQ(url.update_query({{"a", 4}}).str(), "http://h/?a=4&b=2#f");
    EXPECT_EQ(url.update_query("c=5&a=6&a=7&a=8").str(), "http://h/?a=6&b=2&a=7&c=5&a=8#f");
    EXPECT_EQ(url.update_query("").str(), "http://h/?a=1&b=2&a=3#f");
    EXPECT_EQ(URL("http://h/?a=%26+b").update_query("x=y z").str(), "http://h/?a=%26+b&x=y+z");
}

TEST(HttpUrlChanges, Fragment) {
    EXPECT_EQ(URL(kText).with_fragment("a#b c\n").str(), "http://u:p@h:1/a/b.c?x=1#a%23b%20c%0A");
    EXPECT_EQ(URL(kText).with_fragment("").str(), "http://u:p@h:1/a/b.c?x=1");
}

TEST(HttpUrlChanges, NameAndSuffix) {
    const URL url(kText);
    EXPECT_EQ(url.with_name("x y").str(), "http://u:p@h:1/a/x%20y");
    EXPECT_EQ(URL("http://h").with_name("x").str(), "http://h/x");
    EXPECT_EQ(URL("a").with_name("b:c").str(), "./b:c");
    EXPECT_EQ(url.with_suffix(".d").str(), "http://u:p@h:1/a/b.d");
    EXPECT_EQ(url.with_suffix("").str(), "http://u:p@h:1/a/b");
    EXPECT_EQ(URL("/a").with_suffix(".b c").str(), "/a.b%20c");
    EXPECT_EQ(thrown<ValueError>([&] { url.with_name("a/b"); }), "Slash in name is not allowed");
    EXPECT_EQ(thrown<ValueError>([&] { url.with_name(".."); }), ". and .. values are forbidden");
    for (const char* suffix : {"a", ".", ".a/b"}) {
        EXPECT_THROW(url.with_suffix(suffix), ValueError) << suffix;
    }
    EXPECT_THROW(URL("http://h/").with_suffix(".a"), ValueError);
}

TEST(HttpUrlChanges, ParentOriginRelative) {
    EXPECT_EQ(URL(kText).parent().str(), "http://u:p@h:1/a");
    EXPECT_EQ(URL("http://h/a").parent().str(), "http://h");
    EXPECT_EQ(URL("http://h/a/").parent().str(), "http://h/a");
    EXPECT_EQ(URL("http://h/?x").parent().str(), "http://h/");
    EXPECT_EQ(URL("a").parent().str(), "");
    EXPECT_EQ(URL("a/b").parent().str(), "a");
    EXPECT_EQ(URL(kText).origin().str(), "http://h:1");
    EXPECT_EQ(URL(kText).relative().str(), "/a/b.c?x=1#f");
    EXPECT_EQ(thrown<ValueError>([] { URL("/a").origin(); }), "URL should be absolute");
    EXPECT_EQ(thrown<ValueError>([] { URL("//a").origin(); }), "URL should have scheme");
    EXPECT_EQ(thrown<ValueError>([] { URL("/a").relative(); }), "URL should be absolute");
}

TEST(HttpUrlChanges, OneMorePart) {
    EXPECT_EQ((URL(kText) / "x y").str(), "http://u:p@h:1/a/b.c/x%20y");
    EXPECT_EQ((URL("http://h") / "a" / "b/").str(), "http://h/a/b/");
    EXPECT_EQ((URL("http://h/a//") / "b").str(), "http://h/a/b");
    EXPECT_EQ((URL("http://h/a") / "../b?#%41").str(), "http://h/b%3F%23%2541");
    EXPECT_EQ((URL("") / "a").str(), "a");
    EXPECT_EQ((URL("a") / "../b").str(), "a/../b");
    EXPECT_EQ((URL("/") / "a").str(), "/a");
    EXPECT_EQ(URL("http://h").joinpath("a", "b", "c").str(), "http://h/a/b/c");
    EXPECT_THROW(URL("http://h") / "/a", ValueError);
}

TEST(HttpUrlChanges, Build) {
    EXPECT_EQ(
        URL::build(URLParts().scheme("HTTPS").host("É.de").path("/a b/../c%").query({{"x", "y z"}})).str(),
        "https://xn--9ca.de/c%25?x=y+z");
    EXPECT_EQ(URL::build(URLParts().scheme("http").user("a@").password("b:").host("::1").port(1)).str(),
              "http://a%40:b%3A@[::1]:1");
    EXPECT_EQ(URL::build(URLParts().path("a").query_string("b=c d").fragment("e f")).str(), "a?b=c+d#e%20f");
    EXPECT_EQ(URL::build(URLParts()).str(), "");
    EXPECT_THROW(URL::build(URLParts().port(1)), ValueError);
    EXPECT_THROW(URL::build(URLParts().host("a").path("b")), ValueError);
    EXPECT_THROW(URL::build(URLParts().host("a/b")), ValueError);
    EXPECT_THROW(URL::build(URLParts().scheme("http").path("/a")), ValueError);
    EXPECT_EQ(URL::build(URLParts().scheme("file").path("/a")).str(), "file:/a");
    EXPECT_THROW(URL::build(URLParts().scheme("a b").host("a")), ValueError);
    EXPECT_THROW(URL::build(URLParts().query({{"a", 1}}).query_string("b")), ValueError);
}

struct Reference {
    const char* text;
    const char* result;
};

// RFC 3986, 5.4, without what needs the scheme of the base itself ("http:g").
constexpr Reference kReferences[] = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
};

TEST(HttpUrlChanges, JoinAsTheStandardHasIt) {
    const URL base("http://a/b/c/d;p?q");
    for (const Reference& reference : kReferences) {
        EXPECT_EQ(base.join(reference.text).str(), reference.result) << reference.text;
    }
}

TEST(HttpUrlChanges, JoinKeepsWhoAsks) {
    EXPECT_EQ(URL("http://u:p@h:1/a").join("b c").str(), "http://u:p@h:1/b%20c");
    EXPECT_EQ(URL("http://u:p@h:1/a").join("//x").str(), "http://x");
    EXPECT_EQ(URL("http://h").join("a").str(), "http://h/a");
    EXPECT_EQ(URL("http://h?x").join("").str(), "http://h/?x");
    EXPECT_EQ(URL("a/b").join("../c").str(), "c");
    EXPECT_EQ(URL("a").join("./b:c").str(), "./b:c");
    EXPECT_EQ(URL("http://h/a").join("/.//b").str(), "http://h//b");
    EXPECT_THROW(URL("http://h/").join("///b"), ValueError);
    EXPECT_THROW(URL("http://h/").join("/\\b\r\n"), ValueError);
    EXPECT_EQ(URL("http://h/").join("/\\b").str(), "http://h/%5Cb");
}

}  // namespace
}  // namespace aio::tests
