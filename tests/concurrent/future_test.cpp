// SPDX-License-Identifier: MIT
// concurrent::Future: thread futures by hand.
#include <aio/concurrent.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/nested.hpp>
#include <support/trace.hpp>
#include <thread>
#include <type_traits>
#include <vector>

namespace aio::concurrent {
namespace {

using namespace std::chrono_literals;
using tests::thrown;
using tests::Trace;

static_assert(std::is_nothrow_move_constructible_v<Future<int>>);
static_assert(std::is_convertible_v<Future<int>, AnyFuture>);
static_assert(!Awaitable<Future<int>>, "thread futures cannot be awaited");
static_assert(!std::derived_from<Future<int>, aio::AnyFuture>, "isfuture() is False for them");
static_assert(std::is_same_v<decltype(std::declval<const Future<int>&>().result()), const int&>);
static_assert(std::is_same_v<decltype(std::declval<Future<int>>().result()), int>);

// Without the address, which differs.
std::string state_of(const AnyFuture& future) {
    const std::string text = future.repr();
    EXPECT_EQ(text.substr(0, 13), "<Future at 0x");
    return text.substr(text.find(" state=") + 1);
}

TEST(ConcurrentFuture, StatesAndTheirText) {
    Future<int> f;
    EXPECT_EQ(state_of(f), "state=pending>");
    EXPECT_FALSE(f.done() || f.running() || f.cancelled());
    EXPECT_TRUE(f.set_running_or_notify_cancel());
    EXPECT_EQ(state_of(f), "state=running>");
    EXPECT_TRUE(f.running());
    EXPECT_FALSE(f.cancel());
    f.set_result(5);
    EXPECT_EQ(state_of(f), "state=finished returned int>");
    EXPECT_TRUE(f.done());
    EXPECT_FALSE(f.running());
    EXPECT_EQ(f.result(), 5);
    EXPECT_FALSE(f.exception());

    Future<> g;
    g.set_result();
    g.result();
    EXPECT_EQ(state_of(g), "state=finished returned NoneType>");
    Future<> h;
    h.set_exception(ValueError("x"));
    EXPECT_EQ(state_of(h), "state=finished raised aio::ValueError>");
    EXPECT_EQ(thrown<ValueError>([&] { h.result(); }), "x");
    EXPECT_TRUE(h.exception());
    Future<> moved = std::move(h);
    EXPECT_EQ(h.repr(), "<Future empty>");  // NOLINT(bugprone-use-after-move)
}

TEST(ConcurrentFuture, NoExceptionIsNoError) {
    Future<int> f;
    EXPECT_THROW(f.set_exception(std::exception_ptr()), TypeError);
    EXPECT_FALSE(f.done());
    f.set_result(1);
    EXPECT_THROW(f.set_exception(std::exception_ptr()), InvalidStateError) << "the state is looked at first";
}

TEST(ConcurrentFuture, AnEmptyHandleNamesTheCall) {
    Future<int> moved;
    const Future<int> taken = std::move(moved);
    const auto error_of = [](auto call) { return thrown<RuntimeError>(call); };
    const auto text = [](const std::string& call) { return "Future." + call + "() on an empty handle"; };
    // NOLINTBEGIN(bugprone-use-after-move)
    EXPECT_EQ(error_of([&] { moved.cancel(); }), text("cancel"));
    EXPECT_EQ(error_of([&] { moved.cancelled(); }), text("cancelled"));
    EXPECT_EQ(error_of([&] { moved.running(); }), text("running"));
    EXPECT_EQ(error_of([&] { moved.done(); }), text("done"));
    EXPECT_EQ(error_of([&] { moved.exception(); }), text("exception"));
    EXPECT_EQ(error_of([&] { moved.exception(0s); }), text("exception"));
    EXPECT_EQ(error_of([&] { moved.result(); }), text("result"));
    EXPECT_EQ(error_of([&] { std::move(moved).result(0s); }), text("result"));
    EXPECT_EQ(error_of([&] { moved.set_result(1); }), text("set_result"));
    EXPECT_EQ(error_of([&] { moved.set_exception(ValueError("x")); }), text("set_exception"));
    EXPECT_EQ(error_of([&] { moved.set_running_or_notify_cancel(); }), text("set_running_or_notify_cancel"));
    EXPECT_EQ(error_of([&] { moved.add_done_callback([](const Future<int>&) {}); }),
              text("add_done_callback"));
    const std::vector<Future<int>> none{moved};
    // NOLINTEND(bugprone-use-after-move)
    EXPECT_EQ(error_of([&] { wait(none); }), "wait() or as_completed() on an empty handle");
    EXPECT_EQ(error_of([&] { as_completed(none); }), "wait() or as_completed() on an empty handle");
    const EventLoopPtr loop = new_event_loop();
    EXPECT_EQ(error_of([&] { wrap_future(moved, *loop); }), "wrap_future() on an empty handle");
}

TEST(ConcurrentFuture, CancelWorksWhilePendingOnly) {
    Future<int> f;
    EXPECT_TRUE(f.cancel());
    EXPECT_TRUE(f.cancel());
    EXPECT_TRUE(f.cancelled() && f.done());
    EXPECT_EQ(state_of(f), "state=cancelled>");
    EXPECT_THROW(f.result(), CancelledError);
    EXPECT_THROW(f.exception(), CancelledError);
    EXPECT_THROW(f.set_result(1), InvalidStateError);
    EXPECT_FALSE(f.set_running_or_notify_cancel());
    EXPECT_TRUE(f.cancel());
    EXPECT_EQ(state_of(f), "state=cancelled>");

    const tests::LogCapture log;
    EXPECT_EQ(thrown<RuntimeError>([&] { f.set_running_or_notify_cancel(); }), "Future in unexpected state");
    EXPECT_EQ(log.messages(), std::vector{"Future in unexpected state: " + f.repr()});
}

TEST(ConcurrentFuture, SettlesOnce) {
    Future<int> f;
    f.set_result(1);
    EXPECT_EQ(thrown<InvalidStateError>([&] { f.set_result(2); }), "invalid state: " + f.repr());
    EXPECT_THROW(f.set_exception(ValueError("late")), InvalidStateError);
    EXPECT_EQ(f.result(), 1);
}

TEST(ConcurrentFuture, AValueThatCannotBeMadeLeavesItPending) {
    struct Picky {
        explicit Picky(int value) {
            if (value < 0) throw ValueError("negative");
        }
    };
    Future<Picky> f;
    EXPECT_THROW(f.set_result(-1), ValueError);
    EXPECT_FALSE(f.done());
    f.set_result(1);
    EXPECT_TRUE(f.done());
}

TEST(ConcurrentFuture, ResultTimesOutAndCancelsNothing) {
    const Future<int> f;
    EXPECT_THROW(f.result(0s), TimeoutError);
    EXPECT_THROW(f.result(-1h), TimeoutError);
    EXPECT_THROW(f.result(1ms), TimeoutError);
    EXPECT_THROW(f.exception(0.001s), TimeoutError);
    EXPECT_FALSE(f.done());
    f.set_result(3);
    EXPECT_EQ(f.result(0s), 3);
}

TEST(ConcurrentFutureThread, TakesEveryTimeLimitButNaN) {
    Future<int> f;
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(f.result(nan), ValueError);
    EXPECT_THROW(std::move(f).result(nan), ValueError);
    EXPECT_THROW(f.exception(nan), ValueError);
    EXPECT_THROW(f.result(std::chrono::hours::min()), TimeoutError);
    std::thread other([&] { f.set_result(3); });
    EXPECT_EQ(f.result(std::chrono::hours::max()), 3);
    other.join();
}

TEST(ConcurrentFuture, ATemporaryHandleGivesTheValueAway) {
    Future<std::unique_ptr<int>> f;
    f.set_result(std::make_unique<int>(7));
    EXPECT_EQ(*f.result(), 7);
    EXPECT_EQ(*std::move(f).result(), 7);
    Future<std::string> shared;
    shared.set_result("text");
    EXPECT_EQ(Future<std::string>(shared).result(1s), "text");
    EXPECT_EQ(shared.result(), "text");
}

TEST(ConcurrentFuture, CallbacksRunInOrderAndNowIfItIsDone) {
    Trace print;
    const Future<int> f;
    f.add_done_callback([&](const Future<int>& done) { print("first", done.result()); });
    f.add_done_callback([&](const std::string& bound, const AnyFuture&) { print(bound); },
                        std::string("second"));
    f.set_result(1);
    print("set");
    f.add_done_callback([&](AnyFuture) { print("late"); });
    EXPECT_EQ(print.joined(), "first 1 | second | set | late");
}

TEST(ConcurrentFuture, ACallbackThatThrowsIsLogged) {
    Trace print;
    const tests::LogCapture log;
    const Future<int> f;
    f.add_done_callback([](AnyFuture) { throw ValueError("bad"); });
    f.add_done_callback([](AnyFuture) { tests::throw_nested(ValueError("bad"), RuntimeError("worse")); });
    f.add_done_callback([&](AnyFuture) { print("next"); });
    f.cancel();
    EXPECT_EQ(print.joined(), "next");
    const std::string text = "exception calling callback for " + f.repr() + "\n";
    const std::string worse = std::string("aio::RuntimeError: worse") + tests::kLedTo;
    EXPECT_EQ(log.messages(),
              (std::vector{text + "aio::ValueError: bad", text + worse + "aio::ValueError: bad"}));
}

TEST(ConcurrentFuture, ACallbackIsDestroyedWhenItHasRunOrTheFutureDies) {
    const tests::Lifetime life;
    {
        const Future<int> f;
        f.add_done_callback([token = life.token()](AnyFuture) {});
        f.set_result(1);
        EXPECT_TRUE(life.over());
    }
    {
        const Future<int> f;
        f.add_done_callback([token = life.token()](AnyFuture) {});
        EXPECT_FALSE(life.over());
    }
    EXPECT_TRUE(life.over());
}

TEST(ConcurrentFutureThread, ResultWaitsForAnotherThread) {
    for (int i = 0; i < 200; ++i) {
        const Future<int> f;
        std::thread setter([f, i] { f.set_result(i); });
        EXPECT_EQ(f.result(10s), i);
        setter.join();
    }
}

TEST(ConcurrentFutureThread, ManyWaitersAreWokenByCancel) {
    const Future<int> f;
    std::vector<std::thread> waiters;
    for (int i = 0; i < 4; ++i) {
        waiters.emplace_back([f] { EXPECT_THROW(f.result(), CancelledError); });
    }
    f.cancel();
    for (std::thread& waiter : waiters) waiter.join();
}

TEST(ConcurrentFutureThread, CallbacksRunOnceWhoeverComesFirst) {
    for (int i = 0; i < 200; ++i) {
        const Future<int> f;
        std::atomic<int> calls{0};
        std::thread setter([f] { f.set_result(1); });
        f.add_done_callback([&](AnyFuture) { ++calls; });
        setter.join();
        EXPECT_EQ(calls, 1);
    }
}

}  // namespace
}  // namespace aio::concurrent
