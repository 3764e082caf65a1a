// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// How what takes `fn, args...` keeps the arguments until fn is called.
///
/// A copy is not enough where fn takes a reference to something else: `create_task(greet, "Ada")` with
/// `Coro<> greet(const std::string&)` would keep a pointer, and make the string only for the call, which the
/// coroutine outlives. So an argument is kept as what the parameter is made of, where that can be known.
/// Where it cannot (an overloaded operator(), a generic lambda), or where a view of what is kept would have
/// to be kept too, the call must be made where its temporaries live as long as what it gives:
/// `makes_temporaries` tells.
namespace aio::detail {

template <class... Ts>
struct TypeList {};
struct ObjectParameter {};

// Declared only. What is noexcept is taken as if it were not.
template <class R, class... P>
TypeList<P...> list_parameters(R (*)(P...));
template <class R, class C, class... P>
TypeList<ObjectParameter, P...> list_parameters(R (C::*)(P...));
template <class R, class C, class... P>
TypeList<ObjectParameter, P...> list_parameters(R (C::*)(P...) const);
template <class R, class C, class... P>
TypeList<ObjectParameter, P...> list_parameters(R (C::*)(P...) &);
template <class R, class C, class... P>
TypeList<ObjectParameter, P...> list_parameters(R (C::*)(P...) const&);
template <class R, class C, class... P>
TypeList<ObjectParameter, P...> list_parameters(R (C::*)(P...) &&);
void list_parameters(...);

template <std::size_t I, class List>
struct ParameterIn {
    using type = void;
};
template <std::size_t I, class... P>
    requires(I < sizeof...(P))
struct ParameterIn<I, TypeList<P...>> : std::tuple_element<I, std::tuple<P...>> {};

template <class F, std::size_t I>
auto find_parameter() {
    if constexpr (requires { &F::operator(); }) {
        return ParameterIn<I + 1, decltype(list_parameters(&F::operator()))>();
    } else if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
        return ParameterIn<I, decltype(list_parameters(F()))>();
    } else {
        return ParameterIn<I, void>();
    }
}
/// The type of a callable's parameter; void if that cannot be known.
template <class F, std::size_t I>
using parameter_t = typename decltype(find_parameter<F, I>())::type;

enum class Keeping : unsigned char { as_given, converted, with_temporary };

/// How an argument given as `Given` is kept for a parameter `P`. `kMoved`: it is passed as an rvalue at last.
template <class P, class Given, bool kMoved>
consteval Keeping how_to_keep() {
    using Plain = std::decay_t<Given>;
    using Made = std::remove_cvref_t<P>;
    if constexpr (std::is_void_v<P>) {
        return Keeping::with_temporary;
    } else if constexpr (std::is_same_v<P, ObjectParameter> ||
                         std::is_convertible_v<Plain*, const volatile Made*> ||
                         std::is_convertible_v<std::conditional_t<kMoved, Plain, Plain&>,
                                               const volatile Made&>) {
        // It is that, or refers to that: only objects can be volatile, no temporaries.
        return Keeping::as_given;
    } else {
        constexpr bool owns = !std::is_trivially_copyable_v<Plain>;
        constexpr bool becomes_owner = !std::is_trivially_copyable_v<Made>;
        constexpr bool can_convert = std::is_convertible_v<Given, Made> &&
                                     std::is_convertible_v<std::conditional_t<kMoved, Made, Made&>, P>;
        // It may be converted late, but what the argument refers to may be gone then.
        if (!std::is_reference_v<P>) {
            return can_convert && !owns && becomes_owner ? Keeping::converted : Keeping::as_given;
        }
        return can_convert && (!owns || becomes_owner) ? Keeping::converted : Keeping::with_temporary;
    }
}

template <class P, class Given, bool kMoved>
using kept_argument_t = std::conditional_t<how_to_keep<P, Given, kMoved>() == Keeping::converted,
                                           std::remove_cvref_t<P>, std::decay_t<Given>>;

template <class F, std::size_t kFirst, bool kMoved, class Places, class... Given>
struct KeptArguments;
template <class F, std::size_t kFirst, bool kMoved, std::size_t... I, class... Given>
struct KeptArguments<F, kFirst, kMoved, std::index_sequence<I...>, Given...> {
    using List = TypeList<kept_argument_t<parameter_t<F, kFirst + I>, Given, kMoved>...>;
    using Tuple = std::tuple<kept_argument_t<parameter_t<F, kFirst + I>, Given, kMoved>...>;
    static constexpr bool kMakesTemporaries =
        ((how_to_keep<parameter_t<F, kFirst + I>, Given, kMoved>() == Keeping::with_temporary) || ...);
};
template <class F, std::size_t kFirst, bool kMoved, class... Given>
using kept_arguments =
    KeptArguments<std::decay_t<F>, kFirst, kMoved, std::index_sequence_for<Given...>, Given...>;

/// The types in which arguments are kept for the parameters from `kFirst` on. `Given` are forwarding
/// references'.
template <class F, std::size_t kFirst, bool kMoved, class... Given>
using kept_list_t = typename kept_arguments<F, kFirst, kMoved, Given...>::List;
template <class F, std::size_t kFirst, bool kMoved, class... Given>
using kept_tuple_t = typename kept_arguments<F, kFirst, kMoved, Given...>::Tuple;

/// Whether the call may make temporaries that what it gives refers to.
template <class F, std::size_t kFirst, class... Given>
inline constexpr bool makes_temporaries = kept_arguments<F, kFirst, true, Given...>::kMakesTemporaries;

/// What shows characters of somebody else: a literal, a view.
template <class T>
inline constexpr bool is_borrowed_text =
    std::is_trivially_copyable_v<T> && std::is_convertible_v<T, std::string_view>;

}  // namespace aio::detail
