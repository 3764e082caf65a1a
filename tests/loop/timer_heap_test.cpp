// SPDX-License-Identifier: MIT
#include <aio/loop/detail/ready_queue.hpp>
#include <aio/loop/detail/timer_heap.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <deque>
#include <random>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<detail::TimerHeap>);

struct Timer final : detail::TimerNode {
    void run() override {}
    void discard() noexcept override {
        ++discards;
        if (on_discard) on_discard->remove(*victim);
    }
    int number = 0;
    int discards = 0;
    detail::TimerHeap* on_discard = nullptr;
    Timer* victim = nullptr;
};

constexpr TimePoint at(Duration time) { return TimePoint(time); }

std::vector<int> collect(detail::TimerHeap& heap, TimePoint now) {
    detail::ReadyQueue ready;
    heap.collect(now, ready);
    std::vector<int> numbers;
    while (!ready.empty()) numbers.push_back(static_cast<Timer*>(ready.pop())->number);
    return numbers;
}

struct Heap : ::testing::Test {
    detail::TimerHeap heap;
    std::deque<Timer> timers;

    Timer& arm(TimePoint when) {
        Timer& timer = timers.emplace_back();
        timer.number = static_cast<int>(timers.size()) - 1;
        heap.push(timer, when);
        return timer;
    }
};

TEST_F(Heap, GivesTheEarliestFirst) {
    for (const Duration time : {Duration(3s), Duration(1s), Duration(2s)}) arm(at(time));
    EXPECT_EQ(heap.size(), 3U);
    EXPECT_EQ(heap.next_deadline(), at(1s));
    EXPECT_EQ(collect(heap, at(999ms)), (std::vector<int>{}));
    EXPECT_EQ(collect(heap, at(2s)), (std::vector{1, 2}));
    EXPECT_FALSE(timers[1].armed());
    EXPECT_TRUE(timers[0].armed());
    EXPECT_EQ(timers[1].when(), at(1s));
    EXPECT_EQ(collect(heap, at(1h)), (std::vector{0}));
    EXPECT_TRUE(heap.empty());
}

TEST_F(Heap, ServesEqualDeadlinesInTheOrderOfArming) {
    for (const int count : {5, 31, 33, 1000}) {  // taken one by one, and all at once
        std::vector<int> expected;
        for (int i = 0; i < count; ++i) expected.push_back(arm(at(1s)).number);
        arm(at(2s));
        EXPECT_EQ(collect(heap, at(1s)), expected);
        heap.clear();
    }
}

TEST_F(Heap, ANodeArmedLaterKeepsTheTurnItTook) {
    Timer late;
    late.number = 9;
    arm(at(1s));
    heap.take_turn(late);
    arm(at(1s));
    heap.push_in_turn(late, at(1s));
    EXPECT_EQ(collect(heap, at(1s)), (std::vector{0, 9, 1}));
}

TEST_F(Heap, TellsTheEarliestNewDeadlineOnce) {
    EXPECT_EQ(heap.take_earliest_new(), TimePoint::max());
    arm(at(1s));
    EXPECT_EQ(heap.take_earliest_new(), at(1s));
    EXPECT_EQ(heap.take_earliest_new(), TimePoint::max());
    arm(at(3s));
    arm(at(2s));
    EXPECT_EQ(heap.take_earliest_new(), at(2s)) << "though another one is in front";
}

TEST_F(Heap, WithdrawsArmedAndQueuedNodes) {
    detail::ReadyQueue ready;
    Timer& armed = arm(at(9s));
    for (int i = 0; i < 100; ++i) arm(at(1s));  // many at once are collected another way
    heap.collect(at(2s), ready);
    detail::TimerHeap::queue(timers.emplace_back(), ready);
    heap.withdraw(armed, ready);
    for (std::size_t i : {1U, 50U, 100U, 101U}) heap.withdraw(timers[i], ready);
    EXPECT_TRUE(heap.empty());
    for (std::size_t i = 1; i < 102; ++i) {
        Timer* const expected = i == 1 || i == 50 || i >= 100 ? nullptr : &timers[i];
        ASSERT_EQ(ready.pop(), expected);
    }
    heap.withdraw(timers[2], ready);  // it ran
    EXPECT_TRUE(ready.empty());
}

TEST_F(Heap, RemoveTakesAnyNodeOut) {
    for (int i = 0; i < 20; ++i) arm(at(std::chrono::seconds(20 - i)));
    for (const int gone : {0, 19, 10, 10}) heap.remove(timers[static_cast<std::size_t>(gone)]);
    EXPECT_EQ(heap.size(), 17U);
    EXPECT_FALSE(timers[10].armed());
    const std::vector<int> order = collect(heap, at(1h));
    EXPECT_TRUE(std::is_sorted(order.rbegin(), order.rend()));
    EXPECT_EQ(order.size(), 17U);
}

TEST_F(Heap, ANodeCanBeArmedAgain) {
    Timer& timer = arm(at(1s));
    heap.remove(timer);
    heap.push(timer, at(5s));
    EXPECT_EQ(heap.next_deadline(), at(5s));
    EXPECT_EQ(collect(heap, at(5s)), (std::vector{0}));
    heap.push(timer, at(6s));
    EXPECT_EQ(collect(heap, at(6s)), (std::vector{0}));
}

// Large heaps of which a large or a small part is due, against sorting.
TEST_F(Heap, CollectAgreesWithSortingWhateverPartIsDue) {
    std::mt19937 random(7);
    for (int round = 0; round < 60; ++round) {
        timers.clear();
        const int count = 1 + static_cast<int>(random() % 3000);
        const int spread = 1 + static_cast<int>(random() % 2000);
        for (int i = 0; i < count; ++i) arm(at(std::chrono::milliseconds(random() % spread)));
        for (Timer& timer : timers) {
            if (random() % 4 == 0) heap.remove(timer);
        }
        std::vector<int> expected;
        for (const Timer& timer : timers) {
            if (timer.armed()) expected.push_back(timer.number);
        }
        std::sort(expected.begin(), expected.end(), [&](int a, int b) {
            const TimePoint when_a = timers[static_cast<std::size_t>(a)].when();
            const TimePoint when_b = timers[static_cast<std::size_t>(b)].when();
            return when_a < when_b || (when_a == when_b && a < b);
        });
        std::vector<int> got;
        for (TimePoint now = at(0s); !heap.empty(); now += std::chrono::milliseconds(random() % spread)) {
            for (const int number : collect(heap, now)) {
                ASSERT_LE(timers[static_cast<std::size_t>(number)].when(), now);
                got.push_back(number);
            }
            if (!heap.empty()) {
                ASSERT_GT(heap.next_deadline(), now);
            }
        }
        ASSERT_EQ(got, expected) << "round " << round;
    }
}

TEST_F(Heap, ClearDiscardsAndDisarms) {
    for (int i = 0; i < 100; ++i) arm(at(std::chrono::seconds(i)));
    heap.clear();
    EXPECT_TRUE(heap.empty());
    for (const Timer& timer : timers) {
        EXPECT_EQ(timer.discards, 1);
        EXPECT_FALSE(timer.armed());
    }
}

TEST_F(Heap, DiscardMayRemoveOthers) {
    for (int i = 0; i < 100; ++i) arm(at(std::chrono::seconds(i % 7)));
    for (std::size_t i = 0; i < 100; ++i) {
        timers[i].on_discard = &heap;
        timers[i].victim = &timers[(i + 31) % 100];
    }
    heap.clear();
    EXPECT_TRUE(heap.empty());
    for (const Timer& timer : timers) EXPECT_FALSE(timer.armed());
}

}  // namespace
}  // namespace aio
