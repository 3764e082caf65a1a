// SPDX-License-Identifier: MIT
#include <aio/base/detail/trivial_vector.hpp>

#include <gtest/gtest.h>
#include <type_traits>
#include <utility>

namespace aio {
namespace {

static_assert(!std::is_copy_constructible_v<detail::TrivialVector<int>>);
static_assert(std::is_nothrow_move_constructible_v<detail::TrivialVector<int>>);
static_assert(std::is_nothrow_move_assignable_v<detail::TrivialVector<int>>);

TEST(TrivialVector, GrowsAndKeepsItsElements) {
    detail::TrivialVector<int> items;
    EXPECT_TRUE(items.empty());
    for (int i = 0; i < 10'000; ++i) items.push_back(i);
    EXPECT_EQ(items.size(), 10'000U);
    EXPECT_GE(items.capacity(), items.size());
    int expected = 0;
    for (const int item : items) EXPECT_EQ(item, expected++);
    EXPECT_EQ(items.front(), 0);
    EXPECT_EQ(items.back(), 9'999);
    EXPECT_EQ(items[123], 123);
}

TEST(TrivialVector, PushingAnElementOfItselfIsSafeWhenItGrows) {
    detail::TrivialVector<int> items;
    items.push_back(41);
    while (items.size() < items.capacity()) items.push_back(0);
    items.push_back(items.front());
    EXPECT_EQ(items.back(), 41);
}

TEST(TrivialVector, PopAndShrinkKeepTheRoom) {
    detail::TrivialVector<int> items;
    for (int i = 0; i < 10; ++i) items.push_back(i);
    const std::size_t room = items.capacity();
    items.pop_back();
    EXPECT_EQ(items.back(), 8);
    items.shrink(3);
    EXPECT_EQ(items.size(), 3U);
    EXPECT_EQ(items.capacity(), room);
}

TEST(TrivialVector, MovesItsStorage) {
    detail::TrivialVector<int> items;
    items.push_back(1);
    const int* data = items.begin();
    detail::TrivialVector<int> moved = std::move(items);
    EXPECT_EQ(moved.begin(), data);
    EXPECT_TRUE(items.empty());  // NOLINT(bugprone-use-after-move)
    items.push_back(2);
    EXPECT_EQ(items.back(), 2);
    items = std::move(moved);
    EXPECT_EQ(items.back(), 1);
}

}  // namespace
}  // namespace aio
