// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/url/query.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>

#include <string>

namespace aio::tests {
namespace {

using http::MultiDict;
using http::parse_qsl;
using http::ParseQslOptions;

const auto kBlank = ParseQslOptions().keep_blank_values(true);

TEST(HttpQuery, ParseQsl) {
    EXPECT_EQ(parse_qsl("a=1&b=x+y%26&a=%C3%A9"), (MultiDict{{"a", "1"}, {"b", "x y&"}, {"a", "é"}}));
    EXPECT_EQ(parse_qsl("a=&b&=c&&"), (MultiDict{{"", "c"}}));
    EXPECT_EQ(parse_qsl("a=&b&=c&&", kBlank), (MultiDict{{"a", ""}, {"b", ""}, {"", "c"}}));
    EXPECT_EQ(parse_qsl("a=b=c;d=e"), (MultiDict{{"a", "b=c;d=e"}}));
    EXPECT_EQ(parse_qsl(""), MultiDict());
    EXPECT_EQ(parse_qsl("a=%ff"), (MultiDict{{"a", "\uFFFD"}}));
}

TEST(HttpQuery, ParseQslIsStrictOnRequest) {
    const auto strict = ParseQslOptions().strict_parsing(true);
    EXPECT_EQ(thrown<ValueError>([&] { parse_qsl("a=1&b", strict); }), "bad query field: 'b'");
    EXPECT_EQ(thrown<ValueError>([&] { parse_qsl("a=1&&b=2", strict); }), "bad query field: ''");
    EXPECT_EQ(parse_qsl("a=1&b=2", strict).size(), 2u);
    EXPECT_EQ(parse_qsl("", strict).size(), 0u);
}

TEST(HttpQuery, ParseQslCountsFieldsBeforeItMakesThem) {
    const auto three = ParseQslOptions().max_num_fields(3);
    EXPECT_EQ(parse_qsl("a=1&b=2&c=3", three).size(), 3u);
    EXPECT_EQ(thrown<ValueError>([&] { parse_qsl("a=1&b=2&c=3&d=4", three); }),
              "Max number of fields exceeded");
    EXPECT_EQ(thrown<ValueError>([&] { parse_qsl("&&&", three); }), "Max number of fields exceeded");
}

TEST(HttpQuery, Urlencode) {
    const MultiDict fields = {{"a b", "c&d=e"}, {"é", "+~*"}, {"n", 1.5}, {"", ""}};
    EXPECT_EQ(http::urlencode(fields), "a+b=c%26d%3De&%C3%A9=%2B~%2A&n=1.5&=");
    EXPECT_EQ(parse_qsl(http::urlencode(fields), kBlank), fields);
    EXPECT_EQ(http::urlencode(MultiDict()), "");
}

TEST(HttpQuery, AnyBytesComeBack) {
    MultiDict fields;
    for (int c = 0; c < 128; ++c)
        fields.add(std::string(1, static_cast<char>(c)), std::string(1, static_cast<char>(c)));
    EXPECT_EQ(parse_qsl(http::urlencode(fields), kBlank), fields);
}

}  // namespace
}  // namespace aio::tests
