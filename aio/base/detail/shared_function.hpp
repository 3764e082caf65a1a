// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>

namespace aio::detail {

template <class Signature>
class SharedFunction;

/// A callable that can be copied: copies call the same object. What std::function is for, at a
/// fraction of its header's cost.
template <class R, class... Args>
class SharedFunction<R(Args...)> {
    using Target = CallableOf<R(Args...)>;

public:
    SharedFunction() noexcept = default;
    SharedFunction(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)

    template <class F>
        requires(!std::same_as<std::decay_t<F>, SharedFunction> &&
                 std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    SharedFunction(F&& fn)  // NOLINT(google-explicit-constructor)
        : target_(Target::make(std::forward<F>(fn))) {}

    explicit operator bool() const noexcept { return static_cast<bool>(target_); }
    R operator()(Args... args) const { return Target::of(target_.get()).call(std::forward<Args>(args)...); }

private:
    std::shared_ptr<Callable> target_;
};

}  // namespace aio::detail
