// SPDX-License-Identifier: MIT
// The contract of aio/task/waiter.hpp, from the point of view of somebody who writes an awaitable: here
// a signal that wakes everybody.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

class Broadcast {
public:
    class Waiting final : public detail::LeafWaiter, public detail::ListLink {
    public:
        explicit Waiting(Broadcast& broadcast) noexcept : broadcast_(broadcast) {}
        Waiting(Waiting&& other) noexcept
            : detail::LeafWaiter(std::move(other)), detail::ListLink(), broadcast_(other.broadcast_) {}
        ~Waiting() { unlink(); }

        bool await_ready() const {
            check_fresh();
            return false;
        }
        template <std::derived_from<detail::CoroutineBase> Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiter) {
            begin(awaiter);
            broadcast_.waiters_.push_back(*this);
        }
        int await_resume() {
            end();
            return broadcast_.count_;
        }
        std::string describe() const override { return "broadcast"; }

    private:
        void withdraw() noexcept override { unlink(); }
        Broadcast& broadcast_;
    };

    Waiting next() noexcept { return Waiting(*this); }
    void send() {
        ++count_;
        while (Waiting* waiter = waiters_.front()) {
            waiter->unlink();
            waiter->wake();
        }
    }
    unsigned waiting() const noexcept { return waiters_.size(); }

private:
    detail::List<Waiting> waiters_;
    int count_ = 0;
};

struct WaiterTest : ::testing::Test, testing::LoopTest {
    Strings trace;
    Broadcast broadcast;

    Coro<> listen(std::string name) {
        try {
            const int count = co_await broadcast.next();
            trace.push_back(name + std::to_string(count));
        } catch (const CancelledError& e) {
            trace.push_back(name + "cancelled " + std::string(e.message()));
            throw;
        }
    }
};

TEST_F(WaiterTest, WakesInOrderNeverInline) {
    run([&]() -> Coro<> {
        create_task(listen("a"));
        create_task(listen("b"));
        co_await sleep(0s);
        EXPECT_EQ(broadcast.waiting(), 2u);
        broadcast.send();
        EXPECT_TRUE(trace.empty());
        co_await sleep(0s);
    });
    EXPECT_EQ(trace, (Strings{"a1", "b1"}));
}

TEST_F(WaiterTest, CancelWithdrawsAtOnce) {
    run([&]() -> Coro<> {
        Task<> task = create_task(listen("a"));
        co_await sleep(0s);
        task.cancel("x");
        EXPECT_EQ(broadcast.waiting(), 0u);
        broadcast.send();
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(trace, Strings{"acancelled x"});
}

TEST_F(WaiterTest, CancelAfterTheWakeUpWins) {
    run([&]() -> Coro<> {
        Task<> task = create_task(listen("a"));
        co_await sleep(0s);
        broadcast.send();
        task.cancel("late");
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
    });
    EXPECT_EQ(trace, Strings{"acancelled late"});
}

TEST_F(WaiterTest, UncancelWithdrawsOnlyWhatIsNotOnItsWay) {
    run([&]() -> Coro<> {
        Task<> woken = create_task(listen("woken "));
        Task<> waiting = create_task(listen("waiting "));
        co_await sleep(0s);
        waiting.cancel();
        waiting.uncancel();
        broadcast.send();
        woken.cancel();
        EXPECT_EQ(woken.uncancel(), 0u);
        co_await sleep(0s);
        EXPECT_FALSE(woken.cancelled());
        EXPECT_TRUE(waiting.cancelled());
    });
    EXPECT_EQ(trace, (Strings{"waiting cancelled ", "woken 1"}));
}

TEST_F(WaiterTest, DestroyedWhileWaiting) {
    loop().create_task(listen("a"));
    loop().run_until_complete(sleep(0s));
    EXPECT_EQ(broadcast.waiting(), 1u);
    loop().close();
    EXPECT_EQ(broadcast.waiting(), 0u);
    EXPECT_TRUE(trace.empty());
}

TEST_F(WaiterTest, IsAwaitedOnce) {
    run([&]() -> Coro<> {
        auto waiting = broadcast.next();
        loop().call_soon([&] { broadcast.send(); });
        co_await waiting;
        try {
            co_await waiting;
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "cannot reuse already awaited coroutine");
        }
    });
}

TEST_F(WaiterTest, IsShownWhileWaiting) {
    run([&]() -> Coro<> {
        Task<> task = create_task(listen("a"));
        co_await sleep(0s);
        EXPECT_TRUE(task.repr().ends_with(" wait_for=broadcast>")) << task.repr();
        broadcast.send();
        co_await task;
    });
}

// Another loop of the same thread runs when the request comes: the task is queued on its own.
TEST_F(WaiterTest, CancelledFromAnotherLoopOfTheThread) {
    EventLoopPtr other = new_event_loop();
    Task<> task = other->create_task(listen("a"));
    other->run_until_complete(sleep(0s));
    run([&]() -> Coro<> {
        task.cancel("from outside");
        co_await sleep(0s);
        EXPECT_FALSE(task.done());
    });
    other->run_until_complete(sleep(0s));
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(trace, Strings{"acancelled from outside"});
}

}  // namespace
}  // namespace aio
