// SPDX-License-Identifier: MIT
// Cancellation where several things end together: task groups, exit stacks, races.
#include <support/inject.hpp>
#include <support/lifetime.hpp>

#include <chrono>
#include <functional>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Every child that has begun ends before the group does.
struct Groups : Scenario {
    int begun = 0;
    int ended = 0;
    Coro<> child(Duration takes) {
        ++begun;
        const AtEnd count([this] { ++ended; });
        co_await sleep(takes);
    }
    Coro<> body(TaskGroup& group) {
        group.create_task(child(1s));
        group.create_task(child(2s));
        co_await sleep(1s);
        group.create_task(child(0s));
    }
    Coro<> subject() override {
        auto enter = [this](TaskGroup& group) { return body(group); };
        co_await async_with(TaskGroup(), enter);
        EXPECT_EQ(ended, 3);
    }
    Coro<> finish() override {
        EXPECT_EQ(begun, ended);
        co_return;
    }
};

TEST(GroupInjection, TaskGroup) {
    const InjectionCounts counts = inject<Groups>(25);
    EXPECT_GT(counts.woken, 2U);
}

// A child fails: the others are cancelled and awaited, and no request from outside is lost beside the error.
struct FailingGroup : Groups {
    static Coro<> fail() {
        co_await sleep(1s);
        throw ValueError("one");
    }
    Coro<> failing_body(TaskGroup& group) {
        group.create_task(child(2s));
        group.create_task(fail());
        co_await sleep(5s);
    }
    Coro<> subject() override {
        auto enter = [this](TaskGroup& group) { return failing_body(group); };
        bool failed = false;
        try {
            co_await async_with(TaskGroup(), enter);
        } catch (const BaseExceptionGroup& group) {
            failed = true;
            EXPECT_EQ(group.exceptions().size(), 1U);
        }
        EXPECT_TRUE(failed);
        EXPECT_EQ(begun, ended);
        co_await sleep(0s);  // where a request that came beside the error is delivered
    }
};

TEST(GroupInjection, TaskGroupThatFails) { inject<FailingGroup>(20); }

// cancel() of the group itself beside requests from outside, which it must not swallow.
struct CancelledGroup : Groups {
    Coro<> cancelled_body(TaskGroup& group) {
        group.create_task(child(2s));
        co_await sleep(1s);
        group.cancel();
        co_await sleep(5s);
    }
    Coro<> subject() override {
        auto enter = [this](TaskGroup& group) { return cancelled_body(group); };
        co_await async_with(TaskGroup(), enter);
        EXPECT_EQ(begun, ended);
        co_await sleep(0s);
    }
};

TEST(GroupInjection, TaskGroupThatCancelsItself) { inject<CancelledGroup>(17); }

// What was entered is left, once, in whatever state the stack is.
struct Stacks : Scenario {
    struct Manager {
        int entered = 0;
        int left = 0;
        Coro<> aenter() {
            co_await sleep(1s);
            ++entered;
        }
        Coro<> aexit() {
            ++left;
            co_await sleep(1s);
        }
    };
    Manager first;
    Manager second;
    int pushed = 0;
    int called = 0;
    Coro<> call() {
        ++called;
        co_await sleep(0s);
    }
    Coro<> body(AsyncExitStack& stack) {
        co_await stack.enter_async_context(first);
        stack.push_async_callback([this] { return call(); });
        ++pushed;
        co_await sleep(1s);
        co_await stack.enter_async_context(second);
    }
    Coro<> subject() override {
        auto enter = [this](AsyncExitStack& stack) { return body(stack); };
        co_await async_with(AsyncExitStack(), enter);
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(first.entered, first.left);
        EXPECT_EQ(second.entered, second.left);
        EXPECT_EQ(pushed, called);
    }
};

TEST(GroupInjection, AsyncExitStack) { inject<Stacks>(24); }

// The racers are cancelled with the race.
struct Races : Scenario {
    int begun = 0;
    int ended = 0;
    Coro<int> racer(int number) {
        ++begun;
        const AtEnd count([this] { ++ended; });
        co_await sleep(std::chrono::seconds(4 - number));
        if (number == 2) throw ValueError("loses");
        co_return number;
    }
    Coro<> subject() override {
        std::vector<std::function<Coro<int>()>> racers;
        for (int i = 0; i < 3; ++i) racers.push_back([this, i] { return racer(i); });
        const auto race = co_await staggered_race(std::move(racers), 500ms);
        EXPECT_EQ(race.result, 1);
    }
    Coro<> finish() override {
        EXPECT_EQ(begun, ended);
        co_return;
    }
};

TEST(GroupInjection, StaggeredRace) { inject<Races>(41); }

}  // namespace
}  // namespace aio::tests
