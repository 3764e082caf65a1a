// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/http/url/query.hpp>
#include <support/trace.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace aio::tests {
namespace {

using http::MultiDict;
using ::testing::ElementsAre;

TEST(HttpMultiDict, LooksUp) {
    const MultiDict dict = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
    EXPECT_EQ(dict.get("a"), "1");
    EXPECT_EQ(dict.get("A"), std::nullopt);
    EXPECT_EQ(dict.get("c", "none"), "none");
    EXPECT_EQ(dict["b"], "2");
    EXPECT_EQ(thrown<LookupError>([&] { dict.getone("c"); }), "Key not found: 'c'");
    EXPECT_THAT(dict.getall("a"), ElementsAre("1", "3"));
    EXPECT_THAT(dict.getall("c"), ElementsAre());
    EXPECT_TRUE(dict.contains("b"));
    EXPECT_FALSE(dict.contains("c"));
    EXPECT_EQ(dict.size(), 3u);
    EXPECT_NE(dict, (MultiDict{{"a", "1"}, {"a", "3"}, {"b", "2"}}));
}

TEST(HttpMultiDict, Changes) {
    MultiDict dict = {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"a", "4"}};
    dict.set("a", 5);
    EXPECT_EQ(dict, (MultiDict{{"a", "5"}, {"b", "2"}}));
    dict.set("c", "6");
    dict.add("b", "7");
    EXPECT_EQ(dict.setdefault("b", "8"), "2");
    EXPECT_EQ(dict.setdefault("d", "9"), "9");
    EXPECT_EQ(dict, (MultiDict{{"a", "5"}, {"b", "2"}, {"c", "6"}, {"b", "7"}, {"d", "9"}}));
    EXPECT_EQ(dict.popone("b"), "2");
    EXPECT_EQ(dict.popone("e"), std::nullopt);
    dict.extend(dict);
    EXPECT_THAT(dict.popall("a"), ElementsAre("5", "5"));
    EXPECT_EQ(http::urlencode(dict), "c=6&b=7&d=9&c=6&b=7&d=9");
    dict.clear();
    EXPECT_TRUE(dict.empty());
}

// multidict.MultiDict([("a", 1), ("b", 2), ("a", 3), ("c", 4)]) with these.
TEST(HttpMultiDict, Update) {
    const MultiDict start = {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}};
    const auto updated = [&](const MultiDict& with) {
        MultiDict dict = start;
        dict.update(with);
        return http::urlencode(dict);
    };
    EXPECT_EQ(updated({{"a", 5}}), "a=5&b=2&c=4");
    EXPECT_EQ(updated({{"a", 5}, {"a", 6}}), "a=5&b=2&a=6&c=4");
    EXPECT_EQ(updated({{"d", 7}, {"a", 5}, {"a", 6}, {"a", 8}}), "a=5&b=2&a=6&c=4&d=7&a=8");
    EXPECT_EQ(updated({}), "a=1&b=2&a=3&c=4");
    MultiDict self = start;
    self.update(self);
    EXPECT_EQ(self, start);
}

}  // namespace
}  // namespace aio::tests
