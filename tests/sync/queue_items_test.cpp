// SPDX-License-Identifier: MIT
// The items of queues: their life, their errors, their order.
#include "queue_support.hpp"

#include <support/lifetime.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

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

// Its move throws when it is told to, and it can be moved only.
struct Heavy {
    static inline int moves_left = -1;
    explicit Heavy(int v) : value(std::make_unique<int>(v)) {}
    Heavy(Heavy&& other) : value(nullptr) {
        step();
        value = std::move(other.value);
    }
    Heavy& operator=(Heavy&& other) {
        step();
        value = std::move(other.value);
        return *this;
    }
    ~Heavy() = default;
    static void step() {
        if (moves_left >= 0 && moves_left-- == 0) throw ValueError("too heavy");
    }
    bool operator<(const Heavy& other) const { return *value < *other.value; }
    std::string repr() const { return value ? std::to_string(*value) : "ghost"; }
    std::unique_ptr<int> value;
};

template <class Q>
void expect_all_or_nothing(int items) {
    Q queue;
    for (int i = items; i > 0; --i) queue.put_nowait(Heavy(i));
    for (int allowed = 0; allowed < 12; ++allowed) {
        const std::string shown = queue.repr();
        Heavy item(0);
        Heavy::moves_left = allowed;
        try {
            queue.put_nowait(std::move(item));
            Heavy::moves_left = -1;
            EXPECT_EQ(queue.qsize(), static_cast<std::size_t>(items + 1));
            std::vector<Heavy> all;
            while (!queue.empty()) all.push_back(queue.get_nowait());
            for (Heavy& each : all) {
                if (*each.value != 0) queue.put_nowait(std::move(each));
            }
        } catch (const ValueError&) {
            Heavy::moves_left = -1;
            EXPECT_EQ(queue.repr(), shown);
        }
        const std::string again = queue.repr();
        Heavy::moves_left = allowed;
        try {
            Heavy got = queue.get_nowait();
            Heavy::moves_left = -1;
            queue.put_nowait(std::move(got));
        } catch (const ValueError&) {
            Heavy::moves_left = -1;
            EXPECT_EQ(queue.repr(), again);
        }
    }
    EXPECT_EQ(queue.repr().find("ghost"), std::string::npos);
}

TEST_F(QueueTest, AnItemWhoseMoveThrowsLeavesTheQueueAsItWas) {
    for (const int items : {1, 3, 4, 8, 15}) {
        expect_all_or_nothing<PriorityQueue<Heavy>>(items);
        expect_all_or_nothing<Queue<Heavy>>(items);
        expect_all_or_nothing<LifoQueue<Heavy>>(items);
    }
}

// A deque's move may throw with libstdc++, and its copy does not compile.
TEST_F(QueueTest, NothingIsEverCopied) {
    using Pages = std::deque<std::unique_ptr<int>>;
    Queue<Pages> queue;
    for (int i = 0; i < 10; ++i) {
        Pages pages;
        pages.push_back(std::make_unique<int>(i));
        queue.put_nowait(std::move(pages));
    }
    for (int i = 0; i < 10; ++i) EXPECT_EQ(*queue.get_nowait().front(), i);
}

TEST_F(QueueTest, AGetThatThrowsLeavesTheItemToTheNext) {
    run([&]() -> Coro<> {
        Queue<Heavy> queue;
        Task<Heavy> first = create_task(queue.get());
        Task<Heavy> second = create_task(queue.get());
        co_await settle();
        queue.put_nowait(Heavy(1));
        Heavy::moves_left = 0;
        co_await sleep(0s);
        Heavy::moves_left = -1;
        EXPECT_THROW(first.result(), ValueError);
        co_await settle();
        EXPECT_TRUE(second.done()) << "the item is there for the next";
        if (second.done()) {
            EXPECT_EQ(*second.result().value, 1);
        }
        second.cancel();
    });
}

TEST_F(QueueTest, APutThatThrowsLeavesTheRoomToTheNext) {
    run([&]() -> Coro<> {
        Queue<Heavy> queue(1);
        queue.put_nowait(Heavy(1));
        auto put = [&](int value) -> Coro<> {
            auto waiting = queue.put(Heavy(value));
            co_await waiting;
        };
        Task<> first = create_task(put, 2);
        Task<> second = create_task(put, 3);
        co_await settle();
        EXPECT_EQ(*queue.get_nowait().value, 1);
        Heavy::moves_left = 0;
        co_await sleep(0s);
        Heavy::moves_left = -1;
        EXPECT_THROW(first.result(), ValueError);
        co_await settle();
        EXPECT_TRUE(second.done()) << "the room is there for the next";
        EXPECT_EQ(queue.qsize(), 1U);
        if (!queue.empty()) {
            EXPECT_EQ(*queue.get_nowait().value, 3);
        }
        second.cancel();
    });
}

// Calls a function when the last of it is destroyed.
struct Leaving {
    Leaving(int v, std::function<void()> fn) : value(v), last(std::move(fn)) {}
    Leaving(Leaving&& other) noexcept : value(other.value), last(std::move(other.last)), name(other.name) {}
    Leaving& operator=(Leaving&& other) noexcept {
        value = other.value;
        last = std::exchange(other.last, nullptr);
        return *this;
    }
    ~Leaving() {
        ++destroyed;
        if (hook) hook();
        value = -1;
    }
    bool operator<(const Leaving& other) const { return value < other.value; }
    static inline int destroyed = 0;
    static inline std::function<void()> hook = nullptr;
    int value;
    std::function<void()> last;
    std::string name = "a text that is long enough to be on the heap";
};

template <class Q>
void expect_destructors_may_put(int items, int puts) {
    std::vector<int> got;
    {
        Q queue;
        for (int i = 0; i < items; ++i) queue.put_nowait(Leaving(i, nullptr));
        int left = puts;
        Leaving::hook = [&] {
            if (left == 0) return;
            --left;
            queue.put_nowait(Leaving(100 + left, nullptr));  // and so again, from within its own destructor
            if (left % 3 == 1) got.push_back(queue.get_nowait().value);
        };
        got.push_back(queue.get_nowait().value);
        EXPECT_EQ(left, 0);
        Leaving::hook = nullptr;
        while (!queue.empty()) {
            Leaving item = queue.get_nowait();
            EXPECT_EQ(item.name.size(), 44U);
            got.push_back(item.value);
        }
    }
    std::sort(got.begin(), got.end());
    std::vector<int> expected;
    for (int i = 0; i < items; ++i) expected.push_back(i);
    for (int i = 0; i < puts; ++i) expected.push_back(100 + i);
    EXPECT_EQ(got, expected);
}

TEST_F(QueueTest, AnItemsDestructorMayPutIntoAFullRing) {
    for (int items = 1; items < 10; ++items) {
        for (int puts = 1; puts < 20; ++puts) {
            expect_destructors_may_put<Queue<Leaving>>(items, puts);
            expect_destructors_may_put<LifoQueue<Leaving>>(items, puts);
            expect_destructors_may_put<PriorityQueue<Leaving>>(items, puts);
        }
    }
}

TEST_F(QueueTest, ADestructorFindsTheRoomThatItsItemLeft) {
    Queue<Leaving> queue(1);
    queue.put_nowait(Leaving(1, nullptr));
    bool once = false;
    Leaving::hook = [&] {
        if (std::exchange(once, true)) return;
        EXPECT_FALSE(queue.full());
        queue.shutdown(true);
    };
    EXPECT_EQ(queue.get_nowait().value, 1);
    Leaving::hook = nullptr;
    EXPECT_TRUE(once);
}

}  // namespace
}  // namespace aio::tests
