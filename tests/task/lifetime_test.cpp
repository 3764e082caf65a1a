// SPDX-License-Identifier: MIT
// No undefined behaviour: things destroyed at awkward moments. Each case is worth its while under
// AddressSanitizer and UndefinedBehaviorSanitizer; without them it shows that nothing crashes or leaks.
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

// Counts how many of its copies live: what a frame holds is destroyed exactly once.
class Guard {
public:
    explicit Guard(int& alive) : alive_(&alive) { ++*alive_; }
    Guard(const Guard& other) : alive_(other.alive_) { ++*alive_; }
    Guard& operator=(const Guard&) = delete;
    ~Guard() { --*alive_; }

private:
    int* alive_;
};

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
    EXPECT_NE(watched.lock()->repr().find("wait_for=<_GatheringFuture pending>"), std::string::npos);
    loop().close();
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(watched.expired());
}

TEST_F(LifetimeTest, TasksThatWaitForEachOtherCanBeShownAndCancelled) {
    run([&]() -> Coro<> {
        std::vector<Task<>> ring(5);
        auto body = [&](std::size_t next) -> Coro<> { co_await ring[next]; };
        for (std::size_t i = 0; i < 5; ++i) ring[i] = create_task(body, (i + 1) % 5);
        co_await sleep(0s);
        EXPECT_TRUE(ring[0].repr().ends_with(" wait_for=...>>>>>")) << ring[0].repr();
        EXPECT_TRUE(ring[0].cancel("cut"));
        EXPECT_TRUE(ring[0].cancel("again"));
        co_await wait(ring);
        for (const Task<>& task : ring) EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(ring[0].cancelling(), 2u);
    });
}

TEST_F(LifetimeTest, ATaskMayCancelItselfAndThenJoinACircle) {
    run([&]() -> Coro<> {
        Task<> first;
        Task<> second;
        auto waits = [](Task<>& other) -> Coro<> { co_await other; };
        auto cancels = [](Task<>& other) -> Coro<> {
            current_task().cancel("own");
            co_await other;
        };
        second = create_task(waits, std::ref(first));
        first = create_task(cancels, std::ref(second));
        std::vector<Task<>> both{first, second};
        co_await wait(both);
        EXPECT_TRUE(first.cancelled() && second.cancelled());
    });
}

TEST_F(LifetimeTest, ALongChainOfTasksCanBeCancelledShownAndDestroyed) {
    auto body = [](Task<> next) -> Coro<> { co_await next; };
    auto chain = [&](int length) {
        Task<> task = loop().create_task(sleep(9s));
        for (int i = 0; i < length; ++i) task = loop().create_task(body, std::move(task));
        return task;
    };
    run([&]() -> Coro<> {
        Task<> head = chain(1000);
        co_await sleep(0s);
        EXPECT_LT(head.repr().size(), 5000u);
        head.cancel();
        std::vector<Task<>> heads{head};
        co_await wait(heads);
        EXPECT_TRUE(head.cancelled());
    });
    Task<> left = chain(1000);
    loop().run_until_complete(sleep(0s));
    loop().close();
    EXPECT_FALSE(left.done());
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

TEST_F(LifetimeTest, AGeneratorsBodyMayDropItsHandle) {
    std::optional<AsyncGenerator<int>> values;
    auto body = [&](Guard) -> AsyncGenerator<int> {
        values.reset();
        co_await sleep(0s);
        co_yield 1;
    };
    run([&]() -> Coro<> {
        values = body(Guard(alive));
        const auto value = co_await values->next();
        EXPECT_EQ(value, 1);
        EXPECT_FALSE(values);
        co_await sleep(1s);
        EXPECT_EQ(alive, 0);
    });
}

TEST_F(LifetimeTest, ATaskMayDropTheLastHandleToItself) {
    auto own = std::make_unique<Task<>>();
    auto body = [&](Guard) -> Coro<> {
        own.reset();
        co_await sleep(0s);
    };
    run([&]() -> Coro<> {
        *own = create_task(body, Guard(alive));
        co_await sleep(0s);
        EXPECT_EQ(own, nullptr);
        co_await sleep(1s);
        EXPECT_EQ(alive, 0);
    });
}

TEST_F(LifetimeTest, ATaskMayDropTheFutureItHasJustAwaited) {
    run([&]() -> Coro<> {
        Future<std::string> future = loop().create_future<std::string>();
        loop().call_soon([future] { future.set_result("value"); });
        const std::string value = co_await std::exchange(future, {});
        EXPECT_EQ(value, "value");
    });
}

TEST_F(LifetimeTest, ADoneCallbackMayDropItsFutureAndItself) {
    auto future = std::make_unique<Future<>>(loop().create_future<>());
    auto owner = std::make_shared<DoneCallback>();
    int calls = 0;
    *owner = future->add_done_callback([&, guard = Guard(alive), owner](const Future<>& done) {
        *owner = DoneCallback();
        future.reset();
        EXPECT_TRUE(done.done());
        calls += alive;
    });
    owner.reset();
    loop().call_soon([&] { future->set_result(); });
    loop().run_until_complete(sleep(0s));
    loop().run_until_complete(sleep(0s));
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(alive, 0);
}

// A callable that owns its own future: only the completion, or the loop's end, breaks the circle.
TEST_F(LifetimeTest, ACallbackThatIsRemovedByItsOwnDestruction) {
    {
        Future<> future = loop().create_future<>();
        auto callback = std::make_shared<DoneCallback>();
        *callback = future.add_done_callback([guard = Guard(alive)](const Future<>&) {});
        EXPECT_EQ(future.remove_done_callback(*callback), 1u);
        callback.reset();
        EXPECT_EQ(alive, 0);
        future.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    }
    EXPECT_EQ(alive, 0) << "a future that dies pending drops its callbacks";
}

TEST_F(LifetimeTest, CallbacksQueuedWhenTheLoopClosesAreDropped) {
    Future<> future = loop().create_future<>();
    future.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    Future<> failed = loop().create_future<>();
    failed.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    future.set_result();
    failed.set_exception(ValueError("x"));
    failed = {};
    loop().close();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(reports(), Strings{"Future exception was never retrieved [exception, future]"});
    future.add_done_callback([guard = Guard(alive)](const Future<>&) { FAIL(); });
    EXPECT_EQ(alive, 0);
}

// What a dying frame destroys may use the loop, other tasks and its own task.
TEST_F(LifetimeTest, DestructorsThatComeBack) {
    struct Meddler {
        std::function<void()> at_end;
        ~Meddler() {
            if (at_end) at_end();
        }
    };
    std::vector<Task<>> tasks;
    auto body = [](std::unique_ptr<Meddler>) -> Coro<> { co_await sleep(9s); };
    for (int i = 0; i < 3; ++i) {
        auto meddler = std::make_unique<Meddler>();
        meddler->at_end = [&] {
            for (const Task<>& task : tasks) task.cancel();
            EXPECT_THROW(loop().call_soon([] {}), RuntimeError);
            EXPECT_THROW(loop().create_task(sleep(1s)).done(), RuntimeError);
            EXPECT_LE(all_tasks(loop()).size(), 3u);
            tasks.clear();
        };
        tasks.push_back(loop().create_task(body, std::move(meddler)));
    }
    loop().run_until_complete(sleep(0s));
    loop().close();
    EXPECT_TRUE(tasks.empty());
    EXPECT_EQ(reports().size(), 3u);
}

TEST_F(LifetimeTest, AFinishingTasksLocalsMayCancelIt) {
    struct Canceller {
        AnyTask task = current_task();
        ~Canceller() { task.cancel("at the end"); }
    };
    auto body = []() -> Coro<int> {
        const Canceller canceller;
        co_return 1;
    };
    run([&]() -> Coro<> {
        Task<int> task = create_task(body);
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
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
