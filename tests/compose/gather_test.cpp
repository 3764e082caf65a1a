// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <any>
#include <chrono>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <support/ended.hpp>
#include <support/watched_copy.hpp>
#include <tuple>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

// What it gives for what.
template <class... As>
using gathered = await_result_t<decltype(gather(std::declval<As>()...))>;
static_assert(
    std::is_same_v<gathered<Coro<int>, Task<std::string>&, Coro<>>, std::tuple<int, std::string, None>>);
static_assert(std::is_same_v<gathered<std::vector<Task<int>>&>, std::vector<int>>);
static_assert(std::is_same_v<gathered<std::vector<Coro<>>>, std::vector<None>>);
static_assert(std::is_same_v<gathered<ReturnExceptions, Coro<int>>, std::tuple<Result<int>>>);
static_assert(std::is_same_v<gathered<Coro<int&>, Task<const int&>>, std::tuple<int&, const int&>>);
static_assert(std::is_same_v<gathered<std::vector<Task<int&>>&>, std::vector<std::reference_wrapper<int>>>);
static_assert(std::is_same_v<gathered<ReturnExceptions, Coro<int&>>, std::tuple<Result<int&>>>);
static_assert(std::is_same_v<gathered<>, std::tuple<>>);

struct GatherTest : ::testing::Test, testing::LoopTest {
    Strings trace;

    static Coro<int> value_after(Duration delay, int value) {
        co_await sleep(delay);
        co_return value;
    }
    static Coro<int> fail_after(Duration delay, const char* text) {
        co_await sleep(delay);
        throw ValueError(text);
    }
};

TEST_F(GatherTest, RangesOfEveryKind) {
    run([&]() -> Coro<> {
        std::vector<Coro<int>> coroutines;
        for (int i = 0; i < 3; ++i) coroutines.push_back(value_after((3 - i) * 1s, i));
        const std::vector<int> moved = co_await gather(std::move(coroutines));
        EXPECT_EQ(moved, (std::vector{0, 1, 2}));
        std::list<Task<int>> tasks{create_task(value_after(1s, 5)), create_task(value_after(0s, 6))};
        const std::vector<int> listed = co_await gather(tasks);
        EXPECT_EQ(listed, (std::vector{5, 6}));
        std::vector<Coro<int>> in_place;
        in_place.push_back(value_after(0s, 7));
        const std::vector<int> spanned = co_await gather(std::span(in_place));
        EXPECT_EQ(spanned, std::vector{7});
        const std::vector<int> nothing = co_await gather(std::vector<Task<int>>());
        EXPECT_TRUE(nothing.empty());
    });
    EXPECT_EQ(clock().elapsed(), 4s);
}

TEST_F(GatherTest, ReadyAtOnceIfAllAre) {
    run([&]() -> Coro<> {
        Future<int> one = loop().create_future<int>();
        one.set_result(1);
        auto both = gather(one, one);
        EXPECT_TRUE(both.done());
        EXPECT_EQ(both.result(), std::tuple(1, 1));
        auto eager = TaskOptions().eager_start(true);
        Task<int> two = create_task(value_after(0s, 2), eager);
        auto mixed = gather(one, two);
        EXPECT_FALSE(mixed.done());
        const auto values = co_await mixed;
        EXPECT_EQ(values, std::tuple(1, 2));
    });
}

TEST_F(GatherTest, MoveOnlyValuesAndValuesNobodyElseHolds) {
    run([&]() -> Coro<> {
        auto [a, b] = co_await gather(sleep(0s, std::make_unique<int>(1)), sleep(1s, std::string(100, 'x')));
        EXPECT_EQ(*a, 1);
        EXPECT_EQ(b.size(), 100u);
    });
}

TEST_F(GatherTest, AValueWantedTwiceIsCopied) {
    run([&]() -> Coro<> {
        std::vector<Task<std::string>> twice(2, create_task(sleep(0s, std::string(100, 'x'))));
        auto values = co_await gather(std::move(twice));
        EXPECT_EQ(values, std::vector<std::string>(2, std::string(100, 'x')));
        Task<std::string> held = create_task(sleep(0s, std::string(100, 'x')));
        auto once = co_await gather(held);
        EXPECT_EQ(std::get<0>(once), held.result()) << "its handle still has it";
    });
}

TEST_F(GatherTest, ACoroutineGivenTwiceRunsOnce) {
    run([&]() -> Coro<> {
        int runs = 0;
        auto body = [&]() -> Coro<int> { co_return ++runs; };
        Coro<int> a = body();
        Coro<int> b = body();
        const auto values = co_await gather(a, b, a, body(), b);
        EXPECT_EQ(values, std::tuple(1, 2, 1, 3, 2));
        EXPECT_THROW(gather(a), RuntimeError) << "awaited already";
    });
}

TEST_F(GatherTest, LaterErrorsAreSwallowed) {
    run([&]() -> Coro<> {
        try {
            co_await gather(fail_after(1s, "first"), fail_after(2s, "second"), value_after(3s, 1));
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "first");
        }
        EXPECT_EQ(all_tasks().size(), 3u);
        co_await sleep(5s);
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(GatherTest, ErrorsOfADroppedOneAreReportedOnce) {
    run([&]() -> Coro<> {
        (void)gather(fail_after(1s, "lost"), fail_after(1s, "too"));
        co_await sleep(5s);
    });
    EXPECT_EQ(reports(), Strings{"_GatheringFuture exception was never retrieved [exception, future]"});
}

TEST_F(GatherTest, CollectsErrorsInPlace) {
    run([&]() -> Coro<> {
        std::vector<Task<int>> tasks{create_task(fail_after(1s, "x")), create_task(value_after(2s, 2)),
                                     create_task(value_after(9s, 3))};
        loop().call_later(3s, [&] { tasks[2].cancel("late"); });
        const auto results = co_await gather(return_exceptions, tasks);
        EXPECT_THROW(results[0].value(), ValueError);
        EXPECT_EQ(results[1].value(), 2);
        try {
            results[2].value();
            ADD_FAILURE();
        } catch (const CancelledError& e) {
            EXPECT_EQ(e.message(), "late");
        }
    });
    EXPECT_EQ(clock().elapsed(), 3s);
    EXPECT_TRUE(reports().empty());
}

TEST_F(GatherTest, CancelledBefore) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await gather(value_after(1s, 1), value_after(2s, 2));
        };
        Task<> task = create_task(body);
        std::vector<AnyTask> tasks{task};
        co_await wait(tasks);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(clock().elapsed(), 0s) << "delivered at the suspension (S48)";
}

TEST_F(GatherTest, CancelRequestsOnceForEachArgument) {
    run([&]() -> Coro<> {
        auto task = create_task(value_after(1s, 1));
        auto twice = gather(return_exceptions, task, task);
        EXPECT_TRUE(twice.cancel());
        EXPECT_EQ(task.cancelling(), 2u);
        co_await tests::ended(twice);
        EXPECT_THROW(std::rethrow_exception(twice.exception()), CancelledError);
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(GatherTest, CancelReachesNestedOnes) {
    run([&]() -> Coro<> {
        Task<int> leaf = create_task(value_after(9s, 1));
        auto inner = gather(leaf, value_after(9s, 2));
        auto outer = gather(inner, value_after(9s, 3));
        co_await sleep(0s);
        EXPECT_TRUE(outer.cancel());
        try {
            co_await outer;
            ADD_FAILURE();
        } catch (const CancelledError&) {
        }
        EXPECT_TRUE(leaf.cancelled());
        EXPECT_FALSE(outer.cancel());
    });
    EXPECT_EQ(clock().elapsed(), 0s);
}

TEST_F(GatherTest, CancelledInTheIterationInWhichTheChildrenEnded) {
    run([&]() -> Coro<> {
        Future<> child = loop().create_future<>();
        Task<> task = create_task([](Future<> of) -> Coro<> { co_await gather(of); }, child);
        co_await sleep(0s);
        child.set_result();
        task.cancel("late");
        std::vector<AnyTask> tasks{task};
        co_await wait(tasks);
        EXPECT_TRUE(task.cancelled());
    });
}

// Nobody can complete the child any more: only a cancellation can end the wait.
TEST_F(GatherTest, CancelEndsTheWaitForALostFuture) {
    run([&]() -> Coro<> {
        auto body = [&](bool with_other) -> Coro<> {
            Future<> lost = loop().create_future<>();
            std::vector<Future<>> futures{lost, loop().create_future<>()};
            if (!with_other) futures.pop_back();
            auto all = gather(futures);
            lost = {};
            futures.erase(futures.begin());
            co_await all;
        };
        for (const bool with_other : {false, true}) {
            Task<> task = create_task(body, with_other);
            co_await sleep(0s);
            task.cancel("enough");
            std::vector<AnyTask> tasks{task};
            co_await wait(tasks);
            EXPECT_TRUE(task.cancelled());
        }
    });
}

TEST_F(GatherTest, RefusesFuturesOfDifferentLoops) {
    EventLoopPtr other = new_event_loop();
    Future<int> foreign = other->create_future<int>();
    run([&]() -> Coro<> {
        Future<int> own = loop().create_future<int>();
        EXPECT_THROW(gather(own, foreign), ValueError);
        std::vector<Future<int>> both{own, foreign};
        EXPECT_THROW(gather(both), ValueError);
        own.set_result(1);
        co_return;
    });
}

TEST_F(GatherTest, DestroyedWhileWaiting) {
    Future<int> kept = loop().create_future<int>();
    auto body = [&]() -> Coro<> { co_await gather(kept, value_after(9s, 1)); };
    loop().create_task(body());
    loop().run_until_complete(sleep(0s));
    loop().close();
    kept.set_result(1);
    EXPECT_EQ(kept.result(), 1);
}

TEST_F(GatherTest, OneForManyChildren) {
    run([&]() -> Coro<> {
        std::vector<Coro<int>> many;
        for (int i = 0; i < 10000; ++i) many.push_back(value_after((i % 7) * 1ms, i));
        const std::vector<int> values = co_await gather(std::move(many));
        for (int i = 0; i < 10000; ++i) {
            if (values[static_cast<std::size_t>(i)] != i) ADD_FAILURE() << i;
        }
    });
}

// A result is copied where others want it too, and a copy constructor is the user's code.
TEST_F(GatherTest, ACopyMaySettleItOrFail) {
    using Copied = tests::WatchedCopy;
    auto& meanwhile = Copied::while_copied;
    run([&]() -> Coro<> {
        Future<Copied> inner = loop().create_future<Copied>();
        auto outer = gather(inner);
        inner.set_result();
        meanwhile = [&] { outer.set_exception(ValueError("settled")); };
        co_await sleep(0s);
        meanwhile = nullptr;
        EXPECT_EQ(describe(outer.exception()), "aio::ValueError: settled");
        inner = loop().create_future<Copied>();
        outer = gather(inner);
        inner.set_result();
        meanwhile = [] { throw ValueError("cannot be copied"); };
        co_await sleep(0s);
        meanwhile = nullptr;
        EXPECT_EQ(describe(outer.exception()), "aio::ValueError: cannot be copied");
    });
}

// Values that look like errors, and those that can be made of anything.
TEST_F(GatherTest, ResultsThatAreErrorsOrAnything) {
    const std::exception_ptr value = std::make_exception_ptr(ValueError("a value"));
    auto gives = [&]() -> Coro<std::exception_ptr> { co_return value; };
    auto fails = []() -> Coro<std::exception_ptr> {
        throw ValueError("an error");
        co_return nullptr;
    };
    auto anything = []() -> Coro<std::any> { co_return 7; };
    run([&]() -> Coro<> {
        auto all = co_await gather(return_exceptions, gives(), fails(), anything());
        EXPECT_EQ(std::get<0>(all).value(), value);
        EXPECT_EQ(std::get<0>(all).exception(), nullptr);
        EXPECT_FALSE(std::get<1>(all));
        EXPECT_EQ(describe(std::get<1>(all).exception()), "aio::ValueError: an error");
        EXPECT_EQ(std::any_cast<int>(std::get<2>(all).value()), 7);
        auto plain = co_await gather(gives(), anything());
        EXPECT_EQ(std::get<0>(plain), value);
        EXPECT_EQ(std::any_cast<int>(std::get<1>(plain)), 7);
        auto alone = co_await gather(anything());
        EXPECT_EQ(std::any_cast<int>(std::get<0>(alone)), 7);
        std::vector<Task<std::any>> tasks{create_task(anything)};
        const std::vector<Result<std::any>> results = co_await gather(return_exceptions, tasks);
        EXPECT_EQ(std::any_cast<int>(results.at(0).value()), 7);
        std::vector<Task<std::exception_ptr>> errors{create_task(gives), create_task(fails)};
        const std::vector<Result<std::exception_ptr>> both = co_await gather(return_exceptions, errors);
        EXPECT_EQ(both.at(0).value(), value);
        EXPECT_THROW(both.at(1).value(), ValueError);
    });
}

}  // namespace
}  // namespace aio
