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
