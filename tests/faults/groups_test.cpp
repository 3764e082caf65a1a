// SPDX-License-Identifier: MIT
// F6: a scope that ends with errors of its own does not absorb the cancellation that an outer one has sent.
#include <support/inject.hpp>
#include <support/trace.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using Body = UniqueFunction<Coro<>(TaskGroup&)>;

struct GroupFaults : ::testing::Test, testing::LoopTest {
    Trace log;

    Coro<> fails(std::string text, Duration after) {
        co_await sleep(after);
        throw ValueError(text);
    }
    /// Raises an error while it is cancelled.
    Coro<> fails_when_cancelled(std::string text, int turns = 0) {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
        for (int i = 0; i < turns; ++i) co_await sleep(0s);
        throw ValueError(text);
    }
    /// What a group throws, or another scope: the texts of its errors.
    template <class A>
    Coro<> note(std::string name, A scope) {
        try {
            co_await std::move(scope);
            log(name, "no error");
        } catch (const BaseExceptionGroup& group) {
            std::vector<std::string> texts;
            for (const std::exception_ptr& error : group.exceptions()) texts.push_back(describe(error));
            log(name, texts);
        } catch (const TimeoutError&) {
            log(name, "TimeoutError");
        }
    }
    /// A group with `child` and a body that waits.
    Coro<> group_of(Coro<> child) {
        auto body = [](TaskGroup& group, Coro<> first) -> Coro<> {
            group.create_task(std::move(first));
            co_await sleep(9s);
        };
        co_await async_with(TaskGroup(), body, std::move(child));
    }
    /// The body of the outer scope: enters the inner one, and shows whether it can wait afterwards.
    Coro<> outlive(Coro<> inner) {
        co_await note("inner", std::move(inner));
        log("between", current_task().cancelling());
        co_await sleep(50ms);
        log("absorbed");
    }
    /// The outer group, one of whose children fails after 10 ms.
    Coro<> failing_group(Coro<> inner) {
        auto body = [this](TaskGroup& group, Coro<> scope) -> Coro<> {
            group.create_task(fails("outer", 10ms));
            co_await outlive(std::move(scope));
        };
        co_await async_with(TaskGroup(), body, std::move(inner));
    }
    std::string outcome(Coro<> scope) {
        run([&]() -> Coro<> {
            co_await note("outer", std::move(scope));
            EXPECT_EQ(current_task().cancelling(), 0U);
        });
        EXPECT_TRUE(reports().empty());
        return log.joined();
    }
};

const char* const kKept = "inner [aio::ValueError: inner] | between 1 | outer [aio::ValueError: outer]";

TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel) {
    EXPECT_EQ(outcome(failing_group(group_of(fails_when_cancelled("inner")))), kKept);
    EXPECT_EQ(clock().elapsed(), 10ms);
}

// The inner group takes some turns to end.
TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_late) {
    EXPECT_EQ(outcome(failing_group(group_of(fails_when_cancelled("inner", 3)))), kKept);
}

// Both fail in the same iteration.
TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_same_time) {
    EXPECT_EQ(outcome(failing_group(group_of(fails("inner", 10ms)))), kKept);
}

// The inner one has failed first, and waits for a child that takes its time.
TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_failed_before) {
    auto slow_to_end = [this](TaskGroup& group) -> Coro<> {
        group.create_task(fails("inner", 5ms));
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
        co_await sleep(10ms);  // the request comes here
    };
    EXPECT_EQ(outcome(failing_group(async_with(TaskGroup(), slow_to_end))), kKept);
}

// The body of the inner group fails, not a child.
TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_body) {
    auto body = [this](TaskGroup&) -> Coro<> { co_await fails_when_cancelled("inner"); };
    EXPECT_EQ(outcome(failing_group(async_with(TaskGroup(), body))), kKept);
}

TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_three_deep) {
    auto middle = [this](TaskGroup& group) -> Coro<> {
        group.create_task(fails_when_cancelled("middle"));
        co_await outlive(group_of(fails_when_cancelled("inner")));
    };
    auto noted = [this, middle]() -> Coro<> { co_await note("middle", async_with(TaskGroup(), middle)); };
    EXPECT_EQ(
        outcome(failing_group(noted())),
        "inner [aio::ValueError: inner] | between 1 | middle [aio::ValueError: middle] | inner no error | "
        "between 1 | outer [aio::ValueError: outer]");
}

// cancel() of the outer group in the place of an error.
TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_of_cancel) {
    auto body = [this](TaskGroup& group) -> Coro<> {
        loop().call_later(10ms, [&group] { group.cancel(); });
        co_await outlive(group_of(fails_when_cancelled("inner")));
    };
    EXPECT_EQ(outcome(async_with(TaskGroup(), body)),
              "inner [aio::ValueError: inner] | between 1 | outer no error");
}

TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_of_timeout) {
    auto body = [this]() -> Coro<> { co_await outlive(group_of(fails_when_cancelled("inner"))); };
    auto limited = [body]() -> Coro<> { co_await async_with(timeout(10ms), body); };
    EXPECT_EQ(outcome(limited()), "inner [aio::ValueError: inner] | between 1 | outer TimeoutError");
}

TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_of_wait_for) {
    auto limited = [this]() -> Coro<> {
        co_await wait_for(outlive(group_of(fails_when_cancelled("inner"))), 10ms);
    };
    EXPECT_EQ(outcome(limited()), "inner [aio::ValueError: inner] | between 1 | outer TimeoutError");
}

// The inner scope is a limit, which passes in the same iteration.
TEST_F(GroupFaults, F6_inner_timeout_keeps_the_outer_cancel) {
    auto body = []() -> Coro<> { co_await sleep(9s); };
    auto limited = [body]() -> Coro<> { co_await async_with(timeout(10ms), body); };
    const std::string text = outcome(failing_group(limited()));
    EXPECT_EQ(log.lines().back(), "outer [aio::ValueError: outer]");
    EXPECT_EQ(text.find("absorbed"), std::string::npos);
}

// Nobody but the task itself is asked to end.
TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_of_the_task) {
    run([&]() -> Coro<> {
        auto task = create_task(outlive(group_of(fails_when_cancelled("inner"))));
        co_await sleep(10ms);
        task.cancel();
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(log.joined(), "inner [aio::ValueError: inner] | between 1");
}

// At every point of the run: whatever the inner group ends with, an accepted request ends the task.
struct InnerGroupFails : Scenario {
    Coro<> subject() override {
        auto fails = []() -> Coro<> {
            try {
                co_await sleep(1s);
            } catch (const CancelledError&) {
            }
            throw ValueError("inner");
        };
        auto inner = [fails](TaskGroup& group) -> Coro<> {
            group.create_task(fails);
            co_await sleep(2s);
        };
        auto outer = [inner](TaskGroup& group) -> Coro<> {
            group.create_task(sleep(3s));
            try {
                co_await async_with(TaskGroup(), inner);
            } catch (const BaseExceptionGroup&) {
            }
            co_await sleep(1s);
        };
        co_await async_with(TaskGroup(), outer);
    }
};

TEST_F(GroupFaults, F6_inner_group_with_errors_keeps_the_outer_cancel_everywhere) {
    inject<InnerGroupFails>(25);
}

}  // namespace
}  // namespace aio::tests
