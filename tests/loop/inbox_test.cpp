// SPDX-License-Identifier: MIT
// call_soon_threadsafe(): the loop's only entrance for other threads.
#include <aio/loop.hpp>
#include <aio/loop/detail/inbox.hpp>

#include <gtest/gtest.h>
#include <atomic>
#include <string>
#include <support/lifetime.hpp>
#include <support/trace.hpp>
#include <thread>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Lifetime;
using tests::thrown;
using tests::Trace;

static_assert(!std::is_copy_constructible_v<detail::Inbox>);

constexpr int kThreads = 4;

// Checks that each thread's callbacks come in its order and that none is lost.
class Receiver {
public:
    explicit Receiver(EventLoop& loop, int expected) : loop_(loop), left_(expected) {}
    void operator()(int thread, int number) {
        EXPECT_EQ(number, next_[thread]++) << "thread " << thread;
        if (--left_ == 0) loop_.stop();
    }

private:
    EventLoop& loop_;
    int left_;
    int next_[kThreads] = {};
};

// `busy`: the loop always has a callback of its own, so it never sleeps.
void flood(int per_thread, bool busy, bool pause) {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Receiver receiver(loop, kThreads * per_thread);
    std::function<void()> spin = [&] { loop.call_soon(spin); };
    if (busy) loop.call_soon(spin);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < per_thread; ++i) {
                loop.call_soon_threadsafe([&receiver, t, i] { receiver(t, i); });
                if (pause && i % 8 == t) std::this_thread::yield();  // so that the loop gets to sleep
            }
        });
    }
    loop.run_forever();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(owner->stats().ready, busy ? 1U : 0U);
}

TEST(Inbox, NothingIsLostAtFullLoad_Thread) { flood(20'000, false, false); }
TEST(Inbox, NothingIsLostWhileTheLoopSleepsAndWakes_Thread) { flood(5'000, false, true); }
TEST(Inbox, NothingIsLostWhileTheLoopIsBusy_Thread) { flood(5'000, true, false); }

// One message at a time: each must wake a loop that sleeps, or the test hangs.
TEST(Inbox, EveryMessageWakesASleepingLoop_Thread) {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    constexpr int kRounds = 2'000;
    std::atomic<int> answered{0};
    std::thread thread([&] {
        for (int i = 1; i <= kRounds; ++i) {
            loop.call_soon_threadsafe([&] {
                if (answered.fetch_add(1) + 1 == kRounds) loop.stop();
                answered.notify_one();
            });
            for (int seen = answered.load(); seen < i; seen = answered.load()) answered.wait(seen);
        }
    });
    loop.run_forever();
    thread.join();
    EXPECT_EQ(answered, kRounds);
}

TEST(Inbox, WhatIsPostedBeforeTheLoopRunsIsKept_Thread) {
    EventLoopPtr loop = new_event_loop();
    Trace print;
    loop->call_soon_threadsafe(print.later("main"));
    std::thread thread([&] { loop->call_soon_threadsafe(print.later("thread")); });
    thread.join();
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(print.joined(), "main | thread");
}

TEST(Inbox, KeepsTheOrderWithCallSoonInsideTheLoop) {
    EventLoopPtr loop = new_event_loop();
    Trace print;
    loop->call_soon([&] {
        loop->call_soon(print.later(1));
        loop->call_soon_threadsafe(print.later(2));
        loop->call_soon(print.later(3));
        loop->call_soon([&] { loop->stop(); });
    });
    loop->run_forever();
    EXPECT_EQ(print.joined(), "1 | 2 | 3");
}

TEST(Inbox, CallbacksRunInTheContextOfTheCall_Thread) {
    static const ContextVar<int> var("inbox", 0);
    EventLoopPtr loop = new_event_loop();
    Trace print;
    const Context given;
    std::thread thread([&] {
        var.set(5);
        loop->call_soon_threadsafe([&] { print(var.get()); });
        loop->call_soon_threadsafe(given, [&] { print(var.get()); });
    });
    thread.join();
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(print.joined(), "5 | 0");
}

TEST(Inbox, HandlesMayBeCancelledFromOtherThreads_Thread) {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Lifetime life;
    constexpr int kPosts = 3'000;
    std::atomic<int> ran{0};
    int cancelled = 0, kept_quiet = 0;
    std::thread thread([&] {
        std::vector<Handle> handles;
        for (int i = 0; i < kPosts; ++i) {
            handles.push_back(loop.call_soon_threadsafe([&ran, token = life.token()] { ++ran; }));
            Handle& handle = handles[static_cast<std::size_t>(i / 2)];  // some ran already, some did not
            handle.cancel();
            handle.cancel();
        }
        for (const Handle& handle : handles) (handle.cancelled() ? cancelled : kept_quiet) += 1;
        loop.call_soon_threadsafe([&] { loop.stop(); });
    });
    loop.run_forever();
    thread.join();
    EXPECT_EQ(cancelled + kept_quiet, kPosts);
    EXPECT_EQ(ran, kept_quiet);  // each either ran or was cancelled, never both
    EXPECT_TRUE(life.over());
}

TEST(Inbox, ManyThreadsMayCancelOneHandle_Thread) {
    EventLoopPtr owner = new_event_loop();
    for (int round = 0; round < 100; ++round) {
        Lifetime life;
        int ran = 0;
        const Handle handle = owner->call_soon_threadsafe([&ran, token = life.token()] { ++ran; });
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t) threads.emplace_back([copy = handle]() mutable { copy.cancel(); });
        owner->stop();
        owner->run_forever();
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(ran, handle.cancelled() ? 0 : 1);
        EXPECT_TRUE(life.over());
    }
}

TEST(Inbox, PostingToAClosedLoopThrowsInEveryThread_Thread) {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Lifetime life;
    std::atomic<int> posted{0};
    std::atomic<bool> refused{false};
    std::thread thread([&] {
        const std::string error = thrown<RuntimeError>([&] {
            for (;;) {
                loop.call_soon_threadsafe([token = life.token()] {});
                posted.fetch_add(1);
                posted.notify_one();
            }
        });
        EXPECT_EQ(error, "Event loop is closed");
        refused = true;
    });
    posted.wait(0);
    loop.close();
    thread.join();
    EXPECT_TRUE(refused);
    EXPECT_TRUE(life.over());
}

TEST(Inbox, ClosingDropsWhatWasPosted) {
    EventLoopPtr loop = new_event_loop();
    Lifetime life;
    const Handle kept = loop->call_soon_threadsafe([token = life.token()] {});
    loop->call_soon_threadsafe([token = life.token()] {});
    EXPECT_EQ(life.holders(), 2);
    loop->close();
    EXPECT_TRUE(life.over());
}

}  // namespace
}  // namespace aio
