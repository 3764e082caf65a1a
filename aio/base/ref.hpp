// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <coroutine>  // std::hash, without the whole of <functional>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace aio {

namespace detail {
/// Throws RuntimeError: "CALL on an empty handle".
[[noreturn, gnu::cold]] void raise_empty_handle(const char* call);
}  // namespace detail

/// Owning pointer to an object that counts its own references (`add_ref()` / `release()`).
///
/// Transports are held by it, so whoever uses or writes one builds on it. One pointer wide, and the count is
/// not atomic unless the object makes it so: the objects of a loop belong to the loop's thread.
template <class T>
class Ref {
public:
    Ref() noexcept = default;
    Ref(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor): reads like a raw pointer

    /// Shares `object`: adds a reference.
    explicit Ref(T* object) noexcept : object_(object) {
        if (object_) object_->add_ref();
    }

    /// Takes over a reference that the caller already owns.
    static Ref adopt(T* object) noexcept {
        Ref ref;
        ref.object_ = object;
        return ref;
    }

    Ref(const Ref& other) noexcept : Ref(other.object_) {}
    Ref(Ref&& other) noexcept : object_(other.detach()) {}

    template <class U>
        requires(!std::is_same_v<U, T> && std::is_convertible_v<U*, T*>)
    Ref(const Ref<U>& other) noexcept : Ref(static_cast<T*>(other.get())) {}  // NOLINT

    template <class U>
        requires(!std::is_same_v<U, T> && std::is_convertible_v<U*, T*>)
    Ref(Ref<U>&& other) noexcept : object_(other.detach()) {}  // NOLINT

    ~Ref() {
        if (object_) object_->release();
    }

    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }

    T* get() const noexcept { return object_; }
    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

    /// The object; for public handles, which may be empty or moved from: throws RuntimeError that names the
    /// `call` if there is none.
    T& checked(const char* call) const {
        if (!object_) [[unlikely]]
            detail::raise_empty_handle(call);
        return *object_;
    }

    /// Gives the reference up to the caller.
    T* detach() noexcept {
        T* const object = object_;
        object_ = nullptr;
        return object;
    }

    friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.object_ == b.object_; }

private:
    T* object_ = nullptr;
};

}  // namespace aio

template <class T>
struct std::hash<aio::Ref<T>> {
    std::size_t operator()(const aio::Ref<T>& ref) const noexcept { return hash<T*>()(ref.get()); }
};
