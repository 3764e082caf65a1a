// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/box.hpp>
#include <aio/base/invoke.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace aio {

namespace detail {
[[noreturn]] void raise_empty_function();
}

template <class Signature>
class UniqueFunction;

/// Move-only std::function: owns any callable, also one that cannot be copied.
///
/// Calling an empty one throws TypeError; a null pointer to a function makes an empty one.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
    struct Target {
        virtual ~Target() = default;
        virtual R call(Args... args) = 0;
    };
    template <class F>
    struct Holder final : Target {
        explicit Holder(F&& f) : fn(std::move(f)) {}
        explicit Holder(const F& f) : fn(f) {}
        R call(Args... args) override { return detail::invoke(fn, std::forward<Args>(args)...); }
        F fn;
    };

public:
    UniqueFunction() noexcept = default;
    UniqueFunction(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)

    template <class F>
        requires(!std::same_as<std::decay_t<F>, UniqueFunction> &&
                 std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    UniqueFunction(F&& f) {  // NOLINT(google-explicit-constructor)
        if constexpr (std::is_pointer_v<std::decay_t<F>> || std::is_member_pointer_v<std::decay_t<F>>) {
            const std::decay_t<F> pointer = f;
            if (!pointer) return;
        }
        target_ = Box<Target>(new Holder<std::decay_t<F>>(std::forward<F>(f)));
    }

    explicit operator bool() const noexcept { return static_cast<bool>(target_); }

    R operator()(Args... args) const {
        if (!target_) detail::raise_empty_function();
        return target_->call(std::forward<Args>(args)...);
    }

private:
    Box<Target> target_;
};

}  // namespace aio
