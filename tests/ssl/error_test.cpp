// SPDX-License-Identifier: MIT
#include <aio/ssl/error.hpp>

#include <gtest/gtest.h>
#include <string>
#include <type_traits>

namespace aio::ssl {
namespace {

static_assert(std::is_nothrow_copy_constructible_v<SSLCertVerificationError>);

TEST(SslError, IsAnOSErrorWithNames) {
    const SSLError plain("text");
    EXPECT_STREQ(plain.what(), "text");
    EXPECT_EQ(plain.error_number(), 0);
    EXPECT_EQ(plain.library(), "");
    EXPECT_EQ(plain.reason(), "");
    const SSLError named("[SSL: NO_CIPHERS] no ciphers", "SSL", "NO_CIPHERS");
    EXPECT_EQ(named.library(), "SSL");
    EXPECT_EQ(named.reason(), "NO_CIPHERS");
    try {
        throw SSLEOFError();
    } catch (const OSError& e) {
        EXPECT_STREQ(e.what(), "EOF occurred in violation of protocol");
    }
    const SSLCertVerificationError refused(10, "certificate has expired");
    EXPECT_EQ(refused.verify_code(), 10);
    EXPECT_EQ(refused.verify_message(), "certificate has expired");
    EXPECT_EQ(std::string(refused.what()),
              "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired");
}

}  // namespace
}  // namespace aio::ssl
