// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <optional>
#include <type_traits>

namespace aio::detail {

/// std::optional<T&>, which C++26 has: what next() of a generator of references gives.
template <class T>
class OptionalRef {
public:
    using value_type = T&;

    OptionalRef() noexcept = default;
    OptionalRef(std::nullopt_t) noexcept {}  // NOLINT(google-explicit-constructor)
    explicit OptionalRef(T& object) noexcept : object_(&object) {}

    bool has_value() const noexcept { return object_ != nullptr; }
    explicit operator bool() const noexcept { return has_value(); }
    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }
    T& value() const {
        if (!object_) throw std::bad_optional_access();
        return *object_;
    }
    T& emplace(T& object) noexcept { return *(object_ = &object); }

    friend bool operator==(const OptionalRef& optional, std::nullopt_t) noexcept { return !optional; }

private:
    T* object_ = nullptr;
};

/// An optional of any result but void.
template <class T>
using optional_of =
    std::conditional_t<std::is_reference_v<T>, OptionalRef<std::remove_reference_t<T>>, std::optional<T>>;

}  // namespace aio::detail
