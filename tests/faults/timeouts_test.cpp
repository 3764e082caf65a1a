// SPDX-License-Identifier: MIT
// F3 to F5: whose cancellation it is, where limits and collected errors come together with one from outside.
#include <support/caught.hpp>
#include <support/inject.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct TimeoutFaults : ::testing::Test, testing::LoopTest {
    /// Runs fn(), whose limit passes after a second, and cancels it in the iteration in which it did, before
    /// it ran again. It must end as cancelled, with that request counted.
    template <class F>
    void cancel_when_the_limit_has_fired(F fn) {
        run([&]() -> Coro<> {
            auto task = create_task(fn);
            const UniqueFunction<void()> look = [&] {
                if (task.cancelling() == 0) {
                    ASSERT_FALSE(task.done());
                    loop().call_soon([&] { look(); });
                } else {
                    EXPECT_EQ(task.cancelling(), 1U);
                    EXPECT_TRUE(task.cancel());
                }
            };
            co_await sleep(0s);
            loop().call_later(1s, [&] { look(); });
            co_await ended(task);
            EXPECT_TRUE(task.cancelled());
            EXPECT_EQ(task.cancelling(), 1U);
        });
        EXPECT_EQ(clock().elapsed(), 1s);
    }
};

Coro<> long_sleep() { co_await sleep(9s); }

// --- F3 -------------------------------------------------------------------------------------------------

TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout) {
    cancel_when_the_limit_has_fired([]() -> Coro<> { co_await async_with(timeout(1s), long_sleep); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout_bare_await) {
    cancel_when_the_limit_has_fired(
        []() -> Coro<> { co_await async_with(timeout(1s), [] { return sleep(9s); }); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout_by_hand) {
    cancel_when_the_limit_has_fired([]() -> Coro<> {
        Timeout limit = timeout(1s);
        co_await limit.aenter();
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (...) {
            error = std::current_exception();
        }
        co_await limit.aexit(error);
        std::rethrow_exception(error);
    });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout_rescheduled) {
    auto moves = [](Timeout& limit) -> Coro<> {
        limit.reschedule(get_running_loop().time() + 1s);
        co_await sleep(9s);
    };
    cancel_when_the_limit_has_fired([moves]() -> Coro<> { co_await async_with(timeout(5s), moves); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout_inside_another) {
    auto inner = []() -> Coro<> { co_await async_with(timeout(1s), long_sleep); };
    cancel_when_the_limit_has_fired([inner]() -> Coro<> { co_await async_with(timeout(5s), inner); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout_around_another) {
    auto inner = []() -> Coro<> { co_await async_with(timeout(5s), long_sleep); };
    cancel_when_the_limit_has_fired([inner]() -> Coro<> { co_await async_with(timeout(1s), inner); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_timeout_around_a_group) {
    auto body = [](TaskGroup& group) -> Coro<> {
        group.create_task(long_sleep());
        co_await sleep(9s);
    };
    auto grouped = [body]() -> Coro<> { co_await async_with(TaskGroup(), body); };
    cancel_when_the_limit_has_fired([grouped]() -> Coro<> { co_await async_with(timeout(1s), grouped); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_wait_for) {
    cancel_when_the_limit_has_fired([]() -> Coro<> { co_await wait_for(long_sleep(), 1s); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_wait_for_task) {
    cancel_when_the_limit_has_fired([]() -> Coro<> { co_await wait_for(create_task(long_sleep()), 1s); });
}
TEST_F(TimeoutFaults, F3_outside_cancel_of_a_fired_wait_for_queue) {
    Queue<int> queue;
    cancel_when_the_limit_has_fired([&queue]() -> Coro<> { co_await wait_for(queue.get(), 1s); });
}

// --- F4 -------------------------------------------------------------------------------------------------

/// Is cancelled `requests` times, and then runs fn(), which is a limit that passes; the count stays what it
/// was.
template <class F>
Coro<std::string> limited_while_cancelled(F fn) {
    bool cancelled = false;
    try {
        co_await sleep(9s);
    } catch (const CancelledError&) {
        cancelled = true;
    }
    const unsigned before = current_task().cancelling();
    std::string text = cancelled ? "cancelled, then " : "not cancelled, then ";
    text += co_await caught(fn());
    EXPECT_EQ(current_task().cancelling(), before);
    co_return text;
}

template <class F>
void limit_while_cancelled(testing::LoopTest& test, unsigned requests, F fn) {
    test.run([&]() -> Coro<> {
        auto task = create_task(limited_while_cancelled(fn));
        co_await sleep(1s);
        for (unsigned i = 0; i < requests; ++i) task.cancel();
        EXPECT_EQ(co_await task, "cancelled, then TimeoutError");
        EXPECT_EQ(task.cancelling(), requests);
    });
    EXPECT_EQ(test.clock().elapsed(), 2s);
}

TEST_F(TimeoutFaults, F4_timeout_in_the_handler_of_a_cancel) {
    limit_while_cancelled(*this, 1, [] { return async_with(timeout(1s), long_sleep); });
}
TEST_F(TimeoutFaults, F4_timeout_in_the_handler_of_two_cancels) {
    limit_while_cancelled(*this, 2, [] { return async_with(timeout(1s), long_sleep); });
}
TEST_F(TimeoutFaults, F4_wait_for_in_the_handler_of_a_cancel) {
    limit_while_cancelled(*this, 1, [] { return wait_for(long_sleep(), 1s); });
}
TEST_F(TimeoutFaults, F4_nested_timeouts_in_the_handler_of_a_cancel) {
    auto inner = []() -> Coro<> { co_await async_with(timeout(1s), long_sleep); };
    limit_while_cancelled(*this, 1, [inner] { return async_with(timeout(5s), inner); });
}
TEST_F(TimeoutFaults, F4_timeout_around_a_group_in_the_handler_of_a_cancel) {
    auto body = [](TaskGroup& group) -> Coro<> {
        group.create_task(long_sleep());
        co_return;
    };
    auto grouped = [body]() -> Coro<> { co_await async_with(TaskGroup(), body); };
    limit_while_cancelled(*this, 1, [grouped] { return async_with(timeout(1s), grouped); });
}

// --- F5 -------------------------------------------------------------------------------------------------

// The children have ended when the subject has.
struct Gathers : Scenario {
    std::vector<Task<>> children;
    bool begun = false;
    Coro<> prepare() override {
        for (const auto takes : {1s, 2s}) children.push_back(create_task(sleep(takes)));
        co_return;
    }
    virtual Coro<> collect() { co_await gather(return_exceptions, children[0], children[1]); }
    Coro<> subject() override {
        begun = true;
        co_await collect();
    }
    Coro<> finish() override {
        for (const Task<>& child : children) {
            EXPECT_TRUE(child.done() || !begun);
            child.cancel();
        }
        co_await ended(children[0], children[1]);
        children.clear();
    }
};
struct GathersRange : Gathers {
    Coro<> collect() override { co_await gather(return_exceptions, children); }
};
struct GathersNested : Gathers {
    Coro<> collect() override {
        co_await gather(return_exceptions, gather(return_exceptions, children[0]), children[1]);
    }
};

TEST_F(TimeoutFaults, F5_cancel_is_not_collected) { inject<Gathers>(18); }
TEST_F(TimeoutFaults, F5_cancel_is_not_collected_range) { inject<GathersRange>(18); }
TEST_F(TimeoutFaults, F5_cancel_is_not_collected_nested) { inject<GathersNested>(20); }

TEST_F(TimeoutFaults, F5_cancel_is_not_collected_from_children_that_keep_it) {
    auto keeps = []() -> Coro<int> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
        co_return 1;
    };
    run([&]() -> Coro<> {
        Task<int> child = create_task(keeps);
        auto collects = [&]() -> Coro<> { co_await gather(return_exceptions, child, long_sleep()); };
        Task<> task = create_task(collects);
        co_await sleep(1s);
        task.cancel();
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(child.result(), 1);
    });
}

}  // namespace
}  // namespace aio::tests
