// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/digest_auth.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::AuthChallenge;
using http::DigestAuth;
using http::DigestChallenge;
using http::parse_challenges;
using http::URL;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What of an Authorization field that parameter says; without quotes.
std::string param(const std::string& authorization, std::string_view name) {
    const auto challenges = parse_challenges(authorization);
    if (challenges.empty()) return "none";
    return std::string(challenges[0].get(name).value_or("none"));
}

std::string fields(std::string_view field) {
    std::string text;
    for (const AuthChallenge& challenge : parse_challenges(field)) {
        text += challenge.scheme + '(' + challenge.token;
        for (const auto& [name, value] : challenge.params) text += name + '=' + value + ';';
        text += ')';
    }
    return text;
}

TEST(Challenges, ComeOneAfterTheOther) {
    EXPECT_EQ(fields("Basic realm=\"a, b\""), "basic(realm=a, b;)");
    EXPECT_EQ(fields("Basic realm=a,Digest  realm = \"x\\\"y\" , nonce=n ,, Negotiate"),
              "basic(realm=a;)digest(realm=x\"y;nonce=n;)negotiate()");
    EXPECT_EQ(fields("Negotiate YII/+==, Basic realm=x"), "negotiate(YII/+==)basic(realm=x;)");
    EXPECT_EQ(fields("NTLM, , Bearer"), "ntlm()bearer()");
    EXPECT_EQ(fields("  "), "");
}

TEST(Challenges, WhatIsMalformedEndsThem) {
    EXPECT_EQ(fields("Basic realm=a, Digest nonce=\"x"), "basic(realm=a;)");
    EXPECT_EQ(fields("Basic realm=a b, Digest nonce=x"), "");
    EXPECT_EQ(fields("\"x\", Basic realm=a"), "");
    EXPECT_EQ(fields("=, Basic realm=a"), "");
    EXPECT_EQ(fields(std::string("Basic\0 realm=a", 14)), "basic()");
}

DigestChallenge challenge(const std::string& rest) {
    const auto parsed = parse_challenges(
        "Digest realm=\"http-auth@example.org\", "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"" +
        rest);
    return DigestChallenge::of(parsed.at(0)).value();
}
std::string response(const std::string& rest, std::string_view body = {}) {
    return param(challenge(rest).authorization("Mufasa", "Circle of Life", "GET", "/dir/index.html",
                                               BytesView(body.data(), body.size()),
                                               "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1),
                 "response");
}

// The first two are RFC 7616's, the others Python's hashlib says.
TEST(DigestResponse, OfEachAlgorithm) {
    EXPECT_EQ(response(", qop=\"auth\""), "8ca523f5e9506fed4657c9700eebdbec");
    EXPECT_EQ(response(", qop=\"auth\", algorithm=SHA-256"),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    EXPECT_EQ(response(", qop=auth, algorithm=md5"), "8ca523f5e9506fed4657c9700eebdbec");
    EXPECT_EQ(response(", qop=auth, algorithm=SHA"), "e99f244f9069203415f7e8b7bd25b4b2ad3e2a7f");
    EXPECT_EQ(
        response(", qop=auth, algorithm=SHA512"),
        "27d9ebedb4e86595d8b99152ce456620c8e47c48afbd771dbc4468bb758ca66e7312383d49ad044219d4a2c5c218e66c"
        "584fa00b2728798bcff9435825eed0ad");
    EXPECT_EQ(response(", qop=auth, algorithm=SHA-512-256"),
              "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0");
    EXPECT_EQ(response(", qop=auth, algorithm=MD5-sess"), "e783283f46242139c486a698fec7211d");
    EXPECT_EQ(response(", qop=auth, algorithm=SHA-256-sess"),
              "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7");
}

TEST(DigestResponse, OfEachQop) {
    EXPECT_EQ(response(", qop=\"auth-int\"", "v=1"), "2b29fb26b8661d8c4511e4e4ff6833a5");
    EXPECT_EQ(response(", qop=\"auth, auth-int\"", "v=1"), "2b29fb26b8661d8c4511e4e4ff6833a5");
    EXPECT_EQ(response(""), "7b2cc3b30e75b4777ea31027084363fd");
}

TEST(DigestResponse, OfAHashedName) {
    const auto parsed = parse_challenges(
        "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
        "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
        "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true");
    const std::string text =
        DigestChallenge::of(parsed.at(0))
            ->authorization("J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", "GET", "/doe.json", BytesView(),
                            "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", 1);
    EXPECT_EQ(param(text, "username"), "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
    EXPECT_EQ(param(text, "response"), "7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c");
    EXPECT_EQ(param(text, "userhash"), "true");
    EXPECT_EQ(param(text, "opaque"), "HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS");
}

TEST(DigestResponse, TextsAreQuoted) {
    auto parsed = parse_challenges("Digest realm=\"a\\\"b\\\\c\", nonce=n, qop=auth");
    const auto digest = DigestChallenge::of(parsed.at(0)).value();
    const std::string text = digest.authorization("me\"", "p", "GET", "/", BytesView(), "c", 0x1a);
    EXPECT_TRUE(has(text, "Digest username=\"me\\\"\", realm=\"a\\\"b\\\\c\", nonce=\"n\", uri=\"/\""));
    EXPECT_TRUE(has(text, ", qop=auth, nc=0000001a, cnonce=\"c\""));
    EXPECT_THROW(digest.authorization("me\r\nX: y", "p", "GET", "/", BytesView(), "c", 1), ValueError);
}

TEST(DigestChallenges, WhatCannotBeMetIsNone) {
    for (const char* const text :
         {"Basic realm=x", "Digest realm=x", "Digest nonce=x", "Digest realm=x, nonce=\"\"",
          "Digest realm=x, nonce=n, qop=auth-conf", "Digest realm=x, nonce=n, algorithm=SHA-3"}) {
        EXPECT_FALSE(DigestChallenge::of(parse_challenges(text).at(0))) << text;
    }
}

class DigestAuthTest : public ::testing::Test {
protected:
    bool answer(std::vector<std::string_view> fields, const char* url = "http://a.test/dir/x") {
        return auth.answer(fields, URL(url));
    }
    DigestAuth auth{"me", "secret"};
};

TEST_F(DigestAuthTest, CountsHowOftenANonceWasUsed) {
    EXPECT_THROW(auth.authorization("GET", URL("http://a.test/")), RuntimeError);
    EXPECT_TRUE(answer({"Basic realm=x", "Digest realm=r, nonce=one, qop=auth"}));
    const std::string first = auth.authorization("GET", URL("http://a.test/a%20b?c=d#e"));
    EXPECT_EQ(param(first, "uri"), "/a%20b?c=d");
    EXPECT_EQ(param(first, "nc"), "00000001");
    const std::string second = auth.authorization("GET", URL("http://a.test/"));
    EXPECT_EQ(param(second, "nc"), "00000002");
    EXPECT_NE(param(first, "cnonce"), param(second, "cnonce"));
    EXPECT_EQ(param(second, "cnonce").size(), 32U);
    EXPECT_TRUE(answer({"Digest realm=r, nonce=one, qop=auth, stale=false"}));
    EXPECT_EQ(param(auth.authorization("GET", URL("http://a.test/")), "nc"), "00000003");
    EXPECT_TRUE(answer({"Digest realm=r, nonce=two, qop=auth, stale=TRUE"}));
    EXPECT_TRUE(auth.challenge()->stale);
    EXPECT_EQ(param(auth.authorization("GET", URL("http://a.test/")), "nc"), "00000001");
}

// No server to which a redirect leads gets to see what the first one is told.
TEST_F(DigestAuthTest, AnswersTheFirstOriginOnly) {
    const std::vector<std::string_view> asks = {"Digest realm=r, nonce=one"};
    EXPECT_FALSE(auth.covers(URL("http://a.test/")));
    EXPECT_TRUE(answer(asks));
    for (const char* const url :
         {"http://b.test/dir/x", "http://sub.a.test/", "https://a.test/", "http://a.test:81/"}) {
        EXPECT_FALSE(answer(asks, url)) << url;
        EXPECT_FALSE(auth.covers(URL(url))) << url;
    }
    EXPECT_TRUE(auth.covers(URL("http://a.test/other")));
    EXPECT_TRUE(auth.covers(URL("http://a.test:80/")));
    EXPECT_FALSE(auth.covers(URL("/relative")));
    EXPECT_EQ(auth.challenge()->nonce, "one");
}

TEST_F(DigestAuthTest, ADomainSaysWhichPathsAreMeant) {
    EXPECT_TRUE(answer({"Digest realm=r, nonce=n, domain=\"/dir /file  http://b.test/\""}));
    for (const char* const url : {"http://a.test/dir", "http://a.test/dir/x", "http://a.test/file?x"}) {
        EXPECT_TRUE(auth.covers(URL(url))) << url;
    }
    for (const char* const url : {"http://a.test/", "http://a.test/directory", "http://b.test/"}) {
        EXPECT_FALSE(auth.covers(URL(url))) << url;
    }
}

TEST_F(DigestAuthTest, TheFirstChallengeThatCanBeMetIsTaken) {
    EXPECT_FALSE(answer({"Basic realm=x", "Digest realm=r, nonce=n, algorithm=NEW"}));
    EXPECT_TRUE(
        answer({"Digest realm=r, nonce=a, algorithm=NEW, Digest realm=r, nonce=b, algorithm=SHA-256, "
                "Digest realm=r, nonce=c"}));
    EXPECT_EQ(auth.challenge()->nonce, "b");
    EXPECT_THROW(DigestAuth("a:b", "c"), ValueError);
}

}  // namespace
}  // namespace aio::tests
