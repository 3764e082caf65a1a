// SPDX-License-Identifier: MIT
// No undefined behaviour: things destroyed at awkward moments. Each case is worth its while under
// AddressSanitizer and UndefinedBehaviorSanitizer; without them it shows that nothing crashes or leaks.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <compose/guard.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using tests::Guard;

AsyncGenerator<int> sleepy(Guard) {
    co_await sleep(9s);
    co_yield 1;
}
AsyncGenerator<int> endless(Guard) {
    while (true) co_yield 1;
}

struct LifetimeTest : ::testing::Test, testing::LoopTest {
    int alive = 0;
    Future<> never = loop().create_future<>();

    Coro<> waiting(Guard, std::string what) {
        if (what == "sleep") co_await sleep(9s);
        if (what == "turn") {
            while (true) co_await sleep(0s);
        }
        if (what == "future") co_await never;
        if (what == "task") co_await create_task(sleep(9s));
        if (what == "gather") co_await gather(never, sleep(9s), waiting(Guard(alive), "future"));
        if (what == "wait") {
            std::vector<AnyFuture> futures{never, create_task(sleep(9s))};
            co_await wait(futures, 5s);
        }
        if (what == "nested") co_await waiting(Guard(alive), "sleep");
        if (what == "generator") {
            auto values = sleepy(Guard(alive));
            co_await values.next();
        }
        if (what == "suspended generator") {
            auto values = endless(Guard(alive));
            co_await values.next();
            co_await never;
        }
    }
    static const Strings& places() {
        static const Strings all{"sleep",  "turn",      "future",
                                 "task",   "gather",    "wait",
                                 "nested", "generator", "suspended generator"};
        return all;
    }
};

TEST_F(LifetimeTest, TasksDestroyedWithTheirLoop) {
    for (const std::string& what : places()) loop().create_task(waiting(Guard(alive), what));
    loop().run_until_complete(sleep(0s));
    loop().create_task(waiting(Guard(alive), "unstarted"));
    EXPECT_GE(alive, 10);
    loop().close();
    EXPECT_EQ(alive, 0);
    EXPECT_GE(reports().size(), 10u);
}

TEST_F(LifetimeTest, TasksDestroyedWithTheirLoopWhileHandlesLiveOn) {
    std::vector<Task<>> tasks;
    for (const std::string& what : places()) tasks.push_back(loop().create_task(waiting(Guard(alive), what)));
    loop().run_until_complete(sleep(0s));
    tasks.push_back(loop().create_task(waiting(Guard(alive), "unstarted")));
    loop().close();
    EXPECT_EQ(alive, 0) << "the frames go with the loop";
    for (const Task<>& task : tasks) {
        EXPECT_FALSE(task.done());
        EXPECT_TRUE(task.repr().starts_with("<Task pending ")) << task.repr();
        EXPECT_TRUE(task.cancel());
        EXPECT_THROW(task.result(), InvalidStateError);
        task.add_done_callback([](const Task<>&) { FAIL(); });
    }
    never.set_result();
}

TEST_F(LifetimeTest, ALoopThatEndsInTheIterationOfManyWakeUps) {
    for (const std::string& what : places()) loop().create_task(waiting(Guard(alive), what));
    loop().run_until_complete(sleep(0s));
    clock().advance(9s);
    loop().call_soon([&] {
        never.set_result();
        throw KeyboardInterrupt();
    });
    EXPECT_THROW(loop().run_forever(), KeyboardInterrupt);
    loop().close();
    EXPECT_EQ(alive, 0);
}

TEST_F(LifetimeTest, CyclesOfTasksEndWithTheLoop) {
    auto a = std::make_shared<Task<>>();
    auto b = std::make_shared<Task<>>();
    auto body = [](Guard, std::shared_ptr<Task<>> self, std::shared_ptr<Task<>> other) -> Coro<> {
        co_await gather(*other, sleep(9s));
        self.reset();
    };
    *a = loop().create_task(body, Guard(alive), a, b);
    *b = loop().create_task(body, Guard(alive), b, a);
    const std::weak_ptr<Task<>> watched = a;
    a.reset();
    b.reset();
    loop().run_until_complete(sleep(0s));
    EXPECT_NE(watched.lock()->repr().find("wait_for=<_GatheringFuture pending cb=[wakeup of 'Task-"),
              std::string::npos);
    loop().close();
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(watched.expired());
}

TEST_F(LifetimeTest, AGeneratorOutlivesTheLoopThatWasInTheMiddleOfAStep) {
    std::optional<AsyncGenerator<int>> values = sleepy(Guard(alive));
    auto step = [&]() -> Coro<> { co_await values->next(); };
    loop().create_task(step);
    loop().run_until_complete(sleep(0s));
    loop().close();
    EXPECT_EQ(alive, 1);
    values.reset();
    EXPECT_EQ(alive, 0);
}

TEST_F(LifetimeTest, AReportsHandlerMayKeepADyingTask) {
    std::vector<AnyFuture> kept;
    loop().set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
        kept.push_back(*context.get<AnyFuture>("task"));
    });
    loop().create_task(waiting(Guard(alive), "sleep"));
    loop().run_until_complete(sleep(0s));
    loop().close();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_FALSE(kept[0].done());
    kept[0].cancel();
    kept.clear();
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(kept.empty()) << "reported once";
}

TEST_F(LifetimeTest, CancelledInTheVeryIterationInWhichItWasWoken) {
    run([&]() -> Coro<> {
        for (const std::string& what : places()) {
            if (what == "turn") continue;  // time stands still while it goes round
            never = loop().create_future<>();
            Task<> task = create_task(waiting(Guard(alive), what));
            co_await sleep(0s);
            const TimePoint when = loop().time() + 9s;
            auto end_everything = [&] {
                if (!never.done()) never.set_result();
                task.cancel("first");
                task.cancel("second");
            };
            loop().call_at(when, end_everything);
            std::vector<Task<>> tasks{task};
            co_await wait(tasks);
            EXPECT_TRUE(task.done()) << what;
            for (const AnyTask& left : all_tasks()) {
                if (left != current_task()) left.cancel();
            }
            co_await sleep(1s);
            EXPECT_EQ(all_tasks().size(), 1u) << what;
        }
        EXPECT_EQ(alive, 0);
    });
}

}  // namespace
}  // namespace aio
