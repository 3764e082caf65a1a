// SPDX-License-Identifier: MIT
// Awaiters that show a value which they hold, and functions of the same names as the library's.
#include <aio/aio.hpp>
#include <aio/compose/staggered_race.hpp>
#include <aio/testing.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

// Its value ends with it: what awaits must have copied it by then.
struct Shows {
    std::string text = std::string(100, 'x');
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    const std::string& await_resume() const noexcept { return text; }
};

struct ShownValuesTest : ::testing::Test, testing::LoopTest {};

TEST_F(ShownValuesTest, OfARace) {
    run([]() -> Coro<> {
        std::vector<std::function<Shows()>> functions{[] { return Shows(); }};
        auto race = co_await staggered_race(std::move(functions), std::nullopt);
        EXPECT_EQ(race.result, std::string(100, 'x'));
    });
}

TEST_F(ShownValuesTest, OfATaskThatNobodyElseHas) {
    run([]() -> Coro<> {
        auto make = [] {
            return create_task([]() -> Coro<std::string> { co_return std::string(100, 'y'); });
        };
        std::vector<std::function<const Task<std::string>()>> functions{make};
        auto race = co_await staggered_race(std::move(functions), std::nullopt);
        EXPECT_EQ(race.result, std::string(100, 'y'));
    });
}

struct Manager {
    Shows aenter() const { return Shows(); }
    Coro<bool> aexit(std::exception_ptr) const { co_return false; }
};
struct EntersAContext : testing::AsyncFixture {
    Coro<std::string> enter(Manager& manager) { co_return co_await enterAsyncContext(manager); }
};
TEST_F(ShownValuesTest, OfAContextOfAFixture) {
    Manager manager;
    EntersAContext fixture;
    EXPECT_EQ(fixture.run([&] { return fixture.enter(manager); }), std::string(100, 'x'));
    fixture.doAsyncCleanups();
}

// An optional that owns what its operator* shows, whatever it is asked on.
struct Owned {
    std::shared_ptr<int> number;
    bool has_value() const { return number != nullptr; }
    explicit operator bool() const { return has_value(); }
    int& operator*() const { return *number; }
};
struct CountsToOne {
    int given = 0;
    Coro<Owned> next() { co_return Owned{given < 1 ? std::make_shared<int>(++given) : nullptr}; }
};
TEST_F(ShownValuesTest, OfAnIteratorWithAFallback) {
    run([]() -> Coro<> {
        CountsToOne numbers;
        static_assert(std::is_same_v<decltype(anext(numbers, 7)), Coro<int>>);
        EXPECT_EQ(co_await anext(numbers, 7), 1);
        EXPECT_EQ(co_await anext(numbers, 7), 7);
    });
}

}  // namespace
}  // namespace aio

// Somebody else's functions, called with the library's types and arguments that have to be converted.
namespace elsewhere {
namespace {

std::string create_task(const std::string& name, const aio::Queue<int>&) { return "their task " + name; }
long run(const aio::EventLoop&, long answer) { return answer; }
long gather(const aio::Queue<int>&, long count) { return count; }
bool shield(const aio::Event&) { return true; }
bool wait(const aio::Event&) { return true; }
bool wait_for(const aio::Event&, std::chrono::milliseconds) { return true; }
bool as_result(const aio::Event&) { return true; }

TEST(FunctionsOfTheSameNames, AreFound) {
    const aio::EventLoopPtr loop = aio::new_event_loop();
    aio::Queue<int> queue;
    aio::Event event;
    EXPECT_EQ(create_task("x", queue), "their task x");
    EXPECT_EQ(run(*loop, 42), 42);
    EXPECT_EQ(gather(queue, 1), 1);
    EXPECT_TRUE(shield(event) && wait(event) && as_result(event));
    EXPECT_TRUE(wait_for(event, std::chrono::seconds(1)));
}

}  // namespace
}  // namespace elsewhere
