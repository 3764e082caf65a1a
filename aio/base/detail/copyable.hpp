// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

/// Whether a value can be copied.
///
/// std::is_copy_constructible says so of every container, whatever it holds, and so of every struct that has
/// a container: of std::vector<std::unique_ptr<T>>, whose copy does not compile. Nothing in the language
/// tells that it does not, so it is looked at what a type is made of: elements of containers, of tuples and
/// optionals, members of aggregates. A class that hides its members must speak for itself: one with such a
/// container is to declare its move constructor, and then says that it cannot be copied.
namespace aio::detail {

template <class T, class... Outer>
consteval bool is_copyable();

/// Becomes a member of T of any type but of those that cannot be copied (`kAny`: of any type).
template <bool kAny, class T, class... Outer>
struct MemberProbe {
    template <class M>
        requires(!std::is_same_v<M, T> && !std::is_same_v<M, MemberProbe>) &&
                (kAny || is_copyable<M, Outer..., T>())
    operator M() const;  // NOLINT(google-explicit-constructor)
};

template <class Probe, std::size_t>
using ProbeFor = Probe;
template <class T, class Probe, std::size_t... I>
consteval bool can_be_made_of(std::index_sequence<I...>) {
    return std::is_constructible_v<T, ProbeFor<Probe, I>...>;
}

// With as many members as the aggregate has, or as many of the first as there are probes.
template <class T, std::size_t kMembers, class... Outer>
consteval bool are_members_copyable() {
    using Members = std::make_index_sequence<kMembers>;
    if constexpr (kMembers == 0) {
        return true;
    } else if constexpr (can_be_made_of<T, MemberProbe<true, T>>(Members())) {
        return can_be_made_of<T, MemberProbe<false, T, Outer...>>(Members());
    } else {
        return are_members_copyable<T, kMembers - 1, Outer...>();
    }
}

template <class T, class... Outer, std::size_t... I>
consteval bool are_elements_copyable(std::index_sequence<I...>) {
    return (is_copyable<std::tuple_element_t<I, T>, Outer...>() && ...);
}

template <class T>
struct Alternatives;
template <template <class...> class Variant, class... Ts>
struct Alternatives<Variant<Ts...>> {
    template <class... Outer>
    static consteval bool are_copyable() {
        return (is_copyable<Ts, Outer...>() && ...);
    }
};

/// `Outer`: the types that contain T, because they may contain themselves.
template <class T, class... Outer>
consteval bool is_copyable() {
    if constexpr (std::is_const_v<T>) {
        return is_copyable<std::remove_const_t<T>, Outer...>();
    } else if constexpr (std::is_lvalue_reference_v<T> || (std::is_same_v<T, Outer> || ...)) {
        return true;
    } else if constexpr (!std::is_copy_constructible_v<T>) {
        return false;
    } else if constexpr (std::is_nothrow_copy_constructible_v<T> || !std::is_class_v<T>) {
        return true;  // no container is copied without allocating
    } else if constexpr (requires { typename T::container_type; }) {
        return is_copyable<typename T::container_type, Outer..., T>();
    } else if constexpr (
        requires(const T& t) {
            typename T::value_type;
            t.begin() != t.end();
        } ||
        requires(const T& t) {
            typename T::value_type;
            t.has_value();
        }) {
        return is_copyable<typename T::value_type, Outer..., T>();
    } else if constexpr (requires { std::tuple_size<T>::value; }) {
        return are_elements_copyable<T, Outer..., T>(std::make_index_sequence<std::tuple_size<T>::value>());
    } else if constexpr (requires(const T& t) { t.valueless_by_exception(); }) {
        return Alternatives<T>::template are_copyable<Outer..., T>();
    } else if constexpr (std::is_aggregate_v<T>) {
        return are_members_copyable<T, 16, Outer...>();
    } else {
        return true;
    }
}

/// A value as it is given to one of perhaps several who want it: moved if this is the last one or if it
/// cannot be copied, else a copy.
template <class T>
T give_value(T& value, [[maybe_unused]] bool last) {
    if constexpr (is_copyable<T>()) {
        // If this does not compile: T says that it can be copied, and cannot. Declare T's move constructor.
        if (!last) return T(static_cast<const T&>(value));
    }
    return T(static_cast<T&&>(value));
}

}  // namespace aio::detail
