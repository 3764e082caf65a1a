// SPDX-License-Identifier: MIT
#include <support/inject.hpp>
#include <support/lifetime.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Counts up with a pause before each number, and notes that its clean-up ran.
AsyncGenerator<int> numbers(int& cleaned) {
    const AtEnd clean([&cleaned] { ++cleaned; });
    for (int i = 0; i < 3; ++i) {
        co_await sleep(1s);
        co_yield i;
    }
}

// A cancelled next() unwinds the generator: it is at its end then, and cleaned up.
struct Iterates : Scenario {
    int cleaned = 0;
    int seen = 0;
    std::optional<AsyncGenerator<int>> generator;
    Coro<> prepare() override {
        generator = numbers(cleaned);
        co_return;
    }
    Coro<> subject() override {
        while (auto number = co_await generator->next()) {
            EXPECT_EQ(*number, seen);
            ++seen;
            co_await sleep(0s);
        }
    }
    Coro<> finish() override {
        const bool suspended_outside = cleaned == 0;
        co_await generator->aclose();
        EXPECT_EQ(cleaned, suspended_outside && seen == 0 ? 0 : 1);
        const auto after = co_await generator->next();
        EXPECT_FALSE(after.has_value());
        generator.reset();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (outcome.cancels == 0) {
            EXPECT_EQ(seen, 3);
        }
    }
};

TEST(AsyncIterationInjection, Next) { inject<Iterates>(20); }

// aclose() waits for a clean-up that awaits; cancelling it cancels what the clean-up waits for.
struct Closes : Scenario {
    bool entered = false;
    bool left = false;
    std::optional<AsyncGenerator<int>> generator;
    AsyncGenerator<int> slow_to_close() {
        entered = true;
        std::exception_ptr end;
        try {
            co_yield 1;
        } catch (...) {
            end = std::current_exception();
        }
        const AtEnd mark([this] { left = true; });
        co_await sleep(1s);
        co_await sleep(0s);
        if (end) std::rethrow_exception(std::move(end));
    }
    Coro<> prepare() override {
        generator = slow_to_close();
        const auto first = co_await generator->next();
        EXPECT_EQ(first, 1);
    }
    Coro<> subject() override { co_await generator->aclose(); }
    Coro<> finish() override {
        co_await generator->aclose();
        EXPECT_TRUE(entered);
        EXPECT_TRUE(left);
        generator.reset();
    }
};

TEST(AsyncIterationInjection, Aclose) { inject<Closes>(8); }

// athrow() goes on like next(): a request unwinds what the generator awaits because of the error.
struct Throws : Scenario {
    int cleaned = 0;
    std::optional<AsyncGenerator<int>> generator;
    AsyncGenerator<int> recovers() {
        const AtEnd clean([this] { ++cleaned; });
        bool failed = false;
        try {
            co_yield 1;
        } catch (const ValueError&) {
            failed = true;
        }
        if (failed) co_await sleep(1s);
        co_yield 2;
    }
    Coro<> prepare() override {
        generator = recovers();
        const auto first = co_await generator->next();
        EXPECT_EQ(first, 1);
    }
    Coro<> subject() override {
        const auto second = co_await generator->athrow(ValueError("injected"));
        EXPECT_EQ(second, 2);
    }
    Coro<> finish() override {
        co_await generator->aclose();
        EXPECT_EQ(cleaned, 1);
        generator.reset();
    }
};

TEST(AsyncIterationInjection, Athrow) { inject<Throws>(6); }

// The manager is left exactly once for each time it was entered, whenever the body is cancelled; the exit
// itself may be cut short only by a request that arrives in it.
struct Resource {
    int entered = 0;
    int leaving = 0;
    Coro<int> aenter() {
        co_await sleep(1s);
        ++entered;
        co_return entered;
    }
    Coro<> aexit() {
        ++leaving;
        co_await sleep(1s);
    }
};

struct UsesResource : Scenario {
    Resource resource;
    static Coro<> body(int number) {
        EXPECT_EQ(number, 1);
        co_await sleep(1s);
    }
    Coro<> subject() override { co_await async_with(resource, &UsesResource::body); }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(resource.entered, resource.leaving);
    }
};

TEST(AsyncIterationInjection, AsyncWith) { inject<UsesResource>(14); }

}  // namespace
}  // namespace aio::tests
