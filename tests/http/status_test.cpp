// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

TEST(HttpStatus, HasTheNamesOfTheStandard) {
    EXPECT_EQ(http::reason_phrase(100), "Continue");
    EXPECT_EQ(http::reason_phrase(200), "OK");
    EXPECT_EQ(http::reason_phrase(404), "Not Found");
    EXPECT_EQ(http::reason_phrase(418), "I'm a Teapot");
    EXPECT_EQ(http::reason_phrase(511), "Network Authentication Required");
}

TEST(HttpStatus, OthersHaveNone) {
    for (const int status : {-1, 0, 99, 299, 600, 1000}) EXPECT_EQ(http::reason_phrase(status), "");
}

}  // namespace
}  // namespace aio::tests
