// SPDX-License-Identifier: MIT
#include <aio/loop/detail/ready_queue.hpp>

#include <gtest/gtest.h>
#include <deque>
#include <random>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

static_assert(!std::is_copy_constructible_v<detail::ReadyQueue>);

struct Item final : detail::Runnable {
    void run() override { ++runs; }
    void discard() noexcept override { ++discards; }
    int runs = 0, discards = 0;
};

TEST(ReadyQueue, IsFifo) {
    detail::ReadyQueue queue;
    EXPECT_TRUE(queue.empty());
    Item a, b;
    queue.push(a);
    queue.push(b);
    queue.push(a);  // an object may be queued more than once
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(queue.pop(), &a);
    EXPECT_EQ(queue.pop(), &b);
    EXPECT_EQ(queue.pop(), &a);
    EXPECT_TRUE(queue.empty());
}

TEST(ReadyQueue, KeepsTheOrderWhileItGrows) {
    std::mt19937 random(5);
    std::vector<Item> items(5000);
    detail::ReadyQueue queue;
    std::deque<detail::Runnable*> model;
    for (int step = 0; step < 50'000; ++step) {
        if (model.empty() || random() % 100 < 55) {  // grows slowly, so its head stands anywhere
            Item& item = items[random() % items.size()];
            queue.push(item);
            model.push_back(&item);
        } else {
            ASSERT_EQ(queue.pop(), model.front());
            model.pop_front();
        }
        ASSERT_EQ(queue.size(), model.size());
    }
    for (detail::Runnable* expected : model) ASSERT_EQ(queue.pop(), expected);
}

TEST(ReadyQueue, RemoveLeavesAHole) {
    detail::ReadyQueue queue;
    Item a, b, c;
    for (Item* item : {&a, &b, &c, &b}) queue.push(*item);
    queue.remove(b);
    EXPECT_EQ(queue.pop(), &a);
    EXPECT_EQ(queue.pop(), nullptr);
    EXPECT_EQ(queue.pop(), &c);
    EXPECT_EQ(queue.pop(), nullptr);
    queue.remove(a);  // not there
    EXPECT_TRUE(queue.empty());
}

TEST(ReadyQueue, RemoveAtAPlaceThatStaysTheSameWhileItGrows) {
    std::mt19937 random(6);
    std::deque<Item> items;
    std::deque<std::size_t> places;
    detail::ReadyQueue queue;
    std::deque<detail::Runnable*> model;
    std::size_t popped = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (model.empty() || random() % 100 < 60) {
            places.push_back(queue.next_place());
            queue.push(items.emplace_back());
            model.push_back(&items.back());
        } else {
            ASSERT_EQ(queue.pop(), model.front());
            model.pop_front();
            ++popped;
        }
        const std::size_t victim = random() % items.size();  // one that waits, ran, or was removed already
        queue.remove_at(places[victim], items[victim]);
        if (victim >= popped) model[victim - popped] = nullptr;
    }
    for (detail::Runnable* expected : model) ASSERT_EQ(queue.pop(), expected);
}

TEST(ReadyQueue, RemoveAtTakesOnlyWhatIsMeant) {
    detail::ReadyQueue queue;
    Item a, b;
    const std::size_t place = queue.next_place();
    queue.push(a);
    queue.remove_at(place, b);
    EXPECT_EQ(queue.pop(), &a);
    queue.push(b);
    queue.remove_at(place + 256, a);  // the same slot of the ring
    EXPECT_EQ(queue.pop(), &b);
}

TEST(ReadyQueue, ClearDiscardsEachEntry) {
    detail::ReadyQueue queue;
    Item a, b;
    for (Item* item : {&a, &b, &a}) queue.push(*item);
    queue.remove(b);
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(a.discards, 2);
    EXPECT_EQ(b.discards, 0);
    EXPECT_EQ(a.runs, 0);
}

TEST(ReadyQueue, ClearTakesWhatDiscardQueues) {
    struct Again final : detail::Runnable {
        explicit Again(detail::ReadyQueue& q) : queue(q) {}
        void run() override {}
        void discard() noexcept override {
            if (--left > 0) queue.push(*this);
        }
        detail::ReadyQueue& queue;
        int left = 3;
    };
    detail::ReadyQueue queue;
    Again again(queue);
    queue.push(again);
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(again.left, 0);
}

TEST(Runnable, HasADefaultText) { EXPECT_EQ(Item().repr(), "<internal callback>"); }

}  // namespace
}  // namespace aio
