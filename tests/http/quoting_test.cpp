// SPDX-License-Identifier: MIT
#include <aio/http/url/quoting.hpp>

#include <gtest/gtest.h>

#include <string>

namespace aio::tests {
namespace {

TEST(HttpQuoting, Quote) {
    EXPECT_EQ(http::quote("a b/ü~%+_.-"), "a%20b/%C3%BC~%25%2B_.-");
    EXPECT_EQ(http::quote("a/b:c", ""), "a%2Fb%3Ac");
    EXPECT_EQ(http::quote("a/b:c", ":"), "a%2Fb:c");
    EXPECT_EQ(http::quote_plus("a b/+"), "a+b%2F%2B");
    EXPECT_EQ(http::quote(std::string("\0\xff\r\n", 4)), "%00%FF%0D%0A");
    EXPECT_EQ(http::quote(""), "");
}

TEST(HttpQuoting, Unquote) {
    EXPECT_EQ(http::unquote("a%20b%2fc%C3%bc+%"), "a b/cü+%");
    EXPECT_EQ(http::unquote("%%4%zz%2"), "%%4%zz%2");
    EXPECT_EQ(http::unquote("%%41"), "%A");
    EXPECT_EQ(http::unquote_plus("a+b%2B"), "a b+");
    EXPECT_EQ(http::unquote_to_bytes("%ff%00"), std::string("\xff\0", 2));
}

// As Python's decoder with errors="replace": one for each incomplete character.
TEST(HttpQuoting, WhatIsNoUtf8IsReplaced) {
    EXPECT_EQ(http::unquote("%C3%28"), "\uFFFD(");
    EXPECT_EQ(http::unquote("%ff%fe"), "\uFFFD\uFFFD");
    EXPECT_EQ(http::unquote("a%E2%82"), "a\uFFFD");
    EXPECT_EQ(http::unquote("%F0%9F%98x"), "\uFFFDx");
    EXPECT_EQ(http::unquote("%C0%80"), "\uFFFD\uFFFD");
    EXPECT_EQ(http::unquote("%ED%A0%80"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(http::unquote("%E0%80%80"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(http::unquote("%F4%90%80%80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(http::unquote("%F4%8F%BF%BF%EE%80%80"), "\U0010FFFF\uE000");
}

}  // namespace
}  // namespace aio::tests
