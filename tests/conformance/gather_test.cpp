// SPDX-License-Identifier: MIT
// S52 to S57: gather().
#include "conformance.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S52_results_come_in_argument_order) {
    auto t = [&](std::string n, Duration d) -> Coro<std::string> {
        co_await sleep(d);
        print("end", n);
        co_return n;
    };
    run([&]() -> Coro<> {
        const auto [a, b, c] = co_await gather(t("a", 30ms), t("b", 10ms), t("c", 20ms));
        print(py({a, b, c}));
    });
    expect("end b\nend c\nend a\n[a, b, c]\n");
}

TEST_F(Conformance, S53_the_first_exception_surfaces_at_once_the_others_keep_running) {
    auto bad = [](Duration d, const char* text) -> Coro<> {
        co_await sleep(d);
        throw ValueError(text);
    };
    auto ok = [&]() -> Coro<> {
        co_await sleep(30ms);
        print("sibling finished");
    };
    run([&]() -> Coro<> {
        report();
        try {
            co_await gather(ok(), bad(10ms, "0.01"), bad(20ms, "0.02"));
        } catch (const ValueError& e) {
            print("caught", e.what());
        }
        co_await sleep(50ms);
    });
    expect("caught 0.01\nsibling finished\n");
}

TEST_F(Conformance, S54_return_exceptions_collects_everything) {
    auto bad = []() -> Coro<> {
        throw ValueError("x");
        co_return;
    };
    run([&]() -> Coro<> {
        Task<> c = create_task(sleep(9s));
        loop().call_soon([c] { c.cancel(); });
        const auto [first, second, third] = co_await gather(return_exceptions, bad(), c, sleep(0s, 3));
        print(repr(first.exception()), repr(second.exception()), third.value());
    });
    expect("ValueError('x') CancelledError('') 3\n");
}

TEST_F(Conformance, S55_cancelling_gather_cancels_the_children_and_waits_for_them) {
    keep_order();
    auto t = [&](int n) -> Coro<> {
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (...) {
            error = std::current_exception();
        }
        co_await sleep(10ms);
        print("child", n, "ended");
        if (error) std::rethrow_exception(error);
    };
    run([&]() -> Coro<> {
        auto g = gather(return_exceptions, t(1), t(2));
        co_await sleep(0s);
        print(g.cancel());
        try {
            co_await g;
        } catch (const CancelledError&) {
            print("gather cancelled", g.cancelled());
        }
    });
    expect("True\nchild 1 ended\nchild 2 ended\ngather cancelled False\n");
}

TEST_F(Conformance, S55_cancelling_the_task_that_awaits_it_does_the_same) {
    keep_order();
    auto t = [&](int n) -> Coro<> {
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (...) {
            error = std::current_exception();
        }
        co_await sleep(10ms);
        print("child", n, "ended");
        if (error) std::rethrow_exception(error);
    };
    auto awaiter = [&]() -> Coro<> {
        try {
            co_await gather(return_exceptions, t(1), t(2));
        } catch (const CancelledError& e) {
            print("gather cancelled", args(e));
            throw;
        }
    };
    run([&]() -> Coro<> {
        Task<> a = create_task(awaiter);
        co_await sleep(1ms);
        a.cancel("enough");
        std::vector<Task<>> as{a};
        co_await wait(as);
        print(a.cancelled());
    });
    expect("child 1 ended\nchild 2 ended\ngather cancelled ('enough',)\nTrue\n");
}

TEST_F(Conformance, S56_a_child_cancelled_from_outside_counts_as_its_cancelled_error) {
    run([&]() -> Coro<> {
        Task<> a = create_task(sleep(9s));
        Task<std::string> b = create_task(sleep(10ms, std::string("b")));
        loop().call_soon([a] { a.cancel(); });
        try {
            co_await gather(a, b);
        } catch (const CancelledError&) {
            print("CancelledError; cancelling =", current_task().cancelling(), b.done());
        }
        const std::string text = co_await b;
        print(text);
    });
    expect("CancelledError; cancelling = 0 False\nb\n");
}

TEST_F(Conformance, S57_duplicates_and_emptiness) {
    auto t = [&]() -> Coro<int> {
        print("once");
        co_return 1;
    };
    run([&]() -> Coro<> {
        Coro<int> c = t();
        const auto [first, second, third] = co_await gather(c, sleep(0s, 2), c);
        print(py({first, second, third}));
        auto g = gather();
        print(g.done());
        co_await g;
        Task<int> task = create_task(t);
        std::vector<Task<int>> twice{task, task};
        const std::vector<int> values = co_await gather(twice);
        print(values);
    });
    expect("once\n[1, 2, 1]\nTrue\nonce\n[1, 1]\n");
}

}  // namespace
}  // namespace aio::tests
