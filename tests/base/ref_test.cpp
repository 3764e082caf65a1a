// SPDX-License-Identifier: MIT
#include <aio/base/ref.hpp>

#include <gtest/gtest.h>
#include <type_traits>
#include <utility>

namespace aio {
namespace {

struct Shared {
    int refs = 0;
    void add_ref() noexcept { ++refs; }
    void release() noexcept { --refs; }
};
struct SharedToo : Shared {};

static_assert(sizeof(Ref<Shared>) == sizeof(void*));
static_assert(std::is_nothrow_copy_constructible_v<Ref<Shared>>);
static_assert(std::is_nothrow_move_constructible_v<Ref<Shared>>);
static_assert(std::is_convertible_v<Ref<SharedToo>, Ref<Shared>>);
static_assert(!std::is_convertible_v<Ref<Shared>, Ref<SharedToo>>);
static_assert(!std::is_convertible_v<Shared*, Ref<Shared>>, "sharing is explicit");
static_assert(std::is_convertible_v<std::nullptr_t, Ref<Shared>>);

TEST(Ref, IsEmptyByDefault) {
    const Ref<Shared> none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), nullptr);
    EXPECT_TRUE(none == Ref<Shared>(nullptr));
}

TEST(Ref, SharingAddsAReference) {
    Shared object;
    {
        const Ref<Shared> one(&object);
        EXPECT_EQ(object.refs, 1);
        const Ref<Shared> two = one;  // NOLINT(performance-unnecessary-copy-initialization)
        EXPECT_EQ(object.refs, 2);
        EXPECT_TRUE(one == two);
    }
    EXPECT_EQ(object.refs, 0);
}

TEST(Ref, AdoptTakesOverAReference) {
    Shared object;
    object.add_ref();
    {
        const auto ref = Ref<Shared>::adopt(&object);
    }
    EXPECT_EQ(object.refs, 0);
}

TEST(Ref, DetachGivesItUp) {
    Shared object;
    Ref<Shared> ref(&object);
    EXPECT_EQ(ref.detach(), &object);
    EXPECT_FALSE(ref);
    EXPECT_EQ(object.refs, 1);
}

TEST(Ref, MovingLeavesTheCountAlone) {
    Shared object;
    Ref<Shared> a(&object);
    Ref<Shared> b(std::move(a));
    EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(object.refs, 1);
    Ref<Shared> c;
    c = std::move(b);
    EXPECT_EQ(object.refs, 1);
    EXPECT_EQ(c.get(), &object);
}

TEST(Ref, AssignmentReleasesTheOldObject) {
    Shared one, two;
    Ref<Shared> ref(&one);
    ref = Ref<Shared>(&two);
    EXPECT_EQ(one.refs, 0);
    EXPECT_EQ(two.refs, 1);
    ref = nullptr;
    EXPECT_EQ(two.refs, 0);
}

TEST(Ref, SelfAssignmentIsHarmless) {
    Shared object;
    Ref<Shared> ref(&object);
    const Ref<Shared>& same = ref;
    ref = same;
    EXPECT_EQ(object.refs, 1);
    EXPECT_EQ(ref.get(), &object);
}

TEST(Ref, ConvertsToABase) {
    SharedToo object;
    {
        Ref<SharedToo> derived(&object);
        const Ref<Shared> copied = derived;
        EXPECT_EQ(object.refs, 2);
        const Ref<Shared> moved = std::move(derived);
        EXPECT_EQ(object.refs, 2);
        EXPECT_FALSE(derived);  // NOLINT(bugprone-use-after-move)
    }
    EXPECT_EQ(object.refs, 0);
}

}  // namespace
}  // namespace aio
