// SPDX-License-Identifier: MIT
#include <aio/task/generator.hpp>

#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

static_assert(!std::is_copy_constructible_v<Generator<int>>);
static_assert(std::is_nothrow_move_constructible_v<Generator<int>>);
static_assert(std::is_nothrow_move_assignable_v<Generator<int>>);

Generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

TEST(Generator, RunsOnlyAsFarAsItIsAsked) {
    std::string trace;
    auto values = [](std::string& log) -> Generator<int> {
        log += "begin ";
        co_yield 1;
        log += "between ";
        co_yield 2;
        log += "end ";
    };
    auto generator = values(trace);
    EXPECT_EQ(trace, "");
    EXPECT_EQ(generator.next(), 1);
    EXPECT_EQ(trace, "begin ");
    EXPECT_EQ(next(generator), 2);
    EXPECT_EQ(trace, "begin between ");
    EXPECT_EQ(generator.next(), std::nullopt);
    EXPECT_EQ(generator.next(), std::nullopt) << "the end stays the end";
    EXPECT_EQ(trace, "begin between end ");
}

TEST(Generator, RangeForAndItsContinuation) {
    auto generator = count_to(4);
    std::vector<int> seen;
    for (int& value : generator) {
        seen.push_back(value);
        if (value == 2) break;
    }
    for (int value : generator) seen.push_back(value);
    EXPECT_EQ(seen, (std::vector{1, 2, 3, 4}));
}

// Two generators that take turns: the classic example of coroutines within one thread.
TEST(Generator, PingPong) {
    std::string trace;
    auto player = [&](const char* name, int rounds) -> Generator<int> {
        for (int i = 0; i < rounds; ++i) {
            trace += name;
            co_yield i;
        }
    };
    auto ping = player("ping ", 3);
    auto pong = player("pong ", 2);
    while (true) {
        const bool pinged = ping.next().has_value();
        const bool ponged = pong.next().has_value();
        if (!pinged && !ponged) break;
    }
    EXPECT_EQ(trace, "ping pong ping pong ping ");
}

TEST(Generator, TheBodyKeepsWhatItYieldsByName) {
    auto growing = []() -> Generator<std::string> {
        std::string text = "a";
        co_yield text;
        text += "b";
        co_yield text;
        const std::string constant = "c";
        co_yield constant;
        co_yield "literal";
    };
    auto generator = growing();
    EXPECT_EQ(generator.next(), "a");
    EXPECT_EQ(generator.next(), "ab");
    EXPECT_EQ(generator.next(), "c");
    EXPECT_EQ(generator.next(), "literal");
}

TEST(Generator, MoveOnlyValues) {
    auto boxes = []() -> Generator<std::unique_ptr<int>> {
        co_yield std::make_unique<int>(1);
        co_yield std::make_unique<int>(2);
    };
    int sum = 0;
    auto generator = boxes();
    while (auto box = generator.next()) sum += **box;
    EXPECT_EQ(sum, 3);
}

TEST(Generator, AnExceptionReachesTheCallerAndEndsIt) {
    auto failing = []() -> Generator<int> {
        co_yield 1;
        throw std::runtime_error("broken");
    };
    auto generator = failing();
    EXPECT_EQ(generator.next(), 1);
    EXPECT_THROW(generator.next(), std::runtime_error);
    EXPECT_EQ(generator.next(), std::nullopt);
}

TEST(Generator, DestroyedInTheMiddleItDestroysWhatItHolds) {
    auto alive = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int> held) -> Generator<int> {
        while (true) co_yield *held;
    };
    {
        auto generator = holding(alive);
        generator.next();
        EXPECT_EQ(alive.use_count(), 2);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

TEST(Generator, AMovedFromOneHasEnded) {
    auto first = count_to(2);
    auto second = std::move(first);
    EXPECT_EQ(first.next(), std::nullopt);  // NOLINT(bugprone-use-after-move): that is the question
    for (int value : first) ADD_FAILURE() << value;
    EXPECT_EQ(second.next(), 1);
}

TEST(Generator, ItsBodyMayNotAskItself) {
    std::unique_ptr<Generator<int>> generator;
    auto recursive = [&]() -> Generator<int> {
        generator->next();
        co_yield 1;
    };
    generator = std::make_unique<Generator<int>>(recursive());
    EXPECT_THROW(generator->next(), ValueError);
}

TEST(Generator, ItsBodyMayDestroyItsHandle) {
    std::unique_ptr<Generator<int>> generator;
    auto alive = std::make_shared<int>();
    auto suicidal = [&](std::shared_ptr<int> held) -> Generator<int> {
        generator.reset();
        co_yield *held;
    };
    generator = std::make_unique<Generator<int>>(suicidal(alive));
    EXPECT_EQ(generator->next(), std::nullopt);
    EXPECT_EQ(generator, nullptr);
    EXPECT_EQ(alive.use_count(), 1);
}

TEST(Generator, ComposesWithAlgorithms) {
    auto squares = [](Generator<int> of) -> Generator<int> {
        for (int value : of) co_yield value* value;
    };
    int sum = 0;
    for (int value : squares(count_to(4))) sum += value;
    EXPECT_EQ(sum, 30);
}

}  // namespace
}  // namespace aio
