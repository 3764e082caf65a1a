// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <type_traits>
#include <utility>

namespace aio::detail {

/// std::invoke without <functional>, which would cost every user of aio a quarter of the time its
/// headers take.
template <class F, class... Args>
decltype(auto) invoke(F&& fn, Args&&... args) {
    return std::forward<F>(fn)(std::forward<Args>(args)...);
}

template <class Member, class Class, class Object, class... Args>
    requires(!std::is_invocable_v<Member Class::*&, int> &&
             std::is_invocable_v<Member Class::*, Object, Args...>)
decltype(auto) invoke(Member Class::* member, Object&& object, Args&&... args) {
    auto&& target = [&]() -> decltype(auto) {
        if constexpr (std::is_base_of_v<Class, std::remove_cvref_t<Object>>) {
            return std::forward<Object>(object);
        } else if constexpr (requires { *object; }) {
            return *std::forward<Object>(object);
        } else {
            return object.get();  // std::reference_wrapper
        }
    }();
    if constexpr (std::is_function_v<Member>) {
        return (std::forward<decltype(target)>(target).*member)(std::forward<Args>(args)...);
    } else {
        return std::forward<decltype(target)>(target).*member;
    }
}

/// A pointer to a member, as something that can be called.
template <class Pointer>
class MemberCall {
public:
    explicit MemberCall(Pointer member) noexcept : member_(member) {}
    template <class... Args>
    decltype(auto) operator()(Args&&... args) const {
        return detail::invoke(member_, std::forward<Args>(args)...);
    }

private:
    Pointer member_;
};

/// The callable itself, for calls whose temporaries must not end with invoke(): `as_function(fn)(args...)`.
template <class F>
decltype(auto) as_function(F&& fn) noexcept {
    if constexpr (std::is_member_pointer_v<std::remove_cvref_t<F>>) {
        return MemberCall(fn);
    } else {
        return static_cast<F&&>(fn);
    }
}

}  // namespace aio::detail
