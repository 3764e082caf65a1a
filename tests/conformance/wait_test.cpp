// SPDX-License-Identifier: MIT
// S58 to S61: wait().
#include "conformance.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S58_wait_never_raises_never_cancels_and_returns_two_sets) {
    auto bad = []() -> Coro<std::string> {
        throw ValueError("x");
        co_return "";
    };
    run([&]() -> Coro<> {
        Task<std::string> a = create_task(bad);
        Task<std::string> b = create_task(sleep(50ms, std::string("late")));
        std::vector<Task<std::string>> both{a, b};
        const auto [done, pending] = co_await wait(both, 10ms);
        print(done == FutureSet({a}), pending == FutureSet({b}), b.cancelled());
        const std::string late = co_await b;
        print(repr(a.exception()), late);
    });
    expect("True True False\nValueError('x') late\n");
}

TEST_F(Conformance, S59_first_completed_may_return_several_first_exception_ignores_cancellation) {
    auto bad = []() -> Coro<> {
        co_await sleep(20ms);
        throw ValueError("");
    };
    run([&]() -> Coro<> {
        std::vector<Task<>> three;
        for (int i = 0; i < 3; ++i) three.push_back(create_task(sleep(0s)));
        const auto first = co_await wait(three, FIRST_COMPLETED);
        print(first.done.size(), first.pending.size());
        Task<> x = create_task(sleep(9s));
        Task<> y = create_task(bad);
        Task<> z = create_task(sleep(50ms));
        co_await sleep(0s);
        x.cancel();
        std::vector<Task<>> xyz{x, y, z};
        const auto [d, p] = co_await wait(xyz, FIRST_EXCEPTION);
        print(d.contains(x), d.contains(y), p == FutureSet({z}));
        y.exception();
    });
    expect("3 0\nTrue True True\n");
}

TEST_F(Conformance, S60_cancelling_wait_leaves_the_children_alone) {
    run([&]() -> Coro<> {
        Task<std::string> a = create_task(sleep(20ms, std::string("alive")));
        std::vector<Task<std::string>> as{a};
        auto w = create_task(wait(as));
        co_await sleep(0s);
        w.cancel();
        co_await sleep(0s);
        co_await sleep(0s);
        print(w.cancelled(), a.done());
        const std::string text = co_await a;
        print(text);
    });
    expect("True False\nalive\n");
}

// wait(single awaitable) is a compile error instead of a TypeError (tests/compile_fail). Coroutines are
// accepted, as the programs that aio is for give them; the done set holds their tasks.

TEST_F(Conformance, S61_argument_rules_and_at_least_one_yield) {
    run([&]() -> Coro<> {
        std::vector<Task<>> none;
        try {
            co_await wait(none);
        } catch (const ValueError& e) {
            print("ValueError", e.what());
        }
        Task<> t = create_task(sleep(0s));
        co_await t;
        std::vector<std::string> o;
        loop().call_soon([&] { o.emplace_back("other"); });
        std::vector<Task<>> ts{t};
        co_await wait(ts);
        print(o);
    });
    expect("ValueError Set of Tasks/Futures is empty.\n[other]\n");
}

TEST_F(Conformance, S61_coroutines_become_tasks) {
    auto work = [](int n) -> Coro<int> {
        co_await sleep(0s);
        co_return n;
    };
    run([&]() -> Coro<> {
        std::vector<Coro<int>> coros;
        for (int n = 1; n <= 3; ++n) coros.push_back(work(n));
        auto result = co_await wait(std::move(coros));
        int sum = 0;
        for (const Task<int>& task : result.done) sum += task.result();
        print(result.done.size(), result.pending.size(), sum);
    });
    expect("3 0 6\n");
}

}  // namespace
}  // namespace aio::tests
