// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/json/codec.hpp>
#include <aio/http/json/value.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>

/// Which types of C++ are which kinds of JSON.
namespace aio::json::detail {

/// Somebody has specialised Codec for it. The one of <aio/http/json.hpp> says that it is that.
template <class T>
concept CodedElsewhere = std::is_class_v<T> && !requires { typename Codec<T>::OfThisLibrary; };

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !Character<T>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
inline constexpr bool kIsVariant = false;
template <class... A>
inline constexpr bool kIsVariant<std::variant<A...>> = true;

template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;
template <class T>
concept DescribedClass = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>;

/// Keys are texts.
template <class T>
concept Map = std::ranges::range<T> && requires {
    typename T::mapped_type;
    requires std::constructible_from<typename T::key_type, std::string>;
    requires std::convertible_to<const typename T::key_type&, std::string_view>;
};
/// Arrays of a fixed length: std::pair, std::tuple, std::array.
template <class T>
concept Tuple = requires { std::tuple_size<T>::value; };
template <class T>
concept Sequence = std::ranges::range<T> && requires(T& to, std::ranges::range_value_t<T> item) {
    to.clear();
    to.insert(to.end(), std::move(item));
};

template <class>
inline constexpr bool kFalse = false;

}  // namespace aio::json::detail
