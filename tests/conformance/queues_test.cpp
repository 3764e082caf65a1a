// SPDX-License-Identifier: MIT
// S112 to S116: queues.
#include "conformance.hpp"

#include <aio/sync.hpp>
#include <support/ended.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S112_bounded_queue_who_waits_who_errs) {
    run([&]() -> Coro<> {
        Queue<std::string> letters(1);
        Task<std::string> first = create_task(letters.get());
        Task<std::string> second = create_task(letters.get());
        co_await sleep(0s);
        co_await letters.put("a");
        co_await letters.put("b");
        const auto got = co_await gather(first, second);
        print("['" + std::get<0>(got) + "', '" + std::get<1>(got) + "']");
        Queue<int> queue(1);
        queue.put_nowait(1);
        try {
            queue.put_nowait(2);
        } catch (const QueueFull&) {
            print("full", queue.full());
        }
        Task<> two = create_task(queue.put(2));
        Task<> three = create_task(queue.put(3));
        co_await sleep(0s);
        std::vector<int> numbers;
        for (int i = 0; i < 3; ++i) numbers.push_back(co_await queue.get());
        print(py(numbers), queue.empty());
        try {
            queue.get_nowait();
        } catch (const QueueEmpty&) {
            print("empty");
        }
    });
    expect("['a', 'b']\nfull True\n[1, 2, 3] True\nempty\n");
}

TEST_F(Conformance, S113_join_and_task_done_count_items_not_gets) {
    run([&]() -> Coro<> {
        Queue<int> queue;
        co_await queue.join();
        queue.put_nowait(1);
        queue.put_nowait(2);
        Task<> join = create_task(queue.join());
        queue.get_nowait();
        queue.get_nowait();
        co_await sleep(0s);
        print("all got, joined?", join.done());
        queue.task_done();
        queue.task_done();
        co_await join;
        print(thrown<ValueError>([&] { queue.task_done(); }));
    });
    expect("all got, joined? False\ntask_done() called too many times\n");
}

TEST_F(Conformance, S114_a_cancelled_getter_does_not_lose_an_item) {
    run([&]() -> Coro<> {
        Queue<std::string> queue;
        Task<std::string> a = create_task(queue.get());
        Task<std::string> b = create_task(queue.get());
        co_await sleep(0s);
        queue.put_nowait("item");
        a.cancel();
        const std::string item = co_await wait_for(b, 1s);
        print(item, a.cancelled());
        bool timed_out = false;
        try {
            co_await wait_for(queue.get(), 10ms);
        } catch (const TimeoutError&) {
            timed_out = true;
        }
        if (timed_out) {
            queue.put_nowait("next");
            const std::string next = co_await queue.get();
            print(next);
        }
    });
    expect("item True\nnext\n");
}

TEST_F(Conformance, S115_shutdown) {
    auto get = [](Queue<int>& queue) -> Coro<std::string> {
        try {
            const int item = co_await queue.get();
            co_return std::to_string(item);
        } catch (const QueueShutDown&) {
            co_return "ShutDown";
        }
    };
    auto put = [](Queue<int>& queue, int item) -> Coro<std::string> {
        try {
            co_await queue.put(item);
            co_return "None";
        } catch (const QueueShutDown&) {
            co_return "ShutDown";
        }
    };
    run([&]() -> Coro<> {
        Queue<int> queue(2);
        queue.put_nowait(1);
        queue.put_nowait(2);
        Task<std::string> p = create_task(put(queue, 3));
        co_await sleep(0s);
        queue.shutdown();
        std::vector<std::string> results;
        results.push_back(co_await p);
        for (int i = 0; i < 3; ++i) results.push_back(co_await get(queue));
        results.push_back(co_await put(queue, 4));
        print(results[0], results[1], results[2], results[3], results[4]);
        Queue<int> e;
        Task<std::string> g = create_task(get(e));
        co_await sleep(0s);
        e.shutdown();
        const std::string waited = co_await g;
        print(waited);
        Queue<int> r;
        r.put_nowait(1);
        Task<> j = create_task(r.join());
        co_await sleep(0s);
        r.shutdown(true);
        co_await wait_for(j, 1s);
        const std::string last = co_await get(r);
        print(r.qsize(), last);
    });
    expect("ShutDown 1 2 ShutDown ShutDown\nShutDown\n0 ShutDown\n");
}

// A payload that cannot be ordered, as a dict.
struct Dict {
    friend bool operator<(const Dict&, const Dict&) { throw TypeError("'<' not supported"); }
};
struct Job {
    int priority;
    Dict payload;
    friend bool operator<(const Job& a, const Job& b) {
        return a.priority != b.priority ? a.priority < b.priority : a.payload < b.payload;
    }
};

TEST_F(Conformance, S116_priority_and_lifo_order) {
    using Item = std::pair<int, std::string>;
    PriorityQueue<Item> queue;
    LifoQueue<Item> stack;
    for (const Item& item : {Item(2, "b"), Item(1, "z"), Item(1, "a")}) {
        queue.put_nowait(item);
        stack.put_nowait(item);
    }
    std::string ordered;
    std::string reversed;
    for (int i = 0; i < 3; ++i) {
        ordered += (i ? ", '" : "'") + queue.get_nowait().second + "'";
        reversed += (i ? ", '" : "'") + stack.get_nowait().second + "'";
    }
    print("[" + ordered + "]", "[" + reversed + "]");
    PriorityQueue<Job> jobs;
    jobs.put_nowait(Job{1, {}});
    try {
        jobs.put_nowait(Job{1, {}});
    } catch (const TypeError&) {
        print("TypeError");
    }
    EXPECT_EQ(jobs.qsize(), 1u) << "aio: what could not be compared is not in the queue";
    expect("['a', 'z', 'b'] ['a', 'z', 'b']\nTypeError\n");
}

}  // namespace
}  // namespace aio::tests
