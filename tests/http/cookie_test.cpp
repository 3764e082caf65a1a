// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::Cookie;
using http::SameSite;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What http.cookies makes of the same.
TEST(HttpCookie, IsWrittenAsPythonDoes) {
    EXPECT_EQ(Cookie("id", "v").str(), "id=v");
    const Cookie all = Cookie("id", "v")
                           .domain(".A.test")
                           .expires(sys_seconds(seconds(784111777)))
                           .httponly(true)
                           .max_age(seconds(60))
                           .path("/x")
                           .samesite(SameSite::lax)
                           .secure(true);
    EXPECT_EQ(all.str(),
              "id=v; Domain=a.test; expires=Sun, 06 Nov 1994 08:49:37 GMT; HttpOnly; Max-Age=60; Path=/x; "
              "SameSite=Lax; "
              "Secure");
    EXPECT_EQ(
        Cookie("a", "b").samesite(SameSite::none).partitioned(true).secure(true).max_age(seconds(0)).str(),
        "a=b; Max-Age=0; Partitioned; SameSite=None; Secure");
    EXPECT_EQ(Cookie("a", "b").samesite(SameSite::strict).str(), "a=b; SameSite=Strict");
}

// The left side in quotes as http.cookies has it, and back.
TEST(HttpCookie, QuotesValuesAsPythonDoes) {
    const std::vector<std::pair<std::string, std::string>> rows = {{"a", "a"},
                                                                   {"a/b", "\"a/b\""},
                                                                   {"ab==", "\"ab==\""},
                                                                   {"a b", "\"a b\""},
                                                                   {"a,b;c", "\"a\\054b\\073c\""},
                                                                   {"q\"u\\o", "\"q\\\"u\\\\o\""},
                                                                   {"", "\"\""},
                                                                   {"a:b", "a:b"},
                                                                   {"\xe9", "\"\\351\""},
                                                                   {"{}[]", "\"{}[]\""}};
    for (const auto& [value, coded] : rows) {
        EXPECT_EQ(Cookie("n", value).coded_value(), coded);
        EXPECT_EQ(Cookie("n", value).value(), value);
        EXPECT_THAT(http::parse_cookie_header("n=" + coded), ElementsAre(http::CookiePair{"n", value}));
    }
}

TEST(HttpCookie, UnquotesAsPythonDoes) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {R"("a\073b")", "a;b"}, {R"("\\")", "\\"},    {R"("a)", R"("a)"},   {R"(a")", R"(a")"},
        {R"("\1")", "1"},       {R"("\400")", "400"}, {R"("\x")", "x"},     {R"("\)", R"("\)"},
        {R"(")", R"(")"},       {R"("a"b")", "a\"b"}, {R"("\377")", "\xff"}};
    for (const auto& [coded, value] : rows) {
        EXPECT_THAT(http::parse_cookie_header("n=" + coded), ElementsAre(http::CookiePair{"n", value}))
            << coded;
    }
}

TEST(HttpCookie, NoSetterLetsAnAttributeOrAFieldIn) {
    for (const std::string& bad : {std::string("a\r\nX: y"), std::string("a\nb"), std::string("a\0b", 3),
                                   std::string("a\x7f"), std::string("\x01"), std::string("a\tb")}) {
        EXPECT_THROW(Cookie(bad, "v"), ValueError);
        EXPECT_THROW(Cookie("n", bad), ValueError);
        Cookie cookie("n", "v");
        EXPECT_THROW(cookie.value(bad), ValueError);
        EXPECT_THROW(cookie.domain(bad), ValueError);
        EXPECT_THROW(cookie.path(bad), ValueError);
        EXPECT_EQ(cookie, Cookie("n", "v"));
    }
    for (const std::string bad : {"", "a b", "a=b", "a;b", "a,b", "\"a\"", "\xe9", "a/b"}) {
        EXPECT_THROW(Cookie(bad, "v"), ValueError) << bad;
    }
    Cookie cookie("n", "v");
    for (const std::string bad : {"a; Secure", "a b", "a/b", "\xc4\x8a", "a,b"}) {
        EXPECT_THROW(cookie.domain(bad), ValueError) << bad;
    }
    EXPECT_THROW(cookie.path("/; Domain=b.test"), ValueError);
    EXPECT_THROW(cookie.expires(sys_seconds(seconds(253402300800))), ValueError);
    EXPECT_EQ(Cookie("n", "a; Secure").str(), "n=\"a\\073 Secure\"");
    EXPECT_EQ(Cookie("a:b!", "v").name(), "a:b!");
}

TEST(HttpCookieHeader, HasNamesAndValues) {
    using Pair = http::CookiePair;
    EXPECT_THAT(http::parse_cookie_header("a=1; b=2;c=3 ;  d = 4"),
                ElementsAre(Pair{"a", "1"}, Pair{"b", "2"}, Pair{"c", "3"}, Pair{"d", "4"}));
    EXPECT_THAT(http::parse_cookie_header("a=1; a=2"), ElementsAre(Pair{"a", "1"}, Pair{"a", "2"}));
    EXPECT_THAT(http::parse_cookie_header("a=b=c; b=; path=/x; secure=1"),
                ElementsAre(Pair{"a", "b=c"}, Pair{"b", ""}, Pair{"path", "/x"}, Pair{"secure", "1"}));
    EXPECT_THAT(http::parse_cookie_header("x[a]{b}@/=1; \xe9=2; n=caf\xc3\xa9"),
                ElementsAre(Pair{"x[a]{b}@/", "1"}, Pair{"n", "caf\xc3\xa9"}));
}

TEST(HttpCookieHeader, LeavesOutWhatIsNoCookie) {
    for (const std::string text : {"", ";", "; ;", "a", "=1", " = ", "a b=1", "a\"=1", "a\\=1", "a,b=1"}) {
        EXPECT_THAT(http::parse_cookie_header(text), IsEmpty()) << text;
        EXPECT_THAT(http::parse_cookie_header("x=y;" + text + ";z=w"),
                    ElementsAre(http::CookiePair{"x", "y"}, http::CookiePair{"z", "w"}));
    }
    EXPECT_THAT(http::parse_cookie_header(std::string("a=1\0; b=\r\n; c=\x7f; d=4", 20)),
                ElementsAre(http::CookiePair{"d", "4"}));
}

// A cookie that begins with a quotation mark must not take the session's along.
TEST(HttpCookieHeader, ASemicolonEndsACookieInQuotesToo) {
    EXPECT_THAT(http::parse_cookie_header("a=\"x; session=secret; b=y\""),
                ElementsAre(http::CookiePair{"a", "\"x"}, http::CookiePair{"session", "secret"},
                            http::CookiePair{"b", "y\""}));
}

TEST(HttpCookieHeader, IsWrittenFromWhatWasReceived) {
    const std::vector<Cookie> cookies = {*http::parse_set_cookie("a=\"x\\073\"; Path=/"), Cookie("b", "c d"),
                                         *http::parse_set_cookie("n=/=+")};
    EXPECT_EQ(http::format_cookie_header(cookies), "a=\"x\\073\"; b=\"c d\"; n=/=+");
    EXPECT_EQ(http::format_cookie_header({}), "");
}

TEST(HttpSetCookie, HasAttributes) {
    const auto cookie = http::parse_set_cookie(
        " id = abc ; EXPIRES=Sun, 06-Nov-94 08:49:37 GMT;max-age=60 ; domain=.Example.TEST; Path=/x; secure; "
        "HttpOnly; "
        "SameSite=LAX; Partitioned; Version=1");
    ASSERT_TRUE(cookie);
    EXPECT_EQ(*cookie, Cookie("id", "abc")
                           .expires(sys_seconds(seconds(784111777)))
                           .max_age(seconds(60))
                           .domain("example.test")
                           .path("/x")
                           .secure(true)
                           .httponly(true)
                           .samesite(SameSite::lax)
                           .partitioned(true));
    EXPECT_EQ(http::parse_set_cookie("a=b; Path=\"/x\"; Max-Age=\"5\"")->path(), "/x");
}

TEST(HttpSetCookie, TheLastAttributeCounts) {
    const auto cookie = http::parse_set_cookie(
        "a=b; Path=/x; Path=/y; Domain=x.test; Domain=y.test; Domain=; SameSite=Strict; SameSite=what; "
        "Max-Age=1; Max-Age=x");
    EXPECT_EQ(cookie->path(), "/y");
    EXPECT_EQ(cookie->domain(), "y.test");
    EXPECT_EQ(cookie->samesite(), std::nullopt);
    EXPECT_EQ(cookie->max_age(), seconds(1));
    EXPECT_EQ(http::parse_set_cookie("a=b; Path=/x; Path=")->path(), "");
    EXPECT_EQ(http::parse_set_cookie("a=b; Path=x")->path(), "");
}

TEST(HttpSetCookie, AgesAreBounded) {
    const auto age = [](const std::string& text) {
        return http::parse_set_cookie("a=b; Max-Age=" + text)->max_age();
    };
    EXPECT_EQ(age("0"), seconds(0));
    EXPECT_EQ(age("-1"), seconds(-1));
    EXPECT_EQ(age("99999999999999999999999999"), seconds(3'155'760'000));
    EXPECT_EQ(age("-99999999999999999999999999"), seconds(-3'155'760'000));
    for (const std::string text : {"", "-", "+1", "1.5", "1s", "0x10", "--1"})
        EXPECT_EQ(age(text), std::nullopt) << text;
}

TEST(HttpSetCookie, IsNothingWithoutANameOrOutOfMeasure) {
    for (const std::string text : {"", "a", "=b", ";", "; Path=/", "a b=c", " ; a=b"}) {
        EXPECT_EQ(http::parse_set_cookie(text), std::nullopt) << text;
    }
    EXPECT_EQ(http::parse_set_cookie(std::string("a=b\0c", 5)), std::nullopt);
    EXPECT_EQ(http::parse_set_cookie("a=b\r\nSet-Cookie: c=d"), std::nullopt);
    EXPECT_TRUE(http::parse_set_cookie("a=" + std::string(4095, 'x')));
    EXPECT_EQ(http::parse_set_cookie("a=" + std::string(4096, 'x')), std::nullopt);
    EXPECT_EQ(http::parse_set_cookie("a=b; Path=/" + std::string(1024, 'x'))->path(), "");
    EXPECT_EQ(http::parse_set_cookie("a=b; Path=/" + std::string(1023, 'x'))->path().size(), 1024U);
    const std::string many = "a=b" + std::string(100'000, ';') + " Secure";
    EXPECT_TRUE(http::parse_set_cookie(many)->secure());
}

TEST(HttpCookieMatch, DomainsAreTheHostOrAboveIt) {
    EXPECT_TRUE(http::domain_match("a.test", "a.test"));
    EXPECT_TRUE(http::domain_match("X.A.test", "a.TEST"));
    EXPECT_FALSE(http::domain_match("xa.test", "a.test"));
    EXPECT_FALSE(http::domain_match("a.test", "x.a.test"));
    EXPECT_FALSE(http::domain_match("a.test", ""));
    EXPECT_FALSE(http::domain_match("a.test.evil.test", "a.test"));
    EXPECT_TRUE(http::domain_match("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(http::domain_match("127.0.0.1", "0.0.1"));
    EXPECT_FALSE(http::domain_match("127.0.0.1", "1"));
    EXPECT_FALSE(http::domain_match("1.2.3.4.", "4."));
    EXPECT_FALSE(http::domain_match("::ffff:1.2.3.4", "2.3.4"));
    EXPECT_FALSE(http::domain_match("1.0x7f", "0x7f"));
}

TEST(HttpCookieMatch, PathsAreThePathOrAboveIt) {
    EXPECT_TRUE(http::path_match("/a/b", "/a/b"));
    EXPECT_TRUE(http::path_match("/a/b", "/a"));
    EXPECT_TRUE(http::path_match("/a/b", "/a/"));
    EXPECT_TRUE(http::path_match("/a", "/"));
    EXPECT_FALSE(http::path_match("/ab", "/a"));
    EXPECT_FALSE(http::path_match("/a", "/a/"));
    EXPECT_FALSE(http::path_match("/A", "/a"));
    EXPECT_EQ(http::default_path("/a/b"), "/a");
    EXPECT_EQ(http::default_path("/a/"), "/a");
    EXPECT_EQ(http::default_path("/a"), "/");
    EXPECT_EQ(http::default_path(""), "/");
    EXPECT_EQ(http::default_path("a/b"), "/");
}

}  // namespace
}  // namespace aio::tests
