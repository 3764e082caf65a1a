// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

/// Text of values for people, as Python's reprlib gives it: what repr() of a finished future shows.
namespace aio::detail {

std::string repr_of(bool value);
std::string repr_of(long long value);
std::string repr_of(unsigned long long value);
std::string repr_of(double value);
/// Quoted, escaped, and cut in the middle if it is longer than 30 characters.
std::string repr_of(std::string_view text);
/// For everything else: "<type>".
std::string repr_of(const std::type_info& type);

template <class T>
std::string value_repr(const T& value) {
    if constexpr (std::same_as<T, bool>) {
        return repr_of(value);
    } else if constexpr (std::same_as<T, char>) {
        return repr_of(std::string_view(&value, 1));
    } else if constexpr (std::signed_integral<T>) {
        return repr_of(static_cast<long long>(value));
    } else if constexpr (std::unsigned_integral<T>) {
        return repr_of(static_cast<unsigned long long>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
        return repr_of(static_cast<double>(value));
    } else if constexpr (std::is_class_v<T> && std::is_convertible_v<const T&, std::string_view>) {
        return repr_of(std::string_view(value));
    } else if constexpr (requires {
                             { value.repr() } -> std::convertible_to<std::string>;
                         }) {
        return value.repr();
    } else {
        return repr_of(typeid(T));
    }
}

}  // namespace aio::detail
