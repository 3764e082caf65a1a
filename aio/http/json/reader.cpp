// SPDX-License-Identifier: MIT
#include <aio/http/json/detail/reader.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace aio::json::detail {
namespace {

// More of a key that somebody has chosen tells nobody anything.
constexpr std::size_t kShown = 60;

std::string_view kind_of(const Value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            return "null";
        case boost::json::kind::bool_:
            return "a boolean";
        case boost::json::kind::int64:
        case boost::json::kind::uint64:
        case boost::json::kind::double_:
            return "a number";
        case boost::json::kind::string:
            return "a string";
        case boost::json::kind::array:
            return "an array";
        case boost::json::kind::object:
            return "an object";
    }
    return "something else";
}

bool is_word(std::string_view key) {
    const auto in_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !key.empty() && key.size() <= kShown && std::all_of(key.begin(), key.end(), in_word);
}

std::string quoted(std::string_view key) {
    const bool all = key.size() <= kShown;
    const Value shown(key.substr(0, kShown));  // what is cut in the middle of a character is still shown
    return boost::json::serialize(shown) + (all ? "" : "...");
}

[[noreturn]] void raise_outside(const Place& at, const Value& number, const std::string& least,
                                const std::string& most) {
    raise_at(at, boost::json::serialize(number) + " is not between " + least + " and " + most);
}

// The integer that a number with a fraction of zero is.
const double* whole(const Value& from) {
    const double* const number = from.if_double();
    return number && std::trunc(*number) == *number ? number : nullptr;
}

}  // namespace

std::string Place::path() const {
    std::vector<const Place*> places;
    for (const Place* place = this; place->in; place = place->in) places.push_back(place);
    std::string text = "$";
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        const Place& at = **place;
        if (!at.key.data()) {
            text += "[" + std::to_string(at.index) + "]";
        } else if (is_word(at.key)) {
            text += "." + std::string(at.key);
        } else {
            text += "[" + quoted(at.key) + "]";
        }
    }
    return text;
}

void raise_at(const Place& at, std::string_view what) { throw JSONDecodeError(what, at.path()); }

void raise_kind(const Place& at, std::string_view expected, const Value& found) {
    raise_at(at, "expected " + std::string(expected) + ", found " + std::string(kind_of(found)));
}

void raise_missing(const Place& at, std::string_view key) {
    raise_at(at, "the key " + quoted(key) + " is missing");
}

void raise_length(const Place& at, std::size_t expected, std::size_t found) {
    raise_at(at, "expected " + std::to_string(expected) + " elements, found " + std::to_string(found));
}

bool read_bool(const Value& from, const Place& at) {
    const bool* const value = from.if_bool();
    if (!value) raise_kind(at, "a boolean", from);
    return *value;
}

std::int64_t read_signed(const Value& from, const Place& at, std::int64_t least, std::int64_t most) {
    if (!from.is_number()) raise_kind(at, "an integer", from);
    std::int64_t number = 0;
    if (const std::int64_t* const value = from.if_int64()) {
        number = *value;
    } else if (const double* const real = whole(from); real && *real >= -0x1p63 && *real < 0x1p63) {
        number = static_cast<std::int64_t>(*real);
    } else if (from.is_double() && !whole(from)) {
        raise_kind(at, "an integer", from);
    } else {
        raise_outside(at, from, std::to_string(least), std::to_string(most));
    }
    if (number < least || number > most) raise_outside(at, from, std::to_string(least), std::to_string(most));
    return number;
}

std::uint64_t read_unsigned(const Value& from, const Place& at, std::uint64_t most) {
    if (!from.is_number()) raise_kind(at, "an integer", from);
    std::uint64_t number = 0;
    if (const std::uint64_t* const large = from.if_uint64()) {
        number = *large;
    } else if (const std::int64_t* const value = from.if_int64(); value && *value >= 0) {
        number = static_cast<std::uint64_t>(*value);
    } else if (const double* const real = whole(from); real && *real >= 0 && *real < 0x1p64) {
        number = static_cast<std::uint64_t>(*real);
    } else if (from.is_double() && !whole(from)) {
        raise_kind(at, "an integer", from);
    } else {
        raise_outside(at, from, "0", std::to_string(most));
    }
    if (number > most) raise_outside(at, from, "0", std::to_string(most));
    return number;
}

double read_double(const Value& from, const Place& at, double most) {
    if (!from.is_number()) raise_kind(at, "a number", from);
    const double number = from.to_number<double>();
    if (!(std::abs(number) <= most)) raise_at(at, boost::json::serialize(from) + " is too large");
    return number;
}

std::string_view read_text(const Value& from, const Place& at) {
    const boost::json::string* const text = from.if_string();
    if (!text) raise_kind(at, "a string", from);
    return {text->data(), text->size()};
}

const Array& read_array(const Value& from, const Place& at) {
    const Array* const array = from.if_array();
    if (!array) raise_kind(at, "an array", from);
    return *array;
}

const Object& read_object(const Value& from, const Place& at) {
    const Object* const object = from.if_object();
    if (!object) raise_kind(at, "an object", from);
    return *object;
}

std::string text_of(const Value& value) {
    std::string text;
    write_value(text, value);
    return text;
}

}  // namespace aio::json::detail
