// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

struct AsyncIterators : ::testing::Test, testing::LoopTest {};

class Countdown {
public:
    explicit Countdown(int from) : left_(from) {}
    Coro<std::optional<int>> next() {
        co_await sleep(1s);
        if (left_ == 0) co_return std::nullopt;
        co_return left_--;
    }

private:
    int left_;
};

static_assert(AsyncIterator<Countdown> && AsyncIterator<AsyncGenerator<std::string>>);
static_assert(!AsyncIterator<int> && !AsyncIterator<Generator<int>>);  // whose next() cannot be awaited
static_assert(std::is_same_v<async_value_t<Countdown>, int>);

// What a pointer points at is somebody else's: collect() must not move it out.
struct Borrowing {
    Coro<std::string*> next();
};
static_assert(!AsyncIterator<Borrowing>);

AsyncGenerator<int> three_one_two() {
    for (const int i : {3, 1, 2}) {
        co_await sleep(0s);
        co_yield i;
    }
}

TEST_F(AsyncIterators, AnextGivesTheFallbackAtTheEnd) {
    run([]() -> Coro<> {
        Countdown one(1);
        const auto first = co_await anext(one);
        EXPECT_EQ(first, 1);
        const auto none = co_await anext(one);
        EXPECT_EQ(none, std::nullopt);
        const int fallback = co_await anext(one, -1);
        EXPECT_EQ(fallback, -1);
        auto generator = three_one_two();
        const int value = co_await anext(generator, -1);
        EXPECT_EQ(value, 3);
    });
}

TEST_F(AsyncIterators, CollectMakesAVector) {
    run([]() -> Coro<> {
        const std::vector<int> all = co_await collect(three_one_two());
        EXPECT_EQ(all, (std::vector{3, 1, 2}));
        Countdown kept(2);
        const std::vector<int> down = co_await collect(kept);
        EXPECT_EQ(down, (std::vector{2, 1}));
        const std::vector<int> rest = co_await collect(kept);
        EXPECT_TRUE(rest.empty());
    });
}

TEST_F(AsyncIterators, CollectMakesOtherContainers) {
    auto pairs = []() -> AsyncGenerator<std::pair<int, std::string>> {
        co_yield std::pair(1, std::string("a"));
        co_yield std::pair(2, std::string("b"));
    };
    run([&]() -> Coro<> {
        const auto set = co_await collect<std::set<int>>(three_one_two());
        EXPECT_EQ(set, (std::set{1, 2, 3}));
        const auto map = co_await collect<std::map<int, std::string>>(pairs());
        EXPECT_EQ(map.at(2), "b");
    });
}

TEST_F(AsyncIterators, CollectTakesWhatCannotBeCopied) {
    auto boxes = []() -> AsyncGenerator<std::unique_ptr<int>> { co_yield std::make_unique<int>(5); };
    run([&]() -> Coro<> {
        const auto all = co_await collect(boxes());
        EXPECT_EQ(*all.at(0), 5);
    });
}

TEST_F(AsyncIterators, CollectThrowsTheIteratorsError) {
    auto failing = []() -> AsyncGenerator<int> {
        co_yield 1;
        throw ValueError("v");
    };
    run([&]() -> Coro<> {
        bool thrown = false;
        try {
            co_await collect(failing());
        } catch (const ValueError&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    });
}

TEST_F(AsyncIterators, CollectCanBeCancelled) {
    run([&]() -> Coro<> {
        auto task = create_task(collect(Countdown(100)));
        co_await sleep(2500ms);
        task.cancel();
        co_await tests::ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(clock().elapsed(), 2500ms);
    });
}

}  // namespace
}  // namespace aio
