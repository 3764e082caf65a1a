// SPDX-License-Identifier: MIT
#include <aio/base/bytes.hpp>

#include <gtest/gtest.h>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

static_assert(std::is_trivially_copyable_v<BytesView>);
static_assert(std::is_nothrow_default_constructible_v<BytesView>);
static_assert(std::is_convertible_v<const char*, BytesView>);
static_assert(std::is_convertible_v<std::string, BytesView>);
static_assert(std::is_convertible_v<std::string_view, BytesView>);
static_assert(std::is_convertible_v<std::vector<char>, BytesView>);
static_assert(std::is_convertible_v<std::vector<unsigned char>, BytesView>);
static_assert(std::is_convertible_v<std::span<const std::byte>, BytesView>);
static_assert(std::is_convertible_v<std::array<std::byte, 4>, BytesView>);
static_assert(std::is_convertible_v<BytesView, std::string_view>);
static_assert(!std::is_convertible_v<std::vector<int>, BytesView>);
static_assert(!std::is_convertible_v<std::wstring, BytesView>);
static_assert(!std::is_convertible_v<int, BytesView>);
static_assert(BytesView("abc").size() == 3 && BytesView("abc") == BytesView(std::string_view("abc")));

std::string take(BytesView bytes) { return bytes.str(); }

TEST(BytesView, IsEmptyByDefault) {
    const BytesView none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.size(), 0U);
    EXPECT_EQ(none.text(), "");
    EXPECT_TRUE(none.bytes().empty());
}

TEST(BytesView, TakesText) {
    EXPECT_EQ(take("literal"), "literal");
    EXPECT_EQ(take(std::string("string")), "string");
    EXPECT_EQ(take(std::string_view("view")), "view");
    EXPECT_EQ(take({"length", 3}), "len");
}

TEST(BytesView, TakesContiguousRangesOfBytes) {
    EXPECT_EQ(take(std::vector<char>{'a', 'b'}), "ab");
    EXPECT_EQ(take(std::vector<unsigned char>{'c', 0xff}), "c\xff");
    EXPECT_EQ(take(std::array<std::byte, 2>{std::byte{'d'}, std::byte{0}}), std::string("d\0", 2));
    const char text[] = "span";
    EXPECT_EQ(take(std::span<const char>(text, 2)), "sp");
    unsigned char buffer[3] = {'x', 'y', 'z'};
    EXPECT_EQ(take(std::span<unsigned char>(buffer)), "xyz");
    EXPECT_EQ(take(std::as_bytes(std::span(buffer))), "xyz");
}

TEST(BytesView, KeepsZeroBytesOfStrings) {
    EXPECT_EQ(BytesView(std::string("a\0b", 3)).size(), 3U);
    EXPECT_EQ(BytesView("a\0b").size(), 1U);  // a literal is text: it ends at its zero
}

TEST(BytesView, SharesTheMemory) {
    const std::string text = "shared";
    const BytesView view = text;
    EXPECT_EQ(view.data(), text.data());
    EXPECT_EQ(static_cast<const void*>(view.bytes().data()), text.data());
    EXPECT_EQ(view.bytes().size(), text.size());
}

TEST(BytesView, ComparesWithTextInEveryForm) {
    const BytesView view = "abc";
    EXPECT_TRUE(view == "abc");
    EXPECT_TRUE("abc" == view);
    EXPECT_TRUE(view == std::string("abc"));
    EXPECT_TRUE(std::string("abc") == view);
    EXPECT_TRUE(view == std::string_view("abc"));
    EXPECT_TRUE(std::string_view("abc") == view);
    EXPECT_TRUE(view == BytesView("abc"));
    EXPECT_TRUE(view != "abd");
    EXPECT_FALSE(view == std::string("abcd"));
}

TEST(BytesView, SubviewBeginsLater) {
    const BytesView view = "abcdef";
    EXPECT_EQ(view.subview(2).text(), "cdef");
    EXPECT_TRUE(view.subview(6).empty());
    EXPECT_THROW(view.subview(7), std::out_of_range);
}

}  // namespace
}  // namespace aio
