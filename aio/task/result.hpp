// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/detail/optional_ref.hpp>
#include <aio/task/future.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <utility>

namespace aio {

/// What stands for the value of a task that has none, in gather()'s tuples and vectors. None is its usual
/// name; <X11/X.h> has a macro of that name, and what includes both headers writes NoneType.
struct NoneType {
    bool operator==(const NoneType&) const = default;
};
#pragma push_macro("None")
#undef None
using None = NoneType;
#pragma pop_macro("None")

namespace detail {
template <class T>
using NoneIfVoid = std::conditional_t<std::is_void_v<T>, NoneType, std::remove_cv_t<T>>;

/// Tells a Result that what it is given is the error.
struct Failed {};
}  // namespace detail

/// A value or the error that happened instead: what as_result() gives, and an entry of
/// gather(return_exceptions, ...).
template <class T>
class Result {
    // A value that looks like the error.
    static constexpr bool kErrorIsValue = std::same_as<std::remove_cvref_t<T>, std::exception_ptr>;

public:
    using value_type = detail::NoneIfVoid<T>;

    // What is no Result is asked first: a std::any could be made of one.
    template <class U = value_type>
        requires(!std::same_as<std::remove_cvref_t<U>, Result>) &&
                (kErrorIsValue || !std::same_as<std::remove_cvref_t<U>, std::exception_ptr>) &&
                std::is_convertible_v<U, value_type>
    explicit Result(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    /// Throws TypeError if there is no error.
    explicit Result(std::exception_ptr error)
        requires(!kErrorIsValue)
        : Result(detail::Failed(), std::move(error)) {}
    /// For the library.
    Result(detail::Failed, std::exception_ptr error) : error_(std::move(error)) {
        detail::check_exception(error_);
    }

    /// Whether there is a value.
    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the error if there is none.
    const value_type& value() const& {
        if (error_) std::rethrow_exception(error_);
        return *value_;
    }
    value_type value() && {
        if (error_) std::rethrow_exception(error_);
        return *std::move(value_);
    }
    /// Whether there is an error of one of these types, or derived from one.
    template <class... E>
        requires(sizeof...(E) > 0)
    bool raised() const noexcept {
        return ((exception_ptr_cast<E>(error_) != nullptr) || ...);
    }
    /// The error, also a CancelledError; null if there is a value.
    const std::exception_ptr& exception() const noexcept { return error_; }

private:
    detail::optional_of<value_type> value_;
    std::exception_ptr error_;
};

namespace detail {

/// The value of a finished future, for one of perhaps several who want it.
template <class T>
NoneIfVoid<T> copy_value(FutureBase& future) {
    if constexpr (std::is_void_v<T>) {
        return {};
    } else if constexpr (std::is_reference_v<T>) {
        return *static_cast<FutureValue<T>&>(future).value();
    } else {
        return give_value(static_cast<FutureValue<T>&>(future).value(), !future.shared());
    }
}

/// The same, but references and void stay what they are.
template <class T>
T take_value(FutureBase& future) {
    if constexpr (std::is_reference_v<T>) {
        return static_cast<T>(*static_cast<FutureValue<T>&>(future).value());
    } else if constexpr (!std::is_void_v<T>) {
        return copy_value<T>(future);
    }
}

template <class T>
Result<T> to_result(FutureBase& future) {
    if (future.cancelled()) {
        if (future.error()) return Result<T>(Failed(), future.error());
        return Result<T>(Failed(), std::make_exception_ptr(CancelledError()));
    }
    if (future.error()) {
        future.mark_retrieved();
        return Result<T>(Failed(), future.error());
    }
    return Result<T>(copy_value<T>(future));
}

}  // namespace detail
}  // namespace aio
