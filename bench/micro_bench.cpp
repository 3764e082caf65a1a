// SPDX-License-Identifier: MIT
// What the core's operations cost: micro_bench BENCH N. The same jobs on the bare limit and on other
// libraries are raw/micro.cpp and peers/*_micro.*.
#include "measure.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>

#include <functional>
#include <map>
#include <vector>

using namespace std::chrono_literals;
using measure::sink;

namespace {

__attribute__((noinline)) aio::Coro<int> child(int i) { co_return i; }

aio::Coro<> call(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await child(static_cast<int>(i));
}

aio::Coro<> spawn(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await aio::create_task(child(static_cast<int>(i)));
}

aio::Coro<> gather(std::uint64_t n, int width) {
    for (std::uint64_t i = 0; i < n; i += width) {
        std::vector<aio::Coro<int>> children;
        children.reserve(width);
        for (int j = 0; j < width; ++j) children.push_back(child(j));
        const auto results = co_await aio::gather(std::move(children));
        for (const int result : results) sink += result;
    }
}

aio::Coro<> yield(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await aio::sleep(0s);
}

// A future is made, awaited, and given its result by another task.
aio::Coro<> produce(aio::Future<int>& slot, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        slot.set_result(static_cast<int>(i));
        co_await aio::sleep(0s);
    }
}
aio::Coro<> future(std::uint64_t n) {
    aio::EventLoop& loop = aio::get_running_loop();
    aio::Future<int> slot;
    auto producer = aio::create_task(produce(slot, n));
    for (std::uint64_t i = 0; i < n; ++i) {
        slot = loop.create_future<int>();
        sink += co_await slot;
    }
    co_await producer;
}

// Callbacks in bulk, 1,024 at a time.
aio::Coro<> post(std::uint64_t n) {
    aio::EventLoop& loop = aio::get_running_loop();
    for (std::uint64_t i = 0; i < n; ++i) {
        loop.call_soon([] { ++sink; });
        if ((i & 1023) == 1023) co_await aio::sleep(0s);
    }
}

// A timer is armed and cancelled while 1,000 others wait.
class OtherTimers {
public:
    OtherTimers() {
        aio::EventLoop& loop = aio::get_running_loop();
        for (int i = 0; i < 1000; ++i) {
            timers_.push_back(loop.call_later(std::chrono::seconds(5 + std::rand() % 1000), [] { ++sink; }));
        }
    }
    OtherTimers(const OtherTimers&) = delete;
    OtherTimers& operator=(const OtherTimers&) = delete;
    ~OtherTimers() {
        for (aio::TimerHandle& timer : timers_) timer.cancel();
    }

private:
    std::vector<aio::TimerHandle> timers_;
};
aio::Coro<> timer_at(std::uint64_t n) {
    const OtherTimers others;
    aio::EventLoop& loop = aio::get_running_loop();
    const aio::TimePoint start = loop.time();
    for (std::uint64_t i = 0; i < n; ++i) {
        loop.call_at(start + std::chrono::seconds(10 + (i & 511)), [] { ++sink; }).cancel();
    }
    co_return;
}
aio::Coro<> timer_later(std::uint64_t n) {
    const OtherTimers others;
    aio::EventLoop& loop = aio::get_running_loop();
    for (std::uint64_t i = 0; i < n; ++i) {
        loop.call_later(std::chrono::seconds(10 + (i & 511)), [] { ++sink; }).cancel();
    }
    co_return;
}

aio::Coro<> sleeper() { co_await aio::sleep(2s); }
aio::Coro<> sleep(std::uint64_t n) {
    std::vector<aio::Task<>> tasks;
    tasks.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) tasks.push_back(aio::create_task(sleeper()));
    for (const auto& task : tasks) co_await task;
}

// --- tasks that wait for each other: two that take turns

aio::Coro<> pong(aio::Queue<int>& there, aio::Queue<int>& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        const int item = co_await there.get();
        co_await back.put(item);
    }
}
aio::Coro<> pingpong(std::uint64_t n) {
    aio::Queue<int> there(1);
    aio::Queue<int> back(1);
    auto other = aio::create_task(pong(there, back, n));
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await there.put(static_cast<int>(i));
        sink += co_await back.get();
    }
    co_await other;
}

aio::Coro<> fill(aio::Queue<int>& queue, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await queue.put(static_cast<int>(i));
}
aio::Coro<> queue(std::uint64_t n) {
    aio::Queue<int> items(1024);
    auto producer = aio::create_task(fill(items, n));
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await items.get();
    co_await producer;
}

// Each release() hands the lock to the other task, which waits.
aio::Coro<> hand_over(aio::Lock& lock, std::uint64_t n) {
    co_await lock.acquire();
    for (std::uint64_t i = 0; i < n; ++i) {
        lock.release();
        co_await lock.acquire();
    }
    lock.release();
}
aio::Coro<> lock(std::uint64_t n) {
    aio::Lock shared;
    co_await shared.acquire();
    auto one = aio::create_task(hand_over(shared, n / 2));
    auto other = aio::create_task(hand_over(shared, n / 2));
    co_await aio::sleep(0s);
    shared.release();
    co_await one;
    co_await other;
}

aio::Coro<> answer(aio::Event& asked, aio::Event& answered, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await asked.wait();
        asked.clear();
        answered.set();
    }
}
aio::Coro<> event(std::uint64_t n) {
    aio::Event asked;
    aio::Event answered;
    auto other = aio::create_task(answer(asked, answered, n / 2));
    for (std::uint64_t i = 0; i < n / 2; ++i) {
        asked.set();
        co_await answered.wait();
        answered.clear();
    }
    co_await other;
}

// A future is made and awaited; the other task sets it and then waits for one of its own.
aio::Coro<> take_turns(aio::Future<int>& mine, aio::Future<int>& others, std::uint64_t n) {
    aio::EventLoop& loop = aio::get_running_loop();
    for (std::uint64_t i = 0; i < n; ++i) {
        mine = loop.create_future<int>();
        if (others) others.set_result(static_cast<int>(i));
        sink += co_await mine;
    }
    if (!others.done()) others.set_result(0);
}
aio::Coro<> future_wake(std::uint64_t n) {
    aio::Future<int> a;
    aio::Future<int> b;
    auto one = aio::create_task(take_turns(a, b, n / 2));
    auto other = aio::create_task(take_turns(b, a, n / 2));
    co_await one;
    co_await other;
}

// --- time limits and cancellation

aio::Coro<> wait_for(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await aio::wait_for(child(static_cast<int>(i)), 1s);
}

aio::Coro<> timeout(std::uint64_t n) {
    auto body = []() -> aio::Coro<> { co_return; };
    for (std::uint64_t i = 0; i < n; ++i) co_await aio::async_with(aio::timeout(1s), body);
}

aio::Coro<> cancel(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        auto task = aio::create_task(sleeper());
        co_await aio::sleep(0s);
        task.cancel();
        try {
            co_await task;
        } catch (const aio::CancelledError&) {
            ++sink;
        }
    }
}

// wait() does not raise what the task ended with.
aio::Coro<> cancel_wait(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        auto task = aio::create_task(sleeper());
        co_await aio::sleep(0s);
        task.cancel();
        const std::vector tasks(1, task);
        co_await aio::wait(tasks);
        sink += task.cancelled();
    }
}

using Bench = std::function<aio::Coro<>(std::uint64_t n)>;
const std::map<std::string, Bench> benches{
    {"call", call},
    {"spawn", spawn},
    {"gather1k", [](std::uint64_t n) { return gather(n, 1000); }},
    {"gather100k", [](std::uint64_t n) { return gather(n, 100000); }},
    {"yield", yield},
    {"future", future},
    {"post", post},
    {"timer", timer_at},
    {"timer_later", timer_later},
    {"sleep", sleep},
    {"pingpong", pingpong},
    {"queue", queue},
    {"lock", lock},
    {"event", event},
    {"future_wake", future_wake},
    {"wait_for", wait_for},
    {"timeout", timeout},
    {"cancel", cancel},
    {"cancel_wait", cancel_wait},
};

aio::Coro<> amain(measure::Request request) {
    const auto found = benches.find(request.bench);
    if (found == benches.end()) request.unknown();
    const measure::Span span;
    co_await found->second(request.count);
    span.report(request.bench, request.count);
}

}  // namespace

int main(int argc, char** argv) {
    aio::keep_freed_memory();
    return aio::run(amain(measure::Request(argc, argv)));
}
