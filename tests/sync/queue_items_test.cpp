// SPDX-License-Identifier: MIT
// The items of queues: their life, their errors, their order.
#include "queue_support.hpp"

#include <support/lifetime.hpp>

#include <memory>
#include <optional>
#include <random>
#include <type_traits>

namespace aio::tests {
namespace {

TEST_F(QueueTest, MoveOnlyItemsAndTheirLife) {
    run([&]() -> Coro<> {
        Queue<std::unique_ptr<int>> queue(1);
        co_await queue.put(std::make_unique<int>(1));
        Task<> waiting = create_task(queue.put(std::make_unique<int>(2)));
        co_await settle();
        const auto first = co_await queue.get();
        const auto second = co_await queue.get();
        EXPECT_EQ(*first + *second, 3);
        co_await waiting;
    });
    Lifetime life;
    {
        Queue<std::shared_ptr<int>> queue;
        for (int i = 0; i < 100; ++i) queue.put_nowait(life.token());
        for (int i = 0; i < 50; ++i) queue.get_nowait();
        for (int i = 0; i < 70; ++i) queue.put_nowait(life.token());
        EXPECT_EQ(life.holders(), 120);
    }
    EXPECT_TRUE(life.over());
}

struct Fragile {
    int value = 0;
    bool breaks = false;
    explicit Fragile(int v, bool b = false) : value(v), breaks(b) {}
    Fragile(const Fragile& other) : value(other.value), breaks(other.breaks) {
        if (breaks) throw ValueError("copy");
    }
    Fragile& operator=(const Fragile&) = default;
};

TEST_F(QueueTest, AnItemThatCannotBeCopiedInLeavesTheQueueAsItWas) {
    Queue<Fragile> queue;
    for (int i = 0; i < 4; ++i) queue.put_nowait(Fragile(i));  // the fifth makes the ring grow
    const Fragile bad(9, true);
    EXPECT_THROW(queue.put_nowait(bad), ValueError);
    EXPECT_EQ(queue.qsize(), 4u);
    queue.put_nowait(Fragile(4));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.get_nowait().value, i);
}

TEST_F(QueueTest, AnItemOfTheQueueItselfCanBePutWhileItGrows) {
    Queue<std::string> queue;
    for (int round = 0; round < 20; ++round) {
        const std::string text(100, static_cast<char>('a' + round));
        queue.put_nowait(text);
        queue.put_nowait(text);
        EXPECT_EQ(queue.get_nowait()[0], static_cast<char>('a' + round / 2));
    }
}

TEST_F(QueueTest, PriorityQueueGivesTheLeastFirst) {
    std::mt19937 random(7);
    PriorityQueue<int> queue;
    std::vector<int> expected;
    for (int i = 0; i < 500; ++i) {
        expected.push_back(static_cast<int>(random() % 100));
        queue.put_nowait(expected.back());
        if (i % 3 == 0) {
            const auto least = std::min_element(expected.begin(), expected.end());
            ASSERT_EQ(queue.get_nowait(), *least);
            expected.erase(least);
        }
    }
    std::sort(expected.begin(), expected.end());
    for (const int item : expected) ASSERT_EQ(queue.get_nowait(), item);
    EXPECT_TRUE(queue.empty());
}

TEST_F(QueueTest, PriorityQueueHasHeapqsLayoutAndTakesAnOrder) {
    PriorityQueue<int> queue(3);
    for (const int item : {3, 1, 2}) queue.put_nowait(item);
    EXPECT_TRUE(queue.full());
    EXPECT_EQ(format(queue.repr()), "maxsize=3 _queue=[1, 3, 2] tasks=3");
    struct Greater {
        bool operator()(int a, int b) const { return a > b; }
    };
    PriorityQueue<int, Greater> largest;
    for (const int item : {3, 1, 2}) largest.put_nowait(item);
    EXPECT_EQ(largest.get_nowait(), 3);
    EXPECT_TRUE(largest.repr().starts_with("<aio::PriorityQueue at 0x"));
}

TEST_F(QueueTest, AComparisonThatThrowsLeavesThePriorityQueueAsItWas) {
    int left = 1000;
    auto before = [&left](int a, int b) {
        if (--left < 0) throw TypeError("cannot be compared");
        return a < b;
    };
    PriorityQueue<int, decltype(before)> queue(0, before);
    for (int i = 20; i > 0; --i) queue.put_nowait(i);
    for (int allowed = 0; allowed < 8; ++allowed) {
        left = allowed;
        const std::string shown = queue.repr();
        try {
            queue.put_nowait(0);
            left = 1000;
            EXPECT_EQ(queue.get_nowait(), 0);
        } catch (const TypeError&) {
            EXPECT_EQ(queue.repr(), shown);
        }
        left = allowed;
        const std::string again = queue.repr();
        try {
            const int item = queue.get_nowait();
            left = 1000;
            queue.put_nowait(item);
        } catch (const TypeError&) {
            EXPECT_EQ(queue.repr(), again);
        }
    }
    left = 1000;
    for (int i = 1; i <= 20; ++i) EXPECT_EQ(queue.get_nowait(), i);
}

TEST_F(QueueTest, LifoQueueGivesTheNewestFirstAndWaitsAsTheOthers) {
    run([&]() -> Coro<> {
        LifoQueue<int> stack(2);
        PriorityQueue<int> heap(1);
        create_task(get(stack, "stack "));
        create_task(get(heap, "heap "));
        co_await settle();
        stack.put_nowait(1);
        stack.put_nowait(2);
        heap.put_nowait(3);
        co_await settle();
        EXPECT_EQ(trace, (Strings{"stack 2", "heap 3"}));
        EXPECT_EQ(stack.get_nowait(), 1);
        EXPECT_TRUE(stack.repr().starts_with("<aio::LifoQueue at 0x"));
    });
}

}  // namespace
}  // namespace aio::tests
