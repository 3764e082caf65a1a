// SPDX-License-Identifier: MIT
#include <aio/base/detail/invoke.hpp>

#include <gtest/gtest.h>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace aio {
namespace {

struct Object {
    int value = 7;
    int add(int n) { return value + n; }
    int get() const noexcept { return value; }
    int steal() && { return std::exchange(value, 0); }
    static int plain(int n) { return n; }
};
struct Derived : Object {};

static_assert(std::is_same_v<decltype(detail::invoke(&Object::value, std::declval<Object&>())), int&>);
static_assert(
    std::is_same_v<decltype(detail::invoke(&Object::value, std::declval<const Object&>())), const int&>);

TEST(Invoke, CallsWhatStdInvokeCalls) {
    EXPECT_EQ(detail::invoke([](int a, int b) { return a - b; }, 5, 3), 2);
    EXPECT_EQ(detail::invoke(&Object::plain, 4), 4);
    EXPECT_EQ(detail::invoke(Object::plain, 4), 4);
    Object object;
    EXPECT_EQ(detail::invoke(&Object::add, object, 1), 8);
    EXPECT_EQ(detail::invoke(&Object::add, &object, 1), 8);
    EXPECT_EQ(detail::invoke(&Object::add, std::make_unique<Object>(), 1), 8);
    EXPECT_EQ(detail::invoke(&Object::add, std::ref(object), 1), 8);
    EXPECT_EQ(detail::invoke(&Object::get, std::as_const(object)), 7);
    EXPECT_EQ(detail::invoke(&Object::get, Derived()), 7);
    EXPECT_EQ(detail::invoke(&Object::steal, std::move(object)), 7);
    EXPECT_EQ(detail::invoke(&Object::value, object), 0);
    EXPECT_EQ(detail::invoke(&Object::value, std::make_shared<Derived>()), 7);
}

TEST(Invoke, KeepsValueCategories) {
    struct Overloads {
        int operator()() & { return 1; }
        int operator()() && { return 2; }
    } overloads;
    EXPECT_EQ(detail::invoke(overloads), 1);
    EXPECT_EQ(detail::invoke(Overloads()), 2);
    int n = 0;
    detail::invoke([](int& out) -> int& { return out; }, n) = 5;
    EXPECT_EQ(n, 5);
}

}  // namespace
}  // namespace aio
