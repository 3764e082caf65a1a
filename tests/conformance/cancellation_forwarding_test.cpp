// SPDX-License-Identifier: MIT
// S45 to S51: where a cancellation goes and what it meets there.
#include "conformance.hpp"

#include <support/ended.hpp>

#include <aio/sync.hpp>

#include <chrono>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S45_cancelling_a_task_that_awaits_another_cancels_the_inner_first) {
    auto inner = [&]() -> Coro<std::string> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print("inner");
            throw;
        }
        co_return "";
    };
    auto stubborn = []() -> Coro<std::string> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            co_return "value";
        }
        co_return "";
    };
    auto outer = [&](Task<std::string> t) -> Coro<std::string> {
        try {
            co_return co_await t;
        } catch (const CancelledError&) {
            print("outer");
            throw;
        }
    };
    run([&]() -> Coro<> {
        Task<std::string> i = create_task(inner);
        Task<std::string> o = create_task(outer, i);
        co_await sleep(0s);
        co_await sleep(0s);
        o.cancel();
        co_await ended(o);
        print(i.cancelled(), o.cancelled());
        Task<std::string> s = create_task(stubborn);
        o = create_task(outer, s);
        co_await sleep(0s);
        co_await sleep(0s);
        o.cancel();
        co_await ended(o);
        print(o.cancelled(), o.result(), o.cancelling());
    });
    expect("inner\nouter\nTrue True\nFalse value 1\n");
}

TEST_F(Conformance, S46_a_shared_task_is_cancelled_for_everyone) {
    auto user = [&](const char* n, Task<> t) -> Coro<> {
        try {
            co_await t;
        } catch (const CancelledError&) {
            print(n, "cancelled; own requests:", current_task().cancelling());
            throw;
        }
    };
    run([&]() -> Coro<> {
        Task<> shared = create_task(sleep(9s));
        Task<> a = create_task(user, "a", shared);
        Task<> b = create_task(user, "b", shared);
        co_await sleep(0s);
        co_await sleep(0s);
        a.cancel();
        co_await ended(a, b);
        print(shared.cancelled(), b.cancelled());
    });
    expect("a cancelled; own requests: 1\nb cancelled; own requests: 0\nTrue True\n");
}

TEST_F(Conformance, S47_a_result_not_yet_consumed_loses_to_cancel) {
    auto t = [&](Future<std::string> f) -> Coro<std::string> {
        try {
            co_return co_await f;
        } catch (const CancelledError&) {
            co_return "cancelled, though result was " + f.result();
        }
    };
    run([&]() -> Coro<> {
        Future<std::string> f = loop().create_future<std::string>();
        Task<std::string> x = create_task(t, f);
        co_await sleep(0s);
        f.set_result("ready");
        x.cancel();
        const std::string text = co_await x;
        print(text);
    });
    expect("cancelled, though result was ready\n");
}

TEST_F(Conformance, S47_an_error_not_yet_consumed_loses_too_and_counts_as_seen) {
    auto t = [&](Future<> f) -> Coro<> { co_await f; };
    run([&]() -> Coro<> {
        report();
        Future<> f = loop().create_future<>();
        Task<> x = create_task(t, f);
        co_await sleep(0s);
        f.set_exception(ValueError("x"));
        f = {};
        x.cancel();
        co_await ended(x);
        print(x.cancelled());
    });
    expect("True\n");
}

TEST_F(Conformance, S48_self_cancellation) {
    auto a = [&]() -> Coro<> {
        current_task().cancel();
        print("still running");
        Future<int> f = loop().create_future<int>();
        f.set_result(0);
        co_await f;
        print("done future: no delivery");
        co_await sleep(0s);
        print("never");
    };
    auto b = []() -> Coro<int> {
        current_task().cancel();
        co_return 1;
    };
    run([&]() -> Coro<> {
        Task<> x = create_task(a);
        Task<int> y = create_task(b);
        co_await ended(x, y);
        print(x.cancelled(), y.cancelled());
    });
    expect("still running\ndone future: no delivery\nTrue True\n");
}

// In C++ `finally` with an await is: catch, remember, wait outside of the handler, rethrow.
TEST_F(Conformance, S49_await_while_unwinding_works_and_a_second_cancel_interrupts_it) {
    auto t = [&](Duration d) -> Coro<> {
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            error = std::current_exception();
        }
        co_await sleep(d);
        print("cleaned");
        if (error) std::rethrow_exception(error);
    };
    run([&]() -> Coro<> {
        Task<> x = create_task(t, Duration(10ms));
        co_await sleep(0s);
        x.cancel();
        co_await ended(x);
        print(x.cancelled());
        x = create_task(t, Duration(9s));
        co_await sleep(0s);
        x.cancel();
        co_await sleep(0s);
        co_await sleep(0s);
        x.cancel();
        co_await ended(x);
        print(x.cancelled());
    });
    expect("cleaned\nTrue\nTrue\n");
}

TEST_F(Conformance, S50_cancelled_error_is_not_an_ordinary_error) {
    auto t = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const std::exception&) {
            print("never");
        }
    };
    auto awaiter = [](Task<> x) -> Coro<> { co_await x; };
    run([&]() -> Coro<> {
        Task<> x = create_task(t);
        co_await sleep(0s);
        x.cancel();
        Task<> y = create_task(awaiter, x);
        co_await ended(y);
        print(y.cancelled(), y.cancelling(), std::is_base_of_v<std::exception, CancelledError>);
    });
    expect("True 0 False\n");
}

TEST_F(Conformance, S51_cancelling_sleep_withdraws_its_timer) {
    run([&]() -> Coro<> {
        Task<> x = create_task(sleep(50s));
        std::vector<Task<>> sleepers{create_task(sleep(60s))};
        auto y = create_task(wait(sleepers, WaitOptions(40s)));
        co_await sleep(0s);
        print(loop().stats().timers);
        x.cancel();
        y.cancel();
        print(loop().stats().timers);  // at once, not only when the task has seen it
        co_await ended(x, y);
        sleepers[0].cancel();
        co_await ended(sleepers[0]);
        print(loop().stats().timers);
    });
    expect("3\n1\n0\n");
}

// The watched descriptor of the rule's program is that of ConnectionTest.CancelledWhileItConnects.
TEST_F(Conformance, S51_cancelling_a_wait_removes_the_waiter) {
    const auto waiters = [](const std::string& repr) {
        const std::size_t found = repr.find("waiters:");
        return found == std::string::npos ? 0 : std::stoi(repr.substr(found + 8));
    };
    run([&]() -> Coro<> {
        Event event;
        Lock lock;
        Semaphore semaphore(0);
        Condition condition;
        auto notified = [&]() -> Coro<> {
            const auto guard = co_await condition.guard();
            co_await condition.wait();
        };
        co_await lock.acquire();
        std::vector<AnyTask> tasks{create_task(event.wait()), create_task(lock.acquire()),
                                   create_task(semaphore.acquire()), create_task(notified)};
        const auto show = [&] {
            print(waiters(event.repr()), waiters(lock.repr()), waiters(semaphore.repr()),
                  waiters(condition.repr()));
        };
        co_await sleep(0s);
        show();
        for (AnyTask& task : tasks) task.cancel();
        co_await wait(tasks);
        show();
        event.set();  // and reaches nobody
        lock.release();
        semaphore.release();
        print(lock.locked(), semaphore.value());
    });
    expect("1 1 1 1\n0 0 0 0\nFalse 1\n");
}

}  // namespace
}  // namespace aio::tests
