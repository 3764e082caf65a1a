// SPDX-License-Identifier: MIT
// Handles that refer to nothing, because they were made so or moved from: an error that names the call.
#include <aio/compose.hpp>
#include <aio/inspect.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::caught;
using tests::thrown;

Coro<> nothing() { co_return; }

struct EmptyHandles : ::testing::Test, testing::LoopTest {};

template <class F>
std::string error_of(F&& call) {
    return thrown<RuntimeError>(std::forward<F>(call));
}

template <class Handle>
void expect_errors_of_any(const Handle& empty) {
    EXPECT_FALSE(empty);
    EXPECT_EQ(error_of([&] { empty.done(); }), "Future.done() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.cancelled(); }), "Future.cancelled() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.cancel(); }), "Future.cancel() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.cancel("why"); }), "Future.cancel() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.exception(); }), "Future.exception() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.get_loop(); }), "Future.get_loop() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.add_done_callback([](const AnyFuture&) {}); }),
              "Future.add_done_callback() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.add_done_callback(Context(), [](const AnyFuture&) {}); }),
              "Future.add_done_callback() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.remove_done_callback(DoneCallback()); }),
              "Future.remove_done_callback() on an empty handle");
    EXPECT_EQ(empty.repr(), "<Future empty>");
    EXPECT_TRUE(empty == AnyFuture());
}

template <class Handle>
void expect_errors_of_task(const Handle& empty) {
    EXPECT_EQ(error_of([&] { empty.get_name(); }), "Task.get_name() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.set_name("x"); }), "Task.set_name() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.cancelling(); }), "Task.cancelling() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.uncancel(); }), "Task.uncancel() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.get_context(); }), "Task.get_context() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.get_coro(); }), "Task.get_coro() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.get_stack(); }), "Task.get_stack() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.print_stack(); }), "Task.print_stack() on an empty handle");
}

TEST_F(EmptyHandles, OfFuturesAndTasks) {
    expect_errors_of_any(AnyFuture());
    expect_errors_of_any(AnyTask());
    expect_errors_of_any(Future<int>());
    expect_errors_of_any(Task<int>());
    expect_errors_of_task(AnyTask());
    expect_errors_of_task(Task<>());
    const Future<int> empty;
    EXPECT_EQ(error_of([&] { empty.result(); }), "Future.result() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.set_result(1); }), "Future.set_result() on an empty handle");
    EXPECT_EQ(error_of([&] { empty.set_exception(ValueError("x")); }),
              "Future.set_exception() on an empty handle");
    Task<> moved;
    run([&]() -> Coro<> {
        moved = create_task(sleep(0s));
        const Task<> taken = std::move(moved);
        co_await taken;
    });
    EXPECT_EQ(error_of([&] { moved.cancel(); }), "Future.cancel() on an empty handle");
}

TEST_F(EmptyHandles, CannotBeAwaited) {
    run([&]() -> Coro<> {
        const std::string expected = "co_await on an empty handle";
        EXPECT_EQ(co_await caught(Task<int>()), expected);
        EXPECT_EQ(co_await caught(AnyTask()), expected);
        Future<> future = loop().create_future<>();
        future.set_result();
        co_await std::move(future);
        std::string text;
        try {
            co_await future;  // NOLINT(bugprone-use-after-move)
        } catch (const RuntimeError& e) {
            text = e.what();
        }
        EXPECT_EQ(text, expected);
        EXPECT_EQ(co_await caught(wait_for(Task<int>(), 1s)), expected);
    });
}

TEST_F(EmptyHandles, CannotBeGivenToWhatWaits) {
    run([&]() -> Coro<> {
        const Task<> empty;
        const std::vector<Task<>> none(1);
        EXPECT_EQ(error_of([&] { gather(empty); }), "gather() on an empty handle");
        EXPECT_EQ(error_of([&] { gather(sleep(0s), empty); }), "gather() on an empty handle");
        EXPECT_EQ(error_of([&] { gather(none); }), "gather() on an empty handle");
        EXPECT_EQ(error_of([&] { shield(empty); }), "shield() on an empty handle");
        EXPECT_EQ(error_of([&] { as_completed(none); }), "as_completed() on an empty handle");
        EXPECT_EQ(co_await caught(wait(none)), "wait() on an empty handle");
        EXPECT_EQ(error_of([&] { (void)select(empty); }), "select() on an empty handle");
        EXPECT_EQ(error_of([&] { ensure_future(empty, loop()); }), "ensure_future() on an empty handle");
        EXPECT_EQ(error_of([&] { getcoroutinestate(empty); }), "getcoroutinestate() on an empty handle");
        const Future<> future = loop().create_future<>();
        EXPECT_EQ(error_of([&] { future_add_to_awaited_by(future, empty); }),
                  "future_add_to_awaited_by() on an empty handle");
        EXPECT_EQ(error_of([&] { future_discard_from_awaited_by(empty, future); }),
                  "future_discard_from_awaited_by() on an empty handle");
        EXPECT_EQ(future.remove_done_callback(DoneCallback()), 0U);
    });
    EXPECT_EQ(error_of([&] { loop().run_until_complete(Task<>()); }),
              "run_until_complete() on an empty handle");
    EXPECT_EQ(error_of([&] { run(Task<>()); }), "co_await on an empty handle");
}

TEST_F(EmptyHandles, OfCallbacksCancelNothing) {
    Handle handle;
    TimerHandle timer;
    handle.cancel();
    timer.cancel();
    EXPECT_FALSE(handle.cancelled() || timer.cancelled());
    EXPECT_EQ(error_of([&] { handle.get_context(); }), "Handle.get_context() on an empty handle");
    EXPECT_EQ(error_of([&] { timer.when(); }), "TimerHandle.when() on an empty handle");
}

TEST_F(EmptyHandles, OfContexts) {
    static ContextVar<int> variable("v", 0);
    Context moved;
    Context taken = std::move(moved);
    EXPECT_EQ(error_of([&] { moved.copy(); }), "Context.copy() on an empty handle");  // NOLINT
    EXPECT_EQ(error_of([&] { moved.run([] {}); }), "Context.run() on an empty handle");
    EXPECT_EQ(error_of([&] { moved.size(); }), "Context.size() on an empty handle");
    EXPECT_EQ(error_of([&] { moved.get(variable, 1); }), "Context.get() on an empty handle");
    EXPECT_EQ(error_of([&] { loop().call_soon(moved, [] {}); }), "a Context argument on an empty handle");
    EXPECT_EQ(taken.run([] { return 5; }), 5);
}

TEST_F(EmptyHandles, OfCoroutinesAndGenerators) {
    auto values = []() -> AsyncGenerator<int> { co_yield 1; };
    run([&]() -> Coro<> {
        Coro<> used = nothing();
        co_await used;
        const std::string refused = "cannot reuse already awaited coroutine ";
        EXPECT_TRUE(error_of([&] { (void)used.location(); }).starts_with(refused));
        EXPECT_TRUE(error_of([&] { used.rename(SourceLocation::current()); }).starts_with(refused));
        auto generator = values();
        auto taken = std::move(generator);
        EXPECT_EQ(error_of([&] { (void)generator.next(); }),  // NOLINT
                  "AsyncGenerator.next() on an empty handle");
        EXPECT_EQ(error_of([&] { (void)generator.athrow(ValueError("x")); }),
                  "AsyncGenerator.athrow() on an empty handle");
        EXPECT_EQ(error_of([&] { (void)generator.aclose(); }), "AsyncGenerator.aclose() on an empty handle");
        co_await taken.aclose();
        std::vector<Task<>> tasks{create_task(sleep(0s))};
        auto completed = as_completed(tasks);
        auto moved = std::move(completed);
        EXPECT_EQ(error_of([&] { (void)completed.next(); }), "AsCompleted.next() on an empty handle");
        EXPECT_EQ(error_of([&] { completed.begin(); }), "AsCompleted.begin() on an empty handle");
        co_await moved.next();
    });
}

}  // namespace
}  // namespace aio
