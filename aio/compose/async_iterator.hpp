// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/async_with.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio {
namespace detail {
// Not a pointer, which would not tell whether what it points at may be moved out.
template <class T>
concept OptionalValue = requires(T& value) {
    { value.has_value() } -> std::convertible_to<bool>;
    static_cast<bool>(value);
    *value;
};
}  // namespace detail

/// What `async for` goes over: next() gives, when awaited, an optional that is empty at the end, where Python
/// raises StopAsyncIteration. AsyncGenerator is one, and so is any class with such a next():
///
///     while (auto item = co_await iterator.next()) { use(*item); }
///
/// An iterator is asked for directly, so there is no aiter().
template <class I>
concept AsyncIterator = requires(I& iterator) {
    { iterator.next() } -> Awaitable;
    requires detail::OptionalValue<await_result_t<decltype(iterator.next())>>;
};

/// The type of an iterator's values.
template <AsyncIterator I>
using async_value_t =
    std::remove_cvref_t<decltype(*std::declval<await_result_t<decltype(std::declval<I&>().next())>&>())>;

namespace detail {
template <class Item>
using value_or_reference_t = std::conditional_t<is_mutable_reference<Item>, Item, std::remove_cvref_t<Item>>;
template <class Optional>
inline constexpr bool is_optional_ref = false;
template <class T>
inline constexpr bool is_optional_ref<OptionalRef<T>> = true;
/// The same, but an iterator of references gives references: an optional of anything else owns what it shows.
template <class I, class Optional = await_result_t<decltype(std::declval<I&>().next())>>
using async_item_t =
    std::conditional_t<is_optional_ref<Optional>, value_or_reference_t<decltype(*std::declval<Optional>())>,
                       async_value_t<I>>;
}  // namespace detail

/// The next value, nothing at the end. Mirrors anext().
template <AsyncIterator I>
[[nodiscard("nothing runs until this is awaited")]] auto anext(I& iterator) {
    return iterator.next();
}
/// The same with a value that stands for the end.
template <AsyncIterator I>
Coro<detail::async_item_t<I>> anext(I& iterator, std::type_identity_t<detail::async_item_t<I>> fallback) {
    auto value = co_await iterator.next();
    if (value) co_return *std::move(value);
    co_return std::forward<detail::async_item_t<I>>(fallback);
}

namespace detail {
template <class Container, class I>
Coro<Container> collect(I iterator) {
    Container all;
    while (auto value = co_await iterator.next()) all.insert(all.end(), *std::move(value));
    co_return all;
}
}  // namespace detail

/// Every value to the end: `[value async for value in iterator]`. `collect<std::set<int>>(iterator)` and
/// `collect<std::map<K, V>>(iterator_of_pairs)` are the other comprehensions. Conditions and expressions go
/// into a loop, or into an AsyncGenerator on the way.
///
/// An lvalue must outlive the call; an rvalue is moved in. Errors of the iterator are thrown.
template <class Container = void, class I>
    requires AsyncIterator<std::remove_reference_t<I>>
auto collect(I&& iterator) {
    using Vector = std::vector<async_value_t<std::remove_reference_t<I>>>;
    using Result = std::conditional_t<std::is_void_v<Container>, Vector, Container>;
    return detail::collect<Result, I>(std::forward<I>(iterator));
}

}  // namespace aio
