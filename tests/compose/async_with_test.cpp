// SPDX-License-Identifier: MIT
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using aio::Coro;
using Log = std::vector<std::string>;

struct AsyncWith : ::testing::Test, aio::testing::LoopTest {
    Log log;
};

// Says when it is entered and left.
class Door {
public:
    explicit Door(Log& log) : log_(&log) {}
    Coro<int> aenter() {
        co_await aio::sleep(10ms);
        log_->push_back("enter");
        co_return 7;
    }
    Coro<> aexit() {
        co_await aio::sleep(10ms);
        log_->push_back("exit");
    }

private:
    Log* log_;
};

// Knows how the body ended, and swallows ValueError.
class Judge {
public:
    explicit Judge(Log& log) : log_(&log) {}
    Coro<> aenter() { co_return; }
    Coro<bool> aexit(std::exception_ptr error) {
        if (!error) {
            log_->push_back("clean");
            co_return false;
        }
        try {
            std::rethrow_exception(error);
        } catch (const aio::ValueError&) {
            log_->push_back("swallowed");
            co_return true;
        } catch (...) {
            log_->push_back("passed on");
        }
        co_return false;
    }

private:
    Log* log_;
};

static_assert(aio::AsyncContextManager<Door>);
static_assert(aio::AsyncContextManager<Judge>);
static_assert(!aio::AsyncContextManager<int>);

TEST_F(AsyncWith, BodyGetsTheEnteredValueThenItsArguments) {
    const int result = run([&]() -> Coro<int> {
        auto body = [&](int value, int more) -> Coro<int> {
            log.push_back("body");
            co_return value + more;
        };
        const int sum = co_await aio::async_with(Door(log), body, 5);
        co_return sum;
    });
    EXPECT_EQ(result, 12);
    EXPECT_EQ(log, (Log{"enter", "body", "exit"}));
}

TEST_F(AsyncWith, BodyMayIgnoreTheValue) {
    run([&]() -> Coro<> {
        Door door(log);
        auto body = [&]() -> Coro<> {
            log.push_back("body");
            co_return;
        };
        co_await aio::async_with(door, body);
    });
    EXPECT_EQ(log, (Log{"enter", "body", "exit"}));
}

TEST_F(AsyncWith, LeavesWhenTheBodyThrows) {
    run([&]() -> Coro<> {
        auto body = []() -> Coro<> {
            co_await aio::sleep(0s);
            throw std::runtime_error("x");
        };
        bool caught = false;
        try {
            co_await aio::async_with(Door(log), body);
        } catch (const std::runtime_error&) {
            caught = true;
        }
        EXPECT_TRUE(caught);
    });
    EXPECT_EQ(log, (Log{"enter", "exit"}));
}

TEST_F(AsyncWith, LeavesWhenTheTaskIsCancelled) {
    run([&]() -> Coro<> {
        auto body = []() -> Coro<> { co_await aio::sleep(1h); };
        auto scope = aio::async_with(Door(log), body);
        auto task = aio::create_task(std::move(scope));
        co_await aio::sleep(1s);
        task.cancel();
        const std::vector<aio::Task<>> tasks(1, task);
        co_await aio::wait(tasks);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(log, (Log{"enter", "exit"}));
}

TEST_F(AsyncWith, NotEnteredMeansNotLeft) {
    run([&]() -> Coro<> {
        auto body = []() -> Coro<> { co_return; };
        auto scope = aio::async_with(Door(log), body);
        auto task = aio::create_task(std::move(scope));
        co_await aio::sleep(5ms);  // aenter() still waits
        task.cancel();
        const std::vector<aio::Task<>> tasks(1, task);
        co_await aio::wait(tasks);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(log, Log{});
}

TEST_F(AsyncWith, ManagerSeesAndSwallowsTheError) {
    run([&]() -> Coro<> {
        auto ok = []() -> Coro<> { co_return; };
        auto bad = []() -> Coro<> {
            throw aio::ValueError("v");
            co_return;
        };
        auto worse = []() -> Coro<> {
            throw aio::RuntimeError("r");
            co_return;
        };
        co_await aio::async_with(Judge(log), ok);
        co_await aio::async_with(Judge(log), bad);
        bool caught = false;
        try {
            co_await aio::async_with(Judge(log), worse);
        } catch (const aio::RuntimeError&) {
            caught = true;
        }
        EXPECT_TRUE(caught);
    });
    EXPECT_EQ(log, (Log{"clean", "swallowed", "passed on"}));
}

// Called without its namespace, with an argument whose class has a base in another one of the library.
aio::Task<int> make_task_of(int value) {
    return aio::create_task([](int v) -> Coro<int> { co_return v; }, value);
}
TEST_F(AsyncWith, IsFoundByItsArguments) {
    using aio::async_with;
    run([&]() -> Coro<> {
        auto body = [](aio::Task<int> task) -> Coro<int> { co_return co_await task; };
        auto task = make_task_of(7);
        const int value = co_await async_with(aio::timeout(1s), body, task);
        EXPECT_EQ(value, 7);
    });
}

// Counts its constructions and destructions, and is known to be alive: what a body owns.
class Counted {
public:
    explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
    Counted(const Counted& other) : Counted(other.living()) {}
    Counted& operator=(const Counted&) = delete;
    ~Counted() {
        --living();
        mark_ = 0;
    }
    void use() const { ++living() -= 1; }

private:
    int& living() const {
        if (mark_ != kMark) std::abort();  // destroyed before
        return *alive_;
    }
    static constexpr unsigned kMark = 0x5AFE;
    unsigned mark_ = kMark;
    int* alive_;
};

Coro<> use_twice(aio::TaskGroup& group, const Counted& counted) {
    group.create_task(aio::sleep(1ms));
    counted.use();
    co_await aio::sleep(0s);
    counted.use();
}

// The ways in which a body may own something, made in the await or before it. The one that is left out, a
// capture by value in the await itself, is what g++ 12 destroys twice.
struct AsyncWithOwned : AsyncWith {
    int alive = 0;
    ~AsyncWithOwned() override { EXPECT_EQ(alive, 0); }
};

TEST_F(AsyncWithOwned, ArgumentsMadeInTheAwait) {
    run([&]() -> Coro<> {
        const Counted job(alive);
        co_await aio::async_with(aio::TaskGroup(), use_twice, job);
        EXPECT_EQ(alive, 1);
        co_await aio::async_with(aio::TaskGroup(), use_twice, Counted(alive));
        EXPECT_EQ(alive, 1);
    });
}

TEST_F(AsyncWithOwned, ALambdaOfItsOwnArguments) {
    run([&]() -> Coro<> {
        const Counted job(alive);
        co_await aio::async_with(
            aio::TaskGroup(),
            [](aio::TaskGroup& group, Counted own) -> Coro<> {
                co_await use_twice(group, own);
                own.use();
            },
            job);
        EXPECT_EQ(alive, 1);
        co_await aio::async_with(
            aio::TaskGroup(),
            [](aio::TaskGroup& group, const Counted& own) -> Coro<> { co_await use_twice(group, own); },
            Counted(alive));
        EXPECT_EQ(alive, 1);
    });
}

TEST_F(AsyncWithOwned, CapturesByReference) {
    run([&]() -> Coro<> {
        const Counted job(alive);
        co_await aio::async_with(aio::TaskGroup(), [&job](aio::TaskGroup& group) -> Coro<> {
            co_await use_twice(group, job);
            job.use();
        });
        EXPECT_EQ(alive, 1);
    });
}

TEST_F(AsyncWithOwned, CapturesOfABlockThatIsMadeBeforeItIsAwaited) {
    run([&]() -> Coro<> {
        const Counted job(alive);
        auto block = aio::async_with(aio::TaskGroup(), [job](aio::TaskGroup& group) -> Coro<> {
            co_await use_twice(group, job);
            job.use();
        });
        EXPECT_GT(alive, 1);
        co_await std::move(block);
        EXPECT_EQ(alive, 1);
    });
}

}  // namespace
