// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

namespace aio {

/// std::unique_ptr without custom deleters and arrays: headers that every user includes pay a tenth
/// of its compile time.
template <class T>
class Box {
public:
    Box() noexcept = default;
    Box(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor): reads like a raw pointer
    explicit Box(T* object) noexcept : object_(object) {}
    Box(Box&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Box& operator=(Box&& other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Box() { delete object_; }

    T* get() const noexcept { return object_; }
    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    /// Gives the object up to the caller.
    T* release() noexcept { return std::exchange(object_, nullptr); }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    T* object_ = nullptr;
};

}  // namespace aio
