// SPDX-License-Identifier: MIT
// F11: an item, or room for one, that goes to a task which is cancelled at the same moment reaches another
// one.

#include <support/ended.hpp>
#include <support/inject.hpp>
#include <support/turns.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<int>;

/// How one waits for a queue.
enum class By { itself, wait_for, timeout, select };
constexpr By kWays[] = {By::itself, By::wait_for, By::timeout, By::select};

template <class Q>
Coro<int> get_from(Q& queue, By way) {
    if (way == By::wait_for) co_return co_await wait_for(queue.get(), 1h);
    if (way == By::timeout) {
        auto body = [&] { return queue.get(); };
        co_return co_await async_with(timeout(1h), body);
    }
    if (way == By::select) {
        auto chosen = co_await select(queue.get(), sleep(1h));
        co_return *chosen.template get_if<0>();
    }
    co_return co_await queue.get();
}
template <class Q>
Coro<> put_into(Q& queue, int item, By way) {
    if (way == By::wait_for) {
        co_await wait_for(queue.put(item), 1h);
    } else if (way == By::timeout) {
        auto body = [&] { return queue.put(item); };
        co_await async_with(timeout(1h), body);
    } else if (way == By::select) {
        co_await select(queue.put(item), sleep(1h));
    } else {
        co_await queue.put(item);
    }
}

struct QueueFaults : ::testing::Test, testing::LoopTest {
    static bool nobody_waits(const std::string& repr) {
        return repr.find("_getters") == std::string::npos && repr.find("_putters") == std::string::npos;
    }
    template <class Q>
    void cancel_getter(bool cancel_first) {
        for (const By way : kWays) {
            run([&]() -> Coro<> {
                Q queue;
                Task<int> first = create_task(get_from(queue, way));
                Task<int> second = create_task(get_from(queue, way));
                co_await turns(5);
                if (cancel_first) first.cancel();
                queue.put_nowait(7);
                if (!cancel_first) first.cancel();
                co_await ended(first, second);
                EXPECT_TRUE(first.cancelled());
                EXPECT_EQ(second.result(), 7);
                EXPECT_TRUE(queue.empty());
                EXPECT_TRUE(nobody_waits(queue.repr())) << queue.repr();
                // and with nobody else: it stays
                Task<int> only = create_task(get_from(queue, way));
                co_await turns(5);
                queue.put_nowait(8);
                only.cancel();
                co_await ended(only);
                EXPECT_TRUE(only.cancelled());
                EXPECT_EQ(queue.get_nowait(), 8);
            });
            EXPECT_EQ(clock().elapsed(), 0s);
        }
        EXPECT_TRUE(reports().empty());
    }
    template <class Q>
    void cancel_putter(bool cancel_first) {
        for (const By way : kWays) {
            run([&]() -> Coro<> {
                Q queue(1);
                queue.put_nowait(1);
                Task<> first = create_task(put_into(queue, 2, way));
                Task<> second = create_task(put_into(queue, 3, way));
                co_await turns(5);
                if (cancel_first) first.cancel();
                EXPECT_EQ(queue.get_nowait(), 1);
                if (!cancel_first) first.cancel();
                co_await ended(first, second);
                EXPECT_TRUE(first.cancelled());
                EXPECT_FALSE(second.cancelled());
                EXPECT_EQ(queue.get_nowait(), 3);
                EXPECT_TRUE(queue.empty());
                EXPECT_TRUE(nobody_waits(queue.repr())) << queue.repr();
                // and with nobody else: the room stays
                queue.put_nowait(1);
                Task<> only = create_task(put_into(queue, 4, way));
                co_await turns(5);
                EXPECT_EQ(queue.get_nowait(), 1);
                only.cancel();
                co_await ended(only);
                EXPECT_TRUE(only.cancelled());
                EXPECT_TRUE(queue.empty());
                queue.put_nowait(5);
            });
            EXPECT_EQ(clock().elapsed(), 0s);
        }
        EXPECT_TRUE(reports().empty());
    }
};

TEST_F(QueueFaults, F11_getter_cancelled_with_an_item) { cancel_getter<Queue<int>>(false); }
TEST_F(QueueFaults, F11_getter_cancelled_with_an_item_swapped) { cancel_getter<Queue<int>>(true); }
TEST_F(QueueFaults, F11_getter_cancelled_with_an_item_other_orders) {
    cancel_getter<PriorityQueue<int>>(false);
    cancel_getter<LifoQueue<int>>(false);
}
TEST_F(QueueFaults, F11_putter_cancelled_with_room) { cancel_putter<Queue<int>>(false); }
TEST_F(QueueFaults, F11_putter_cancelled_with_room_swapped) { cancel_putter<Queue<int>>(true); }
TEST_F(QueueFaults, F11_putter_cancelled_with_room_other_orders) {
    cancel_putter<PriorityQueue<int>>(false);
    cancel_putter<LifoQueue<int>>(false);
}

// 10,000 numbers through 5 producers and 5 consumers, which all give up at once where they have to wait.
TEST_F(QueueFaults, F11_numbers_through_tiny_limits) {
    constexpr int kNumbers = 10'000;
    constexpr int kTasks = 5;
    for (const std::size_t room : {0U, 1U, 3U}) {
        std::mt19937 random(17);
        int limits = 0;
        Numbers got;
        run([&]() -> Coro<> {
            Queue<int> queue(room);
            auto tiny = [&] { return std::chrono::microseconds(random() % 3); };
            auto produce = [&](int begin) -> Coro<> {
                for (int number = begin; number < kNumbers; number += kTasks) {
                    if (random() % 4 == 0) co_await sleep(tiny());
                    for (bool in = false; !in;) {
                        try {
                            co_await wait_for(queue.put(number), tiny());
                            in = true;
                        } catch (const TimeoutError&) {
                            ++limits;
                        }
                    }
                }
            };
            auto consume = [&]() -> Coro<> {
                for (;;) {
                    try {
                        const int number = co_await wait_for(queue.get(), tiny());
                        got.push_back(number);
                        queue.task_done();
                    } catch (const TimeoutError&) {
                        ++limits;
                    }
                    if (random() % 4 == 0) co_await sleep(tiny());
                }
            };
            std::vector<Task<>> producers;
            std::vector<Task<>> consumers;
            for (int i = 0; i < kTasks; ++i) {
                producers.push_back(create_task(produce, i));
                consumers.push_back(create_task(consume));
            }
            co_await wait(producers);
            co_await queue.join();
            for (Task<>& task : consumers) task.cancel();
            co_await wait(consumers);
            EXPECT_TRUE(queue.empty());
            EXPECT_TRUE(nobody_waits(queue.repr())) << queue.repr();
        });
        EXPECT_GT(limits, 1000);
        std::sort(got.begin(), got.end());
        Numbers all(kNumbers);
        std::iota(all.begin(), all.end(), 0);
        EXPECT_TRUE(got == all) << got.size();
        EXPECT_TRUE(reports().empty());
    }
}

/// Gets until the queue is shut down; another one as well.
template <class Q>
struct GetsEverywhere : Scenario {
    Q queue;
    Numbers seen;
    By way;
    explicit GetsEverywhere(By by) : way(by) {}
    Coro<> consume() {
        try {
            for (;;) {
                const int item = co_await get_from(queue, way);
                seen.push_back(item);
            }
        } catch (const QueueShutDown&) {
        }
    }
    Coro<> subject() override { co_await consume(); }
    Coro<> others() override {
        Task<> rival = create_task(consume());
        for (int item = 0; item < 4; ++item) {
            co_await turns(5);
            queue.put_nowait(item);
        }
        co_await turns(5);
        queue.shutdown();
        co_await rival;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        std::sort(seen.begin(), seen.end());
        EXPECT_EQ(seen, (Numbers{0, 1, 2, 3}));
    }
};
/// The mirror: puts where there is room for one.
template <class Q>
struct PutsEverywhere : Scenario {
    Q queue{1};
    By way;
    int in = 0;
    std::size_t out = 0;
    explicit PutsEverywhere(By by) : way(by) {}
    Coro<> produce() {
        for (int item = 0; item < 3; ++item) {
            co_await put_into(queue, item, way);
            ++in;
        }
    }
    Coro<> subject() override { co_await produce(); }
    Coro<> others() override {
        Task<> rival = create_task(produce());
        for (int turn = 0; turn < 12; ++turn) {
            co_await turns(5);
            if (queue.empty()) continue;
            queue.get_nowait();
            ++out;
        }
        co_await rival;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_GE(in, 3);
        EXPECT_EQ(out, static_cast<std::size_t>(in));
        EXPECT_TRUE(queue.empty());
    }
};

TEST_F(QueueFaults, F11_getter_cancelled_everywhere) {
    for (const By way : kWays) inject<GetsEverywhere<Queue<int>>>(59, way);
    inject<GetsEverywhere<PriorityQueue<int>>>(59, By::itself);
}
TEST_F(QueueFaults, F11_putter_cancelled_everywhere) {
    for (const By way : kWays) inject<PutsEverywhere<Queue<int>>>(37, way);
    inject<PutsEverywhere<PriorityQueue<int>>>(37, By::itself);
}

}  // namespace
}  // namespace aio::tests
