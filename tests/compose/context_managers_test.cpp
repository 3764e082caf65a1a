// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(AsyncContextManager<Aclosing<AsyncGenerator<int>>>);
static_assert(AsyncContextManager<NullContext<int>>);
static_assert(AsyncContextManager<Suppress<ValueError>>);

struct ContextManagers : ::testing::Test, testing::LoopTest {
    tests::Trace log;

    // What the awaitable throws.
    template <class A>
    Coro<std::string> error_of(A awaitable) {
        std::string text = "no error";
        try {
            co_await std::move(awaitable);
        } catch (...) {
            text = describe(std::current_exception());
        }
        co_return text;
    }
};

template <class E>
Coro<> raises(const char* text) {
    co_await sleep(0s);
    throw E(text);
}

// --- aclosing() -----------------------------------------------------------------------------------------

AsyncGenerator<int> numbers(tests::Trace& log) {
    try {
        for (int i = 0; i < 9; ++i) co_yield i;
    } catch (const GeneratorExit&) {
    }
    co_await sleep(0s);
    log("closed");
}

TEST_F(ContextManagers, AclosingClosesAtTheEndOfTheBody) {
    auto body = [&](AsyncGenerator<int>& generator) -> Coro<int> {
        auto first = co_await generator.next();
        auto second = co_await generator.next();
        co_return *first + *second;
    };
    run([&]() -> Coro<> {
        const int sum = co_await async_with(aclosing(numbers(log)), body);
        log(sum);
        auto kept = numbers(log);
        co_await async_with(aclosing(kept), body);
        auto after = co_await kept.next();
        log(after.has_value());
    });
    EXPECT_EQ(log.joined(), "closed | 1 | closed | False");
}

TEST_F(ContextManagers, AclosingClosesOnErrorsToo) {
    auto body = [&](AsyncGenerator<int>& generator) -> Coro<> {
        co_await generator.next();
        throw ValueError("v");
    };
    run([&]() -> Coro<> {
        const std::string error = co_await error_of(async_with(aclosing(numbers(log)), body));
        log(error);
    });
    EXPECT_EQ(log.joined(), "closed | aio::ValueError: v");
}

// --- nullcontext() ----------------------------------------------------------------------------------------

TEST_F(ContextManagers, NullcontextGivesItsValueAndDoesNothing) {
    auto body = [&](std::unique_ptr<int>& value) -> Coro<int> { co_return *value; };
    auto bare = []() -> Coro<int> { co_return 2; };
    run([&]() -> Coro<> {
        const int one = co_await async_with(nullcontext(std::make_unique<int>(1)), body);
        const int two = co_await async_with(nullcontext(), bare);
        const std::string error = co_await error_of(async_with(nullcontext(), raises<ValueError>, "v"));
        log(one, two, error);
    });
    EXPECT_EQ(log.joined(), "1 2 aio::ValueError: v");
}

// --- suppress() -------------------------------------------------------------------------------------------

TEST_F(ContextManagers, SuppressSwallowsItsTypesOnly) {
    run([&]() -> Coro<> {
        co_await async_with(suppress<ValueError, OSError>(), raises<ValueError>, "v");
        co_await async_with(suppress<ValueError, OSError>(), raises<TimeoutError>, "t");
        std::string error = co_await error_of(async_with(suppress<ValueError>(), raises<RuntimeError>, "r"));
        log(error);
        auto fine = []() -> Coro<> { co_return; };
        error = co_await error_of(async_with(suppress<ValueError>(), fine));
        log(error);
    });
    EXPECT_EQ(log.joined(), "aio::RuntimeError: r | no error");
}

TEST_F(ContextManagers, SuppressTakesItsTypesOutOfAGroup) {
    auto body = [](TaskGroup& group, bool with_other) -> Coro<> {
        group.create_task(raises<ValueError>("v"));
        if (with_other) group.create_task(raises<RuntimeError>("r"));
        co_return;
    };
    auto scope = [&](bool with_other) -> Coro<> { co_await async_with(TaskGroup(), body, with_other); };
    run([&]() -> Coro<> {
        co_await async_with(suppress<ValueError>(), scope, false);
        std::string left = "nothing";
        try {
            co_await async_with(suppress<ValueError>(), scope, true);
        } catch (const ExceptionGroup& group) {
            left = std::string(group.what()) + ": " + describe(group.exceptions()[0]);
        }
        EXPECT_EQ(left, "unhandled errors in a TaskGroup (1 sub-exception): aio::RuntimeError: r");
    });
}

// --- asynccontextmanager()
// ----------------------------------------------------------------------------------

AsyncGenerator<std::string> scope(tests::Trace& log, std::string name, bool swallows) {
    co_await sleep(0s);
    log("enter", name);
    std::exception_ptr error;
    try {
        co_yield "value of " + name;
    } catch (...) {
        error = std::current_exception();
    }
    co_await sleep(0s);
    log("leave", name, error ? describe(error) : "None");
    if (error && !swallows) std::rethrow_exception(error);
}

TEST_F(ContextManagers, ScopeOfAGenerator) {
    auto body = [&](std::string& value, int more) -> Coro<int> {
        log(value);
        co_return more + 1;
    };
    run([&]() -> Coro<> {
        const int result =
            co_await async_with(asynccontextmanager(scope, std::ref(log), "a", false), body, 1);
        log(result);
    });
    EXPECT_EQ(log.joined(), "enter a | value of a | leave a None | 2");
}

TEST_F(ContextManagers, GeneratorSeesTheErrorAndMaySwallowIt) {
    run([&]() -> Coro<> {
        auto bad = [](std::string&) { return raises<ValueError>("v"); };
        std::string error =
            co_await error_of(async_with(asynccontextmanager(scope, std::ref(log), "a", false), bad));
        log(error);
        error = co_await error_of(async_with(asynccontextmanager(scope, std::ref(log), "b", true), bad));
        log(error);
    });
    EXPECT_EQ(log.joined(),
              "enter a | leave a aio::ValueError: v | aio::ValueError: v | "
              "enter b | leave b aio::ValueError: v | no error");
}

TEST_F(ContextManagers, GeneratorSeesTheCancellation) {
    auto body = [](std::string&) -> Coro<> { co_await sleep(9s); };
    run([&]() -> Coro<> {
        auto task = create_task(async_with(asynccontextmanager(scope, std::ref(log), "a", false), body));
        co_await sleep(1s);
        task.cancel();
        co_await tests::ended(task);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(log.joined(), "enter a | leave a aio::CancelledError");
}

TEST_F(ContextManagers, AnotherErrorOfTheGeneratorReplacesTheBodys) {
    auto replaces = []() -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const ValueError&) {
            throw RuntimeError("r");
        }
    };
    auto fails_late = []() -> AsyncGenerator<int> {
        co_yield 1;
        throw RuntimeError("late");
    };
    auto fine = []() -> Coro<> { co_return; };
    run([&]() -> Coro<> {
        std::string error =
            co_await error_of(async_with(asynccontextmanager(replaces), raises<ValueError>, "v"));
        EXPECT_EQ(error, "aio::RuntimeError: r");
        error = co_await error_of(async_with(asynccontextmanager(fails_late), fine));
        EXPECT_EQ(error, "aio::RuntimeError: late");
    });
}

TEST_F(ContextManagers, GeneratorHasToYieldExactlyOnce) {
    auto never = []() -> AsyncGenerator<int> { co_return; };
    auto twice = [&]() -> AsyncGenerator<int> {
        for (int i = 0; i < 2; ++i) {
            try {
                co_yield i;
            } catch (const ValueError&) {
            } catch (const GeneratorExit&) {
                log("closed");
                throw;
            }
        }
    };
    auto fine = []() -> Coro<> { co_return; };
    run([&]() -> Coro<> {
        std::string error = co_await error_of(async_with(asynccontextmanager(never), fine));
        log(error);
        error = co_await error_of(async_with(asynccontextmanager(twice), fine));
        log(error);
        error = co_await error_of(async_with(asynccontextmanager(twice), raises<ValueError>, "v"));
        log(error);
    });
    EXPECT_EQ(log.joined(),
              "aio::RuntimeError: generator didn't yield | "
              "closed | aio::RuntimeError: generator didn't stop | "
              "closed | aio::RuntimeError: generator didn't stop after athrow()");
}

TEST_F(ContextManagers, GeneratorIsEnteredOnceAndThenLeft) {
    auto once = []() -> AsyncGenerator<int> { co_yield 1; };
    run([&]() -> Coro<> {
        auto manager = asynccontextmanager(once);
        std::string error = co_await error_of(manager.aexit(nullptr));
        log(error);
        co_await manager.aenter();
        co_await manager.aexit(nullptr);
        error = co_await error_of(manager.aenter());
        log(error);
    });
    EXPECT_EQ(log.joined(),
              "aio::RuntimeError: asynccontextmanager(): it has not been entered | "
              "aio::RuntimeError: asynccontextmanager(): it can be entered once");
}

}  // namespace
}  // namespace aio
