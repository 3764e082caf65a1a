// SPDX-License-Identifier: MIT
// S104 to S111: locks, events, conditions, semaphores, barriers.
#include "conformance.hpp"

#include <aio/sync.hpp>
#include <support/ended.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// print(..., end=" ")
std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += word + " ";
    return text;
}

TEST_F(Conformance, S104_lock_is_fair_no_barging) {
    Lock lock;
    std::vector<std::string> got;
    auto t = [&](int n) -> Coro<> {
        auto guard = co_await lock.guard();
        got.push_back(std::to_string(n));
    };
    run([&]() -> Coro<> {
        co_await lock.acquire();
        std::vector<Task<>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(create_task(t(i)));
        co_await sleep(0s);
        lock.release();
        print("free?", !lock.locked());
        co_await lock.acquire();
        print(joined(got) + "main again");
        lock.release();
        print(thrown<RuntimeError>([&] { lock.release(); }));
    });
    expect("free? True\n0 1 2 main again\nLock is not acquired.\n");
}

TEST_F(Conformance, S105_a_woken_waiter_that_is_cancelled_passes_the_wake_up_on) {
    Lock lock;
    auto t = [&](std::string n) -> Coro<> {
        auto guard = co_await lock.guard();
        print("got", n);
    };
    run([&]() -> Coro<> {
        co_await lock.acquire();
        Task<> b = create_task(t("b"));
        Task<> c = create_task(t("c"));
        co_await sleep(0s);
        lock.release();
        b.cancel();
        co_await wait_for(c, 1s);
        print(b.cancelled(), lock.locked());
    });
    expect("got c\nTrue False\n");
}

TEST_F(Conformance, S106_event_wakes_all_current_waiters_even_if_cleared_at_once) {
    Event event;
    auto w = [&](int n) -> Coro<> {
        const bool result = co_await event.wait();
        print(n, result, event.is_set());
    };
    run([&]() -> Coro<> {
        Task<> first = create_task(w(0));
        Task<> second = create_task(w(1));
        co_await sleep(0s);
        event.set();
        event.clear();
        co_await gather(first, second);
    });
    expect("0 True False\n1 True False\n");
}

TEST_F(Conformance, S107_the_lock_is_held_again_in_every_exit_path) {
    Condition condition;
    auto w = [&](int n) -> Coro<> {
        auto guard = co_await condition.guard();
        try {
            co_await condition.wait();
            print("woken", n);
        } catch (const CancelledError&) {
            print("cancelled with lock held:", condition.locked());
            throw;
        }
    };
    run([&]() -> Coro<> {
        std::vector<Task<>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(create_task(w(i)));
        co_await sleep(0s);
        print(thrown<RuntimeError>([&] { condition.notify(); }));
        {
            auto guard = co_await condition.guard();
            condition.notify(2);
        }
        co_await ended(tasks[0], tasks[1]);
        co_await condition.acquire();
        tasks[2].cancel();
        co_await sleep(0s);
        print("waiting for lock", tasks[2].done());
        condition.release();
        co_await ended(tasks[2]);
        print(tasks[2].cancelled(), condition.locked());
    });
    expect(
        "cannot notify on un-acquired lock\nwoken 0\nwoken 1\nwaiting for lock False\n"
        "cancelled with lock held: True\nTrue False\n");
}

TEST_F(Conformance, S108_wait_for_rechecks_the_predicate_after_each_wake_up) {
    Condition condition;
    int n = 0;
    auto enough = [&n] { return n >= 2 ? "enough" : nullptr; };
    auto waiter = [&]() -> Coro<std::string> {
        auto guard = co_await condition.guard();
        const char* value = co_await condition.wait_for(enough);
        co_return value;
    };
    run([&]() -> Coro<> {
        Task<std::string> task = create_task(waiter());
        co_await sleep(0s);
        for (int i = 0; i < 2; ++i) {
            ++n;
            {
                auto guard = co_await condition.guard();
                condition.notify_all();
            }
            co_await sleep(10ms);
            print(n, task.done());
        }
        print(task.result());
    });
    expect("1 False\n2 True\nenough\n");
}

TEST_F(Conformance, S109_semaphore_is_fair_and_conserves_permits) {
    Semaphore semaphore(1);
    std::vector<std::string> got;
    auto t = [&](int n) -> Coro<> {
        auto permit = co_await semaphore.guard();
        got.push_back(std::to_string(n));
        co_await sleep(0s);
    };
    run([&]() -> Coro<> {
        co_await semaphore.acquire();
        std::vector<Task<>> tasks;
        for (int i = 0; i < 4; ++i) tasks.push_back(create_task(t(i)));
        co_await sleep(0s);
        semaphore.release();
        tasks[0].cancel();
        co_await wait(tasks);
        print(joined(got) + "|", semaphore.value(), semaphore.locked());
        BoundedSemaphore bounded(1);
        print(thrown<ValueError>([&] { bounded.release(); }));
    });
    expect("1 2 3 | 1 False\nBoundedSemaphore released too many times\n");
}

TEST_F(Conformance, S110_barrier) {
    run([&]() -> Coro<> {
        Barrier barrier(3);
        const auto indices = co_await gather(barrier.wait(), barrier.wait(), barrier.wait());
        std::vector<std::size_t> sorted{std::get<0>(indices), std::get<1>(indices), std::get<2>(indices)};
        std::sort(sorted.begin(), sorted.end());
        print(py(sorted), barrier.n_waiting());
        Task<std::size_t> task = create_task(barrier.wait());
        co_await sleep(0s);
        print(barrier.n_waiting());
        task.cancel();
        co_await ended(task);
        print(barrier.n_waiting(), barrier.broken());
        task = create_task(barrier.wait());
        co_await sleep(0s);
        co_await barrier.abort();
        co_await ended(task);
        print(type_name(task.exception()).substr(5), barrier.broken());
        try {
            co_await barrier.wait();
        } catch (const BrokenBarrierError&) {
            print("still broken");
        }
        co_await barrier.reset();
        print(barrier.broken());
    });
    expect("[0, 1, 2] 0\n1\n0 False\nBrokenBarrierError True\nstill broken\nFalse\n");
}

TEST_F(Conformance, S111_primitives_bind_to_a_loop_on_first_blocking_use) {
    Lock lock;
    auto hold = [&]() -> Coro<> {
        co_await lock.acquire();
        auto task = create_task(lock.acquire());
        co_await sleep(0s);
        task.cancel();
        co_await ended(task);
    };
    auto other = [&]() -> Coro<> { co_await lock.acquire(); };
    run(hold);
    aio::testing::LoopTest second;
    const std::string error = thrown<RuntimeError>([&] { second.run(other); });
    print(error.find("different event loop") != error.npos);
    expect("True\n");
}

}  // namespace
}  // namespace aio::tests
