// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/basic_auth.hpp>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::BasicAuthEncoding;
using http::encode_basic_auth;

TEST(BasicAuth, EncodesNameAndPassword) {
    EXPECT_EQ(encode_basic_auth("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(encode_basic_auth("a", "b:c"), "Basic YTpiOmM=");
    EXPECT_EQ(encode_basic_auth("ab", "cde"), "Basic YWI6Y2Rl");
    EXPECT_EQ(encode_basic_auth("a"), "Basic YTo=");
    EXPECT_EQ(encode_basic_auth(""), "Basic Og==");
}

TEST(BasicAuth, InUtf8OrLatin1) {
    EXPECT_EQ(encode_basic_auth("test", "123\xc2\xa3"), "Basic dGVzdDoxMjPCow==");  // RFC 7617, 2.1
    EXPECT_EQ(encode_basic_auth("test", "123\xc2\xa3", BasicAuthEncoding::latin1), "Basic dGVzdDoxMjOj");
    for (const char* const text : {"\xe2\x82\xac", "\xc4\x80", "\xc2", "\xc2x", "\xff", "\x80"}) {
        EXPECT_THROW(encode_basic_auth(text, "", BasicAuthEncoding::latin1), ValueError) << text;
    }
}

TEST(BasicAuth, AColonEndsTheName) { EXPECT_THROW(encode_basic_auth("a:b", "c"), ValueError); }

}  // namespace
}  // namespace aio::tests
