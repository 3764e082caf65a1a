// SPDX-License-Identifier: MIT
// The limit of the microbenchmarks: each of them on the least that a coroutine runtime can be (runtime.hpp).
#include "runtime.hpp"

#include <cstdlib>
#include <utility>
#include <vector>

using measure::sink;

namespace {

__attribute__((noinline)) Lazy child(int i) { co_return i; }
Job spawned(int i) { co_return i; }
Job sleeper(double deadline) {
    co_await Sleep(deadline);
    co_return 0;
}

Job call(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await child(static_cast<int>(i));
    co_return 0;
}
Job spawn(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await spawned(static_cast<int>(i));
    co_return 0;
}
Job gather(std::uint64_t n, std::uint64_t width) {
    for (std::uint64_t i = 0; i < n; i += width) {
        std::vector<Job> jobs;
        jobs.reserve(width);
        for (std::uint64_t j = 0; j < width; ++j) jobs.push_back(spawned(static_cast<int>(j)));
        for (Job& job : jobs) sink += co_await job;
    }
    co_return 0;
}
Job yield(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await Yield();
    co_return 0;
}

void timer(std::uint64_t n) {
    std::vector<Timer> others(1000);
    const double start = now();
    for (Timer& other : others) {
        other.deadline = start + 5 + static_cast<double>(std::rand() % 1000);
        timers.push(other);
    }
    for (std::uint64_t i = 0; i < n; ++i) {
        Timer one{start + 10 + static_cast<double>(i & 511), {}};
        timers.push(one);
        timers.erase(one);
        sink += timers.size();
    }
    timers.clear();
}

void post(std::uint64_t n) {
    struct Callback {
        Callback* next;
        void (*run)(Callback*);
    };
    Callback* head = nullptr;
    Callback** tail = &head;
    for (std::uint64_t i = 0; i < n; ++i) {
        auto* callback = static_cast<Callback*>(std::malloc(sizeof(Callback)));
        callback->run = [](Callback* self) {
            ++sink;
            std::free(self);
        };
        callback->next = nullptr;
        *tail = callback;
        tail = &callback->next;
        if ((i & 1023) == 1023 || i + 1 == n) {
            while (Callback* first = head) {
                head = first->next;
                first->run(first);
            }
            tail = &head;
        }
    }
}

void sleep(std::uint64_t n) {
    const double deadline = now() + 2;
    std::vector<Job> jobs;
    jobs.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) jobs.push_back(sleeper(deadline));
    run_timers();
}

Job pong(Channel& there, Channel& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        const int item = co_await there.get();
        co_await back.put(item);
    }
    co_return 0;
}
Job ping(Channel& there, Channel& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await there.put(static_cast<int>(i));
        sink += co_await back.get();
    }
    co_return 0;
}
void pingpong(std::uint64_t n) {
    Channel there(1), back(1);
    const Job other = pong(there, back, n);
    const Job one = ping(there, back, n);
    loop.run();
}

Job fill(Channel& items, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await items.put(static_cast<int>(i));
    co_return 0;
}
Job drain(Channel& items, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await items.get();
    co_return 0;
}
void queue(std::uint64_t n) {
    Channel items(1024);
    const Job producer = fill(items, n);
    const Job consumer = drain(items, n);
    loop.run();
}

Job hand_over(Mutex& mutex, std::uint64_t n) {
    co_await mutex.acquire();
    for (std::uint64_t i = 0; i < n; ++i) {
        mutex.release();
        co_await mutex.acquire();
    }
    mutex.release();
    co_return 0;
}
void lock(std::uint64_t n) {
    Mutex mutex;
    mutex.locked = true;
    const Job one = hand_over(mutex, n / 2);
    const Job other = hand_over(mutex, n / 2);
    loop.run();
    mutex.release();
    loop.run();
}

Job take_turns(ReadyNode*& mine, ReadyNode*& others, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        wake(others);
        co_await Turn(mine);
    }
    wake(others);
    co_return 0;
}
void event(std::uint64_t n) {
    ReadyNode* a = nullptr;
    ReadyNode* b = nullptr;
    const Job one = take_turns(a, b, n / 2);
    const Job other = take_turns(b, a, n / 2);
    loop.run();
}

Job promise_turns(Promise*& mine, Promise*& others, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        auto* promise = mine = new Promise;
        if (others) {
            others->value = static_cast<int>(i);
            wake(others->waiter);
        }
        co_await Turn(promise->waiter);
        sink += promise->value;
        delete promise;
    }
    if (others) wake(others->waiter);
    co_return 0;
}
void future_wake(std::uint64_t n) {
    Promise* a = nullptr;
    Promise* b = nullptr;
    const Job one = promise_turns(a, b, n / 2);
    const Job other = promise_turns(b, a, n / 2);
    loop.run();
}

void run(const Job&) { loop.run(); }

// --- what a cancellation cannot do without: an error is thrown and caught

struct Cancelled {};

__attribute__((noinline)) void give_up(std::uint64_t i) {
    if (sink + i != 0) throw Cancelled();
}

void cancel(std::uint64_t n) {
    sink = 1;
    for (std::uint64_t i = 0; i < n; ++i) {
        try {
            give_up(i);
        } catch (const Cancelled&) {
            ++sink;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    const std::string& bench = request.bench;
    const std::uint64_t n = request.count;
    const measure::Span span;
    if (bench == "call") {
        run(call(n));
    } else if (bench == "spawn") {
        run(spawn(n));
    } else if (bench == "gather1k") {
        run(gather(n, 1000));
    } else if (bench == "gather100k") {
        run(gather(n, 100000));
    } else if (bench == "yield") {
        run(yield(n));
    } else if (bench == "post") {
        post(n);
    } else if (bench == "timer") {
        timer(n);
    } else if (bench == "sleep") {
        sleep(n);
    } else if (bench == "pingpong") {
        pingpong(n);
    } else if (bench == "queue") {
        queue(n);
    } else if (bench == "lock") {
        lock(n);
    } else if (bench == "event") {
        event(n);
    } else if (bench == "future_wake") {
        future_wake(n);
    } else if (bench == "cancel") {
        cancel(n);
    } else {
        request.unknown();
    }
    span.report(bench, n);
}
