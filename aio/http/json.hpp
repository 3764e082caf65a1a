// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/json/codec.hpp>
#include <aio/http/json/detail/reader.hpp>
#include <aio/http/json/detail/writer.hpp>
#include <aio/http/json/dump_options.hpp>
#include <aio/http/json/error.hpp>
#include <aio/http/json/load_options.hpp>
#include <aio/http/json/value.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

/// JSON, with the names of Python's module json. A header of its own, which <aio/http.hpp> does not have in
/// it, because it brings Boost.JSON and Boost.Describe along.
///
///     struct Item { std::string name; double price = 0; std::optional<std::string> note; };
///     BOOST_DESCRIBE_STRUCT(Item, (), (name, price, note))
///
///     const auto items = json::loads<std::vector<Item>>(R"([{"name": "tea", "price": 2.5}])");
///     const std::string text = json::dumps(items);    // [{"name":"tea","price":2.5,"note":null}]
///
/// What can be converted, both ways: structs described by Boost.Describe, with private and inherited members
/// if those are described; enumerations described so, by their names; bool, numbers, std::string; containers
/// of these, of which those with a mapped_type and texts as keys are objects and all others arrays;
/// std::pair, std::tuple and std::array, whose length has to fit; std::optional, which is null; std::variant,
/// of which the first alternative of the value's kind is taken, without a look at what is in it;
/// json::Value; and what Codec is specialised for. In arrays of what has to be constructed, a T{} is filled.
///
/// An unknown key is passed over. A missing one is an error, but for an optional, which is none then. Of a
/// key that is there twice the last one counts, as in Python. Numbers keep their value or are an error: an
/// integer is in the range of its type, and 2.0 is one; a text with quotes is none. Threads: any.
namespace aio::json {

/// `text` as a T. Throws JSONDecodeError: for what is no JSON (RFC 8259; so not for NaN, comments, or a comma
/// too many), is no UTF-8, exceeds the options, or is no T. Mirrors json.loads().
template <class T = Value>
T loads(std::string_view text, const LoadOptions& options = LoadOptions()) {
    if constexpr (std::same_as<T, Value>) {
        return detail::parse(text, options);
    } else if constexpr (detail::CodedElsewhere<T>) {
        return Codec<T>::loads(text);
    } else {
        T result{};
        detail::parse(
            text, options,
            [](const Value& value, void* to) { detail::read(value, *static_cast<T*>(to), detail::Place()); },
            &result);
        return result;
    }
}

/// A value as JSON, without blanks, its texts as they are in UTF-8. Throws ValueError for a number that is
/// infinite or none, a text that is no UTF-8, an enumerator without a name. Mirrors json.dumps() with
/// separators=(",", ":"), ensure_ascii=False, allow_nan=False.
template <class T>
std::string dumps(const T& value) {
    std::string text;
    detail::write(text, value);
    return text;
}

/// The same as the options say. Mirrors json.dumps(indent=...).
template <class T>
std::string dumps(const T& value, const DumpOptions& options) {
    std::string text = dumps(value);
    return options.indent() ? detail::indented(text, *options.indent()) : text;
}

template <class T>
struct Codec {
    using OfThisLibrary = void;
    static std::string dumps(const T& value) { return json::dumps(value); }
    static T loads(std::string_view text) { return json::loads<T>(text); }
};

}  // namespace aio::json
