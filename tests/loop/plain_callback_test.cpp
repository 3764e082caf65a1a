// SPDX-License-Identifier: MIT
// What is taken for a callback although it looks like something that has to be awaited. What is not taken is
// in tests/compile_fail.
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <coroutine>
#include <functional>
#include <support/trace.hpp>

namespace aio {
namespace {

// Of another library: begins when it is made, and can be awaited too.
struct Eager {
    struct promise_type {
        Eager get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
    bool await_ready() const { return true; }
    void await_suspend(std::coroutine_handle<>) const {}
    void await_resume() const {}
};

// A function that can also be awaited.
struct Signal {
    int* calls;
    void operator()() const { ++*calls; }
    std::suspend_never operator co_await() const { return {}; }
};

// Somebody else keeps it.
struct Flag {
    bool raised = false;
    Flag& raise() {
        raised = true;
        return *this;
    }
    std::suspend_never operator co_await() const { return {}; }
};

struct Derived : Context {
    using Context::Context;
    explicit Derived(Context context) : Context(std::move(context)) {}
};

TEST(PlainCallback, EagerCoroutinesFunctionsAndReferencesAreTaken) {
    const EventLoopPtr loop = new_event_loop();
    int calls = 0;
    Flag by_lambda;
    Flag by_member;
    loop->call_soon([&calls]() -> Eager {
        ++calls;
        co_return;
    });
    loop->call_soon(Signal{&calls});
    loop->call_soon([&]() -> Flag& { return by_lambda.raise(); });
    loop->call_soon(&Flag::raise, &by_member);
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(calls, 2);
    EXPECT_TRUE(by_lambda.raised && by_member.raised);
}

TEST(PlainCallback, WhatIsAContextIsNoCallback) {
    const EventLoopPtr loop = new_event_loop();
    ContextVar<int> var("var", 0);
    Context context = copy_context();
    context.run([&] { var.set(5); });
    const Derived derived(context);
    int seen = 0;
    loop->call_soon(std::ref(context), [&] { seen += var.get(); });
    loop->call_soon(derived, [&] { seen += var.get(); });
    loop->call_soon_threadsafe(std::cref(context), [&] { seen += var.get(); });
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(seen, 15);
}

}  // namespace
}  // namespace aio
