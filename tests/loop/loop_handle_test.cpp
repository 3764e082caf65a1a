// SPDX-License-Identifier: MIT
// What threads keep of a loop that may end before them.
#include <aio/loop.hpp>
#include <aio/loop/loop_handle.hpp>

#include <gtest/gtest.h>
#include <atomic>
#include <map>
#include <string>
#include <support/lifetime.hpp>
#include <support/trace.hpp>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Lifetime;
using tests::thrown;

static_assert(std::is_nothrow_move_constructible_v<LoopHandle> && std::is_copy_constructible_v<LoopHandle>);

constexpr const char* kClosed = "Event loop is closed";

TEST(LoopHandle, PostsToItsLoop) {
    EventLoopPtr loop = new_event_loop();
    const LoopHandle handle = loop->handle();
    std::vector<int> order;
    loop->call_soon([&] {
        handle.call_soon_threadsafe([&order](int value) { order.push_back(value); }, 2);
        get_running_loop().call_soon([&] {  // the order is kept
            order.push_back(3);
            get_running_loop().stop();
        });
        order.push_back(1);
    });
    loop->run_forever();
    EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(LoopHandle, AThreadWakesTheLoop_Thread) {
    EventLoopPtr loop = new_event_loop();
    std::thread thread(
        [handle = loop->handle()] { handle.call_soon_threadsafe([] { get_running_loop().stop(); }); });
    loop->run_forever();
    thread.join();
}

TEST(LoopHandle, TheCallbackRunsInTheGivenContext) {
    EventLoopPtr loop = new_event_loop();
    ContextVar<int> variable("variable", 0);
    Context context;
    context.run([&] { variable.set(5); });
    int seen = 0;
    const Handle scheduled = loop->handle().call_soon_threadsafe(context, [&] { seen = variable.get(); });
    EXPECT_EQ(scheduled.get_context(), context);
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(seen, 5);
}

TEST(LoopHandle, TheCallbackCanBeWithdrawn) {
    EventLoopPtr loop = new_event_loop();
    bool ran = false;
    Handle scheduled = loop->handle().call_soon_threadsafe([&] { ran = true; });
    scheduled.cancel();
    loop->stop();
    loop->run_forever();
    EXPECT_TRUE(scheduled.cancelled());
    EXPECT_FALSE(ran);
}

TEST(LoopHandle, AfterTheEndItIsAnError) {
    EventLoopPtr loop = new_event_loop();
    const LoopHandle handle = loop->handle();
    EXPECT_FALSE(handle.is_closed());
    loop->close();
    EXPECT_TRUE(handle.is_closed());
    EXPECT_EQ(thrown<RuntimeError>([&] { handle.call_soon_threadsafe([] {}); }), kClosed);
    loop = nullptr;
    EXPECT_TRUE(handle.is_closed());
    EXPECT_EQ(thrown<RuntimeError>([&] { handle.call_soon_threadsafe([] {}); }), kClosed);
    EXPECT_EQ(thrown<RuntimeError>([&] { handle.call_soon_threadsafe(Context(), [] {}); }), kClosed);
}

TEST(LoopHandle, WhatIsRefusedIsDestroyed) {
    LoopHandle handle = new_event_loop()->handle();
    const Lifetime life;
    EXPECT_EQ(thrown<RuntimeError>([&] { handle.call_soon_threadsafe([given = life.token()] {}); }), kClosed);
    EXPECT_TRUE(life.over());
}

TEST(LoopHandle, WhatIsQueuedIsDestroyedByTheClose) {
    EventLoopPtr loop = new_event_loop();
    const Lifetime life;
    Handle scheduled = loop->handle().call_soon_threadsafe([given = life.token()] {});
    EXPECT_FALSE(life.over());
    loop = nullptr;
    EXPECT_TRUE(life.over());
    scheduled.cancel();
    EXPECT_FALSE(scheduled.cancelled());
}

// What the loop destroys when it closes may come back to it.
TEST(LoopHandle, APostFromTheCloseIsAnError) {
    EventLoopPtr loop = new_event_loop();
    std::string said;
    const auto post = [handle = loop->handle(), &said] {
        said = thrown<RuntimeError>([&] { handle.call_soon_threadsafe([] {}); });
    };
    loop->call_soon([at_end = tests::AtEnd(post)] {});
    loop = nullptr;
    EXPECT_EQ(said, kClosed);
}

// A loop that stands where another one stood is not that one.
TEST(LoopHandle, KnowsItsLoopFromALaterOneAtTheSamePlace) {
    const LoopHandle old = new_event_loop()->handle();
    EventLoopPtr loop = new_event_loop();
    EXPECT_NE(old, loop->handle());
    std::string said;
    loop->call_soon([&] {
        said = thrown<RuntimeError>([&] { old.call_soon_threadsafe([] {}); });
        get_running_loop().stop();
    });
    loop->run_forever();
    EXPECT_EQ(said, kClosed);
}

TEST(LoopHandle, IsAKeyAndMayBeEmpty) {
    const EventLoopPtr one = new_event_loop();
    const EventLoopPtr other = new_event_loop();
    const LoopHandle handle = one->handle();
    EXPECT_EQ(handle, one->handle());
    EXPECT_NE(handle, other->handle());
    const std::unordered_set<LoopHandle> set{handle, one->handle(), other->handle()};
    EXPECT_EQ(set.size(), 2U);
    std::map<LoopHandle, int> map{{handle, 1}, {other->handle(), 2}};
    EXPECT_EQ(map[one->handle()], 1);

    const LoopHandle empty;
    EXPECT_TRUE(handle);
    EXPECT_FALSE(empty);
    EXPECT_NE(empty, handle);
    EXPECT_EQ(thrown<RuntimeError>([&] { empty.call_soon_threadsafe([] {}); }),
              "LoopHandle.call_soon_threadsafe() on an empty handle");
    EXPECT_EQ(thrown<RuntimeError>([&] { static_cast<void>(empty.is_closed()); }),
              "LoopHandle.is_closed() on an empty handle");
}

// Threads post while loops are closed and destroyed: each callback runs, is destroyed by the close, or is
// refused, and nothing is touched that is gone.
TEST(LoopHandle, PostsWhileLoopsEnd_Thread) {
    constexpr int kPosters = 3;
    constexpr int kLoopsInAll = 60;
    std::atomic<int> made{0};
    std::atomic<int> gone{0};
    struct Counted {
        Counted(std::atomic<int>& born, std::atomic<int>& died) : gone(&died) { ++born; }
        Counted(Counted&& other) noexcept : gone(std::exchange(other.gone, nullptr)) {}
        Counted& operator=(Counted&&) = delete;
        ~Counted() {
            if (gone) ++*gone;
        }
        void operator()() const {}
        std::atomic<int>* gone;
    };
    for (int i = 0; i < kLoopsInAll; ++i) {
        EventLoopPtr loop = new_event_loop();
        std::atomic<int> begun{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < kPosters; ++t) {
            threads.emplace_back([handle = loop->handle(), &made, &gone, &begun] {
                try {
                    for (int posted = 0;; ++posted) {
                        Handle scheduled = handle.call_soon_threadsafe(Counted(made, gone));
                        if (posted == 0) ++begun;
                        if (posted % 3 == 0) scheduled.cancel();
                    }
                } catch (const RuntimeError& error) {
                    EXPECT_STREQ(error.what(), kClosed);
                }
                EXPECT_TRUE(handle.is_closed());
            });
        }
        while (begun.load() < kPosters) {
            loop->stop();
            loop->run_forever();
        }
        if (i % 2 == 0) loop->close();
        loop = nullptr;
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(made.load(), gone.load());
    }
}

}  // namespace
}  // namespace aio
