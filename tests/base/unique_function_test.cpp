// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/unique_function.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {
namespace {

using IntFunction = UniqueFunction<int(int)>;

static_assert(!std::is_copy_constructible_v<IntFunction>);
static_assert(std::is_nothrow_move_constructible_v<IntFunction>);
static_assert(std::is_nothrow_move_assignable_v<IntFunction>);
static_assert(std::is_nothrow_default_constructible_v<IntFunction>);
static_assert(sizeof(IntFunction) == sizeof(void*));
static_assert(std::is_constructible_v<IntFunction, int (*)(int)>);
static_assert(!std::is_constructible_v<IntFunction, int>);
static_assert(!std::is_constructible_v<IntFunction, void (*)(std::string)>);
static_assert(!std::is_constructible_v<UniqueFunction<int()>, void (*)()>, "its result is no int");
static_assert(std::is_constructible_v<UniqueFunction<void()>, int (*)()>, "a result may be dropped");

int twice(int n) { return 2 * n; }

struct Thing {
    int base = 0;
    int add(int n) const { return base + n; }
};

TEST(UniqueFunction, CallsEveryKindOfCallable) {
    EXPECT_EQ(IntFunction(twice)(4), 8);
    EXPECT_EQ(IntFunction(&twice)(4), 8);
    EXPECT_EQ(IntFunction([](int n) { return n + 1; })(4), 5);
    EXPECT_EQ((UniqueFunction<int(const Thing&, int)>(&Thing::add)(Thing{3}, 4)), 7);
    EXPECT_EQ((UniqueFunction<int(const Thing&)>(&Thing::base)(Thing{3})), 3);
}

TEST(UniqueFunction, OwnsWhatCannotBeCopied) {
    IntFunction add = [part = std::make_unique<int>(5)](int n) { return *part + n; };
    EXPECT_EQ(add(1), 6);
    IntFunction moved = std::move(add);
    EXPECT_EQ(moved(2), 7);
    EXPECT_FALSE(add);  // NOLINT(bugprone-use-after-move)
}

TEST(UniqueFunction, KeepsState) {
    UniqueFunction<int()> count = [n = 0]() mutable { return ++n; };
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(count(), 2);
}

TEST(UniqueFunction, PassesMoveOnlyArgumentsAndReferences) {
    UniqueFunction<int(std::unique_ptr<int>)> take = [](std::unique_ptr<int> p) { return *p; };
    EXPECT_EQ(take(std::make_unique<int>(9)), 9);
    int value = 0;
    UniqueFunction<void(int&)> set = [](int& n) { n = 3; };
    set(value);
    EXPECT_EQ(value, 3);
}

TEST(UniqueFunction, CallingAnEmptyOneThrows) {
    EXPECT_THROW(IntFunction()(1), TypeError);
    EXPECT_FALSE(IntFunction(nullptr));
    IntFunction one = twice;
    one = nullptr;
    EXPECT_FALSE(one);
}

TEST(UniqueFunction, NullPointersMakeItEmpty) {
    int (*none)(int) = nullptr;
    EXPECT_FALSE(IntFunction(none));
    int (Thing::*no_member)(int) const = nullptr;
    EXPECT_FALSE((UniqueFunction<int(const Thing&, int)>(no_member)));
}

TEST(UniqueFunction, DestroysItsTarget) {
    auto life = std::make_shared<int>(1);
    {
        const UniqueFunction<void()> holds = [life] {};
        EXPECT_EQ(life.use_count(), 2);
    }
    EXPECT_EQ(life.use_count(), 1);
    UniqueFunction<void()> holds = [life] {};
    holds = [] {};
    EXPECT_EQ(life.use_count(), 1);
}

}  // namespace
}  // namespace aio
