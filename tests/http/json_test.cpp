// SPDX-License-Identifier: MIT
#include <aio/http/json.hpp>
#include <support/trace.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace aio::tests {
namespace json_types {

struct Item {
    std::string name;
    double price = 0;
    std::optional<std::string> note;
    friend bool operator==(const Item&, const Item&) = default;
};
BOOST_DESCRIBE_STRUCT(Item, (), (name, price, note))

BOOST_DEFINE_ENUM_CLASS(Colour, red, green)

struct Order {
    int id = 0;
    std::vector<Item> items;
    Colour colour = Colour::red;
    std::map<std::string, std::uint8_t> counts;
    friend bool operator==(const Order&, const Order&) = default;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, items, colour, counts))

struct Tree {
    std::string name;
    std::vector<Tree> children;
};
BOOST_DESCRIBE_STRUCT(Tree, (), (name, children))

class Base {
public:
    int base = 1;

private:
    int hidden_ = 2;
    BOOST_DESCRIBE_CLASS(Base, (), (base), (), (hidden_))
};
class Derived : public Base {
public:
    std::string own = "x";
    BOOST_DESCRIBE_CLASS(Derived, (Base), (own), (), ())
};

struct Money {
    std::int64_t cents = 0;
};
struct Priced {
    Money money;
    std::vector<Money> more;
};
BOOST_DESCRIBE_STRUCT(Priced, (), (money, more))

}  // namespace json_types
}  // namespace aio::tests

// Somebody else's library.
template <>
struct aio::json::Codec<aio::tests::json_types::Money> {
    using Money = aio::tests::json_types::Money;
    static std::string dumps(const Money& value) { return "\"" + std::to_string(value.cents) + " ct\""; }
    static Money loads(std::string_view text) {
        if (!text.ends_with(" ct\"")) throw JSONDecodeError("no money", text, 0);
        return {std::stoll(std::string(text.substr(1)))};
    }
};

namespace aio::tests {
namespace {

using namespace json_types;
using json::dumps;
using json::JSONDecodeError;
using json::LoadOptions;
using json::loads;
using json::Value;

template <class T>
std::string refused(std::string_view text) {
    return thrown<JSONDecodeError>([&] { loads<T>(text); });
}

// There and back.
template <class T>
void expect_same(const T& value, std::string_view text) {
    EXPECT_EQ(dumps(value), text);
    EXPECT_EQ(loads<T>(text), value) << text;
}

TEST(Json, StructsBothWays) {
    const Order order{
        7, {{"tea", 2.5, std::nullopt}, {"cup", 4, "blue \"one\""}}, Colour::green, {{"tea", 3}}};
    expect_same(order,
                R"({"id":7,"items":[{"name":"tea","price":2.5,"note":null},)"
                R"({"name":"cup","price":4.0,"note":"blue \"one\""}],"colour":"green","counts":{"tea":3}})");
    EXPECT_EQ(loads<Item>(" {\n\"price\" : 1e0 , \"unknown\": [{}], \"name\":\"a\\u00fc\\ud83d\\ude00\"}\t"),
              (Item{"a\xC3\xBC\xF0\x9F\x98\x80", 1, std::nullopt}))
        << "an optional may be absent, an unknown key is passed over";
    const Derived derived = loads<Derived>(R"({"base":5,"hidden_":6,"own":"y"})");
    EXPECT_EQ(dumps(derived), R"({"base":5,"hidden_":6,"own":"y"})") << "inherited and private ones";
    const Tree tree = loads<Tree>(R"({"name":"a","children":[{"name":"b","children":[]}]})");
    EXPECT_EQ(tree.children.at(0).name, "b");
}

TEST(Json, OtherTypesBothWays) {
    expect_same(true, "true");
    expect_same(-5, "-5");
    expect_same(std::uint64_t{18446744073709551615U}, "18446744073709551615");
    expect_same(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
    expect_same(0.1, "0.1");
    expect_same(0.1F, "0.1");
    expect_same(std::string("\x01\x1f\"\\\b\f\n\r\t\x7f/"), "\"\\u0001\\u001f\\\"\\\\\\b\\f\\n\\r\\t\x7f/\"");
    expect_same(std::string("a\0b", 3), "\"a\\u0000b\"");
    expect_same(std::optional<int>(), "null");
    expect_same(std::optional<int>(1), "1");
    expect_same(std::vector<bool>{true, false}, "[true,false]");
    expect_same(std::list<std::string>{"a"}, R"(["a"])");
    expect_same(std::set<int>{2, 1}, "[1,2]");
    expect_same(std::array<int, 2>{1, 2}, "[1,2]");
    expect_same(std::pair<std::string, double>("a", 2), R"(["a",2.0])");
    expect_same(std::tuple<>(), "[]");
    expect_same(std::map<std::string, std::vector<int>>{{"", {}}, {"b", {1}}}, R"({"":[],"b":[1]})");
    expect_same(std::unordered_map<std::string, int>{{"a", 1}}, R"({"a":1})");
    EXPECT_EQ(dumps("text"), R"("text")");
    EXPECT_EQ(dumps(std::string_view("text")), R"("text")");
    EXPECT_EQ(dumps(nullptr), "null");
    EXPECT_EQ(dumps(json::Codec<std::vector<int>>::loads("[1, 2]")), "[1,2]");
}

TEST(Json, AnyValue) {
    const Value value = loads(R"({"a":[1,-1,1.5,"x",null,true,{}],"b":18446744073709551615})");
    EXPECT_EQ(value.at("a").as_array().size(), 7U);
    EXPECT_EQ(dumps(value), R"({"a":[1,-1,1.5,"x",null,true,{}],"b":18446744073709551615})");
    expect_same(std::vector<Value>{Value(1), Value("x")}, R"([1,"x"])");
    EXPECT_EQ(loads<Value>("null"), Value());
}

TEST(Json, VariantsByTheKindOfTheValue) {
    using Any = std::variant<std::monostate, bool, int, double, std::string, Item, std::vector<int>>;
    expect_same(Any(), "null");
    expect_same(Any(true), "true");
    expect_same(Any(5), "5");
    expect_same(Any(5.5), "5.5");
    expect_same(Any("x"), "\"x\"");
    expect_same(Any(Item{"a", 1, "b"}), R"({"name":"a","price":1.0,"note":"b"})");
    expect_same(Any(std::vector<int>{1}), "[1]");
    using Few = std::variant<double, std::string>;
    EXPECT_EQ(loads<Few>("5"), Few(5.0)) << "where there is no better one";
    EXPECT_EQ(refused<Few>("{}"), "$: expected another kind, found an object");
    EXPECT_EQ(refused<Any>(R"([1,"x"])"), "$[1]: expected an integer, found a string");
}

TEST(Json, ErrorsNameThePath) {
    EXPECT_EQ(refused<Order>(R"({"id":1,"items":[{"name":"a","price":1},{"name":"b","price":"2"}]})"),
              "$.items[1].price: expected a number, found a string");
    EXPECT_EQ(refused<Order>(R"({"id":1})"), "$: the key \"items\" is missing");
    EXPECT_EQ(refused<Order>("[]"), "$: expected an object, found an array");
    EXPECT_EQ(refused<Order>(R"({"id":1,"items":[],"colour":"blue","counts":{}})"),
              "$.colour: expected one of red, green");
    EXPECT_EQ(refused<Order>(R"({"id":1,"items":[],"colour":"red","counts":{"a b":256}})"),
              "$.counts[\"a b\"]: 256 is not between 0 and 255");
    EXPECT_EQ((refused<std::pair<int, int>>("[1,2,3]")), "$: expected 2 elements, found 3");
    EXPECT_EQ(refused<bool>("0"), "$: expected a boolean, found a number");
    EXPECT_EQ(refused<std::string>("null"), "$: expected a string, found null");
    EXPECT_EQ(refused<std::vector<int>>("true"), "$: expected an array, found a boolean");
    EXPECT_EQ((refused<std::map<std::string, int>>("{\"" + std::string(100, 'x') + "\":null}")),
              "$[\"" + std::string(60, 'x') + "\"...]: expected an integer, found null");
    try {
        loads<Order>("{\"id\":null}");
        FAIL();
    } catch (const JSONDecodeError& error) {
        EXPECT_EQ(error.path(), "$.id");
        EXPECT_EQ(error.msg(), "expected an integer, found null");
        EXPECT_EQ(error.lineno(), 0U);
    }
}

TEST(Json, NumbersKeepTheirValueOrAreAnError) {
    EXPECT_EQ(loads<std::int8_t>("-128"), -128);
    EXPECT_EQ(refused<std::int8_t>("-129"), "$: -129 is not between -128 and 127");
    EXPECT_EQ(refused<std::uint8_t>("-1"), "$: -1 is not between 0 and 255");
    EXPECT_EQ(refused<std::uint64_t>("-1"), "$: -1 is not between 0 and 18446744073709551615");
    EXPECT_EQ(loads<int>("2.0"), 2);
    EXPECT_EQ(loads<unsigned>("2e3"), 2000U);
    EXPECT_EQ(refused<int>("2.5"), "$: expected an integer, found a number");
    EXPECT_EQ(refused<int>("1e300").substr(0, 5), "$: 1E");
    EXPECT_NE(refused<std::int64_t>("9223372036854775808"), "no exception");
    EXPECT_NE(refused<std::int64_t>("9223372036854775808.0"), "no exception");
    EXPECT_NE(refused<std::uint64_t>("18446744073709551616"), "no exception");
    EXPECT_EQ(loads<double>("18446744073709551616"), 18446744073709551616.0);
    EXPECT_EQ(loads<double>("9007199254740993"), 9007199254740992.0);
    EXPECT_NE(refused<float>("1e39"), "no exception");
    EXPECT_EQ(loads<float>("1e38"), 1e38F);
    EXPECT_EQ(refused<double>("1e400").substr(0, 21), "A number is too large");
    EXPECT_EQ(refused<double>("-1e400").substr(0, 21), "A number is too large");
    EXPECT_EQ(loads<double>("1e-400"), 0.0);
    EXPECT_TRUE(std::signbit(loads<double>("-1e-400")));
    EXPECT_EQ(refused<int>("\"5\""), "$: expected an integer, found a string");
}

TEST(Json, NumbersComeBackAsTheyWere) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 20'000; ++i) {
        const double number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        const std::string text = dumps(number);
        ASSERT_EQ(loads<double>(text), number) << text;
    }
    EXPECT_EQ(dumps(1.0), "1.0");
    EXPECT_EQ(dumps(1e15), "1000000000000000.0");
    EXPECT_EQ(dumps(1e16), "1e+16");
    EXPECT_EQ(dumps(1e-5), "1e-05");
    EXPECT_EQ(dumps(-0.0), "-0.0");
    EXPECT_EQ(dumps(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
    for (const double number : {NAN, INFINITY, -INFINITY}) {
        EXPECT_EQ(thrown<ValueError>([&] { dumps(number); }),
                  "Out of range float values are not JSON compliant");
        EXPECT_THROW(dumps(Value(number)), ValueError);
    }
}

TEST(Json, WhatIsNoJson) {
    EXPECT_EQ(refused<Value>(""), "The text ends too early: line 1 column 1 (char 0)");
    EXPECT_EQ(refused<Value>("[1,\n \xC3\xBC]"), "Invalid syntax: line 2 column 2 (char 5)");
    EXPECT_EQ(refused<Value>("{} x"), "Extra data: line 1 column 4 (char 3)");
    EXPECT_EQ(refused<Value>("[1, 2"), "The text ends too early: line 1 column 6 (char 5)");
    try {
        loads("[\n\"\xC3\xBC\", x]");
        FAIL();
    } catch (const JSONDecodeError& error) {
        EXPECT_EQ(error.msg(), "Invalid syntax");
        EXPECT_EQ(error.pos(), 8U);
        EXPECT_EQ(error.lineno(), 2U);
        EXPECT_EQ(error.colno(), 6U) << "characters, not bytes";
        EXPECT_EQ(error.path(), "");
    }
    for (const std::string_view text : {"NaN",
                                        "Infinity",
                                        "-Infinity",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "'a'",
                                        "// x\n1",
                                        "/* */1",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "0x1",
                                        "True",
                                        "\"\t\"",
                                        "\"\\x\"",
                                        "\"\\ud800\"",
                                        "\"\\udc00\"",
                                        "\"\\ud800\\u0041\"",
                                        "\"\xFF\"",
                                        "\"\xC0\x80\"",
                                        "\"\xED\xA0\x80\"",
                                        "\xEF\xBB\xBF{}",
                                        "1 2",
                                        "{\"a\" 1}",
                                        "{1:1}",
                                        "\"a"}) {
        EXPECT_NE(refused<Value>(text), "no exception") << text;
    }
    EXPECT_NE(refused<Value>(std::string_view("1\0", 2)), "no exception");
}

TEST(Json, OfAKeyThatIsThereTwiceTheLastOneCounts) {
    EXPECT_EQ((loads<std::map<std::string, int>>(R"({"a":1,"b":2,"a":3})").at("a")), 3);
    EXPECT_EQ(loads<Item>(R"({"name":"a","price":1,"name":"b"})").name, "b");
}

TEST(Json, Limits) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_NO_THROW(loads(nested(100)));
    EXPECT_EQ(refused<Value>(nested(101)), "Arrays and objects are too deep: line 1 column 101 (char 100)");
    EXPECT_EQ(refused<Value>(nested(1'000'000)).substr(0, 31), "Arrays and objects are too deep");
    EXPECT_NO_THROW(loads(nested(500), LoadOptions().max_depth(500)));
    EXPECT_NO_THROW(loads("[12345]", LoadOptions().max_size(7)));
    EXPECT_EQ(thrown<JSONDecodeError>([] { loads("[123456]", LoadOptions().max_size(7)); }),
              "The text has more than 7 bytes: line 1 column 8 (char 7)");
    std::string tree;
    for (int i = 0; i < 200; ++i) tree += R"({"name":"a","children":[)";
    EXPECT_EQ(refused<Tree>(tree).substr(0, 31), "Arrays and objects are too deep");
}

TEST(Json, OnlyUtf8GoesOut) {
    EXPECT_EQ(thrown<ValueError>([] { dumps("a\xFF"); }), "a text that is no UTF-8 cannot become JSON");
    EXPECT_THROW(dumps(std::map<std::string, int>{{"\xED\xA0\x80", 1}}), ValueError);
    EXPECT_EQ(dumps("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
    EXPECT_THROW(dumps(static_cast<Colour>(7)), ValueError);
}

// As Python's json.dumps(..., indent=2).
TEST(Json, Indented) {
    const Value value = loads(R"({"a":[1,{"b":[]},{}],"c\\\",[":"d:{","e":[[1]]})");
    const std::string text = dumps(value, json::DumpOptions().indent(2));
    EXPECT_EQ(text, R"({
  "a": [
    1,
    {
      "b": []
    },
    {}
  ],
  "c\\\",[": "d:{",
  "e": [
    [
      1
    ]
  ]
})");
    EXPECT_EQ(loads(text), value);
    EXPECT_EQ(dumps("a\\\"", json::DumpOptions().indent(4)), R"("a\\\"")");
    EXPECT_EQ(dumps(value, json::DumpOptions()), dumps(value));
}

TEST(Json, AnotherLibraryForAType) {
    const Priced priced = loads<Priced>(R"({"money":"250 ct","more":["1 ct","2 ct"]})");
    EXPECT_EQ(priced.money.cents, 250);
    EXPECT_EQ(dumps(priced), R"({"money":"250 ct","more":["1 ct","2 ct"]})");
    EXPECT_EQ(loads<Money>("\"5 ct\"").cents, 5);
    EXPECT_EQ(dumps(Money{5}), "\"5 ct\"");
    EXPECT_EQ(refused<Priced>(R"({"money":"1 ct","more":["1"]})"),
              "$.more[0]: no money: line 1 column 1 (char 0)");
}

}  // namespace
}  // namespace aio::tests
