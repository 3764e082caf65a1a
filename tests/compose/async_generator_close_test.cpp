// SPDX-License-Identifier: MIT
// The end of async generators: aclose(), dropped handles, the loop's shutdown.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/log_capture.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

struct AsyncGeneratorCloseTest : ::testing::Test, testing::LoopTest {
    Strings trace;

    // Says when it is closed and cleans up with an await.
    AsyncGenerator<int> cleaning() {
        try {
            for (int i = 0;; ++i) co_yield i;
        } catch (const GeneratorExit&) {
            trace.emplace_back("exit");
        }
        co_await sleep(1s);
        trace.emplace_back("cleaned");
        throw GeneratorExit();
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

TEST_F(AsyncGeneratorCloseTest, AcloseOfAnUnstartedOneEndsIt) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        co_await values.aclose();
        const auto ended = co_await values.next();
        EXPECT_FALSE(ended);
        co_await values.aclose();
    });
    EXPECT_TRUE(trace.empty());
}

TEST_F(AsyncGeneratorCloseTest, AcloseWaitsForTheCleanUp) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        co_await values.next();
        co_await values.aclose();
        trace.emplace_back("closed");
        co_await values.aclose();
    });
    EXPECT_EQ(trace, (Strings{"exit", "cleaned", "closed"}));
}

TEST_F(AsyncGeneratorCloseTest, ErrorsOfTheCleanUpComeOutOfAclose) {
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

// As in CPython it is not at its end then; but nobody was to have the value.
TEST_F(AsyncGeneratorCloseTest, AValueYieldedAtGeneratorExitIsDropped) {
    const auto held = std::make_shared<int>(5);
    auto stubborn = [](std::shared_ptr<int> value) -> AsyncGenerator<std::shared_ptr<int>> {
        try {
            co_yield nullptr;
        } catch (const GeneratorExit&) {
        }
        co_yield std::move(value);
    };
    run([&]() -> Coro<> {
        auto values = stubborn(held);
        co_await values.next();
        EXPECT_EQ(co_await tests::caught(values.aclose()), "async generator ignored GeneratorExit");
        EXPECT_EQ(held.use_count(), 2);  // with the generator's parameter
        const auto ended = co_await values.next();
        EXPECT_FALSE(ended);
    });
}

TEST_F(AsyncGeneratorCloseTest, LeftInTheMiddleItIsClosedByTheLoop) {
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

TEST_F(AsyncGeneratorCloseTest, DroppedWhileAStepIsUnderWayItIsClosedAfterwards) {
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

TEST_F(AsyncGeneratorCloseTest, DroppedBetweenTwoRunsItIsClosedInTheNext) {
    std::optional<AsyncGenerator<int>> values = cleaning();
    run([&]() -> Coro<> { co_await values->next(); });
    values.reset();
    EXPECT_TRUE(trace.empty());
    run([&]() -> Coro<> { co_await sleep(2s); });
    EXPECT_EQ(trace, (Strings{"exit", "cleaned"}));
}

// In CPython the clean-up is cut off at its first await.
TEST_F(AsyncGeneratorCloseTest, LeftByTheMainTaskItIsClosedBeforeTheLoop) {
    run([&]() -> Coro<> {
        auto values = cleaning();
        co_await values.next();
    });
    finish();
    EXPECT_EQ(trace, (Strings{"exit", "cleaned"}));
    EXPECT_TRUE(reports().empty());
}

TEST_F(AsyncGeneratorCloseTest, LeftByTheMainTaskItIsDestroyedWithALoopThatIsOnlyClosed) {
    auto held = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int> value) -> AsyncGenerator<int> {
        while (true) co_yield *value;
    };
    for (const bool cancelled : {false, true}) {
        EventLoopPtr own = new_event_loop();
        auto main = [&]() -> Coro<> {
            auto values = holding(held);
            co_await values.next();
        };
        own->run_until_complete(main());
        if (cancelled) {
            for (const AnyTask& task : all_tasks(*own)) task.cancel();
            own->run_until_complete(sleep(0s));
        }
        EXPECT_EQ(held.use_count(), 2);
        own->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        own = nullptr;
        EXPECT_EQ(held.use_count(), 1);
    }
}

TEST_F(AsyncGeneratorCloseTest, ShutdownClosesAllAtTheSameTimeAndReportsErrors) {
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

TEST_F(AsyncGeneratorCloseTest, StartedAfterShutdownItIsMentioned) {
    tests::LogCapture log;
    run([&]() -> Coro<> {
        co_await shutdown_asyncgens();
        auto values = cleaning();
        co_await values.next();
        co_await values.aclose();
    });
    ASSERT_EQ(log.messages().size(), 1u);
    EXPECT_NE(log.messages()[0].find("was scheduled after loop.shutdown_asyncgens() call"),
              std::string::npos);
}

}  // namespace
}  // namespace aio
