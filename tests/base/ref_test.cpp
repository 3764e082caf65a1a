// SPDX-License-Identifier: MIT
#include <aio/base/ref.hpp>

#include <gtest/gtest.h>
#include <type_traits>
#include <utility>

namespace aio {
namespace {

struct Counted {
    int refs = 0;
    void add_ref() noexcept { ++refs; }
    void release() noexcept { --refs; }
};
struct Derived : Counted {};

static_assert(sizeof(Ref<Counted>) == sizeof(void*));
static_assert(std::is_nothrow_copy_constructible_v<Ref<Counted>>);
static_assert(std::is_nothrow_move_constructible_v<Ref<Counted>>);
static_assert(std::is_convertible_v<Ref<Derived>, Ref<Counted>>);
static_assert(!std::is_convertible_v<Ref<Counted>, Ref<Derived>>);
static_assert(!std::is_convertible_v<Counted*, Ref<Counted>>, "sharing is explicit");
static_assert(std::is_convertible_v<std::nullptr_t, Ref<Counted>>);

TEST(Ref, IsEmptyByDefault) {
    const Ref<Counted> none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), nullptr);
    EXPECT_TRUE(none == Ref<Counted>(nullptr));
}

TEST(Ref, SharingAddsAReference) {
    Counted object;
    {
        const Ref<Counted> one(&object);
        EXPECT_EQ(object.refs, 1);
        const Ref<Counted> two = one;  // NOLINT(performance-unnecessary-copy-initialization)
        EXPECT_EQ(object.refs, 2);
        EXPECT_TRUE(one == two);
    }
    EXPECT_EQ(object.refs, 0);
}

TEST(Ref, AdoptTakesOverAReference) {
    Counted object;
    object.add_ref();
    {
        const auto ref = Ref<Counted>::adopt(&object);
    }
    EXPECT_EQ(object.refs, 0);
}

TEST(Ref, DetachGivesItUp) {
    Counted object;
    Ref<Counted> ref(&object);
    EXPECT_EQ(ref.detach(), &object);
    EXPECT_FALSE(ref);
    EXPECT_EQ(object.refs, 1);
}

TEST(Ref, MovingLeavesTheCountAlone) {
    Counted object;
    Ref<Counted> a(&object);
    Ref<Counted> b(std::move(a));
    EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(object.refs, 1);
    Ref<Counted> c;
    c = std::move(b);
    EXPECT_EQ(object.refs, 1);
    EXPECT_EQ(c.get(), &object);
}

TEST(Ref, AssignmentReleasesTheOldObject) {
    Counted one, two;
    Ref<Counted> ref(&one);
    ref = Ref<Counted>(&two);
    EXPECT_EQ(one.refs, 0);
    EXPECT_EQ(two.refs, 1);
    ref = nullptr;
    EXPECT_EQ(two.refs, 0);
}

TEST(Ref, SelfAssignmentIsHarmless) {
    Counted object;
    Ref<Counted> ref(&object);
    const Ref<Counted>& same = ref;
    ref = same;
    EXPECT_EQ(object.refs, 1);
    EXPECT_EQ(ref.get(), &object);
}

TEST(Ref, ConvertsToABase) {
    Derived object;
    {
        Ref<Derived> derived(&object);
        const Ref<Counted> copied = derived;
        EXPECT_EQ(object.refs, 2);
        const Ref<Counted> moved = std::move(derived);
        EXPECT_EQ(object.refs, 2);
        EXPECT_FALSE(derived);  // NOLINT(bugprone-use-after-move)
    }
    EXPECT_EQ(object.refs, 0);
}

}  // namespace
}  // namespace aio
