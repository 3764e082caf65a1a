// SPDX-License-Identifier: MIT
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
    AsyncGenerator<int> cleaning_after_sleep() {
        co_await sleep(1s);
        try {
            co_yield 7;
        } catch (const GeneratorExit&) {
            trace.emplace_back("exit");
        }
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

TEST_F(AsyncGeneratorTest, AcloseOfAnUnstartedOneEndsIt) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        co_await values.aclose();
        const auto ended = co_await values.next();
        EXPECT_FALSE(ended);
        co_await values.aclose();
    });
    EXPECT_TRUE(trace.empty());
}

TEST_F(AsyncGeneratorTest, AcloseWaitsForTheCleanUp) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        co_await values.next();
        co_await values.aclose();
        trace.emplace_back("closed");
        co_await values.aclose();
    });
    EXPECT_EQ(trace, (Strings{"exit", "cleaned", "closed"}));
}

TEST_F(AsyncGeneratorTest, ErrorsOfTheCleanUpComeOutOfAclose) {
    auto failing = []() -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const GeneratorExit&) {
            throw ValueError("clean-up failed");
        }
    };
    run([&]() -> Coro<> {
        auto values = failing();
        co_await values.next();
        try {
            co_await values.aclose();
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
    });
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

TEST_F(AsyncGeneratorTest, LeftInTheMiddleItIsClosedByTheLoop) {
    run([&]() -> Coro<> {
        {
            auto values = cleaning();
            co_await values.next();
        }
        trace.emplace_back("left");
        co_await sleep(2s);
    });
    EXPECT_EQ(trace, (Strings{"left", "exit", "cleaned"}));
}

TEST_F(AsyncGeneratorTest, DroppedWhileAStepIsUnderWayItIsClosedAfterwards) {
    run([&]() -> Coro<> {
        std::optional<AsyncGenerator<int>> values = cleaning_after_sleep();
        auto step = [&]() -> Coro<int> {
            auto value = co_await values->next();
            co_return *value;
        };
        Task<int> task = create_task(step);
        co_await sleep(0s);
        values.reset();
        const int value = co_await task;
        EXPECT_EQ(value, 7);
        co_await sleep(1s);
    });
    EXPECT_EQ(trace, Strings{"exit"});
}

TEST_F(AsyncGeneratorTest, DroppedBetweenTwoRunsItIsClosedInTheNext) {
    std::optional<AsyncGenerator<int>> values = cleaning();
    run([&]() -> Coro<> { co_await values->next(); });
    values.reset();
    EXPECT_TRUE(trace.empty());
    run([&]() -> Coro<> { co_await sleep(2s); });
    EXPECT_EQ(trace, (Strings{"exit", "cleaned"}));
}

TEST_F(AsyncGeneratorTest, ShutdownClosesAllAtTheSameTimeAndReportsErrors) {
    auto failing = []() -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const GeneratorExit&) {
            throw ValueError("x");
        }
    };
    auto a = cleaning();
    auto b = cleaning();
    auto c = failing();
    auto unstarted = cleaning();
    run([&]() -> Coro<> {
        co_await a.next();
        co_await b.next();
        co_await c.next();
        co_await shutdown_asyncgens();
    });
    EXPECT_EQ(trace, (Strings{"exit", "exit", "cleaned", "cleaned"}));
    EXPECT_EQ(clock().elapsed(), 1s);
    ASSERT_EQ(reports().size(), 1u);
    EXPECT_TRUE(reports()[0].starts_with("an error occurred during closing of asynchronous generator <"));
    EXPECT_TRUE(reports()[0].ends_with(" [asyncgen, exception]"));
}

TEST_F(AsyncGeneratorTest, StartedAfterShutdownItIsMentioned) {
    tests::LogCapture log;
    run([&]() -> Coro<> {
        co_await shutdown_asyncgens();
        auto values = thousand();
        co_await values.next();
        co_await values.aclose();
    });
    ASSERT_EQ(log.messages().size(), 1u);
    EXPECT_NE(log.messages()[0].find("was scheduled after loop.shutdown_asyncgens() call"),
              std::string::npos);
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
