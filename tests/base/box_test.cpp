// SPDX-License-Identifier: MIT
#include <aio/base/box.hpp>

#include <gtest/gtest.h>
#include <type_traits>
#include <utility>

namespace aio {
namespace {

static_assert(sizeof(Box<int>) == sizeof(int*));
static_assert(!std::is_copy_constructible_v<Box<int>>);
static_assert(std::is_nothrow_move_constructible_v<Box<int>>);
static_assert(!std::is_convertible_v<int*, Box<int>>, "owning is explicit");

struct Counted {
    explicit Counted(int& alive) : alive_(alive) { ++alive_; }
    ~Counted() { --alive_; }
    int& alive_;
};

TEST(Box, OwnsItsObject) {
    int alive = 0;
    {
        const Box<Counted> box(new Counted(alive));
        EXPECT_TRUE(box);
        EXPECT_EQ(&box->alive_, &alive);
        EXPECT_EQ(box.get(), &*box);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
    EXPECT_FALSE(Box<Counted>());
    EXPECT_FALSE(Box<Counted>(nullptr));
}

TEST(Box, MovingHandsItOver) {
    int alive = 0;
    Box<Counted> one(new Counted(alive));
    Box<Counted> two = std::move(one);
    EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(alive, 1);
    two = nullptr;
    EXPECT_EQ(alive, 0);
}

TEST(Box, ReleaseGivesTheObjectUp) {
    int alive = 0;
    Box<Counted> box(new Counted(alive));
    Counted* object = box.release();
    EXPECT_FALSE(box);
    EXPECT_EQ(alive, 1);
    delete object;
}

TEST(Box, AssignmentDestroysTheOldObject) {
    int alive = 0;
    Box<Counted> box(new Counted(alive));
    box = Box<Counted>(new Counted(alive));
    EXPECT_EQ(alive, 1);
}

}  // namespace
}  // namespace aio
