// SPDX-License-Identifier: MIT
// What gather(), as_completed() and wait() take: containers, views that make coroutines, views of tasks.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <array>
#include <list>
#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Ints = std::vector<int>;

struct Ranges : ::testing::Test, testing::LoopTest {
    int made = 0;
    const Ints ids{3, 1, 2};

    Coro<int> fetch(int id) {
        ++made;
        co_await sleep(id * 1s);
        co_return id * 10;
    }
    auto fetches() {
        return ids | std::views::transform([this](int id) { return fetch(id); });
    }
    Task<int> start(int id) { return create_task(fetch(id)); }
    std::map<std::string, Task<int>> named() { return {{"a", start(3)}, {"b", start(1)}, {"c", start(2)}}; }
    static Coro<Ints> completed(AsCompleted<Task<int>> all) {
        Ints order;
        for (auto&& next : all) order.push_back(co_await next);
        co_return order;
    }
    static Coro<Ints> completed(AsCompleted<Future<int>> all) {
        Ints order;
        for (auto&& next : all) order.push_back(co_await next);
        co_return order;
    }
};

TEST_F(Ranges, ViewsThatMakeCoroutines) {
    run([&]() -> Coro<> {
        const Ints gathered = co_await gather(fetches());
        EXPECT_EQ(gathered, (Ints{30, 10, 20}));
        auto view = fetches();
        const auto results = co_await gather(return_exceptions, view);
        EXPECT_EQ(results.at(2).value(), 20);
        const Ints order = co_await completed(as_completed(fetches()));
        EXPECT_EQ(order, (Ints{10, 20, 30}));
        const auto waited = co_await wait(fetches(), WaitOptions(FIRST_COMPLETED));
        EXPECT_EQ(waited.done.begin()->result(), 10);
        EXPECT_EQ(waited.pending.size(), 2U);
    });
    EXPECT_EQ(made, 12) << "each coroutine is made once";
}

TEST_F(Ranges, ViewsThatMakeTasks) {
    run([&]() -> Coro<> {
        auto tasks = ids | std::views::transform([this](int id) { return start(id); });
        const Ints gathered = co_await gather(tasks);
        EXPECT_EQ(gathered, (Ints{30, 10, 20}));
        const Ints order = co_await completed(as_completed(tasks));
        EXPECT_EQ(order, (Ints{10, 20, 30}));
        const auto waited = co_await wait(tasks);
        EXPECT_EQ(waited.done.size(), 3U);
    });
    EXPECT_EQ(made, 9);
}

// What the view looks at keeps its tasks.
TEST_F(Ranges, ViewsOfTasksThatSomebodyHas) {
    run([&]() -> Coro<> {
        std::map<std::string, Task<int>> tasks = named();
        const Ints gathered = co_await gather(tasks | std::views::values);
        EXPECT_EQ(gathered, (Ints{30, 10, 20}));
        const Ints order = co_await completed(as_completed(tasks | std::views::values));
        EXPECT_EQ(order.size(), 3U);
        const auto waited = co_await wait(tasks | std::views::values);
        EXPECT_EQ(waited.done.size(), 3U);
        EXPECT_TRUE(waited.done.contains(tasks.at("a")));
    });
}

TEST_F(Ranges, FiltersWhichDoNotKnowTheirSize) {
    run([&]() -> Coro<> {
        std::vector<Task<int>> tasks{start(3), start(1), start(2)};
        co_await tasks[1];
        // A new view each time: a filter remembers where it began.
        auto pending = [&] {
            return tasks | std::views::filter([](const Task<int>& task) { return !task.done(); });
        };
        auto waited = co_await wait(pending(), WaitOptions(FIRST_COMPLETED));
        EXPECT_EQ(waited.done.pop(), tasks[2]);
        auto last = pending();
        const Ints gathered = co_await gather(last);
        EXPECT_EQ(gathered, Ints{30});
        const Ints order = co_await completed(as_completed(pending()));
        EXPECT_TRUE(order.empty());
        const auto few = co_await gather(fetches() | std::views::take_while([](auto&&) { return true; }));
        EXPECT_EQ(few.size(), 3U);
    });
}

TEST_F(Ranges, ContainersOfCoroutines) {
    run([&]() -> Coro<> {
        std::list<Coro<int>> list;
        list.push_back(fetch(1));
        list.push_back(fetch(2));
        const Ints gathered = co_await gather(std::move(list));
        EXPECT_EQ(gathered, (Ints{10, 20}));
        std::array<Coro<int>, 2> both{fetch(1), fetch(2)};
        const auto waited = co_await wait(both);  // taken, as by everything that is given a coroutine
        EXPECT_EQ(waited.done.size(), 2U);
        EXPECT_FALSE(both[0]);
        std::map<int, Coro<int>> by_id;
        by_id.emplace(1, fetch(1));
        const Ints order = co_await completed(as_completed(by_id | std::views::values));
        EXPECT_EQ(order, Ints{10});
    });
}

TEST_F(Ranges, AForeignFutureAmongThemIsRefused) {
    EventLoopPtr other = new_event_loop();
    run([&]() -> Coro<> {
        std::map<int, Future<int>> futures{{1, loop().create_future<int>()},
                                           {2, other->create_future<int>()}};
        EXPECT_THROW((void)gather(futures | std::views::values), ValueError);
        EXPECT_THROW((void)as_completed(futures | std::views::values), ValueError);
        auto all = futures | std::views::transform([](auto& item) { return item.second; });
        EXPECT_THROW((void)gather(all), ValueError);
        co_return;
    });
}

}  // namespace
}  // namespace aio
