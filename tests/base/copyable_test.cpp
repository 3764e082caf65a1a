// SPDX-License-Identifier: MIT
// What can be copied, for std::is_copy_constructible and in truth.
#include <aio/base/detail/copyable.hpp>

#include <any>
#include <array>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace aio::detail {
namespace {

using Unique = std::unique_ptr<int>;
using Uniques = std::vector<Unique>;
static_assert(std::is_copy_constructible_v<Uniques>, "this is what it is about");

template <class... Ts>
consteval bool all_copyable() {
    return (is_copyable<Ts>() && ...);
}
template <class... Ts>
consteval bool none_copyable() {
    return (!is_copyable<Ts>() && ...);
}

static_assert(all_copyable<int, std::string, std::vector<int>, std::vector<std::string>>());
static_assert(all_copyable<std::map<std::string, std::vector<int>>, std::unordered_map<int, std::string>>());
static_assert(all_copyable<std::set<std::string>, std::queue<std::string>, std::array<std::string, 3>>());
static_assert(all_copyable<std::tuple<std::string, int>, std::pair<int, std::vector<int>>>());
static_assert(all_copyable<std::optional<std::string>, std::variant<int, std::string>, std::any>());
static_assert(all_copyable<std::function<void()>, std::filesystem::path, std::exception_ptr>());
static_assert(all_copyable<std::shared_ptr<Unique>, std::vector<std::shared_ptr<Uniques>>>());

static_assert(none_copyable<Unique, Uniques, std::vector<Uniques>, std::deque<Unique>, std::list<Unique>>());
static_assert(
    none_copyable<std::map<int, Unique>, std::map<int, Uniques>, std::unordered_map<int, Unique>>());
static_assert(none_copyable<std::set<Unique>, std::queue<Unique>, std::array<Uniques, 2>>());
static_assert(none_copyable<std::tuple<int, Uniques>, std::pair<int, Uniques>>());
static_assert(none_copyable<std::optional<Uniques>, std::variant<int, Uniques>>());

// Members of aggregates.
struct Texts {
    std::string name;
    std::vector<int> numbers;
    std::function<void()> callback;
    std::any anything;
};
struct Page {
    std::string name;
    Uniques parts;
};
struct Book {
    Page page;
    int number;
};
struct Numbered : Page {
    int number;
};
struct Optional {
    std::optional<Page> page;
};
struct Tree {
    std::vector<Tree> children;
    std::string name;
};
struct Grove {
    std::vector<Grove> children;
    Uniques own;
};
struct WithoutDefault {
    explicit WithoutDefault(int number);
    std::string name;
};
struct Mixed {
    WithoutDefault first;
    Uniques second;
};
struct TakesAnything {
    template <class T>
    TakesAnything(T&& value);  // NOLINT
    TakesAnything(const TakesAnything& other);
    std::string name;
};
struct Greedy {
    TakesAnything first;
    std::string second;
};
static_assert(all_copyable<Texts, Tree, WithoutDefault, Greedy, std::vector<Texts>>());
static_assert(none_copyable<Page, Book, Numbered, Optional, Grove, Mixed, std::vector<Page>>());

// Classes speak for themselves.
class Hidden {
public:
    Hidden();
    Hidden(Hidden&&) = default;

private:
    Uniques parts_;
};
static_assert(none_copyable<Hidden, std::vector<Hidden>>());

TEST(GiveValue, MovesTheLastAndWhatCannotBeCopied) {
    std::string text(100, 'x');
    EXPECT_EQ(give_value(text, false).size(), 100U);
    EXPECT_EQ(text.size(), 100U);
    EXPECT_EQ(give_value(text, true).size(), 100U);
    EXPECT_TRUE(text.empty());
    Page page;
    page.parts.push_back(std::make_unique<int>(5));
    const Page given = give_value(page, false);
    EXPECT_EQ(*given.parts[0], 5);
    EXPECT_TRUE(page.parts.empty());
}

}  // namespace
}  // namespace aio::detail
