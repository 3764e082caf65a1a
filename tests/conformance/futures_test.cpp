// SPDX-License-Identifier: MIT
// S18 to S29: futures.
#include "conformance.hpp"

#include <aio/concurrent/future.hpp>
#include <aio/sync/barrier.hpp>
#include <cerrno>
#include <chrono>
#include <functional>
#include <limits>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S18_done_callbacks_are_never_called_inline) {
    run([&]() -> Coro<> {
        Future<int> f = loop().create_future<int>();
        f.add_done_callback([&](Future<int>) { print("cb1"); });
        f.add_done_callback([&](Future<int>) { print("cb2"); });
        f.set_result(1);
        print("set");
        f.add_done_callback([&](Future<int>) { print("late"); });
        print("added");
        co_await sleep(0s);
        print("end");
    });
    expect("set\nadded\ncb1\ncb2\nlate\nend\n");
}

TEST_F(Conformance, S19_a_future_settles_once) {
    run([&]() -> Coro<> {
        Future<int> f = loop().create_future<int>();
        try {
            f.result();
        } catch (const InvalidStateError&) {
            print("not yet");
        }
        try {
            f.exception();
        } catch (const InvalidStateError&) {
            print("not yet");
        }
        f.set_result(1);
        try {
            f.set_result(2);
        } catch (const InvalidStateError&) {
            print("InvalidStateError", f.result(), f.cancel());
        }
        Future<int> g = loop().create_future<int>();
        const bool first = g.cancel("why");
        print(first, g.cancel(), g.done(), g.cancelled());
        try {
            g.result();
        } catch (const CancelledError& e) {
            print("Cancelled", args(e));
        }
        try {
            g.exception();
        } catch (const CancelledError& e) {
            print("Cancelled", args(e));
        }
        try {
            g.set_result(1);
        } catch (const InvalidStateError&) {
            print("InvalidStateError");
        }
        co_return;
    });
    expect(
        "not yet\n"
        "not yet\n"
        "InvalidStateError 1 False\n"
        "True False True True\n"
        "Cancelled ('why',)\n"
        "Cancelled ('why',)\n"
        "InvalidStateError\n");
}

int calls_of_s20 = 0;
void count_call(const Future<int>&) { ++calls_of_s20; }

TEST_F(Conformance, S20_callback_bookkeeping) {
    calls_of_s20 = 0;
    run([&]() -> Coro<> {
        Future<int> f = loop().create_future<int>();
        f.add_done_callback(count_call);
        f.add_done_callback(count_call);
        f.set_result(0);
        print(f.remove_done_callback(count_call));
        co_await sleep(0s);
        print(calls_of_s20);
        Future<int> g = loop().create_future<int>();
        g.add_done_callback(count_call);
        g.add_done_callback(count_call);
        print(g.remove_done_callback(count_call));
        g.set_result(0);
        co_await sleep(0s);
        print(calls_of_s20);
    });
    expect("0\n2\n2\n2\n");
}

TEST_F(Conformance, S21_awaiting_a_done_future_does_not_yield) {
    auto other = [&]() -> Coro<> {
        print("other ran");
        co_return;
    };
    auto plain = []() -> Coro<int> { co_return 2; };
    run([&]() -> Coro<> {
        Future<int> f = loop().create_future<int>();
        f.set_result(1);
        Task<> t = create_task(other);
        co_await f;
        print("after done future");
        co_await plain();
        print("after coroutine");
        co_await sleep(0s);
        print("after sleep(0)");
        co_await t;
        print("after done task");
    });
    expect("after done future\nafter coroutine\nother ran\nafter sleep(0)\nafter done task\n");
}

TEST_F(Conformance, S22_sleep_zero_yields_exactly_one_iteration) {
    std::string turns;
    auto t = [&](const char* n) -> Coro<> {
        for (int i = 0; i < 3; ++i) {
            turns += std::string(n) + " " + std::to_string(i) + "; ";
            co_await sleep(0s);
        }
    };
    run([&]() -> Coro<> {
        co_await gather(t("A"), t("B"));
        const std::string result = co_await sleep(-1s, std::string("res"));
        print(turns + result);
        try {
            co_await sleep(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
            print("accepted");
        } catch (const ValueError& e) {
            print(e.what());
        }
    });
    expect("A 0; B 0; A 1; B 1; A 2; B 2; res\nInvalid delay: NaN (not a number)\n");
    EXPECT_EQ(clock().elapsed(), 0s) << "a negative delay uses no timer";
}

TEST_F(Conformance, S23_from_set_result_to_the_waiter_is_one_iteration) {
    int tick = 0;
    std::function<void()> count = [&] {
        if (++tick < 12) loop().call_soon(count);
    };
    auto inner = [&](Future<> f) -> Coro<int> {
        co_await f;
        co_return tick;
    };
    auto outer = [&](Task<int> t) -> Coro<std::pair<int, int>> {
        const int a = co_await t;
        co_return std::pair(a, tick);
    };
    run([&]() -> Coro<> {
        Future<> f = loop().create_future<>();
        Task<int> t = create_task(inner, f);
        Task<std::pair<int, int>> o = create_task(outer, t);
        co_await sleep(0s);
        co_await sleep(0s);
        loop().call_soon(count);
        f.set_result();
        const auto [a, b] = co_await o;
        print(a, b, tick);
    });
    expect("1 2 3\n");
}

TEST_F(Conformance, S24_several_waiters_resume_in_the_order_they_began) {
    auto w = [&](Future<> f, int n) -> Coro<> {
        try {
            co_await f;
        } catch (const ValueError& e) {
            print(n, e.what());
        }
    };
    run([&]() -> Coro<> {
        Future<> f = loop().create_future<>();
        std::vector<Task<>> ts;
        for (int n = 0; n < 3; ++n) ts.push_back(create_task(w, f, n));
        co_await sleep(0s);
        f.set_exception(ValueError("x"));
        co_await wait(ts);
    });
    expect("0 x\n1 x\n2 x\n");
}

TEST_F(Conformance, S25_an_exception_nobody_looked_at_is_reported) {
    auto bad = []() -> Coro<> {
        throw ValueError("x");
        co_return;
    };
    run([&]() -> Coro<> {
        report();
        Task<> t = create_task(bad);
        co_await sleep(0s);
        t = {};
        Future<> f = loop().create_future<>();
        f.set_exception(LookupError(""));
        f = {};
        t = create_task(bad);
        co_await sleep(0s);
        t.exception();
        t = {};
        t = create_task(sleep(9s));
        co_await sleep(0s);
        t.cancel();
        co_await sleep(0s);
        t = {};
        print("end");
    });
    expect(
        "HANDLER: Task exception was never retrieved ['exception', 'future']\n"
        "HANDLER: Future exception was never retrieved ['exception', 'future']\n"
        "end\n");
}

Coro<> nothing() { co_return; }

TEST_F(Conformance, S26_only_the_loops_own_futures_may_be_awaited) {
    auto me = [&]() -> Coro<> {
        const AnyTask itself = current_task();
        try {
            co_await itself;
        } catch (const RuntimeError& e) {
            print(std::string(e.what()).find("itself") != std::string::npos);
        }
    };
    run([&]() -> Coro<> {
        EventLoopPtr other_loop = new_event_loop();
        Future<> other = other_loop->create_future<>();
        try {
            co_await other;
        } catch (const RuntimeError& e) {
            print(std::string(e.what()).find("different loop") != std::string::npos);
        }
        Task<> t = create_task(me);
        co_await t;
        auto c = sleep(0s);
        co_await c;
        try {
            co_await c;
        } catch (const RuntimeError& e) {
            print(e.what());
        }
        Coro<> coro = nothing();
        co_await coro;
        try {
            co_await coro;
        } catch (const RuntimeError& e) {
            print(std::string(e.what()).substr(0, 38));  // which coroutine it was comes after that
        }
    });
    expect(
        "True\n"
        "True\n"
        "cannot reuse already awaited coroutine\n"
        "cannot reuse already awaited coroutine\n");
}

// An object with __await__: in C++ one with operator co_await.
struct AwaitableOfS27 {
    auto operator co_await() const { return sleep(0s, std::string("aw")); }
};

// ensure_future(3) is a compile error instead of a TypeError.
template <class A>
concept EnsuresFuture = requires(A a) { ensure_future(std::move(a)); };
static_assert(EnsuresFuture<AwaitableOfS27> && !EnsuresFuture<int>);

// wrap_future() comes with threads' futures (aio/concurrent).
TEST_F(Conformance, S27_ensure_future_keeps_identity) {
    run([&]() -> Coro<> {
        Future<> f = loop().create_future<>();
        print(ensure_future(f) == f);
        auto t = ensure_future(AwaitableOfS27());
        static_assert(std::is_same_v<decltype(t), Task<std::string>>);
        const std::string text = co_await t;
        print(true, text);
    });
    expect("True\nTrue aw\n");
}

TEST_F(Conformance, S28_a_done_callback_that_raises_harms_nobody_else) {
    run([&]() -> Coro<> {
        report();
        Future<std::string> f = loop().create_future<std::string>();
        f.add_done_callback([](Future<std::string>) { throw std::runtime_error("division by zero"); });
        f.add_done_callback([&](Future<std::string>) { print("second"); });
        f.set_result("kept");
        co_await sleep(0s);
        print(f.result());
    });
    expect("HANDLER: Exception in callback ... ['exception', 'handle']\nsecond\nkept\n");
}

static_assert(!std::is_same_v<InvalidStateError, concurrent::InvalidStateError>);
static_assert(!std::is_base_of_v<InvalidStateError, concurrent::InvalidStateError>);
static_assert(!std::is_base_of_v<concurrent::InvalidStateError, InvalidStateError>);

TEST_F(Conformance, S29_which_error_types_are_the_same) {
    print(std::is_same_v<TimeoutError, concurrent::TimeoutError>,
          std::is_same_v<CancelledError, concurrent::CancelledError>,
          std::is_base_of_v<std::exception, CancelledError>,
          std::is_base_of_v<std::exception, concurrent::CancelledError>);
    print(std::is_base_of_v<EOFError, IncompleteReadError>,
          std::is_base_of_v<RuntimeError, BrokenBarrierError>,
          std::is_base_of_v<std::exception, LimitOverrunError>, std::is_base_of_v<OSError, TimeoutError>);
    // One type for all layers, the system's included.
    run([&]() -> Coro<> {
        for (int layer = 0; layer < 3; ++layer) {
            try {
                if (layer == 0) raise_os_error(ETIMEDOUT, "connect");
                if (layer == 1) co_await wait_for(sleep(1h), 1s);
                if (layer == 2) concurrent::Future<>().result(0s);
            } catch (const TimeoutError&) {
                print("TimeoutError");
            }
        }
    });
    expect("True False False True\nTrue True True True\nTimeoutError\nTimeoutError\nTimeoutError\n");
}

}  // namespace
}  // namespace aio::tests
