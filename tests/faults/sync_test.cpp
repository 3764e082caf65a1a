// SPDX-License-Identifier: MIT
// F8 to F10: a wake-up that goes to a task which is cancelled at the same moment reaches another one.

#include <support/ended.hpp>
#include <support/inject.hpp>
#include <support/lifetime.hpp>
#include <support/turns.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

/// How something is held that has acquire() and release().
enum class Form { plain, guard, async_with, wait_for };
constexpr Form kForms[] = {Form::plain, Form::guard, Form::async_with, Form::wait_for};

/// Runs `body` while it holds `primitive`.
template <class Primitive, class Body>
Coro<> run_holding(Primitive& primitive, Form form, Body body) {
    if (form == Form::guard) {
        const auto guard = co_await primitive.guard();
        co_await body();
    } else if (form == Form::async_with) {
        co_await async_with(primitive, body);
    } else {
        if (form == Form::plain) {
            co_await primitive.acquire();
        } else {
            co_await wait_for(primitive.acquire(), 1h);
        }
        const AtEnd released([&] { primitive.release(); });
        co_await body();
    }
}

/// Holds `primitive` for two turns, and notes that in `trace`.
template <class Primitive>
Coro<> hold(Primitive& primitive, Form form, Strings& trace, std::string name) {
    auto body = [&]() -> Coro<> {
        trace.push_back(name);
        co_await sleep(0s);
        co_await sleep(0s);
    };
    co_await run_holding(primitive, form, body);
}

struct SyncFaults : ::testing::Test, testing::LoopTest {
    Strings trace;

    template <class Primitive>
    auto hold_as(Primitive& primitive, Form form, std::string name) {
        return create_task(hold<Primitive>, std::ref(primitive), form, std::ref(trace), std::move(name));
    }
    /// acquire() succeeds at once, and nobody stands in line.
    template <class Primitive>
    Coro<> expect_free(Primitive& primitive) {
        EXPECT_FALSE(primitive.locked()) << primitive.repr();
        EXPECT_EQ(primitive.repr().find("waiters"), std::string::npos) << primitive.repr();
        const std::uint64_t turn = loop().stats().iterations;
        co_await primitive.acquire();
        EXPECT_EQ(loop().stats().iterations, turn);
        primitive.release();
    }
    /// `Primitive` is held; a and b wait; in one step it is released and a cancelled, or the other way round.
    template <class Primitive>
    void release_and_cancel(bool cancel_first, int waiters) {
        for (const Form form : kForms) {
            trace.clear();
            run([&]() -> Coro<> {
                Primitive primitive;
                co_await primitive.acquire();
                Task<> a = hold_as(primitive, form, "a");
                std::vector<Task<>> others;
                for (int i = 1; i < waiters; ++i) others.push_back(hold_as(primitive, form, "b"));
                co_await turns(5);
                if (cancel_first) a.cancel();
                primitive.release();
                if (!cancel_first) a.cancel();
                co_await ended(a);
                EXPECT_TRUE(a.cancelled());
                if (waiters == 1) co_await expect_free(primitive);
                for (Task<>& other : others) co_await other;
                EXPECT_EQ(trace, Strings(others.size(), "b"));
                co_await expect_free(primitive);
            });
            EXPECT_EQ(clock().elapsed(), 0s);
        }
        EXPECT_TRUE(reports().empty());
    }
    /// In the step of the release another task asks as well: it does not overtake.
    template <class Primitive>
    void barge(bool cancel) {
        for (const Form form : kForms) {
            trace.clear();
            run([&]() -> Coro<> {
                Primitive primitive;
                co_await primitive.acquire();
                Task<> a = hold_as(primitive, form, "a");
                Task<> b = hold_as(primitive, form, "b");
                co_await turns(5);
                primitive.release();
                if (cancel) a.cancel();
                EXPECT_FALSE(primitive.try_acquire());
                co_await hold(primitive, form, trace, "the barger");
                co_await ended(a, b);
                EXPECT_EQ(trace, cancel ? (Strings{"b", "the barger"}) : (Strings{"a", "b", "the barger"}));
                co_await expect_free(primitive);
            });
        }
    }
};

/// The subject waits and is cancelled everywhere; others hold, release and wait as well.
template <class Primitive>
struct WaitsToHold : Scenario {
    Primitive primitive;
    Strings trace;
    Form form;
    explicit WaitsToHold(Form with) : form(with) {}
    Coro<> prepare() override { co_await primitive.acquire(); }
    Coro<> subject() override { co_await hold(primitive, form, trace, "subject"); }
    Coro<> others() override {
        co_await sleep(0s);
        Task<> second = create_task(hold<Primitive>, std::ref(primitive), form, std::ref(trace), "second");
        co_await turns(5);
        primitive.release();
        co_await second;
        co_await hold(primitive, form, trace, "fresh");
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (trace.front() == "subject") trace.erase(trace.begin());
        EXPECT_EQ(trace, (Strings{"second", "fresh"}));
        EXPECT_FALSE(primitive.locked()) << primitive.repr();
        EXPECT_EQ(primitive.repr().find("waiters"), std::string::npos) << primitive.repr();
    }
};

// --- F8 -------------------------------------------------------------------------------------------------

TEST_F(SyncFaults, F8_woken_waiter_of_a_semaphore_is_cancelled) { release_and_cancel<Semaphore>(false, 2); }
TEST_F(SyncFaults, F8_woken_waiter_of_a_semaphore_is_cancelled_swapped) {
    release_and_cancel<Semaphore>(true, 2);
}
TEST_F(SyncFaults, F8_woken_waiter_of_a_semaphore_is_cancelled_before_others) {
    release_and_cancel<Semaphore>(false, 4);
}
TEST_F(SyncFaults, F8_only_waiter_of_a_semaphore_is_cancelled) {
    release_and_cancel<Semaphore>(false, 1);
    release_and_cancel<Semaphore>(true, 1);
}
TEST_F(SyncFaults, F8_nobody_overtakes_a_woken_waiter_of_a_semaphore) { barge<Semaphore>(false); }
TEST_F(SyncFaults, F8_nobody_overtakes_the_heir_of_a_cancelled_waiter) { barge<Semaphore>(true); }
TEST_F(SyncFaults, F8_woken_waiter_of_a_bounded_semaphore_is_cancelled) {
    release_and_cancel<BoundedSemaphore>(false, 2);
    release_and_cancel<BoundedSemaphore>(true, 2);
    barge<BoundedSemaphore>(true);
}
TEST_F(SyncFaults, F8_waiter_of_a_semaphore_cancelled_everywhere) {
    for (const Form form : kForms) inject<WaitsToHold<Semaphore>>(21, form);
}

TEST_F(SyncFaults, F8_several_permits_are_conserved) {
    run([&]() -> Coro<> {
        Semaphore semaphore(3);
        for (int i = 0; i < 3; ++i) co_await semaphore.acquire();
        std::vector<Task<>> tasks;
        for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
            tasks.push_back(hold_as(semaphore, Form::plain, name));
        }
        co_await turns(5);
        for (int i = 0; i < 3; ++i) semaphore.release();
        tasks[0].cancel();
        tasks[2].cancel();
        co_await sleep(0s);
        EXPECT_EQ(trace, Strings{"b"});
        tasks[1].cancel();  // while it holds a permit
        co_await wait(tasks);
        EXPECT_EQ(trace, (Strings{"b", "d", "e", "f"}));
        EXPECT_EQ(semaphore.value(), 3);
        co_await expect_free(semaphore);
    });
}

// --- F9 -------------------------------------------------------------------------------------------------

TEST_F(SyncFaults, F9_woken_waiter_of_a_lock_is_cancelled) { release_and_cancel<Lock>(false, 2); }
TEST_F(SyncFaults, F9_woken_waiter_of_a_lock_is_cancelled_swapped) { release_and_cancel<Lock>(true, 2); }
TEST_F(SyncFaults, F9_woken_waiter_of_a_lock_is_cancelled_before_others) {
    release_and_cancel<Lock>(false, 4);
}
TEST_F(SyncFaults, F9_only_waiter_of_a_lock_is_cancelled) {
    release_and_cancel<Lock>(false, 1);
    release_and_cancel<Lock>(true, 1);
}
TEST_F(SyncFaults, F9_waiter_of_a_lock_cancelled_everywhere) {
    for (const Form form : kForms) inject<WaitsToHold<Lock>>(21, form);
}

// 50 tasks, 10,000 steps: take, give back, cancel.
TEST_F(SyncFaults, F9_random_steps_on_a_lock) {
    for (const unsigned seed : {1U, 2U, 3U}) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        run([&]() -> Coro<> {
            Lock lock;
            int inside = 0;
            int taken = 0;
            std::vector<Task<>> tasks(50);
            auto holder = [&](Form form, int turns) -> Coro<> {
                auto body = [&]() -> Coro<> {
                    EXPECT_EQ(++inside, 1);
                    ++taken;
                    const AtEnd left([&] { --inside; });
                    for (int turn = 0; turn < turns; ++turn) co_await sleep(0s);
                };
                co_await run_holding(lock, form, body);
            };
            for (int step = 0; step < 10'000; ++step) {
                Task<>& task = tasks[random() % tasks.size()];
                if (!task || task.done()) {
                    task = create_task(holder, kForms[1 + random() % 3], static_cast<int>(random() % 4));
                } else if (random() % 2 == 0) {
                    task.cancel();
                }
                if (random() % 4 == 0) co_await sleep(0s);
            }
            std::erase_if(tasks, [](const Task<>& task) { return !task; });
            co_await wait(tasks);
            EXPECT_GT(taken, 100);
            EXPECT_EQ(inside, 0);
            co_await expect_free(lock);
            EXPECT_EQ(loop().stats().timers, 0U);
        });
        EXPECT_TRUE(reports().empty());
    }
}

// --- F10 ------------------------------------------------------------------------------------------------

/// How a condition is waited for.
enum class Wait { plain, predicate, limited };

struct ConditionFaults : ::testing::Test, testing::LoopTest {
    Condition condition;
    int tokens = 0;
    Strings trace;

    Coro<> take(std::string name, Wait how) {
        const auto guard = co_await condition.guard();
        try {
            auto there = [this] { return tokens > 0; };
            if (how == Wait::predicate) {
                co_await condition.wait_for(there);
            } else if (how == Wait::limited) {
                co_await wait_for(condition.wait(), 1h);
            } else {
                co_await condition.wait();
            }
        } catch (const CancelledError&) {
            EXPECT_TRUE(condition.locked());
            trace.push_back(name + " cancelled");
            throw;
        }
        EXPECT_TRUE(condition.locked());
        --tokens;
        trace.push_back(name);
    }
    /// Two wait; then step(first), with the lock held, until both have ended. The second one gets the token.
    template <class F>
    void cancel_first_of_two(F step) {
        for (const Wait how : {Wait::plain, Wait::predicate, Wait::limited}) {
            trace.clear();
            run([&]() -> Coro<> {
                Task<> a = create_task(take("a", how));
                Task<> b = create_task(take("b", how));
                co_await turns(5);
                co_await condition.acquire();
                ++tokens;
                co_await step(a);
                condition.release();
                co_await ended(a, b);
                EXPECT_TRUE(a.cancelled());
                EXPECT_FALSE(b.cancelled());
                EXPECT_EQ(trace, (Strings{"a cancelled", "b"}));
                EXPECT_EQ(tokens, 0);
                EXPECT_FALSE(condition.locked());
                EXPECT_EQ(condition.repr().find("waiters"), std::string::npos) << condition.repr();
            });
            EXPECT_EQ(clock().elapsed(), 0s);
        }
        EXPECT_TRUE(reports().empty());
    }
};

TEST_F(ConditionFaults, F10_notified_waiter_is_cancelled) {
    cancel_first_of_two([&](Task<> first) -> Coro<> {
        condition.notify();
        first.cancel();
        co_return;
    });
}
TEST_F(ConditionFaults, F10_notified_waiter_is_cancelled_swapped) {
    cancel_first_of_two([&](Task<> first) -> Coro<> {
        first.cancel();
        condition.notify();
        co_return;
    });
}
TEST_F(ConditionFaults, F10_cancelled_while_it_gets_a_contended_lock_back) {
    cancel_first_of_two([&](Task<> first) -> Coro<> {
        condition.notify();
        co_await turns(5);  // it waits for the lock
        first.cancel();
        co_await turns(5);
        EXPECT_FALSE(first.done());
    });
}
TEST_F(ConditionFaults, F10_cancelled_again_while_it_gets_a_contended_lock_back) {
    cancel_first_of_two([&](Task<> first) -> Coro<> {
        condition.notify();
        first.cancel();
        for (int i = 0; i < 3; ++i) {
            co_await turns(5);
            first.cancel();
        }
        EXPECT_FALSE(first.done());
    });
}

/// A producer and two consumers, of which one is cancelled everywhere.
struct ConsumesTokens : Scenario {
    Condition condition;
    int tokens = 0;
    int taken = 0;

    Coro<> consume() {
        const auto guard = co_await condition.guard();
        auto there = [this] { return tokens > 0; };
        co_await condition.wait_for(there);
        --tokens;
        ++taken;
    }
    Coro<> subject() override { co_await consume(); }
    Coro<> others() override {
        co_await turns(5);  // the subject waits first
        Task<> rival = create_task(consume());
        for (int i = 0; i < 2; ++i) {
            co_await turns(5);
            const auto guard = co_await condition.guard();
            ++tokens;
            condition.notify();
            co_await turns(5);  // who was notified wants the lock meanwhile
        }
        co_await rival;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(tokens + taken, 2);
        EXPECT_GE(taken, outcome.subject.cancelled() ? 1 : 2);
        EXPECT_FALSE(condition.locked());
    }
};

TEST_F(ConditionFaults, F10_a_consumer_cancelled_everywhere) { inject<ConsumesTokens>(36); }

}  // namespace
}  // namespace aio::tests
