// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/json/detail/kinds.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

/// What values become that are to be something.
namespace aio::json::detail {

/// Where a value is: a chain to the whole document, made into a text for errors alone.
struct Place {
    const Place* in = nullptr;  ///< null: the whole document
    std::string_view key;       ///< in an object
    std::size_t index = 0;      ///< in an array, whose `key` has no data
    std::string path() const;
};

[[noreturn]] void raise_at(const Place& at, std::string_view what);
/// "expected a number, found a string"
[[noreturn]] void raise_kind(const Place& at, std::string_view expected, const Value& found);
[[noreturn]] void raise_missing(const Place& at, std::string_view key);
[[noreturn]] void raise_length(const Place& at, std::size_t expected, std::size_t found);

bool read_bool(const Value& from, const Place& at);
/// A number with a fraction of zero is an integer. Both throw if it is outside.
std::int64_t read_signed(const Value& from, const Place& at, std::int64_t least, std::int64_t most);
std::uint64_t read_unsigned(const Value& from, const Place& at, std::uint64_t most);
double read_double(const Value& from, const Place& at, double most);
std::string_view read_text(const Value& from, const Place& at);
const Array& read_array(const Value& from, const Place& at);
const Object& read_object(const Value& from, const Place& at);
/// For a Codec of somebody else's.
std::string text_of(const Value& value);

template <class T>
void read(const Value& from, T& to, const Place& at);

template <class T>
void read_number(const Value& from, T& to, const Place& at) {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::floating_point<T>) {
        to = static_cast<T>(read_double(from, at, static_cast<double>(Limits::max())));
    } else if constexpr (std::is_signed_v<T>) {
        to = static_cast<T>(read_signed(from, at, Limits::min(), Limits::max()));
    } else {
        to = static_cast<T>(read_unsigned(from, at, Limits::max()));
    }
}

template <class T>
void read_enum(const Value& from, T& to, const Place& at) {
    const std::string_view name = read_text(from, at);
    bool found = false;
    std::string names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
        if (name == enumerator.name) {
            to = enumerator.value;
            found = true;
        }
        names += names.empty() ? "" : ", ";
        names += enumerator.name;
    });
    if (!found) raise_at(at, "expected one of " + names);
}

template <class T>
void read_members(const Value& from, T& to, const Place& at) {
    const Object& object = read_object(from, at);
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        auto& part = to.*member.pointer;
        const std::string_view key = member.name;
        if (const Value* const value = object.if_contains(key)) {
            read(*value, part, Place{&at, key});
        } else if constexpr (kIsOptional<std::remove_cvref_t<decltype(part)>>) {
            part.reset();
        } else {
            raise_missing(at, key);
        }
    });
}

template <class T>
void read_map(const Value& from, T& to, const Place& at) {
    to.clear();
    for (const auto& item : read_object(from, at)) {
        const std::string_view key = item.key();
        read(item.value(), to[typename T::key_type(std::string(key))], Place{&at, key});
    }
}

template <class T, std::size_t... I>
void read_tuple(const Value& from, T& to, const Place& at, std::index_sequence<I...>) {
    const Array& array = read_array(from, at);
    if (array.size() != sizeof...(I)) raise_length(at, sizeof...(I), array.size());
    (read(array[I], std::get<I>(to), Place{&at, {}, I}), ...);
}

template <class T>
void read_sequence(const Value& from, T& to, const Place& at) {
    const Array& array = read_array(from, at);
    to.clear();
    if constexpr (requires { to.reserve(array.size()); }) to.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        std::ranges::range_value_t<T> item{};
        read(array[i], item, Place{&at, {}, i});
        to.insert(to.end(), std::move(item));
    }
}

// How well a T fits a value, by its kind alone: 0 not, 1 if there is nothing better, 2. Of what it has in it
// nothing is tried, so that no text can make the alternatives of alternatives be tried one by one.
template <class T>
int fits(const Value& value) {
    if constexpr (std::same_as<T, Value> || CodedElsewhere<T>) {
        return 1;
    } else if constexpr (std::same_as<T, std::monostate>) {
        return value.is_null() ? 2 : 0;
    } else if constexpr (kIsOptional<T>) {
        return value.is_null() ? 2 : fits<typename T::value_type>(value);
    } else if constexpr (std::same_as<T, bool>) {
        return value.is_bool() ? 2 : 0;
    } else if constexpr (Integer<T>) {
        return value.is_int64() || value.is_uint64() ? 2 : value.is_double() ? 1 : 0;
    } else if constexpr (std::floating_point<T>) {
        return value.is_double() ? 2 : value.is_number() ? 1 : 0;
    } else if constexpr (std::same_as<T, std::string> || DescribedEnum<T>) {
        return value.is_string() ? 2 : 0;
    } else if constexpr (DescribedClass<T> || Map<T>) {
        return value.is_object() ? 2 : 0;
    } else {
        return value.is_array() ? 2 : 0;
    }
}

template <class... A>
void read_variant(const Value& from, std::variant<A...>& to, const Place& at) {
    bool done = false;
    const auto attempt = [&]<class T>(int wanted, std::type_identity<T>) {
        if (done || fits<T>(from) < wanted) return;
        done = true;
        read(from, to.template emplace<T>(), at);
    };
    (attempt(2, std::type_identity<A>()), ...);
    (attempt(1, std::type_identity<A>()), ...);
    if (!done) raise_kind(at, "another kind", from);
}

template <class T>
void read_elsewhere(const Value& from, T& to, const Place& at) {
    try {
        to = Codec<T>::loads(text_of(from));
    } catch (const JSONDecodeError& error) {
        raise_at(at, error.what());
    }
}

template <class T>
void read(const Value& from, T& to, const Place& at) {
    if constexpr (std::same_as<T, Value>) {
        to = from;
    } else if constexpr (CodedElsewhere<T>) {
        read_elsewhere(from, to, at);
    } else if constexpr (std::same_as<T, bool>) {
        to = read_bool(from, at);
    } else if constexpr (Integer<T> || std::floating_point<T>) {
        read_number(from, to, at);
    } else if constexpr (std::same_as<T, std::string>) {
        to = read_text(from, at);
    } else if constexpr (std::same_as<T, std::monostate>) {
        if (!from.is_null()) raise_kind(at, "null", from);
    } else if constexpr (kIsOptional<T>) {
        from.is_null() ? to.reset() : read(from, to.emplace(), at);
    } else if constexpr (kIsVariant<T>) {
        read_variant(from, to, at);
    } else if constexpr (DescribedEnum<T>) {
        read_enum(from, to, at);
    } else if constexpr (DescribedClass<T>) {
        read_members(from, to, at);
    } else if constexpr (Map<T>) {
        read_map(from, to, at);
    } else if constexpr (Tuple<T>) {
        read_tuple(from, to, at, std::make_index_sequence<std::tuple_size_v<T>>());
    } else if constexpr (Sequence<T>) {
        read_sequence(from, to, at);
    } else {
        static_assert(kFalse<T>,
                      "aio: JSON cannot become this type. Describe it by BOOST_DESCRIBE_STRUCT or "
                      "BOOST_DESCRIBE_ENUM, or specialise aio::json::Codec for it.");
    }
}

}  // namespace aio::json::detail
