// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/log_capture.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<AsyncGenerator<int>>);
static_assert(std::is_nothrow_move_constructible_v<AsyncGenerator<int>>);

struct AsyncGeneratorTest : ::testing::Test, testing::LoopTest {
    Strings trace;

    AsyncGenerator<int> ticker(int count) {
        for (int i = 0; i < count; ++i) {
            co_await sleep(1s);
            co_yield i;
        }
    }
    // Says what ended it and cleans up with an await.
    AsyncGenerator<int> cleaning() {
        std::exception_ptr error;
        try {
            for (int i = 0;; ++i) co_yield i;
        } catch (const GeneratorExit&) {
            trace.emplace_back("exit");
            error = std::current_exception();
        } catch (const ValueError& e) {
            trace.emplace_back(e.what());
            error = std::current_exception();
        }
        co_await sleep(1s);
        trace.emplace_back("cleaned");
        std::rethrow_exception(error);
    }
};

TEST_F(AsyncGeneratorTest, WaitsBetweenItsValues) {
    run([&]() -> Coro<> {
        std::vector<int> seen;
        auto values = ticker(3);
        while (auto value = co_await values.next()) seen.push_back(*value);
        EXPECT_EQ(seen, (std::vector{0, 1, 2}));
        const auto after_the_end = co_await values.next();
        EXPECT_FALSE(after_the_end);
    });
    EXPECT_EQ(clock().elapsed(), 3s);
}

AsyncGenerator<int> thousand() {
    for (int i = 0; i < 1000; ++i) co_yield i;
}

TEST_F(AsyncGeneratorTest, YieldsInlineWithoutATurnOfTheLoop) {
    bool other_ran = false;
    run([&]() -> Coro<> {
        loop().call_soon([&] { other_ran = true; });
        auto values = thousand();
        int sum = 0;
        while (auto value = co_await values.next()) sum += *value;
        EXPECT_EQ(sum, 499500);
        EXPECT_FALSE(other_ran);
    });
}

TEST_F(AsyncGeneratorTest, AnextWithADefault) {
    run([&]() -> Coro<> {
        auto values = ticker(1);
        const auto first = co_await anext(values);
        EXPECT_EQ(first, 0);
        const int fallback = co_await anext(values, -1);
        EXPECT_EQ(fallback, -1);
    });
}

TEST_F(AsyncGeneratorTest, AnExceptionReachesTheCallerAndEndsIt) {
    auto failing = []() -> AsyncGenerator<int> {
        co_yield 1;
        co_await sleep(1s);
        throw ValueError("broken");
    };
    run([&]() -> Coro<> {
        auto values = failing();
        co_await values.next();
        try {
            co_await values.next();
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "broken");
        }
        const auto ended = co_await values.next();
        EXPECT_FALSE(ended);
    });
}

TEST_F(AsyncGeneratorTest, AthrowRaisesAtTheYield) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        co_await values.next();
        try {
            co_await values.athrow(ValueError("injected"));
            ADD_FAILURE();
        } catch (const ValueError&) {
            trace.emplace_back("came back");
        }
        const auto ended = co_await values.athrow(ValueError("too late"));
        EXPECT_FALSE(ended);
    });
    EXPECT_EQ(trace, (Strings{"injected", "cleaned", "came back"}));
}

TEST_F(AsyncGeneratorTest, AthrowMayBeAnsweredWithAValue) {
    auto robust = []() -> AsyncGenerator<int> {
        for (int i = 0;; ++i) {
            try {
                co_yield i;
            } catch (const ValueError&) {
                i += 100;
            }
        }
    };
    run([&]() -> Coro<> {
        auto values = robust();
        co_await values.next();
        const auto value = co_await values.athrow(ValueError("x"));
        EXPECT_EQ(value, 101);
        co_await values.aclose();
    });
}

TEST_F(AsyncGeneratorTest, ThrowingIntoAnUnstartedOneEndsIt) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        try {
            co_await values.athrow(ValueError("early"));
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        const auto ended = co_await values.next();
        EXPECT_FALSE(ended);
    });
    EXPECT_TRUE(trace.empty());
}

TEST_F(AsyncGeneratorTest, CancellationReachesWhatItWaitsFor) {
    auto waiting = [&]() -> AsyncGenerator<int> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError& e) {
            trace.emplace_back(e.message());
            throw;
        }
        co_yield 1;
    };
    run([&]() -> Coro<> {
        auto values = waiting();
        auto step = [&]() -> Coro<> { co_await values.next(); };
        Task<> task = create_task(step);
        co_await sleep(1s);
        task.cancel("enough");
        std::vector<Task<>> tasks{task};
        co_await wait(tasks);
        EXPECT_TRUE(task.cancelled());
        const auto ended = co_await values.next();
        EXPECT_FALSE(ended) << "its body has ended by the cancellation";
    });
    EXPECT_EQ(trace, Strings{"enough"});
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(AsyncGeneratorTest, NoExceptionCannotBeThrownIntoIt) {
    run([&]() -> Coro<> {
        auto values = ticker(2);
        const auto first = co_await values.next();
        EXPECT_EQ(first, 0);
        EXPECT_THROW((void)values.athrow(std::exception_ptr()), TypeError);
        const auto second = co_await values.next();
        EXPECT_EQ(second, 1) << "the generator knows nothing of it";
        co_await values.aclose();
    });
}

TEST_F(AsyncGeneratorTest, OneStepAtATime) {
    run([&]() -> Coro<> {
        auto values = ticker(2);
        auto step = [&]() -> Coro<int> {
            auto value = co_await values.next();
            co_return *value;
        };
        Task<int> task = create_task(step);
        co_await sleep(0s);
        std::string messages;
        try {
            co_await values.next();
        } catch (const RuntimeError& e) {
            messages += e.what();
        }
        try {
            co_await values.athrow(ValueError("x"));
        } catch (const RuntimeError& e) {
            messages += std::string("\n") + e.what();
        }
        try {
            co_await values.aclose();
        } catch (const RuntimeError& e) {
            messages += std::string("\n") + e.what();
        }
        EXPECT_EQ(messages,
                  "anext(): asynchronous generator is already running\n"
                  "athrow(): asynchronous generator is already running\n"
                  "aclose(): asynchronous generator is already running");
        const int value = co_await task;
        EXPECT_EQ(value, 0) << "the step under way is unharmed";
        const auto second = co_await values.next();
        EXPECT_EQ(second, 1);
        co_await values.aclose();
    });
}

TEST_F(AsyncGeneratorTest, MoveOnlyValuesAndThrowingMoves) {
    struct Explosive {
        Explosive() = default;
        Explosive(Explosive&& other) : fuse(other.fuse - 1) {
            if (fuse == 0) throw ValueError("boom");
        }
        int fuse = 2;
    };
    auto boxes = []() -> AsyncGenerator<std::unique_ptr<int>> { co_yield std::make_unique<int>(5); };
    auto explosives = []() -> AsyncGenerator<Explosive> {
        co_yield Explosive();
        co_yield Explosive();
    };
    run([&]() -> Coro<> {
        auto values = boxes();
        const auto box = co_await values.next();
        EXPECT_EQ(**box, 5);
        auto dangerous = explosives();
        try {
            co_await dangerous.next();
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "boom");
        }
        co_await dangerous.aclose();
    });
}

}  // namespace
}  // namespace aio
