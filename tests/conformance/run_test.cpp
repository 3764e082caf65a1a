// SPDX-License-Identifier: MIT
// S86 to S91: run(), Runner and shutdown. S102 and S103: generators. S150: the fixed reports.
#include "conformance.hpp"

#include <support/latch.hpp>

#include <aio/concurrent.hpp>

#include <unistd.h>
#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

RunOptions virtual_time() {
    return RunOptions().loop_factory(
        [] { return new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>())); });
}

// yield 1, then GeneratorExit's clean-up
AsyncGenerator<int> one_value(Trace& print, Latch& closed) {
    bool closing = false;
    try {
        co_yield 1;
    } catch (const GeneratorExit&) {
        closing = true;
    }
    co_await sleep(0s);
    print("generator closed");
    closed.set();
    if (closing) throw GeneratorExit();
}

TEST_F(Conformance, S86_run_cleans_up_in_a_fixed_order) {
    Task<> t;
    std::optional<AsyncGenerator<int>> g;
    Latch closed;
    auto bg = [&]() -> Coro<> {
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (...) {
            error = std::current_exception();
        }
        co_await sleep(10ms);
        print("task cleaned");
        if (error) std::rethrow_exception(error);
    };
    auto main = [&]() -> Coro<> {
        t = create_task(bg);
        g = one_value(print, closed);
        co_await g->next();
        // It waits for the generator, so run() must not join the pool before.
        get_running_loop().run_in_executor(nullptr, [&] {
            closed.wait();
            print("thread finished");
        });
        print("main returns");
    };
    aio::run(main(), virtual_time());
    print("run returned", t.cancelled());
    expect("main returns\ntask cleaned\ngenerator closed\nthread finished\nrun returned True\n");
}

TEST_F(Conformance, S87_errors_of_leftover_tasks_are_reported_not_raised) {
    auto bg = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            throw ValueError("x");
        }
    };
    auto main = [&]() -> Coro<std::string> {
        report(get_running_loop());
        create_task(bg);
        co_await sleep(0s);
        co_return "value";
    };
    print(aio::run(main(), virtual_time()));
    expect("HANDLER: unhandled exception during asyncio.run() shutdown ['exception', 'task']\nvalue\n");
}

struct Aw {
    auto operator co_await() const { return sleep(0s, std::string("awaited")); }
};

// run(3) is a compile error instead of a TypeError: tests/compile_fail.
TEST_F(Conformance, S88_run_makes_a_fresh_loop_and_takes_any_awaitable) {
    print(aio::run(Aw()));
    int made = 0;
    EventLoop* used = nullptr;
    auto main = [&]() -> Coro<> {
        used = &get_running_loop();
        co_return;
    };
    auto options = RunOptions().loop_factory([&] {
        ++made;
        return new_event_loop();
    });
    aio::run(main(), options);
    aio::run(main(), options);
    print(made, used != nullptr, get_running_loop_or_null() == nullptr);
    expect("awaited\n2 True True\n");
}

TEST_F(Conformance, S88_run_inside_a_running_loop_is_an_error) {
    run([&]() -> Coro<> {
        try {
            aio::run(sleep(0s));
        } catch (const RuntimeError& e) {
            print(e.what());
        }
        co_return;
    });
    expect("asyncio.run() cannot be called from a running event loop\n");
}

ContextVar<int> s89_variable("v", 0);

TEST_F(Conformance, S89_runner_keeps_loop_and_context_across_runs) {
    Task<std::string> t;
    auto one = [&]() -> Coro<> {
        s89_variable.set(1);
        t = create_task(sleep(20ms, std::string("left over")));
        co_return;
    };
    auto two = [&]() -> Coro<std::pair<int, std::string>> {
        const std::string text = co_await t;
        co_return std::pair(s89_variable.get(), text);
    };
    Runner r(virtual_time());
    r.run(one());
    const auto [value, text] = r.run(two());
    print(value, text, r.get_loop().is_closed());
    r.close();
    try {
        r.get_loop();
    } catch (const RuntimeError& e) {
        print(e.what());
    }
    expect("1 left over False\nRunner is closed\n");
    EXPECT_EQ(s89_variable.get(), 0) << "the runner's context is its own";
}

Coro<std::string> interrupted(Trace& print, bool swallow) {
    get_running_loop().call_later(10ms, ::kill, ::getpid(), SIGINT);
    try {
        co_await sleep(9s);
    } catch (const CancelledError&) {
        print("cleanup");
        if (!swallow) throw;
    }
    co_return "finished anyway";
}

TEST_F(Conformance, S90_the_first_sigint_cancels_the_main_task) {
    try {
        aio::run(interrupted(print, false));
    } catch (const KeyboardInterrupt&) {
        print("KeyboardInterrupt");
    }
    print(aio::run(interrupted(print, true)));
    expect("cleanup\nKeyboardInterrupt\ncleanup\nfinished anyway\n");
    struct sigaction action{};
    ::sigaction(SIGINT, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL) << "what was in place before is restored";
}

TEST_F(Conformance, S90_a_second_sigint_interrupts) {
    auto stubborn = [&]() -> Coro<> {
        for (int i = 0; i < 2; ++i) {
            // One after the other: two that are sent before the loop looks are one signal.
            get_running_loop().call_later(5ms, ::kill, ::getpid(), SIGINT);
            try {
                co_await sleep(9s);
            } catch (const CancelledError&) {
                print("ignored");
            }
        }
    };
    try {
        aio::run(stubborn());
    } catch (const KeyboardInterrupt&) {
        print("KeyboardInterrupt");
    }
    // The second one throws at once; it is the loop's end that cancels the sleep once more.
    expect("ignored\nignored\nKeyboardInterrupt\n");
}

// yields 0 to 8; `finally: await sleep(0); print("closed")`
AsyncGenerator<int> nine_values(Trace& print) {
    std::exception_ptr error;
    try {
        for (int i = 0; i < 9; ++i) co_yield i;
    } catch (...) {
        error = std::current_exception();
    }
    co_await sleep(0s);
    print("closed");
    if (error) std::rethrow_exception(error);
}

TEST_F(Conformance, S91_a_generator_that_was_not_exhausted_is_closed_by_the_loop) {
    auto body = [](AsyncGenerator<int>& g) -> Coro<> {
        while (auto i = co_await g.next()) break;
    };
    run([&]() -> Coro<> {
        {
            auto values = nine_values(print);
            while (auto i = co_await values.next()) {
                if (*i == 1) break;
            }
        }
        print("after break");
        co_await sleep(10ms);
        print("then");
        co_await async_with(aclosing(nine_values(print)), body);
        print("end");
    });
    expect("after break\nclosed\nthen\nclosed\nend\n");
}

TEST_F(Conformance, S91_errors_while_closing_at_shutdown_are_reported) {
    auto failing = []() -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const GeneratorExit&) {
            throw ValueError("x");
        }
    };
    std::optional<AsyncGenerator<int>> g;
    run([&]() -> Coro<> {
        loop().set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
            print(context.message().substr(0, context.message().find(" <")), context.keys());
        });
        g = failing();
        co_await g->next();
    });
    expect("an error occurred during closing of asynchronous generator [asyncgen, exception]\n");
}

AsyncGenerator<int> generator_of_s102(Trace& print) {
    try {
        const int value = co_await sleep(10ms, 1);
        co_yield value;
    } catch (const GeneratorExit&) {
        print("closing");
        throw;
    }
}

// `try: yield 1 finally: yield 2`
AsyncGenerator<int> stub_of_s102() {
    try {
        co_yield 1;
    } catch (const GeneratorExit&) {
    }
    co_yield 2;
}

TEST_F(Conformance, S102_async_generators_aclose_and_misuse) {
    auto step = [](AsyncGenerator<int>& g) -> Coro<int> {
        auto value = co_await g.next();
        co_return *value;
    };
    run([&]() -> Coro<> {
        auto a = generator_of_s102(print);
        co_await a.next();
        co_await a.aclose();
        auto b = stub_of_s102();
        co_await b.next();
        try {
            co_await b.aclose();
        } catch (const RuntimeError& e) {
            print(e.what());
        }
        auto c = generator_of_s102(print);
        Task<int> t = create_task(step, std::ref(c));
        co_await sleep(0s);
        try {
            co_await c.next();
        } catch (const RuntimeError& e) {
            print(e.what());
        }
        const int value = co_await t;
        print(value);
        co_await c.aclose();
    });
    expect(
        "closing\n"
        "async generator ignored GeneratorExit\n"
        "anext(): asynchronous generator is already running\n"
        "1\n"
        "closing\n");  // of c, which the Python scenario leaves open
}

// Generator-based coroutines: `yield from` is co_await, a bare yield is sleep(0).
TEST_F(Conformance, S103_generator_based_coroutines) {
    auto turn = [](int n) -> Coro<int> {
        co_await sleep(0s);
        co_return n;
    };
    run([&]() -> Coro<> {
        loop().call_soon([&] { print("other"); });
        const int n = co_await turn(5);
        print(n);
    });
    expect("other\n5\n");
}

// The rows of the table that tasks produce and that no test above has produced: keys and values.
TEST_F(Conformance, S150_reports_carry_their_objects) {
    run([&]() -> Coro<> {
        loop().set_exception_handler([&](EventLoop& on, const ExceptionContext& context) {
            if (const auto* future = context.get<AnyFuture>("future")) {
                print(context.message(), repr(future->exception()), &future->get_loop() == &on);
            } else if (const auto* handle = context.get<Handle>("handle")) {
                print("callback", repr(context.exception()), handle->cancelled());
            }
        });
        Future<> f = loop().create_future<>();
        f.set_exception(ValueError("lost"));
        f = {};
        loop().call_soon([] { throw ValueError("thrown"); });
        co_await sleep(0s);
    });
    expect(
        "Future exception was never retrieved ValueError('lost') True\ncallback ValueError('thrown') "
        "False\n");
}

}  // namespace
}  // namespace aio::tests
