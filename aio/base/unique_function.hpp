// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace aio {

template <class Signature>
class UniqueFunction;

/// Move-only std::function: owns any callable, also one that cannot be copied.
///
/// Calling an empty one throws std::bad_function_call.
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
        R call(Args... args) override { return std::invoke(fn, std::forward<Args>(args)...); }
        F fn;
    };

public:
    UniqueFunction() noexcept = default;
    UniqueFunction(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)

    template <class F>
        requires(!std::same_as<std::decay_t<F>, UniqueFunction> &&
                 std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    UniqueFunction(F&& f)  // NOLINT(google-explicit-constructor)
        : target_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}

    explicit operator bool() const noexcept { return target_ != nullptr; }

    R operator()(Args... args) const {
        if (!target_) throw std::bad_function_call();
        return target_->call(std::forward<Args>(args)...);
    }

private:
    std::unique_ptr<Target> target_;
};

}  // namespace aio
