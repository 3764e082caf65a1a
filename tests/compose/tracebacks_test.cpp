// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/inspect.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/log_capture.hpp>
#include <support/way.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

// What errors tell of the coroutines they passed. Lines are counted from kTop.
namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::way;

constexpr unsigned kTop = __LINE__;
Coro<int> fails_at_once() {
    throw ValueError("v");
    co_return 1;
}
Coro<int> fails_later() {
    co_await sleep(1ms);
    throw ValueError("v");
}
Coro<int> awaits(Coro<int> coro) {
    const int value = co_await coro;
    co_return value;
}
Coro<int> awaits_task(Task<int> task) { co_return co_await task; }
AsyncGenerator<int> generates() {
    co_yield 1;
    co_await fails_later();
}
Coro<> sleeps() { co_await sleep(1h); }
Coro<> replaces(Coro<int> coro) {
    bool failed = false;
    try {
        co_await coro;
    } catch (const ValueError&) {
        failed = true;
    }
    if (failed) throw RuntimeError("another");
}
constexpr int kAwaits = 10, kTask = 13, kGenerates = 16, kLater = 6, kSleeps = 18, kReplaces = 22;

std::string plus(int line) { return "+" + std::to_string(line); }
const std::string kAtOnce = "fails_at_once";
const std::string kFailsLater = "fails_later" + plus(kLater) + "...";

struct Tracebacks : ::testing::Test, testing::LoopTest {
    /// Runs body() in a task and gives the way of the error that leaves it, from the second place on: the
    /// first is in the body.
    std::string way_out_of(std::function<Coro<>()> body) {
        std::exception_ptr error;
        run([&]() -> Coro<> {
            const auto result = co_await as_result(body());
            error = result.exception();
        });
        const std::string all = way(error, kTop);
        const std::size_t first = all.find(' ');
        return first == all.npos ? "" : all.substr(first + 1);
    }
};

TEST_F(Tracebacks, TellEveryAwaitOnTheWay) {
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await fails_at_once(); }), kAtOnce);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await fails_later(); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await awaits(awaits(fails_at_once())); }),
              "awaits" + plus(kAwaits) + " awaits" + plus(kAwaits) + " " + kAtOnce);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await awaits(fails_later()); }),
              "awaits" + plus(kAwaits) + " " + kFailsLater);
}

TEST_F(Tracebacks, GoThroughTasksFuturesAndWhatIsMadeOfThem) {
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await create_task(awaits(fails_later())); }),
              "awaits" + plus(kAwaits) + " " + kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await create_task(fails_later); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await gather(fails_later(), fails_later()); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await shield(fails_later()); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await wait_for(fails_later(), 1s); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await wait_for(create_task(fails_later()), 1s); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await async_with(timeout(1s), fails_later); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await AnyAwaitable<int>(fails_later()); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await select(create_task(fails_later())); }), kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> {
                  std::vector<Task<int>> tasks;
                  tasks.push_back(create_task(fails_later()));
                  auto each = as_completed(tasks);
                  while (auto next = co_await each.next()) co_await *next;
              }),
              kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> {
                  auto generator = generates();
                  for (;;) co_await generator.next();
              }),
              "generates" + plus(kGenerates) + " " + kFailsLater);
    EXPECT_EQ(way_out_of([]() -> Coro<> {
                  const auto result = co_await as_result(fails_later());
                  result.value();
              }),
              kFailsLater);
}

TEST_F(Tracebacks, EveryOneOfSeveralWhoAwaitATaskHasItsOwn) {
    run([&]() -> Coro<> {
        const Task<int> task = create_task(awaits(fails_later()));
        const Task<int> a = create_task(awaits_task(task));
        const std::string inner = "awaits" + plus(kAwaits) + " " + kFailsLater;
        while (!a.done()) co_await sleep(1ms);
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(way((co_await as_result(awaits_task(a))).exception(), kTop),
                      "awaits_task" + plus(kTask) + " awaits_task" + plus(kTask) + " " + inner);
            EXPECT_EQ(way((co_await as_result(awaits_task(task))).exception(), kTop),
                      "awaits_task" + plus(kTask) + " " + inner);
        }
        try {
            task.result();
        } catch (...) {
            EXPECT_EQ(way(std::current_exception(), kTop), inner) << "seen from outside";
        }
    });
}

TEST_F(Tracebacks, ShowACoroutineThatWasRenamedByThatName) {
    EXPECT_EQ(way_out_of([]() -> Coro<> {
                  auto coro = fails_later();
                  coro.rename(awaits(fails_at_once()).location());
                  co_await std::move(coro);
              }),
              "awaits");
}

TEST_F(Tracebacks, OfAResultThatIsAskedForTellTheLastAwaitAsSuch) {
    loop().set_debug(true);
    std::string all;
    run([&]() -> Coro<> {
        const auto result = co_await as_result([]() -> Coro<> {
            const Task<> task = create_task(sleeps());
            co_await sleep(0s);
            task.cancel();
            while (!task.done()) co_await sleep(0s);
            task.result();
        });
        all = way(result.exception(), kTop);
    });
    EXPECT_TRUE(all.starts_with("<lambda>+")) << all;
    EXPECT_TRUE(all.ends_with("... sleeps" + plus(kSleeps))) << all;
}

TEST_F(Tracebacks, BeginAnewWithANewError) {
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await replaces(fails_at_once()); }), "replaces");
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await replaces(fails_later()); }),
              "replaces" + plus(kReplaces) + "...");
}

TEST_F(Tracebacks, GoOnWhereAnErrorIsThrownAgain) {
    EXPECT_EQ(way_out_of([]() -> Coro<> {
                  std::exception_ptr error;
                  try {
                      co_await awaits(fails_at_once());
                  } catch (...) {
                      error = std::current_exception();
                  }
                  co_await sleep(1ms);  // what a catch block cannot
                  std::rethrow_exception(error);
              }),
              "awaits" + plus(kAwaits) + " " + kAtOnce);
}

TEST_F(Tracebacks, OfATaskGroupAreThoseOfItsTasks) {
    run([&]() -> Coro<> {
        const auto result = co_await as_result(async_with(TaskGroup(), [](TaskGroup& group) -> Coro<> {
            group.create_task(awaits(fails_later()));
            co_return;
        }));
        const auto* group = exception_ptr_cast<ExceptionGroup>(result.exception());
        EXPECT_NE(group, nullptr);
        if (group) {
            EXPECT_EQ(way(group->exceptions()[0], kTop), "awaits" + plus(kAwaits) + " " + kFailsLater);
        }
    });
}

TEST_F(Tracebacks, OfATimeLimitTellWhereItWas) {
    loop().set_debug(true);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await wait_for(sleeps(), 1ms); }), "sleeps" + plus(kSleeps));
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await async_with(timeout(1ms), sleeps); }),
              "sleeps" + plus(kSleeps));
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await wait_for(create_task(sleeps()), 1ms); }),
              "sleeps" + plus(kSleeps));
    loop().set_debug(false);
    EXPECT_EQ(way_out_of([]() -> Coro<> { co_await wait_for(sleeps(), 1ms); }), "");
}

TEST_F(Tracebacks, OfACancellationAreKeptInDebugMode) {
    for (const bool debug : {false, true}) {
        loop().set_debug(debug);
        EXPECT_EQ(way_out_of([]() -> Coro<> {
                      const Task<> task = create_task(sleeps());
                      co_await sleep(0s);
                      task.cancel();
                      co_await task;
                  }),
                  debug ? "sleeps" + plus(kSleeps) : "");
    }
}

TEST_F(Tracebacks, OfAHundredThousandErrorsLeaveNothingBehind) {
    run([&]() -> Coro<> {
        const std::exception_ptr same = std::make_exception_ptr(ValueError("kept for ever"));
        auto throws_it = [](std::exception_ptr error) -> Coro<int> {
            std::rethrow_exception(error);
            co_return 0;
        };
        for (int i = 0; i < 100'000; ++i) {
            const auto fresh = co_await as_result(fails_at_once());
            EXPECT_FALSE(fresh);
            const auto again = co_await as_result(throws_it(same));
            EXPECT_FALSE(again);
        }
        EXPECT_LE(traceback(same).size(), 1000u);
    });
    EXPECT_EQ(detail::live_tracebacks(), 0u);
}

TEST_F(Tracebacks, AreShownWhenNobodyRetrievedTheError) {
    const tests::LogCapture log;
    run([&]() -> Coro<> {
        loop().set_exception_handler({});
        create_task(awaits(fails_at_once()));
        co_await sleep(0s);
    });
    ASSERT_EQ(log.messages().size(), 1u);
    const std::string text = log.messages()[0];
    const std::string file = "  File \"tracebacks_test.cpp\", line ";
    EXPECT_NE(text.find("\nTraceback (most recent call last):\n" + file + std::to_string(kTop + kAwaits) +
                        ", in aio::awaits\n" + file),
              text.npos)
        << text;
    EXPECT_TRUE(text.ends_with(", in aio::fails_at_once (somewhere in it)\naio::ValueError: v")) << text;
}

}  // namespace
}  // namespace aio
