// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/connect/fingerprint.hpp>

#include <gtest/gtest.h>

#include <string>

namespace aio::tests {
namespace {

TEST(Fingerprint, IsTheDigestOfACertificate) {
    // of "abc", FIPS 180-4
    using namespace std::string_literals;
    const std::string digest =
        "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4"
        "\x10"
        "\xff\x61\xf2\x00\x15\xad"s;
    EXPECT_EQ(http::Fingerprint::of("abc").fingerprint(), digest);
    EXPECT_EQ(http::Fingerprint(digest), http::Fingerprint::of("abc"));
    EXPECT_NE(http::Fingerprint(digest), http::Fingerprint::of("abd"));
}

TEST(Fingerprint, OfAnotherLengthIsRefused) {
    EXPECT_THROW(http::Fingerprint(std::string(20, 'x')), ValueError);
    EXPECT_THROW(http::Fingerprint(""), ValueError);
}

}  // namespace
}  // namespace aio::tests
