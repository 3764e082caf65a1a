// SPDX-License-Identifier: MIT
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <support/lifetime.hpp>
#include <support/trace.hpp>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio {
namespace {

using tests::AtEnd;
using tests::Lifetime;
using tests::thrown;

static_assert(!std::is_copy_constructible_v<ContextVar<int>>, "a variable is an identity");
static_assert(std::is_nothrow_copy_constructible_v<Context>);
static_assert(std::is_nothrow_move_constructible_v<Context>);
static_assert(!std::is_copy_constructible_v<Token<int>> && std::is_nothrow_move_constructible_v<Token<int>>);
static_assert(sizeof(detail::ContextSlot) == sizeof(void*), "every handle and task has one");

const ContextVar<int> number_var("number");
const ContextVar<int> counter_var("counter", 10);
const ContextVar<std::string> text_var("text", "none");

// Each test in a context of its own, so that none sees what another has set.
struct Contextvars : ::testing::Test {
    template <class F>
    void inside(F&& body) {
        Context().run(std::forward<F>(body));
    }
};

TEST_F(Contextvars, GetFallsBackToTheDefault) {
    inside([] {
        EXPECT_EQ(counter_var.get(), 10);
        EXPECT_EQ(counter_var.get(3), 3);
        EXPECT_EQ(number_var.get(3), 3);
        EXPECT_EQ(thrown<LookupError>([] { number_var.get(); }),
                  "context variable 'number' has no value in this context and no default");
        EXPECT_EQ(number_var.name(), "number");
    });
}

TEST_F(Contextvars, SetAndResetNest) {
    inside([] {
        Token<int> one = counter_var.set(1);
        EXPECT_EQ(&one.var(), &counter_var);
        EXPECT_EQ(one.old_value(), std::nullopt);  // Token.MISSING
        Token<int> two = counter_var.set(2);
        EXPECT_EQ(two.old_value(), 1);
        EXPECT_EQ(counter_var.get(), 2);
        counter_var.reset(two);
        EXPECT_EQ(counter_var.get(), 1);
        counter_var.reset(std::move(one));
        EXPECT_EQ(counter_var.get(), 10);
    });
}

TEST_F(Contextvars, TokensAreForOneUseOneVariableOneContext) {
    inside([] {
        static const ContextVar<int> other("other");
        Token<int> token = counter_var.set(1);
        EXPECT_EQ(thrown<ValueError>([&] { other.reset(token); }),
                  "Token was created by a different ContextVar");
        EXPECT_EQ(thrown<ValueError>([&] { copy_context().run([&] { counter_var.reset(token); }); }),
                  "Token was created in a different Context");
        counter_var.reset(token);
        EXPECT_EQ(thrown<RuntimeError>([&] { counter_var.reset(token); }),
                  "Token of 'counter' has already been used once");
    });
}

TEST_F(Contextvars, TokenScopeResetsAtItsEnd) {
    static ContextVar<int> depth("depth", 0);
    {
        TokenScope scope(depth.set(1));
        EXPECT_EQ(depth.get(), 1);
        EXPECT_EQ(scope.token().old_value(), std::nullopt);
        {
            const TokenScope inner(depth.set(2));
            EXPECT_EQ(depth.get(), 2);
        }
        EXPECT_EQ(depth.get(), 1);
    }
    EXPECT_EQ(depth.get(), 0);
}

TEST_F(Contextvars, TokenScopeThatWasResetOrLeftItsContextDoesNothing) {
    static ContextVar<int> depth("depth", 0);
    std::optional<TokenScope<int>> scope;
    scope.emplace(depth.set(1));
    depth.reset(scope->token());
    const TokenScope later(depth.set(5));
    scope.reset();
    EXPECT_EQ(depth.get(), 5);
    scope.emplace(depth.set(6));
    Context other = copy_context();
    other.run([&] { scope.reset(); });
    EXPECT_EQ(depth.get(), 6);
    EXPECT_EQ(other[depth], 6);
}

TEST_F(Contextvars, TokensTellCopiesApart) {
    inside([] {
        Context one = copy_context(), two = copy_context();
        std::optional<Token<int>> token;
        one.run([&] { token = counter_var.set(1); });
        EXPECT_THROW(two.run([&] { counter_var.reset(*token); }), ValueError);
        one.run([&] { counter_var.reset(*token); });
        EXPECT_FALSE(one.contains(counter_var));
    });
}

// get_context() gives the callback's own context an object; a token from before must stay valid.
TEST_F(Contextvars, TokensSurviveGetContext) {
    EventLoopPtr loop = new_event_loop();
    Handle handle = loop->call_soon([&] {
        Token<int> token = counter_var.set(1);
        const Context context = handle.get_context();
        EXPECT_EQ(context[counter_var], 1);
        counter_var.set(2);
        EXPECT_EQ(context[counter_var], 2) << "it is the very same context";
        counter_var.reset(token);
        EXPECT_FALSE(context.contains(counter_var));
    });
    loop->stop();
    loop->run_forever();
}

TEST_F(Contextvars, RunKeepsChangesInTheContext) {
    Context context;
    const int result = context.run(
        [](int value) {
            counter_var.set(value);
            return value + 1;
        },
        5);
    EXPECT_EQ(result, 6);
    EXPECT_EQ(context[counter_var], 5);
    inside([] { EXPECT_EQ(counter_var.get(), 10); });
    context.run([] { EXPECT_EQ(counter_var.get(), 5); });
}

TEST_F(Contextvars, RunRestoresOnAnException) {
    Context context;
    EXPECT_THROW(context.run([] {
        counter_var.set(1);
        throw ValueError("x");
    }),
                 ValueError);
    EXPECT_EQ(context[counter_var], 1);
    context.run([] {});  // it is not entered any more
}

TEST_F(Contextvars, AContextIsEnteredOnce) {
    Context context;
    Context same = context;
    EXPECT_EQ(context, same);
    context.run([&] {
        EXPECT_EQ(thrown<RuntimeError>([&] { same.run([] {}); }),
                  "cannot enter context: it is already entered");
        Context copy = context.copy();
        copy.run([] {});
        EXPECT_FALSE(copy == context);
    });
}

TEST_F(Contextvars, CopiesAreSeparate) {
    inside([] {
        counter_var.set(1);
        Context copy = copy_context();
        counter_var.set(2);
        EXPECT_EQ(copy[counter_var], 1);
        copy.run([] { counter_var.set(3); });
        EXPECT_EQ(copy[counter_var], 3);
        EXPECT_EQ(counter_var.get(), 2);
        const Context second = copy.copy();
        copy.run([] { counter_var.set(4); });
        EXPECT_EQ(second[counter_var], 3);
    });
}

TEST_F(Contextvars, AContextIsALookupTable) {
    Context context;
    EXPECT_EQ(context.size(), 0U);
    context.run([] {
        counter_var.set(1);
        text_var.set("x");
    });
    EXPECT_EQ(context.size(), 2U);
    EXPECT_TRUE(context.contains(counter_var));
    EXPECT_FALSE(context.contains(number_var));
    EXPECT_EQ(context[text_var], "x");
    EXPECT_EQ(context.get(counter_var, 7), 1);
    EXPECT_EQ(context.get(number_var, 7), 7);
    EXPECT_EQ(thrown<LookupError>([&] { (void)context[number_var]; }),
              "context variable 'number' is not set in this Context");
}

TEST_F(Contextvars, ThreadsHaveContextsOfTheirOwn_Thread) {
    inside([] {
        counter_var.set(1);
        int seen = 0;
        Context shared = copy_context();
        std::thread thread([&] {
            EXPECT_EQ(counter_var.get(), 10);
            counter_var.set(7);
            shared.run([&] { seen = counter_var.get(); });
        });
        thread.join();
        EXPECT_EQ(seen, 1);
        EXPECT_EQ(counter_var.get(), 1);
    });
}

TEST_F(Contextvars, CallbacksGetACopyAtTheCall) {
    inside([] {
        EventLoopPtr loop = new_event_loop();
        std::vector<int> seen;
        counter_var.set(1);
        loop->call_soon([&] {
            seen.push_back(counter_var.get());
            counter_var.set(50);
        });
        counter_var.set(2);
        loop->call_soon([&] { seen.push_back(counter_var.get()); });
        loop->stop();
        loop->run_forever();
        EXPECT_EQ(seen, (std::vector{1, 2}));
        EXPECT_EQ(counter_var.get(), 2);
    });
}

TEST_F(Contextvars, ValuesAreSharedAndReleased) {
    Lifetime life;
    static const ContextVar<std::shared_ptr<int>> var("life");
    {
        Context context;
        context.run([&] { var.set(life.token()); });
        const Context copy = context.copy();
        EXPECT_EQ(life.holders(), 1) << "both hold the same value";
    }
    EXPECT_TRUE(life.over());
}

// The destructor of a value looks at the context that is giving the value up.
TEST_F(Contextvars, AValuesDestructorMayReadAndSet) {
    static const ContextVar<std::shared_ptr<AtEnd>> var("guard", nullptr);
    inside([] {
        int seen = 0;
        var.set(std::make_shared<AtEnd>([&] {
            seen = counter_var.get();
            counter_var.set(99);
            (void)var.get();
        }));
        counter_var.set(42);
        var.set(nullptr);
        EXPECT_EQ(seen, 42);
        EXPECT_EQ(counter_var.get(), 99);
    });
}

}  // namespace
}  // namespace aio
