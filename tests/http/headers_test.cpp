// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::Headers;
namespace hdrs = http::hdrs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string value_error(auto&& fn) {
    try {
        fn();
    } catch (const ValueError& error) {
        return error.what();
    }
    return "no error";
}

TEST(HttpHeaders, KeepOrderDuplicatesAndSpelling) {
    Headers headers;
    headers.add("Set-Cookie", "a=1").add("x-mine", "2").add("SET-COOKIE", "b=3");
    EXPECT_EQ(headers.text(), "Set-Cookie: a=1\r\nx-mine: 2\r\nSET-COOKIE: b=3\r\n");
    EXPECT_EQ(headers.size(), 3U);
    EXPECT_THAT(headers.getall("set-cookie"), ElementsAre("a=1", "b=3"));
    std::vector<std::string> names;
    for (const auto [name, value] : headers) names.emplace_back(name);
    EXPECT_THAT(names, ElementsAre("Set-Cookie", "x-mine", "SET-COOKIE"));
    std::string out = "HTTP/1.1 200 OK\r\n";
    headers.append_to(out);
    EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nx-mine: 2\r\nSET-COOKIE: b=3\r\n");
}

TEST(HttpHeaders, AreFoundRegardlessOfCase) {
    const Headers headers{{hdrs::CONTENT_TYPE, "text/plain"}, {"ETag", "\"1\""}};
    EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
    EXPECT_EQ(headers.get(hdrs::ETAG), "\"1\"");
    EXPECT_EQ(headers.get("Content_Type"), std::nullopt);
    EXPECT_EQ(headers.get("Content-Typ"), std::nullopt);
    EXPECT_EQ(headers.get(""), std::nullopt);
    EXPECT_EQ(headers.get("Host", "a.test"), "a.test");
    EXPECT_EQ(headers.getone("etag"), "\"1\"");
    EXPECT_THROW(headers.getone("Host"), LookupError);
    EXPECT_TRUE(headers.contains("ETAG"));
    EXPECT_FALSE(headers.contains("E-Tag"));
    EXPECT_TRUE(headers.getall("Host").empty());
}

TEST(HttpHeaders, NamesThatDifferInOneCharacterAreOthers) {
    // Of the same length, with the same characters where the quick comparison looks.
    Headers headers;
    headers.add("abXdeYf", "1");
    EXPECT_FALSE(headers.contains("abZdeYf"));
    EXPECT_TRUE(headers.contains("ABxDEyF"));
    // '^' and '~' differ by what capitals and small letters do.
    headers.add("^", "2");
    EXPECT_FALSE(headers.contains("~"));
}

TEST(HttpHeaders, SetReplacesAllInThePlaceOfTheFirst) {
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}, {"A", "5"}};
    headers.set("a", "longer than it was");
    EXPECT_EQ(headers.text(), "a: longer than it was\r\nB: 2\r\nC: 4\r\n");
    headers.set("A", "").set("D", "new");
    EXPECT_EQ(headers.text(), "A: \r\nB: 2\r\nC: 4\r\nD: new\r\n");
    EXPECT_EQ(headers.get("c"), "4");
    EXPECT_EQ(headers.get("a"), "");
}

TEST(HttpHeaders, SetDefaultAddsWhatIsNotThere) {
    Headers headers{{"A", "1"}};
    EXPECT_EQ(headers.setdefault("a", "2"), "1");
    EXPECT_EQ(headers.setdefault("B", "3"), "3");
    EXPECT_EQ(headers.text(), "A: 1\r\nB: 3\r\n");
}

TEST(HttpHeaders, AreRemoved) {
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}, {"B", "5"}};
    EXPECT_EQ(headers.popone("b"), "2");
    EXPECT_EQ(headers.text(), "A: 1\r\na: 3\r\nC: 4\r\nB: 5\r\n");
    EXPECT_EQ(headers.get("B"), "5");
    EXPECT_THAT(headers.popall("A"), ElementsAre("1", "3"));
    EXPECT_EQ(headers.text(), "C: 4\r\nB: 5\r\n");
    EXPECT_EQ(headers.remove("C"), 1U);
    EXPECT_EQ(headers.remove("C"), 0U);
    EXPECT_EQ(headers.popone("C"), std::nullopt);
    EXPECT_EQ(headers.text(), "B: 5\r\n");
    headers.clear();
    EXPECT_TRUE(headers.empty());
    EXPECT_EQ(headers.begin(), headers.end());
    EXPECT_EQ(headers.add("D", "6").text(), "D: 6\r\n");
}

TEST(HttpHeaders, ExtendAddsAndUpdateReplaces) {
    const Headers more{{"A", "2"}, {"a", "3"}, {"C", "4"}};
    Headers headers{{"A", "1"}, {"B", "0"}};
    Headers extended = headers;
    extended.extend(more);
    EXPECT_EQ(extended.text(), "A: 1\r\nB: 0\r\nA: 2\r\na: 3\r\nC: 4\r\n");
    headers.update(more);
    EXPECT_EQ(headers.text(), "B: 0\r\nA: 2\r\na: 3\r\nC: 4\r\n");
    headers.update(headers);
    EXPECT_EQ(headers.size(), 4U);
    headers.extend(headers);
    EXPECT_EQ(headers.text(), "B: 0\r\nA: 2\r\na: 3\r\nC: 4\r\nB: 0\r\nA: 2\r\na: 3\r\nC: 4\r\n");
    EXPECT_EQ(headers.getall("a"), (std::vector<std::string_view>{"2", "3", "2", "3"}));
}

TEST(HttpHeaders, AreEqualRegardlessOfTheNamesCase) {
    const Headers headers{{"A", "1"}, {"B", "2"}};
    EXPECT_EQ(headers, (Headers{{"a", "1"}, {"b", "2"}}));
    EXPECT_NE(headers, (Headers{{"B", "2"}, {"A", "1"}}));
    EXPECT_NE(headers, (Headers{{"A", "1"}, {"B", "3"}}));
    EXPECT_NE(headers, (Headers{{"A", "1"}}));
}

TEST(HttpHeaders, AreCopiedAndMoved) {
    Headers headers{{"A", "1"}};
    const Headers copy = headers;
    headers.add("B", "2");
    EXPECT_EQ(copy.text(), "A: 1\r\n");
    Headers moved = std::move(headers);
    EXPECT_EQ(moved.size(), 2U);
    EXPECT_TRUE(headers.empty());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(headers.text(), "");
    headers.add("C", "3");
    EXPECT_EQ(headers.text(), "C: 3\r\n");
    moved = copy;
    EXPECT_EQ(moved.text(), "A: 1\r\n");
    moved = std::move(headers);
    EXPECT_EQ(moved.text(), "C: 3\r\n");
    EXPECT_EQ(Headers(Headers()).text(), "");
}

TEST(HttpHeaders, GiveMemoryBack) {
    Headers headers;
    headers.shrink_to_fit();
    EXPECT_TRUE(headers.empty());
    headers.add("A", "1").add("B", std::string(5000, 'b')).add("a", "2");
    headers.remove("B");
    const Headers before = headers;
    const auto reserved = [] { return pool::stats().live_blocks; };
    const auto blocks = reserved();
    headers.shrink_to_fit();
    headers.shrink_to_fit();
    EXPECT_EQ(reserved(), blocks);
    EXPECT_EQ(headers, before);
    headers.add("C", "3");
    EXPECT_EQ(headers.getall("A"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(headers.get("c"), "3");
    headers.clear();
    headers.shrink_to_fit();
    EXPECT_EQ(reserved(), blocks - 1);
}

TEST(HttpHeaders, TakeTheirOwnTexts) {
    Headers headers{{"First", "a value that is long enough to be somewhere else when the block grows"}};
    for (int i = 0; i < 100; ++i) headers.add((*headers.begin()).name, *headers.get("First"));
    EXPECT_EQ(headers.size(), 101U);
    for (const auto [name, value] : headers) {
        EXPECT_EQ(name, "First");
        EXPECT_EQ(value, "a value that is long enough to be somewhere else when the block grows");
    }
    Headers three{{"A", "1"}, {"B", "two"}, {"C", "3"}};
    three.set("A", three.getone("B"));
    EXPECT_EQ(three.text(), "A: two\r\nB: two\r\nC: 3\r\n");
    const std::string_view first = (*three.begin()).name;
    EXPECT_EQ(three.remove(first), 1U);
    EXPECT_EQ(three.text(), "B: two\r\nC: 3\r\n");
}

TEST(HttpHeaders, TokensAreWholeElementsOfAllFields) {
    const Headers headers{{"Connection", "keep-alive, Upgrade"},
                          {"Connection", "\"a, close\",notclose, close;x"}};
    EXPECT_TRUE(headers.contains_token("connection", "upgrade"));
    EXPECT_TRUE(headers.contains_token("connection", "Keep-Alive"));
    EXPECT_FALSE(headers.contains_token("connection", "close"));
    EXPECT_FALSE(headers.contains_token("connection", "keep"));
    EXPECT_FALSE(headers.contains_token("connection", ""));
    EXPECT_FALSE(headers.contains_token("upgrade", "upgrade"));
}

TEST(HttpHeaders, ValuesAreTrimmed) {
    Headers headers;
    headers.add("A", " \t a \t b\t ").add("B", "  ");
    EXPECT_EQ(headers.text(), "A: a \t b\r\nB: \r\n");
}

// Each character, at each place of values of all lengths around those that are looked at eight at a time.
TEST(HttpHeaders, RefuseControlCharactersInValues) {
    for (int code = 0; code < 256; ++code) {
        const bool good = code == '\t' || (code >= 0x20 && code != 0x7f);
        for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 17U}) {
            for (std::size_t place = 0; place < size; ++place) {
                std::string value(size, 'v');
                value[place] = static_cast<char>(code);
                Headers headers;
                const std::string said = value_error([&] { headers.add("X-Mine", value); });
                EXPECT_EQ(said == "no error", good) << code << " at " << place << " of " << size;
                EXPECT_EQ(headers.size(), good ? 1U : 0U);
            }
        }
    }
}

TEST(HttpHeaders, NoSetterLetsAFieldIn) {
    const Headers before{{"A", "1"}, {"B", "2"}};
    for (const std::string& bad : {std::string("a\r\nX: y"), std::string("a\nb"), std::string("a\rb"),
                                   std::string("a\0b", 3), std::string("\x7f"), std::string("\x01")}) {
        Headers headers = before;
        EXPECT_THAT(value_error([&] { headers.add("A", bad); }), HasSubstr("value of A"));
        EXPECT_THAT(value_error([&] { headers.set("A", bad); }), HasSubstr("value of A"));
        EXPECT_THAT(value_error([&] { headers.set(hdrs::LOCATION, bad); }), HasSubstr("value of Location"));
        EXPECT_THAT(value_error([&] { headers.setdefault("C", bad); }), HasSubstr("value of C"));
        EXPECT_THAT(value_error([&] { Headers{{"A", bad}}; }), HasSubstr("value of A"));
        EXPECT_THAT(value_error([&] { headers.add(bad, "1"); }), HasSubstr("not the name"));
        EXPECT_THAT(value_error([&] { headers.set(bad, "1"); }), HasSubstr("not the name"));
        EXPECT_THAT(value_error([&] { headers.setdefault(bad, "1"); }), HasSubstr("not the name"));
        EXPECT_EQ(headers.text(), before.text());
    }
    for (const std::string bad : {"", "a b", "a:", " a", "a\t", "\xc4\x8a", "(a)", "a,b", "\"a\""}) {
        EXPECT_NE(value_error([&] { Headers().add(bad, "1"); }), "no error") << bad;
    }
    EXPECT_EQ(Headers().add("A", "\xc4\x8a caf\xe9").text(), "A: \xc4\x8a caf\xe9\r\n");
}

TEST(HttpHeaders, NamesOfOnesOwnAreCheckedByTheCompiler) {
    constexpr http::HeaderName kMine = http::HeaderName::known("X-Mine");
    static_assert(kMine.is_known() && !http::HeaderName("X-Mine").is_known());
    EXPECT_EQ(Headers().add(kMine, "1").get("x-mine"), "1");
    EXPECT_TRUE(http::is_token("a!#$%&'*+-.^_`|~Z9"));
    EXPECT_FALSE(http::is_token(""));
}

// Names that collide in everything that is compared before the names themselves. Whoever looked at all fields
// for each that is added would need a hundred million comparisons of 40 characters; the test would run into
// its time limit under the sanitizers.
TEST(HttpHeaders, TenThousandFieldsThatCollideAreBuiltInOnePass) {
    Headers headers;
    std::string expected;
    for (int i = 0; i < 10'000; ++i) {
        const std::string name = "x-" + std::string(30, 'a') + std::to_string(10'000 + i) + "-end";
        headers.add(name, "v");
        expected += name + ": v\r\n";
    }
    EXPECT_EQ(headers.text(), expected);
    EXPECT_EQ(headers.get("x-" + std::string(30, 'a') + "19999-end"), "v");
    EXPECT_EQ(headers.remove("x-" + std::string(30, 'a') + "10000-END"), 1U);
    EXPECT_EQ(headers.size(), 9'999U);
}

// As a plain list of pairs does, in all orders of calls.
TEST(HttpHeaders, DoAsAListDoes) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    Headers headers;
    Pairs pairs;
    unsigned state = 1;
    const auto next = [&state](unsigned below) {
        return (state = state * 1103515245 + 12345) / 65536 % below;
    };
    for (int step = 0; step < 3000; ++step) {
        const std::string name(1 + next(3), static_cast<char>('a' + next(3)));
        const std::string value(next(40), static_cast<char>('A' + next(26)));
        const auto is_name = [&name](const auto& pair) { return pair.first == name; };
        const auto found = std::find_if(pairs.begin(), pairs.end(), is_name);
        switch (next(5)) {
            case 0:
            case 1:
                headers.add(name, value);
                pairs.emplace_back(name, value);
                break;
            case 2:
                headers.set(name, value);
                if (found == pairs.end()) {
                    pairs.emplace_back(name, value);
                } else {
                    found->second = value;
                    pairs.erase(std::remove_if(found + 1, pairs.end(), is_name), pairs.end());
                }
                break;
            case 3:
                headers.popone(name);
                if (found != pairs.end()) pairs.erase(found);
                break;
            default:
                if (next(4) == 0) {
                    EXPECT_EQ(headers.remove(name), std::erase_if(pairs, is_name));
                }
        }
        std::string expected;
        for (const auto& [key, text] : pairs) expected += key + ": " + text + "\r\n";
        ASSERT_EQ(headers.text(), expected) << "after step " << step;
        const auto first = std::find_if(pairs.begin(), pairs.end(), is_name);
        ASSERT_EQ(headers.contains(name), first != pairs.end());
        if (first != pairs.end()) {
            ASSERT_EQ(headers.getone(name), first->second);
        }
    }
}

}  // namespace
}  // namespace aio::tests
