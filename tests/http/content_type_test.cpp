// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::ContentType;

std::string reformatted(std::string_view text) {
    const auto type = ContentType::parse(text);
    return type ? type->str() : "none";
}

TEST(HttpContentType, HasTypeSubtypeAndParameters) {
    const auto type = ContentType::parse("Application/Problem+JSON; Charset=UTF-8; boundary=\"a \\\"b\\\"\"");
    ASSERT_TRUE(type);
    EXPECT_EQ(type->type(), "application");
    EXPECT_EQ(type->subtype(), "problem+json");
    EXPECT_EQ(type->suffix(), "json");
    EXPECT_EQ(type->essence(), "application/problem+json");
    EXPECT_EQ(type->charset(), "utf-8");
    EXPECT_EQ(type->parameters().get("BOUNDARY"), "a \"b\"");
    EXPECT_EQ(type->str(), "application/problem+json; charset=UTF-8; boundary=\"a \\\"b\\\"\"");
    EXPECT_EQ(ContentType("text", "plain").suffix(), "");
    EXPECT_EQ(ContentType("text", "plain").charset(), std::nullopt);
}

// What browsers make of it (WHATWG's MIME Sniffing, 4.4).
TEST(HttpContentType, IsReadLeniently) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"text/html", "text/html"},
        {" text/html ", "text/html"},
        {"text/html;", "text/html"},
        {"text/html ; ; ;charset=a;", "text/html; charset=a"},
        {"text/html;charset=a;charset=b", "text/html; charset=a"},
        {"text/html;charset", "text/html"},
        {"text/html;charset=", "text/html"},
        {"text/html;=a;x=b", "text/html; x=b"},
        {"text/html;char set=a;x=b", "text/html; x=b"},
        {"text/html;charset =a;x=b", "text/html; x=b"},
        {"text/html;charset=a b;x=c", "text/html; charset=\"a b\"; x=c"},
        {"text/html;charset=\"a;b\";x=c", "text/html; charset=\"a;b\"; x=c"},
        {"text/html;charset=\"a\"b;x=c", "text/html; charset=a; x=c"},
        {"text/html;charset=\"\"", "text/html; charset=\"\""},
        {"text/html;charset=\"a\x01\";x=c", "text/html; x=c"},
        {"text/html;charset=\"a", "text/html"},
        {"text/html;charset=\"a\\", "text/html"},
        {"text/html;x=\"caf\xe9\"", "text/html; x=\"caf\xe9\""},
    };
    for (const auto& [text, expected] : rows) EXPECT_EQ(reformatted(text), expected) << text;
    for (const std::string text :
         {"", "/", "text", "text/", "/html", "text html", "text/ht ml", "text/html,a/b", "te\x01t/html",
          "text //html", "text/html\r\nX: y", "*"}) {
        EXPECT_EQ(ContentType::parse(text), std::nullopt) << text;
    }
}

TEST(HttpContentType, SettersLetNothingIn) {
    EXPECT_THROW(ContentType("", "plain"), ValueError);
    EXPECT_THROW(ContentType("text", "plain; a=b"), ValueError);
    EXPECT_THROW(ContentType("text\r\n", "plain"), ValueError);
    ContentType type("text", "plain");
    EXPECT_THROW(type.parameters().set("a b", "c"), ValueError);
    EXPECT_THROW(type.parameters().set("a", "c\r\nX: y"), ValueError);
    EXPECT_THROW(type.parameters().set("a", std::string("\0", 1)), ValueError);
    EXPECT_EQ(type.str(), "text/plain");
    type.parameters().set("a", "\"; b=c\\");
    EXPECT_EQ(type.str(), "text/plain; a=\"\\\"; b=c\\\\\"");
    EXPECT_EQ(ContentType::parse(type.str()), type);
    type.parameters().set("A", "2");
    EXPECT_EQ(type.str(), "text/plain; a=2");
}

TEST(HttpContentType, HasABoundOfParameters) {
    std::string text = "text/plain";
    for (std::size_t i = 0; i < http::Parameters::kMost; ++i) text += ";p" + std::to_string(i) + "=v";
    EXPECT_EQ(ContentType::parse(text)->parameters().size(), http::Parameters::kMost);
    EXPECT_EQ(ContentType::parse(text + ";more=v"), std::nullopt);
    EXPECT_TRUE(ContentType::parse("text/plain" + std::string(100'000, ';')));
    std::string quotes = "text/plain";
    for (int i = 0; i < 20'000; ++i) quotes += ";a=\"";
    EXPECT_TRUE(ContentType::parse(quotes));
}

}  // namespace
}  // namespace aio::tests
