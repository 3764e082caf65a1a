// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Function = UniqueFunction<Coro<int>()>;
using Functions = std::vector<Function>;

static_assert(std::is_same_v<await_result_t<decltype(staggered_race(std::declval<Functions>(), 1s))>,
                             StaggeredRace<int>>);

struct StaggeredRaceTest : ::testing::Test, testing::LoopTest {
    std::vector<std::string> log;

    void note(const std::string& what) { log.push_back(what + "@" + std::to_string(clock().elapsed() / 1s)); }
    // Takes its time, then gives `value` or, if that is negative, fails.
    Function runner(Duration time, int value) {
        return [this, time, value]() -> Coro<int> { return run_for(time, value); };
    }
    Coro<int> run_for(Duration time, int value) {
        const std::string name = std::to_string(value);
        note("start " + name);
        try {
            co_await sleep(time);
        } catch (const CancelledError&) {
            note("cancelled " + name);
            throw;
        }
        if (value < 0) throw ValueError("failed " + name);
        co_return value;
    }
    Functions functions(std::vector<std::pair<Duration, int>> all) {
        Functions made;
        for (const auto& [time, value] : all) made.push_back(runner(time, value));
        return made;
    }
};

TEST_F(StaggeredRaceTest, TheFirstWinsAloneIfItIsFastEnough) {
    run([&]() -> Coro<> {
        auto racers = functions({{1s, 1}, {1s, 2}});
        const auto race = co_await staggered_race(std::move(racers), 5s);
        EXPECT_EQ(race.result, 1);
        EXPECT_EQ(race.winner, 0u);
        EXPECT_EQ(race.errors, (std::vector<std::exception_ptr>{nullptr}));
    });
    EXPECT_EQ(log, (std::vector<std::string>{"start 1@0"}));
    EXPECT_TRUE(reports().empty());
}

TEST_F(StaggeredRaceTest, TheNextStartsAfterTheDelayAndTheWinnerEndsTheOthers) {
    run([&]() -> Coro<> {
        auto racers = functions({{9s, 1}, {2s, 2}, {5s, 3}});
        const auto race = co_await staggered_race(std::move(racers), 1s);
        EXPECT_EQ(race.result, 2);
        EXPECT_EQ(race.winner, 1u);
        EXPECT_EQ(race.errors.size(), 3u);
        EXPECT_TRUE(detail::is_cancelled_error(race.errors.at(0)));
        EXPECT_FALSE(race.errors.at(1));
    });
    EXPECT_EQ(log, (std::vector<std::string>{"start 1@0", "start 2@1", "start 3@2", "cancelled 1@3",
                                             "cancelled 3@3"}));
    EXPECT_EQ(loop().stats().tasks, 0u);
}

TEST_F(StaggeredRaceTest, AFailureStartsTheNextAtOnce) {
    run([&]() -> Coro<> {
        auto racers = functions({{1s, -1}, {1s, -2}, {1s, 3}});
        const auto race = co_await staggered_race(std::move(racers), 10s);
        EXPECT_EQ(race.result, 3);
        EXPECT_EQ(race.winner, 2u);
        EXPECT_NE(describe(race.errors.at(1)).find("failed -2"), std::string::npos);
    });
    EXPECT_EQ(clock().elapsed(), 3s);
}

TEST_F(StaggeredRaceTest, WithoutADelayOnlyFailuresStartTheNext) {
    run([&]() -> Coro<> {
        auto racers = functions({{100s, -1}, {1s, 2}});
        const auto race = co_await staggered_race(std::move(racers), std::nullopt);
        EXPECT_EQ(race.winner, 1u);
    });
    EXPECT_EQ(clock().elapsed(), 101s);
}

TEST_F(StaggeredRaceTest, NobodyWins) {
    run([&]() -> Coro<> {
        auto racers = functions({{1s, -1}, {3s, -2}});
        const auto race = co_await staggered_race(std::move(racers), 1s);
        EXPECT_FALSE(race.result || race.winner);
        EXPECT_EQ(race.errors.size(), 2u);
        const auto nothing = co_await staggered_race(Functions(), 1s);
        EXPECT_FALSE(nothing.winner);
        EXPECT_TRUE(nothing.errors.empty());
    });
    EXPECT_EQ(clock().elapsed(), 4s);
}

TEST_F(StaggeredRaceTest, VoidAndMoveOnlyResults) {
    auto nothing = []() -> Coro<> { co_return; };
    auto box = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(4); };
    run([&]() -> Coro<> {
        auto racers = std::vector{nothing};
        const auto done = co_await staggered_race(std::move(racers), 1s);
        EXPECT_TRUE(done.result);
        auto makers = std::vector{box};
        auto made = co_await staggered_race(std::move(makers), 1s);
        EXPECT_EQ(**made.result, 4);
    });
}

TEST_F(StaggeredRaceTest, CancelledBeforeAndDuringItLeavesNothingBehind) {
    run([&]() -> Coro<> {
        auto before = create_task(staggered_race(functions({{9s, 1}}), 1s));
        before.cancel();
        auto during = create_task(staggered_race(functions({{9s, 2}, {9s, 3}}), 1s));
        co_await sleep(2s);
        during.cancel("enough");
        co_await tests::ended(before, during);
        EXPECT_TRUE(before.cancelled() && during.cancelled());
        EXPECT_EQ(loop().stats().timers, 0u);
        EXPECT_EQ(loop().stats().tasks, 1u);
    });
    EXPECT_EQ(log, (std::vector<std::string>{"start 2@0", "start 3@1", "cancelled 2@2", "cancelled 3@2"}));
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(StaggeredRaceTest, CancelledInTheIterationInWhichItWasWon) {
    run([&]() -> Coro<> {
        auto race = create_task(staggered_race(functions({{1s, 1}}), 9s));
        loop().call_later(1s, [race] { race.cancel(); });
        co_await tests::ended(race);
        EXPECT_TRUE(race.cancelled());
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(StaggeredRaceTest, ASystemExitPassesThrough) {
    auto leave = []() -> Coro<int> {
        throw SystemExit(3);
        co_return 0;
    };
    auto races = [&]() -> Coro<> {
        auto racers = std::vector{leave};
        co_await staggered_race(std::move(racers), 1s);
    };
    EXPECT_THROW(run(races), SystemExit);
}

TEST_F(StaggeredRaceTest, RunsWithEagerTasks) {
    run([&]() -> Coro<> {
        set_task_factory(loop(), eager_task_factory);
        auto racers = functions({{1s, -1}, {1s, 2}});
        const auto race = co_await staggered_race(std::move(racers), 9s);
        EXPECT_EQ(race.winner, 1u);
        set_task_factory(loop(), nullptr);
    });
}

TEST_F(StaggeredRaceTest, DestroyedWhileWaiting) {
    auto waits = [&]() -> Coro<> {
        auto racers = functions({{9s, 1}, {9s, 2}});
        co_await staggered_race(std::move(racers), 0s);
    };
    EventLoopPtr loop = new_event_loop();
    auto task = loop->create_task(waits());
    loop->call_later(1ms, [&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(log.size(), 2u);
    loop->close();
    EXPECT_FALSE(task.done());
}

}  // namespace
}  // namespace aio
