// SPDX-License-Identifier: MIT
// S153 to S165: well-known sample programs, whose output order is fully determined.
#include "conformance.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S153_three_tasks_under_wait) {
    auto to_do_something = [&](int i) -> Coro<> {
        print("task", i, "start");
        co_await sleep(i * 1s);
        print("task", i, "done");
    };
    auto mission_running = [&]() -> Coro<> {
        print("running ...");
        co_return;
    };
    std::vector<Task<>> tasks{loop().create_task(to_do_something(1)), loop().create_task(to_do_something(2)),
                              loop().create_task(mission_running())};
    loop().run_until_complete(wait(tasks));
    print(clock().elapsed() / 1s);
    expect("task 1 start\ntask 2 start\nrunning ...\ntask 1 done\ntask 2 done\n2\n");
}

TEST_F(Conformance, S154_callback_on_a_task) {
    auto work = [](int x) -> Coro<int> { co_return x + 3; };
    Task<int> task = loop().create_task(work(5));
    task.add_done_callback([&](const Task<int>& y) { print(y.result()); });
    loop().run_until_complete(task);
    print("returned", task.result());
    expect("8\nreturned 8\n");
}

TEST_F(Conformance, S155_two_tasks_awaited_one_after_the_other) {
    auto others = [&](int t, std::string name) -> Coro<std::string> {
        print("start", name);
        co_await sleep(t * 1s);
        print("end", name);
        co_return "value " + name;
    };
    auto func = [&](int a, int b) -> Coro<> {
        print("body");
        Task<std::string> x = create_task(others, a, "task_1");
        Task<std::string> y = create_task(others, b, "task_2");
        const std::string first = co_await x;
        print("IO result:", first);
        const std::string second = co_await y;
        print("IO result:", second);
    };
    LoopTest::run(func, 3, 2);
    print("--");
    LoopTest::run(func, 2, 3);
    print("--");
    expect(
        "body\n"
        "start task_1\n"
        "start task_2\n"
        "end task_2\n"
        "end task_1\n"
        "IO result: value task_1\n"
        "IO result: value task_2\n"
        "--\n"
        "body\n"
        "start task_1\n"
        "start task_2\n"
        "end task_1\n"
        "IO result: value task_1\n"
        "end task_2\n"
        "IO result: value task_2\n"
        "--\n");
}

TEST_F(Conformance, S156_same_delay_end_end_then_both_results) {
    auto others = [&]() -> Coro<std::string> {
        print("start");
        co_await sleep(2s);
        print("end");
        co_return "value";
    };
    run([&]() -> Coro<> {
        print("body");
        Task<std::string> a = create_task(others);
        Task<std::string> b = create_task(others);
        const std::string first = co_await a;
        print("1:", first);
        const std::string second = co_await b;
        print("2:", second);
    });
    expect("body\nstart\nstart\nend\nend\n1: value\n2: value\n");
}

TEST_F(Conformance, S157_nested_coroutine_awaited_directly_twice) {
    auto others = [&]() -> Coro<std::string> {
        print("start");
        co_await sleep(2s);
        print("end");
        co_return "value";
    };
    run([&]() -> Coro<> {
        print("body");
        const std::string first = co_await others();
        print("1:", first);
        const std::string second = co_await others();
        print("2:", second);
    });
    expect("body\nstart\nend\n1: value\nstart\nend\n2: value\n");
}

TEST_F(Conformance, S158_wait_over_sleeps_and_results_from_the_done_set) {
    keep_order();
    auto do_work = [&](int x) -> Coro<std::string> {
        print("waiting:", x);
        co_await sleep(x * 1s);
        co_return "Done after " + std::to_string(x) + "s";
    };
    run([&]() -> Coro<> {
        const auto [done, pending] =
            co_await wait(ensure_future(do_work(1)), ensure_future(do_work(2)), ensure_future(do_work(3)));
        // Python's set has no order; ours keeps that of the arguments.
        std::vector<std::string> results;
        for (const Task<std::string>& t : done) results.push_back(t.result());
        print(results, pending.size());
    });
    expect("waiting: 1\nwaiting: 2\nwaiting: 3\n[Done after 1s, Done after 2s, Done after 3s] 0\n");
}

TEST_F(Conformance, S159_a_future_set_by_another_task_and_one_nobody_sets) {
    auto set_after = [](Future<std::string> future) -> Coro<> {
        co_await sleep(2s);
        future.set_result("666");
    };
    run([&]() -> Coro<> {
        Future<std::string> fut = loop().create_future<std::string>();
        co_await create_task(set_after(fut));
        const std::uint64_t turn = loop().stats().iterations;
        const std::string text = co_await fut;
        EXPECT_EQ(loop().stats().iterations, turn) << "it is awaited without a turn";
        print(text);
        try {
            co_await wait_for(loop().create_future<>(), 2s);
        } catch (const TimeoutError&) {
            print("never set");
        }
    });
    expect("666\nnever set\n");
    EXPECT_EQ(clock().elapsed(), 4s);
}

// Without a limit it would wait for ever: here the deadlock is found.
TEST_F(Conformance, S159_stuck_for_ever_is_found_by_the_virtual_clock) {
    auto stuck = [&]() -> Coro<> { co_await loop().create_future<>(); };
    EXPECT_THROW(LoopTest::run(stuck), testing::DeadlockError);
}

TEST_F(Conformance, S160_gather_over_bare_futures) {
    auto slow = [](Future<std::string> future, int num) -> Coro<> {
        co_await sleep(2s);
        future.set_result("Future" + std::to_string(num) + " is done!");
    };
    run([&]() -> Coro<> {
        Future<std::string> f1 = loop().create_future<std::string>();
        Future<std::string> f2 = loop().create_future<std::string>();
        auto a = ensure_future(slow(f1, 1));
        auto b = ensure_future(slow(f2, 2));
        const auto [first, second] = co_await gather(f1, f2);
        print(py({first, second}));
    });
    expect("[Future1 is done!, Future2 is done!]\n");
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(Conformance, S161_call_soon_before_call_at_before_call_later) {
    auto task = [&]() -> Coro<> {
        const TimePoint now = loop().time();
        loop().call_at(now + 1s, print.later("call_at1"));
        loop().call_at(now + 2s, print.later("call_at2"));
        loop().call_later(3s, print.later("call_later1"));
        loop().call_later(4s, print.later("call_later2"));
        loop().call_soon(print.later("call_soon"));
        co_await sleep(4s);
    };
    print("enter");
    loop().run_until_complete(task());
    print("close");
    expect("enter\ncall_soon\ncall_at1\ncall_at2\ncall_later1\ncall_later2\nclose\n");
}

TEST_F(Conformance, S162_factorial_under_gather) {
    keep_order();
    auto factorial = [&](std::string name, int number) -> Coro<> {
        int f = 1;
        for (int i = 2; i <= number; ++i) {
            print("Task " + name + ": Compute factorial(" + std::to_string(i) + ")...");
            co_await sleep(1s);
            f *= i;
        }
        print("Task " + name + ": factorial(" + std::to_string(number) + ") =", f);
    };
    run([&]() -> Coro<> { co_await gather(factorial("A", 2), factorial("B", 3), factorial("C", 4)); });
    expect(
        "Task A: Compute factorial(2)...\n"
        "Task B: Compute factorial(2)...\n"
        "Task C: Compute factorial(2)...\n"
        "Task A: factorial(2) = 2\n"
        "Task B: Compute factorial(3)...\n"
        "Task C: Compute factorial(3)...\n"
        "Task B: factorial(3) = 6\n"
        "Task C: Compute factorial(4)...\n"
        "Task C: factorial(4) = 24\n");
}

// S163, the sample of shield(), is in shield_test.cpp.

TEST_F(Conformance, S164_cancel_me) {
    auto cancel_me = [&]() -> Coro<> {
        struct Finally {
            Trace& print;
            ~Finally() { print("after sleep"); }
        } finally{print};
        print("before sleep");
        try {
            co_await sleep(3600s);
        } catch (const CancelledError&) {
            print("cancel sleep");
            throw;
        }
    };
    run([&]() -> Coro<> {
        Task<> t = create_task(cancel_me);
        co_await sleep(1s);
        t.cancel();
        try {
            co_await t;
        } catch (const CancelledError&) {
            print("main: cancelled now");
        }
    });
    expect("before sleep\ncancel sleep\nafter sleep\nmain: cancelled now\n");
    EXPECT_EQ(clock().elapsed(), 1s);
}

// sleep() is [[nodiscard]], so the mistake is a warning already; forced, it is reported in debug mode.
TEST_F(Conformance, S165_forgotten_await_on_sleep) {
    auto fun = [&]() -> Coro<> {
        (void)sleep(1s);
        print("async task ...");
        co_return;
    };
    std::vector<std::string> warnings;
    const LogHandler before =
        set_log_handler([&](LogLevel, std::string_view message) { warnings.emplace_back(message); });
    loop().set_debug(true);
    for (int i = 0; i < 5; ++i) LoopTest::run(fun);
    set_log_handler(before);
    print(clock().elapsed() == 0s, warnings.empty() ? "" : warnings.front());
    expect(
        "async task ...\n"
        "async task ...\n"
        "async task ...\n"
        "async task ...\n"
        "async task ...\n"
        "True coroutine 'sleep' was never awaited\n");
    EXPECT_EQ(warnings.size(), 5u);
}

}  // namespace
}  // namespace aio::tests
