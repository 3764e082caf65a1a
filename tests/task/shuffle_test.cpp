// SPDX-License-Identifier: MIT
// What LoopOptions::shuffle() varies in tasks: sets.
#include <aio/compose.hpp>
#include <aio/task.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

RunOptions seeded(std::uint64_t seed) {
    RunOptions options;
    options.loop_factory([seed] { return new_event_loop(LoopOptions().shuffle(seed)); });
    return options;
}

Coro<std::string> order_of_done_set() {
    std::vector<Task<>> tasks;
    for (char name = 'a'; name <= 'd'; ++name) {
        tasks.push_back(create_task(sleep(0s), std::string(1, name)));
    }
    auto result = co_await wait(tasks);
    std::string order;
    for (const Task<>& task : result.done) order += task.get_name();
    co_return order;
}

TEST(TaskShuffle, VariesTheSetsOfWait) {
    EXPECT_EQ(run(order_of_done_set(), seeded(0)), "abcd");
    std::set<std::string> orders;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) orders.insert(run(order_of_done_set(), seeded(seed)));
    EXPECT_GE(orders.size(), 3U);
    for (const std::string& order : orders) EXPECT_EQ(std::set<char>(order.begin(), order.end()).size(), 4U);
}

Coro<> note_cancellation(std::string& order, char name) {
    try {
        co_await sleep(1h);
    } catch (const CancelledError&) {
        order += name;
        throw;
    }
}

Coro<> leave_tasks(std::string& order) {
    for (char name = 'a'; name <= 'd'; ++name) create_task(note_cancellation(order, name));
    co_await sleep(0s);
}

TEST(TaskShuffle, VariesTheCancellationAtTheEndOfRun) {
    std::string plain;
    run(leave_tasks(plain), seeded(0));
    EXPECT_EQ(plain, "abcd");
    std::set<std::string> orders;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        std::string order;
        run(leave_tasks(order), seeded(seed));
        EXPECT_EQ(std::set<char>(order.begin(), order.end()).size(), 4U);
        orders.insert(order);
    }
    EXPECT_GE(orders.size(), 4U);
}

}  // namespace
}  // namespace aio
