// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/plain_callback.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace aio {

namespace detail {
[[noreturn]] void raise_empty_function();

/// What a function object owns. Without its signature, and with a smart pointer of its own: each
/// std::unique_ptr costs whoever includes it as much as a small header.
struct Callable {
    virtual ~Callable() = default;
};

/// Owns one.
class CallablePtr {
public:
    CallablePtr() noexcept = default;
    explicit CallablePtr(Callable* callable) noexcept : callable_(callable) {}
    CallablePtr(CallablePtr&& other) noexcept : callable_(std::exchange(other.callable_, nullptr)) {}
    CallablePtr& operator=(CallablePtr other) noexcept {
        std::swap(callable_, other.callable_);
        return *this;
    }
    ~CallablePtr() { delete callable_; }
    Callable* get() const noexcept { return callable_; }

private:
    Callable* callable_ = nullptr;
};

template <class Signature>
class CallableOf;

template <class R, class... Args>
class CallableOf<R(Args...)> : public Callable {
    template <class F>
    struct Holder;

public:
    virtual R call(Args... args) = 0;

    /// Null if `f` is a null pointer.
    template <class F>
    static CallableOf* make(F&& f) {
        if constexpr (std::is_pointer_v<std::decay_t<F>> || std::is_member_pointer_v<std::decay_t<F>>) {
            const std::decay_t<F> pointer = f;
            if (!pointer) return nullptr;
        }
        return new Holder<std::decay_t<F>>(std::forward<F>(f));
    }
    /// Throws TypeError if there is none.
    static CallableOf& of(Callable* callable) {
        if (!callable) raise_empty_function();
        return static_cast<CallableOf&>(*callable);
    }
};

template <class R, class... Args>
template <class F>
struct CallableOf<R(Args...)>::Holder final : CallableOf {
    explicit Holder(F&& f) : fn(std::move(f)) {}
    explicit Holder(const F& f) : fn(f) {}
    R call(Args... args) override { return detail::invoke(fn, std::forward<Args>(args)...); }
    F fn;
};
}  // namespace detail

template <class Signature>
class UniqueFunction;

/// Move-only std::function: owns any callable, also one that cannot be copied. What options and handlers of
/// the library are given.
///
/// Calling an empty one throws TypeError; a null pointer to a function makes an empty one.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
    using Target = detail::CallableOf<R(Args...)>;

public:
    UniqueFunction() noexcept = default;
    UniqueFunction(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)

    template <class F>
        requires(!std::same_as<std::decay_t<F>, UniqueFunction> &&
                 std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    UniqueFunction(F&& f)  // NOLINT(google-explicit-constructor)
        : target_(Target::make(std::forward<F>(f))) {
        if constexpr (std::is_void_v<R>) {
            static_assert(detail::is_plain_callback<std::decay_t<F>&, Args...>());
        }
    }

    explicit operator bool() const noexcept { return target_.get() != nullptr; }

    R operator()(Args... args) const { return Target::of(target_.get()).call(std::forward<Args>(args)...); }

private:
    detail::CallablePtr target_;
};

}  // namespace aio
