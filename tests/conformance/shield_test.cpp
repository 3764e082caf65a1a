// SPDX-License-Identifier: MIT
// S73, S74, S163: shield(); S85: as_completed().
#include "conformance.hpp"

#include <chrono>
#include <string>
#include <support/ended.hpp>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S73_shield_protects_the_inner_task_not_the_awaiter) {
    auto work = [&]() -> Coro<int> {
        co_await sleep(30ms);
        print("work finished");
        co_return 5;
    };
    run([&]() -> Coro<> {
        Task<int> t = create_task(work);
        Future<int> s = shield(t);
        loop().call_later(10ms, [s] { s.cancel(); });
        try {
            co_await s;
        } catch (const CancelledError&) {
            print("awaiter cancelled", s.cancelled(), t.done());
        }
        print(co_await t);
        Task<> i = create_task(sleep(9s));
        Future<> follower = shield(i);
        i.cancel();
        co_await ended(follower);
        print(follower.cancelled());
        Task<int> d = create_task(sleep(0s, 1));
        co_await d;
        print(shield(d) == d);
    });
    expect("awaiter cancelled True False\nwork finished\n5\nTrue\nTrue\n");
}

TEST_F(Conformance, S74_the_inner_task_must_be_kept_alive_and_its_late_error_is_reported) {
    auto bad = []() -> Coro<> {
        co_await sleep(10ms);
        throw ValueError("late");
    };
    run([&]() -> Coro<> {
        report();
        Task<> t = create_task(bad);
        Future<> s = shield(t);
        co_await sleep(0s);
        s.cancel();
        co_await sleep(30ms);
        t = Task<>();
        s = Future<>();
        print("end");
    });
    expect("HANDLER: ValueError exception in shielded future ['exception', 'future']\nend\n");
}

TEST_F(Conformance, S163_shield_sample) {
    auto task_func = [&](int n) -> Coro<> {
        co_await sleep(100ms);
        print("done:", n);
    };
    auto cancel_task = [&](Future<> t) -> Coro<> {
        co_await sleep(20ms);
        print("cancelled:", t.cancel());
    };
    run([&]() -> Coro<> {
        Task<> task = create_task(task_func, 1);
        Future<> shielded = shield(task);
        Task<> keep = create_task(cancel_task, shielded);
        try {
            co_await shielded;
            print(">got:");
        } catch (const CancelledError&) {
            print("shielded was cancelled");
        }
        co_await sleep(150ms);
        print(shielded.cancelled(), task.done(), task.cancelled());
    });
    expect("cancelled: True\nshielded was cancelled\ndone: 1\nTrue True False\n");
}

TEST_F(Conformance, S85_results_in_completion_order_a_time_limit_over_all) {
    auto t = [](std::string n, Duration d) -> Coro<std::string> {
        co_await sleep(d);
        co_return n;
    };
    run([&]() -> Coro<> {
        std::vector<Coro<std::string>> three;
        three.push_back(t("a", 30ms));
        three.push_back(t("b", 10ms));
        three.push_back(t("c", 20ms));
        std::vector<std::string> results;
        for (auto&& c : as_completed(std::move(three))) results.push_back(co_await c);
        print(results);
        Task<std::string> x = create_task(t("x", 10ms));
        Task<std::string> y = create_task(t("y", 200ms));
        std::vector<Task<std::string>> both{x, y};
        try {
            for (auto&& c : as_completed(both, 50ms)) print(co_await c);
        } catch (const TimeoutError&) {
            print("timeout", y.cancelled(), y.done());
        }
        std::vector<Task<std::string>> one{y};
        auto it = as_completed(one);
        while (auto c = co_await it.next()) print(*c == y, c->done());
    });
    expect("[b, c, a]\nx\ntimeout False False\nTrue True\n");
}

}  // namespace
}  // namespace aio::tests
