// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/log_capture.hpp>
#include <support/nested.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <support/trace.hpp>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

static_assert(std::is_copy_constructible_v<Future<std::unique_ptr<int>>>, "handles are shared");
static_assert(std::is_nothrow_default_constructible_v<Future<>>);
static_assert(std::is_convertible_v<Future<int>, AnyFuture>);
static_assert(std::is_same_v<await_result_t<Future<int>>, int>);
static_assert(std::is_same_v<await_result_t<AnyFuture>, void>);
static_assert(sizeof(Future<std::string>) == sizeof(void*));

struct FutureTest : ::testing::Test, testing::LoopTest {
    Strings trace;
};

TEST_F(FutureTest, AnEmptyHandleIsFalse) {
    Future<int> empty;
    EXPECT_FALSE(empty);
    EXPECT_EQ(empty.repr(), "<Future empty>");
    EXPECT_TRUE(loop().create_future<int>());
}

TEST_F(FutureTest, CopiesAreTheSameFuture) {
    Future<int> a = loop().create_future<int>();
    const Future<int> b = a;
    const AnyFuture c = a;
    EXPECT_TRUE(a == b && b == c);
    EXPECT_FALSE(a == loop().create_future<int>());
    b.set_result(1);
    EXPECT_EQ(a.result(), 1);
    EXPECT_EQ(&c.get_loop(), &loop());
}

// The four cases of an awaitable.
TEST_F(FutureTest, AwaitReady) {
    run([&]() -> Coro<> {
        loop().call_soon([&] { trace.emplace_back("another's turn"); });
        Future<int> done = loop().create_future<int>();
        done.set_result(1);
        const int value = co_await done;
        EXPECT_EQ(value, 1);
        Future<int> failed = loop().create_future<int>();
        failed.set_exception(ValueError("x"));
        try {
            co_await failed;
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        Future<int> cancelled = loop().create_future<int>();
        cancelled.cancel("why");
        try {
            co_await cancelled;
            ADD_FAILURE();
        } catch (const CancelledError& e) {
            EXPECT_EQ(e.message(), "why");
        }
        EXPECT_TRUE(trace.empty()) << "none of them yields (S21)";
        co_await sleep(0s);
        EXPECT_EQ(trace, Strings{"another's turn"});
    });
}

TEST_F(FutureTest, AwaitWaits) {
    run([&]() -> Coro<> {
        Future<std::string> future = loop().create_future<std::string>();
        loop().call_later(1s, [future] { future.set_result("late"); });
        const std::string text = co_await future;
        EXPECT_EQ(text, "late");
    });
    EXPECT_EQ(clock().elapsed(), 1s);
}

TEST_F(FutureTest, AwaitCancelledBefore) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await future;
        };
        Task<> task = create_task(body);
        co_await sleep(0s);
        EXPECT_FALSE(task.done());
        EXPECT_TRUE(future.cancelled()) << "delivered at the suspension (S48)";
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
}

TEST_F(FutureTest, AwaitCancelledDuring) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        auto body = [&]() -> Coro<> { co_await future; };
        Task<> task = create_task(body);
        co_await sleep(0s);
        task.cancel();
        EXPECT_TRUE(future.cancelled()) << "the request goes to what is awaited";
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
}

TEST_F(FutureTest, AValueIsSharedOrMoved) {
    run([&]() -> Coro<> {
        Future<std::string> future = loop().create_future<std::string>();
        future.set_result(100, 'x');
        const std::string& shared = co_await future;
        EXPECT_EQ(&shared, &future.result());
        const Future<std::string> other = future;
        const std::string copied = co_await std::move(future);
        EXPECT_EQ(copied, other.result()) << "another handle still wants it";
        Future<std::unique_ptr<int>> box = loop().create_future<std::unique_ptr<int>>();
        box.set_result(new int(5));
        const std::unique_ptr<int> moved = co_await std::move(box);
        EXPECT_EQ(*moved, 5);
    });
}

TEST_F(FutureTest, OfAReference) {
    int target = 1;
    run([&]() -> Coro<> {
        Future<int&> future = loop().create_future<int&>();
        future.set_result(target);
        int& same = co_await future;
        same = 2;
        EXPECT_EQ(&future.result(), &target);
    });
    EXPECT_EQ(target, 2);
}

TEST_F(FutureTest, StateErrorsSayWhich) {
    Future<> future = loop().create_future<>();
    try {
        future.result();
        ADD_FAILURE();
    } catch (const InvalidStateError& e) {
        EXPECT_STREQ(e.what(), "Result is not set.");
    }
    try {
        future.exception();
        ADD_FAILURE();
    } catch (const InvalidStateError& e) {
        EXPECT_STREQ(e.what(), "Exception is not set.");
    }
    future.set_result();
    EXPECT_EQ(future.exception(), nullptr);
    try {
        future.set_exception(ValueError("x"));
        ADD_FAILURE();
    } catch (const InvalidStateError& e) {
        EXPECT_STREQ(e.what(), "invalid state: <Future finished result=None>");
    }
}

// As asyncio's set_exception(None). What std::current_exception() gives outside of a catch block is null.
TEST_F(FutureTest, NoExceptionIsNoError) {
    Future<int> future = loop().create_future<int>();
    EXPECT_THROW(future.set_exception(std::current_exception()), TypeError);
    EXPECT_FALSE(future.done());
    future.set_result(1);
    EXPECT_EQ(future.result(), 1);
    EXPECT_THROW(future.set_exception(std::exception_ptr()), InvalidStateError)
        << "the state is looked at first";
}

TEST_F(FutureTest, AResultThatCannotBeMadeLeavesItPending) {
    struct Refusing {
        explicit Refusing(int value) {
            if (value < 0) throw ValueError("negative");
        }
    };
    Future<Refusing> future = loop().create_future<Refusing>();
    EXPECT_THROW(future.set_result(-1), ValueError);
    EXPECT_FALSE(future.done());
    future.set_result(1);
    EXPECT_TRUE(future.done());
}

TEST_F(FutureTest, CallbacksTakeArgumentsAndRunInTheirContext) {
    static ContextVar<int> variable("v", 0);
    run([&]() -> Coro<> {
        Future<int> future = loop().create_future<int>();
        auto note = [&](const std::string& text, const Future<int>& done) {
            trace.push_back(text + std::to_string(done.result() + variable.get()));
        };
        variable.set(10);
        future.add_done_callback(note, "bound ");
        Context other;
        other.run([&] { variable.set(20); });
        future.add_done_callback(other, note, "explicit ");
        AnyFuture any = future;
        any.add_done_callback([&](AnyFuture done) { trace.emplace_back(done.done() ? "any" : "?"); });
        variable.set(30);
        future.set_result(1);
        co_await sleep(0s);
    });
    EXPECT_EQ(trace, (Strings{"bound 11", "explicit 21", "any"}));
}

TEST_F(FutureTest, CallbacksAreRemovedByHandleOrByEquality) {
    run([&]() -> Coro<> {
        Future<> future = loop().create_future<>();
        auto stateless = [](const Future<>&) { FAIL(); };
        const DoneCallback kept =
            future.add_done_callback([&](const Future<>&) { trace.emplace_back("kept"); });
        const DoneCallback removed = future.add_done_callback([&](const Future<>&) { FAIL(); });
        future.add_done_callback(stateless);
        EXPECT_EQ(future.remove_done_callback(removed), 1u);
        EXPECT_EQ(future.remove_done_callback(removed), 0u);
        EXPECT_EQ(future.remove_done_callback(stateless), 1u);
        future.set_result();
        EXPECT_EQ(future.remove_done_callback(kept), 0u) << "queued already";
        co_await sleep(0s);
    });
    EXPECT_EQ(trace, Strings{"kept"});
}

// The callable's destructor comes back to the same future while its list is gone through.
TEST_F(FutureTest, RemovingACallbackMayRemoveAnother) {
    struct Removing {
        Future<> future;
        DoneCallback* other;
        std::shared_ptr<int> token;
        bool operator==(const Removing& that) const { return other == that.other; }
        void operator()(const Future<>&) const { FAIL(); }
        ~Removing() {
            if (token && token.use_count() == 1) future.remove_done_callback(*other);
        }
    };
    Future<> future = loop().create_future<>();
    DoneCallback second;
    {
        const Removing first{future, &second, std::make_shared<int>()};
        future.add_done_callback(first);
        second = future.add_done_callback([](const Future<>&) { FAIL(); });
        EXPECT_EQ(future.remove_done_callback(first), 1u);
    }
    EXPECT_EQ(future.remove_done_callback(second), 0u) << "the first one's destructor did it";
}

// The comparison is the user's, too.
struct Comparing {
    std::string name;
    std::function<bool()> compare = nullptr;
    bool operator==(const Comparing& other) const {
        if (compare && compare()) return true;
        return name == other.name;
    }
    void operator()(const Future<>&) const {}
};

TEST_F(FutureTest, AComparisonThatThrowsRemovesNothing) {
    const Future<> future = loop().create_future<>();
    future.add_done_callback(Comparing{"x"});
    future.add_done_callback(Comparing{"x", []() -> bool { throw ValueError("incomparable"); }});
    EXPECT_EQ(tests::thrown<ValueError>([&] { future.remove_done_callback(Comparing{"x"}); }),
              "incomparable");
    EXPECT_EQ(future.state()->nodes().back() == future.state()->nodes().front(), false) << "both are there";
}

TEST_F(FutureTest, AComparisonMayChangeTheCallbacks) {
    Future<> future = loop().create_future<>();
    DoneCallback other;
    future.add_done_callback(Comparing{"x", [&] {
                                           if (future.remove_done_callback(other) == 1U)
                                               future.add_done_callback(
                                                   [&](auto&&) { trace.emplace_back("y"); });
                                           return true;
                                       }});
    other = future.add_done_callback(Comparing{"x"});
    EXPECT_EQ(future.remove_done_callback(Comparing{"x"}), 1U) << "the other was removed by the comparison";
    future.add_done_callback(Comparing{"x", [&] {
                                           if (future) std::exchange(future, {}).set_result();
                                           return true;
                                       }});
    EXPECT_EQ(Future<>(future).remove_done_callback(Comparing{"x"}), 0U) << "they are queued";
    run([&]() -> Coro<> { co_await sleep(0s); });
    EXPECT_EQ(trace, Strings{"y"});
}

// So are the constructors of a value: they may settle the future otherwise, or drop it.
struct Settling {
    explicit Settling(const std::function<void()>& meanwhile) { meanwhile(); }
    std::shared_ptr<int> owned = std::make_shared<int>(1);
};

TEST_F(FutureTest, AValuesConstructorMaySettleTheFuture) {
    Future<Settling> future = loop().create_future<Settling>();
    EXPECT_THROW(future.set_result([&] { future.cancel(); }), InvalidStateError);
    EXPECT_TRUE(future.cancelled());
    future = loop().create_future<Settling>();
    EXPECT_THROW(future.set_result([&] { future.set_exception(ValueError("x")); }), InvalidStateError);
    EXPECT_FALSE(future.done()) << "the value is being made";
    future.set_result([&] { EXPECT_THROW(future.set_result([] {}), InvalidStateError); });
    EXPECT_EQ(*future.result().owned, 1);
    future = loop().create_future<Settling>();
    const Future<Settling>& handle = future;
    handle.set_result([&] { future = {}; });
}

TEST_F(FutureTest, MayBeCompletedInsideAnothersCallbackAndInItsOwn) {
    run([&]() -> Coro<> {
        Future<> first = loop().create_future<>();
        Future<> second = loop().create_future<>();
        first.add_done_callback([&](const Future<>& done) {
            trace.emplace_back("first");
            second.set_result();
            EXPECT_THROW(done.set_result(), InvalidStateError);
            EXPECT_FALSE(done.cancel());
            done.add_done_callback([&](const Future<>&) { trace.emplace_back("late"); });
        });
        second.add_done_callback([&](const Future<>&) { trace.emplace_back("second"); });
        first.set_result();
        co_await second;
        trace.emplace_back("main");
        co_await sleep(0s);
    });
    EXPECT_EQ(trace, (Strings{"first", "second", "main", "late"}));
}

TEST_F(FutureTest, ReprTellsTheState) {
    Future<int> future = loop().create_future<int>();
    EXPECT_EQ(future.repr(), "<Future pending>");
    future.set_result(5);
    EXPECT_EQ(future.repr(), "<Future finished result=5>");
    future = loop().create_future<int>();
    future.cancel();
    EXPECT_EQ(future.repr(), "<Future cancelled>");
    future = loop().create_future<int>();
    future.set_exception(ValueError("why"));
    EXPECT_EQ(future.repr(), "<Future finished exception=aio::ValueError: why>");
    future.exception();
}

TEST_F(FutureTest, WhatLedToAnErrorThatNobodyRetrievedIsReported) {
    const tests::LogCapture log;
    run([&]() -> Coro<> {
        loop().set_exception_handler({});
        loop().create_future<int>().set_exception(tests::nested(RuntimeError("outer"), ValueError("inner")));
        co_await sleep(0s);
    });
    ASSERT_EQ(log.messages().size(), 1u);
    const std::string text = log.messages()[0];
    EXPECT_TRUE(text.starts_with("Future exception was never retrieved\n")) << text;
    EXPECT_TRUE(
        text.ends_with("\naio::ValueError: inner" + std::string(tests::kLedTo) + "aio::RuntimeError: outer"))
        << text;
}

TEST_F(FutureTest, AReportsHandlerMayKeepTheFuture) {
    AnyFuture kept;
    int calls = 0;
    loop().set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
        ++calls;
        kept = *context.get<AnyFuture>("future");
    });
    Future<> future = loop().create_future<>();
    future.set_exception(ValueError("x"));
    future = {};
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept.repr(), "<Future finished exception=aio::ValueError: x>");
    kept = {};
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace aio
