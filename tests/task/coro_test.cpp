// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/log_capture.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<Coro<>>);
static_assert(std::is_nothrow_move_constructible_v<Coro<>>);
static_assert(std::is_nothrow_move_assignable_v<Coro<int>>);
static_assert(sizeof(Coro<>) == sizeof(void*));
static_assert(Awaitable<Coro<>> && Awaitable<Coro<int>&>);
static_assert(std::is_same_v<await_result_t<Coro<std::string>>, std::string>);

struct CoroTest : ::testing::Test, testing::LoopTest {};

TEST_F(CoroTest, NothingRunsUntilItIsAwaited) {
    int steps = 0;
    auto body = [&]() -> Coro<int> {
        ++steps;
        co_return 7;
    };
    run([&]() -> Coro<> {
        Coro<int> coro = body();
        EXPECT_TRUE(coro);
        EXPECT_EQ(steps, 0);
        const int value = co_await coro;
        EXPECT_EQ(value, 7);
        EXPECT_EQ(steps, 1);
        EXPECT_FALSE(coro);
    });
}

TEST_F(CoroTest, GivesValuesReferencesAndMoveOnlyThings) {
    int target = 1;
    auto reference = [&]() -> Coro<int&> { co_return target; };
    auto box = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
    auto braces = []() -> Coro<std::pair<int, std::string>> { co_return {3, "three"}; };
    run([&]() -> Coro<> {
        int& same = co_await reference();
        same = 2;
        const auto five = co_await box();
        EXPECT_EQ(*five, 5);
        const auto three = co_await braces();
        EXPECT_EQ(three.second, "three");
    });
    EXPECT_EQ(target, 2);
}

TEST_F(CoroTest, ExceptionsPassThroughTheChain) {
    auto inner = []() -> Coro<> {
        co_await sleep(1s);
        throw std::runtime_error("deep");
    };
    auto middle = [&]() -> Coro<int> {
        co_await inner();
        co_return 1;
    };
    run([&]() -> Coro<> {
        try {
            co_await middle();
            ADD_FAILURE();
        } catch (const std::runtime_error& e) {
            EXPECT_STREQ(e.what(), "deep");
        }
    });
}

// C++ has no rule against it, only compilers a warning.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"
Coro<std::string> forgetful(bool remember) {
    co_await sleep(0s);
    if (remember) co_return "value";
}
Coro<int&> forgetful_of_a_reference(int& target, bool remember) {
    if (remember) co_return target;
}
#pragma GCC diagnostic pop

TEST_F(CoroTest, EndingWithoutItsValueIsAnError) {
    run([&]() -> Coro<> {
        const std::string direct = co_await tests::caught(forgetful(false));
        EXPECT_NE(direct.find("forgetful' ended without co_return of a value (created by "),
                  std::string::npos)
            << direct;
        Task<std::string> task = create_task(forgetful(false));
        EXPECT_EQ(co_await tests::caught(task), direct);
        EXPECT_EQ(co_await tests::caught(gather(forgetful(true), forgetful(false))), direct);
        int target = 1;
        EXPECT_NE(co_await tests::caught(forgetful_of_a_reference(target, false)), "no error");
        EXPECT_EQ(co_await forgetful(true), "value");
        EXPECT_EQ(&co_await forgetful_of_a_reference(target, true), &target);
    });
    EXPECT_THROW(run(forgetful, false), RuntimeError);
}

TEST_F(CoroTest, ADestructorThatThrowsTakesTheValueBack) {
    struct Throwing {
        ~Throwing() noexcept(false) { throw ValueError("at the end"); }
    };
    auto body = []() -> Coro<std::shared_ptr<int>> {
        const Throwing local;
        co_return std::make_shared<int>(1);
    };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await tests::caught(body()), "at the end");
        Task<std::shared_ptr<int>> task = create_task(body());
        EXPECT_EQ(co_await tests::caught(task), "at the end");
    });
}

TEST_F(CoroTest, IsDestroyedAtTheEndOfTheAwaitingExpression) {
    auto alive = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int> held) -> Coro<long> { co_return held.use_count(); };
    run([&]() -> Coro<> {
        const long during = co_await holding(alive);
        EXPECT_EQ(during, 2);
        EXPECT_EQ(alive.use_count(), 1);
    });
}

TEST_F(CoroTest, CanBeAwaitedOnce) {
    auto body = []() -> Coro<> { co_return; };
    run([&]() -> Coro<> {
        Coro<> coro = body();
        co_await coro;
        try {
            co_await coro;
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_TRUE(std::string(e.what()).starts_with("cannot reuse already awaited coroutine "))
                << e.what();
        }
        EXPECT_THROW(create_task(std::move(coro)), RuntimeError);
    });
}

TEST_F(CoroTest, MadeOfNoFrameIsAsIfItHadBeenAwaited) {
    Coro<> none{Coro<>::Frame()};
    EXPECT_FALSE(none);
    EXPECT_FALSE(none.release());
    none.close();
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await tests::caught(std::move(none)), "cannot reuse already awaited coroutine");
    });
}

static Coro<> named() { co_return; }

TEST_F(CoroTest, TellsWhichOneItWasIfItIsUsedAgain) {
    run([&]() -> Coro<> {
        const std::string text = "cannot reuse already awaited coroutine aio::named() at coro_test.cpp:";
        const auto used_by = [&](auto use) -> std::string {
            Coro<> coro = named();
            use(coro);
            try {
                create_task(std::move(coro));
            } catch (const RuntimeError& e) {
                return std::string(e.what()).substr(0, text.size());
            }
            return "taken";
        };
        EXPECT_EQ(used_by([](Coro<>& coro) { create_task(coro); }), text);
        EXPECT_EQ(used_by([](Coro<>& coro) { coro.close(); }), text);
        EXPECT_EQ(used_by([](Coro<>& coro) { const Coro<> other = std::move(coro); }), text);
        EXPECT_EQ(used_by([](Coro<>& coro) {
                      Coro<> other = named();
                      other = std::move(coro);
                      coro = std::move(other);
                      other = std::move(coro);
                  }),
                  text);
        EXPECT_EQ(used_by([](Coro<>& coro) {
                      Coro<> other = std::move(coro);
                      coro = std::move(other);
                  }),
                  "taken");
        co_await sleep(0s);
    });
}

TEST_F(CoroTest, MoveAssignmentEndsTheOldOne) {
    tests::LogCapture log;
    auto alive = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int>) -> Coro<> { co_return; };
    loop().set_debug(true);
    run([&]() -> Coro<> {
        Coro<> coro = holding(alive);
        coro = holding(nullptr);
        EXPECT_EQ(alive.use_count(), 1);
        coro.close();
        EXPECT_FALSE(coro);
        co_return;
    });
    EXPECT_EQ(log.messages().size(), 1u) << "the replaced one; close() is no mistake";
}

Coro<> forgotten() { co_return; }

TEST_F(CoroTest, NeverAwaitedIsReportedInDebugModeWithItsOrigin) {
    tests::LogCapture log;
    loop().set_debug(false);
    run([&]() -> Coro<> {
        (void)forgotten();
        co_return;
    });
    EXPECT_TRUE(log.messages().empty());
    loop().set_debug(true);
    run([&]() -> Coro<> {
        (void)forgotten();
        (void)sleep(1s);
        auto moved = sleep(1s);
        auto used = std::move(moved);
        co_await used;
    });
    ASSERT_EQ(log.messages().size(), 2u);
    EXPECT_NE(log.messages()[0].find("forgotten' was never awaited (created by "), std::string::npos);
    EXPECT_NE(log.messages()[0].find("coro_test.cpp:"), std::string::npos);
    EXPECT_EQ(log.messages()[1], "coroutine 'sleep' was never awaited");
    EXPECT_EQ(log.levels()[0], LogLevel::warning);
}

TEST_F(CoroTest, ACancelledTasksUnstartedCoroutineIsNotForgotten) {
    tests::LogCapture log;
    loop().set_debug(true);
    run([&]() -> Coro<> {
        Task<> task = create_task(forgotten());
        task.cancel();
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_TRUE(log.messages().empty());
}

// A result whose move throws fails the await, and the coroutine's locals are destroyed once.
TEST_F(CoroTest, AResultWhoseMoveThrows) {
    struct Explosive {
        explicit Explosive(int moves) : fuse(moves) {}
        Explosive(Explosive&& other) : fuse(other.fuse - 1) {
            if (fuse == 0) throw ValueError("boom");
        }
        int fuse;
    };
    for (const int moves : {1, 2, 3, 4, 5}) {
        auto alive = std::make_shared<int>();
        auto body = [](int n, std::shared_ptr<int>) -> Coro<Explosive> { co_return Explosive(n); };
        run([&]() -> Coro<> {
            try {
                const Explosive result = co_await body(moves, alive);
                EXPECT_GT(result.fuse, 0);
            } catch (const ValueError&) {
            }
            Task<Explosive> task = create_task(body, moves, alive);
            try {
                const Explosive result = co_await std::move(task);
                EXPECT_GT(result.fuse, 0);
            } catch (const ValueError&) {
            }
        });
        EXPECT_EQ(alive.use_count(), 1) << moves;
    }
}

TEST(CoroWithoutALoop, AwaitingALeafOutsideOfATaskThrows) {
    auto body = []() -> Coro<> { co_await sleep(0s); };
    auto frame = body().release();
    frame.resume();
    EXPECT_TRUE(frame.done());
    EXPECT_TRUE(exception_ptr_cast<RuntimeError>(frame.promise().error()));
    frame.destroy();
}

}  // namespace
}  // namespace aio
