// SPDX-License-Identifier: MIT
// ExceptionContext, and the loop's exception handler.
#include <aio/base/exception_group.hpp>
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/nested.hpp>
#include <support/trace.hpp>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using tests::Lifetime;
using tests::LogCapture;
using tests::Trace;

static_assert(!std::is_convertible_v<std::string, ExceptionContext>, "reports are made on purpose");
static_assert(std::is_copy_constructible_v<ExceptionContext>);
static_assert(noexcept(std::declval<EventLoop&>().call_exception_handler(ExceptionContext(""))) ||
              noexcept(std::declval<EventLoop&>().call_exception_handler(std::declval<ExceptionContext&>())));

static_assert(
    std::is_same_v<decltype(ExceptionContext("").exception(nullptr).set("k", 1, "t")), ExceptionContext&&>);
static_assert(
    std::is_same_v<decltype(std::declval<ExceptionContext&>().exception(nullptr)), ExceptionContext&>);
static_assert(
    std::is_same_v<decltype(std::declval<ExceptionContext&>().set("k", 1, "t")), ExceptionContext&>);

std::exception_ptr error(const char* text) { return std::make_exception_ptr(ValueError(text)); }

TEST(ExceptionContextTest, HoldsMessageErrorAndDetails) {
    ExceptionContext context("it broke");
    context.exception(error("why")).set("task", 42, "<Task 42>").set("future", std::string("f"), "<Future>");
    EXPECT_EQ(context.message(), "it broke");
    EXPECT_EQ(context.keys(), (std::vector<std::string>{"exception", "future", "task"}));
    EXPECT_TRUE(context.contains("message") && context.contains("exception") && context.contains("task"));
    EXPECT_FALSE(context.contains("handle"));
    EXPECT_EQ(context.text("message"), "it broke");
    EXPECT_EQ(context.text("exception"), "aio::ValueError: why");
    EXPECT_EQ(context.text("task"), "<Task 42>");
    EXPECT_EQ(context.text("handle"), "");
    ASSERT_NE(context.get<int>("task"), nullptr);
    EXPECT_EQ(*context.get<int>("task"), 42);
    EXPECT_EQ(context.get<std::string>("task"), nullptr) << "of another type";
    EXPECT_EQ(context.get<int>("handle"), nullptr);
    EXPECT_EQ(context.str(), "it broke\nfuture: <Future>\ntask: <Task 42>\nexception: aio::ValueError: why");
}

TEST(ExceptionContextTest, ALaterDetailReplacesAnEarlierOne) {
    ExceptionContext context("m");
    context.set("task", 1, "one").set("task", 2, "two");
    EXPECT_EQ(*context.get<int>("task"), 2);
    EXPECT_EQ(context.keys(), (std::vector<std::string>{"task"}));
    EXPECT_FALSE(context.contains("exception"));
    EXPECT_EQ(context.exception(), nullptr);
    EXPECT_EQ(context.text("exception"), "");
    EXPECT_EQ(ExceptionContext("alone").str(), "alone");
}

struct Handler : ::testing::Test {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    LogCapture log;
    Trace print;

    void turn() {
        loop.stop();
        loop.run_forever();
    }
};

TEST_F(Handler, TheDefaultLogsAtErrorLevel) {
    EXPECT_EQ(loop.get_exception_handler(), nullptr);
    loop.call_exception_handler(ExceptionContext("boom"));
    loop.default_exception_handler(ExceptionContext("bang"));
    EXPECT_EQ(log.messages(), (std::vector<std::string>{"boom", "bang"}));
    EXPECT_EQ(log.levels(), (std::vector{LogLevel::error, LogLevel::error}));
}

TEST_F(Handler, ACustomOneGetsLoopAndContext) {
    loop.set_exception_handler([this](EventLoop& from, const ExceptionContext& context) {
        print(&from == &loop, context.message());
    });
    ASSERT_NE(loop.get_exception_handler(), nullptr);
    loop.call_exception_handler(ExceptionContext("boom"));
    (*loop.get_exception_handler())(loop, ExceptionContext("direct"));
    loop.set_exception_handler(nullptr);
    EXPECT_EQ(loop.get_exception_handler(), nullptr);
    loop.call_exception_handler(ExceptionContext("logged"));
    EXPECT_EQ(print.joined(), "True boom | True direct");
    EXPECT_EQ(log.messages(), (std::vector<std::string>{"logged"}));
}

TEST_F(Handler, OneThatThrowsIsReportedWithTheOriginal) {
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) { throw ValueError("oops"); });
    loop.call_exception_handler(ExceptionContext("boom").exception(error("why")));
    ASSERT_EQ(log.messages().size(), 1U);
    const std::string text = log.messages().front();
    EXPECT_TRUE(text.starts_with("Unhandled error in exception handler\n")) << text;
    for (const char* part : {"boom", "why", "oops"}) EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(Handler, ALoopLivesOnWhenItThrows) {
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) { throw 1; });
    loop.call_soon([] { throw ValueError("x"); });
    loop.call_soon(print.later("next"));
    turn();
    EXPECT_EQ(print.joined(), "next");
}

TEST_F(Handler, TheDefaultOneShowsEveryErrorOfAGroup) {
    LogCapture log;
    ExceptionContext context("unhandled");
    const auto inner = make_exception_group("inner", {std::make_exception_ptr(ValueError("v"))});
    context.exception(make_exception_group("outer", {inner, std::make_exception_ptr(CancelledError())}));
    loop.default_exception_handler(context);
    EXPECT_EQ(log.messages(),
              std::vector<std::string>{"unhandled\n"
                                       "  | aio::BaseExceptionGroup: outer (2 sub-exceptions)\n"
                                       "  +-+---------------- 1 ----------------\n"
                                       "    | aio::ExceptionGroup: inner (1 sub-exception)\n"
                                       "    +-+---------------- 1 ----------------\n"
                                       "      | aio::ValueError: v\n"
                                       "      +------------------------------------\n"
                                       "    +---------------- 2 ----------------\n"
                                       "    | aio::CancelledError\n"
                                       "    +------------------------------------"});
}

TEST_F(Handler, TheDefaultOneLogsWhatLedToTheError) {
    loop.call_soon([] { tests::throw_nested(RuntimeError("outer"), ValueError("inner")); });
    turn();
    ASSERT_EQ(log.messages().size(), 1U);
    const std::string text = log.messages().front();
    EXPECT_TRUE(
        text.ends_with("\naio::ValueError: inner" + std::string(tests::kLedTo) + "aio::RuntimeError: outer"))
        << text;
}

TEST_F(Handler, ItMayReplaceItself) {
    Lifetime life;
    loop.set_exception_handler(
        [&, token = life.token(), text = std::string("captured, and long enough to be on the heap")](
            EventLoop&, const ExceptionContext&) {
            loop.set_exception_handler([&](EventLoop&, const ExceptionContext&) { print("second"); });
            print(text.size(), token.use_count() > 1);
        });
    loop.call_exception_handler(ExceptionContext("1"));
    EXPECT_TRUE(life.over());
    loop.call_exception_handler(ExceptionContext("2"));
    EXPECT_EQ(print.joined(), "43 True | second");
}

TEST_F(Handler, ItMayReportMore) {
    loop.set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
        print(context.message());
        if (context.message() == "outer") loop.call_exception_handler(ExceptionContext("inner"));
    });
    loop.call_exception_handler(ExceptionContext("outer"));
    EXPECT_EQ(print.joined(), "outer | inner");
}

TEST_F(Handler, ItMayStopTheLoop) {
    loop.set_exception_handler([&](EventLoop&, const ExceptionContext&) { loop.stop(); });
    loop.call_soon([] { throw ValueError("fatal"); });
    loop.call_soon([&] {
        print("same iteration");
        loop.call_soon(print.later("next iteration"));
    });
    loop.run_forever();
    EXPECT_EQ(print.joined(), "same iteration");
    EXPECT_EQ(loop.stats().ready, 1U);
}

// asyncio lets them through as well; it leaves the iteration at once, aio at its end.
TEST_F(Handler, SystemExitAndKeyboardInterruptLeaveTheLoop) {
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) { throw SystemExit(4); });
    loop.call_soon([] { throw ValueError("fatal"); });
    loop.call_soon(print.later("same iteration"));
    int code = 0;
    try {
        loop.run_forever();
    } catch (const SystemExit& e) {
        code = e.code();
    }
    EXPECT_EQ(code, 4);
    EXPECT_EQ(print.joined(), "same iteration");
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) { throw KeyboardInterrupt(); });
    loop.call_soon([] { throw ValueError("fatal"); });
    EXPECT_THROW(loop.run_forever(), KeyboardInterrupt);
    turn();
    EXPECT_TRUE(log.messages().empty());
}

TEST_F(Handler, ItRunsInTheCallbacksContext) {
    static const ContextVar<int> var("handler", 0);
    loop.set_exception_handler([&](EventLoop&, const ExceptionContext&) { print(var.get()); });
    loop.call_soon([] {
        var.set(8);
        throw ValueError("x");
    });
    turn();
    EXPECT_EQ(print.joined(), "8");
}

TEST_F(Handler, ReportsOfCallbacksNameThem) {
    struct NamedCallback {
        void operator()() const { throw ValueError("why"); }
    };
    loop.call_soon(NamedCallback());
    turn();
    ASSERT_EQ(log.messages().size(), 1U);
    const std::string text = log.messages().front();
    EXPECT_TRUE(text.starts_with("Exception in callback ")) << text;
    EXPECT_NE(text.find("NamedCallback"), std::string::npos) << text;
    EXPECT_NE(text.find("\nhandle: <Handle "), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("\nexception: aio::ValueError: why")) << text;
}

}  // namespace
}  // namespace aio
