// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <utility>

namespace aio::tests {

/// Throws an error whose cause is the one behind it, and so on: `raise RuntimeError(...) from
/// ValueError(...)` is throw_nested(RuntimeError(...), ValueError(...)).
template <class E, class... Causes>
[[noreturn]] void throw_nested(E error, Causes... causes) {
    if constexpr (sizeof...(Causes) == 0) {
        throw std::move(error);
    } else {
        try {
            throw_nested(std::move(causes)...);
        } catch (...) {
            std::throw_with_nested(std::move(error));
        }
    }
}

/// What stands between an error and the one that it led to in format_exception().
inline constexpr const char* kLedTo =
    "\n\nThe above exception was the direct cause of the following exception:\n\n";

/// The same as an object.
template <class... Es>
std::exception_ptr nested(Es... errors) {
    try {
        throw_nested(std::move(errors)...);
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace aio::tests
