// SPDX-License-Identifier: MIT
#include <aio/base/detail/kept_arguments.hpp>

#include <gtest/gtest.h>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::detail {
namespace {

template <class P, class Given, bool kMoved = true>
using Kept = kept_argument_t<P, Given, kMoved>;
template <class A, class B>
inline constexpr bool same = std::is_same_v<A, B>;
using Literal = const char (&)[4];

// References to something else than what is given: that is made at once.
static_assert(same<Kept<const std::string&, Literal>, std::string>);
static_assert(same<Kept<std::string&&, const char*>, std::string>);
static_assert(same<Kept<const std::optional<std::string>&, Literal>, std::optional<std::string>>);
static_assert(same<Kept<const double&, int>, double>);
static_assert(same<Kept<const std::function<void()>&, void (&)()>, std::function<void()>>);
static_assert(
    same<Kept<const std::shared_ptr<const int>&, std::shared_ptr<int>>, std::shared_ptr<const int>>);

// References to it, or to what it refers to.
static_assert(same<Kept<const std::string&, std::string&>, std::string>);
static_assert(
    same<Kept<std::string&, std::reference_wrapper<std::string>>, std::reference_wrapper<std::string>>);
static_assert(
    same<Kept<const std::string&, std::reference_wrapper<std::string>>, std::reference_wrapper<std::string>>);
struct Base {};
struct Derived : Base {};
static_assert(same<Kept<const Base&, Derived>, Derived>);
static_assert(same<Kept<const char* const&, Literal>, const char*>);

// By value: what would look at somebody else's memory becomes an owner at once, and not the other way round.
static_assert(same<Kept<std::string, Literal>, std::string>);
static_assert(same<Kept<std::string, char*&>, std::string>);
static_assert(same<Kept<std::string_view, std::string>, std::string>);
static_assert(same<Kept<std::string_view, Literal>, const char*>);
static_assert(
    same<Kept<std::string, std::reference_wrapper<std::string>>, std::reference_wrapper<std::string>>);
static_assert(same<Kept<long, int>, int>);
static_assert(same<Kept<Base, Derived>, Derived>);

// What is passed as an lvalue must fit the parameter then.
static_assert(same<Kept<std::string&&, Literal, false>, const char*>);
static_assert(same<Kept<std::unique_ptr<int>, std::nullptr_t, false>, std::nullptr_t>);
static_assert(same<Kept<const std::string&, Literal, false>, std::string>);

using Function = void(const std::string&, int);
struct Object {
    void method(const std::string&) const noexcept;
    int member;
};
struct Overloaded {
    void operator()(const std::string&) const;
    void operator()(int) const;
};
using Named = decltype([](const std::string&) noexcept {});
using Generic = decltype([](const auto&) {});

static_assert(same<parameter_t<void (*)(const std::string&, int), 1>, int>);
static_assert(same<parameter_t<void (*)(int, ...), 1>, void>);
static_assert(same<kept_list_t<Function, 0, true, Literal, int>, TypeList<std::string, int>>);
static_assert(
    same<kept_list_t<decltype(&Object::method), 0, true, Object*, Literal>, TypeList<Object*, std::string>>);
static_assert(same<kept_list_t<decltype(&Object::member), 0, true, Object*>, TypeList<Object*>>);
static_assert(same<kept_list_t<Named&, 0, true, Literal>, TypeList<std::string>>);
static_assert(
    same<kept_list_t<std::function<void(int, const std::string&)>, 1, true, Literal>, TypeList<std::string>>);
static_assert(same<kept_list_t<Overloaded, 0, true, Literal>, TypeList<const char*>>);
static_assert(same<kept_list_t<Generic, 0, true, Literal>, TypeList<const char*>>);

// Where the call has to live as long as what it gives.
static_assert(!makes_temporaries<Function, 0, Literal, int>);
static_assert(makes_temporaries<Overloaded, 0, Literal>);
static_assert(makes_temporaries<void (*)(const std::string_view&), 0, std::string>);
static_assert(!makes_temporaries<void (*)(std::string_view), 0, std::string>);
static_assert(!makes_temporaries<Overloaded, 0>);

}  // namespace
}  // namespace aio::detail
