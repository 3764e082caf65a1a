// SPDX-License-Identifier: MIT
#include <aio/base/detail/list.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

struct Item : detail::ListLink {
    explicit Item(int n) : number(n) {}
    int number;
};

static_assert(!std::is_copy_constructible_v<detail::ListLink> &&
              !std::is_move_constructible_v<detail::ListLink>);
static_assert(std::is_nothrow_default_constructible_v<detail::ListLink>);
static_assert(!std::is_copy_constructible_v<detail::List<Item>>);
static_assert(sizeof(detail::ListLink) == 2 * sizeof(void*));

std::vector<int> numbers(detail::List<Item>& list) {
    std::vector<int> found;
    list.for_each([&](Item& item) { found.push_back(item.number); });
    return found;
}

TEST(List, IsEmptyByDefault) {
    detail::List<Item> list;
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.size(), 0U);
    EXPECT_EQ(list.front(), nullptr);
    EXPECT_EQ(list.back(), nullptr);
}

TEST(List, KeepsTheOrderOfPushing) {
    detail::List<Item> list;
    Item a(1), b(2), c(3);
    list.push_back(a);
    list.push_back(b);
    list.push_back(c);
    EXPECT_EQ(numbers(list), (std::vector{1, 2, 3}));
    EXPECT_EQ(list.front(), &a);
    EXPECT_EQ(list.back(), &c);
    EXPECT_EQ(list.size(), 3U);
}

TEST(List, UnlinkRemovesFromAnyPlace) {
    detail::List<Item> list;
    Item a(1), b(2), c(3);
    for (Item* item : {&a, &b, &c}) list.push_back(*item);
    b.unlink();
    EXPECT_EQ(numbers(list), (std::vector{1, 3}));
    a.unlink();
    EXPECT_EQ(numbers(list), (std::vector{3}));
    c.unlink();
    EXPECT_TRUE(list.empty());
}

TEST(List, UnlinkingTwiceIsHarmless) {
    detail::List<Item> list;
    Item a(1), b(2);
    list.push_back(a);
    list.push_back(b);
    a.unlink();
    a.unlink();
    EXPECT_FALSE(a.linked());
    EXPECT_TRUE(b.linked());
    EXPECT_EQ(numbers(list), (std::vector{2}));
    Item never(3);
    never.unlink();
    EXPECT_FALSE(never.linked());
}

TEST(List, LinkBeforePutsInFront) {
    detail::List<Item> list;
    Item a(1), b(2), c(3);
    list.push_back(a);
    list.push_back(c);
    b.link_before(c);
    EXPECT_EQ(numbers(list), (std::vector{1, 2, 3}));
}

TEST(List, ForEachMayUnlinkTheVisitedItem) {
    detail::List<Item> list;
    Item a(1), b(2), c(3), d(4);
    for (Item* item : {&a, &b, &c, &d}) list.push_back(*item);
    list.for_each([](Item& item) {
        if (item.number % 2) item.unlink();
    });
    EXPECT_EQ(numbers(list), (std::vector{2, 4}));
}

TEST(List, ForEachMayDestroyTheVisitedItem) {
    detail::List<Item> list;
    std::vector<std::unique_ptr<Item>> items;
    for (int n = 0; n < 5; ++n) list.push_back(*items.emplace_back(std::make_unique<Item>(n)));
    list.for_each([&](Item& item) {
        item.unlink();
        items[static_cast<std::size_t>(item.number)].reset();
    });
    EXPECT_TRUE(list.empty());
}

TEST(List, AnItemCanMoveBetweenLists) {
    detail::List<Item> one, two;
    Item a(1);
    one.push_back(a);
    a.unlink();
    two.push_back(a);
    EXPECT_TRUE(one.empty());
    EXPECT_EQ(two.front(), &a);
}

}  // namespace
}  // namespace aio
