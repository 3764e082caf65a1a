// SPDX-License-Identifier: MIT
#include "sync_support.hpp"

#include <optional>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<Event> && !std::is_move_constructible_v<Event>);
static_assert(std::is_same_v<await_result_t<decltype(std::declval<Event&>().wait())>, bool>);

struct EventTest : SyncTest {
    Event event;

    Coro<> wait_for_it(Event& which, std::string name) {
        const bool result = co_await which.wait();
        EXPECT_TRUE(result);
        trace.push_back(name);
    }
};

TEST_F(EventTest, WaitOnASetEventDoesNotYield) {
    run([&]() -> Coro<> {
        event.set();
        loop().call_soon([&] { trace.push_back("turn"); });
        co_await wait_for_it(event, "waited");
        EXPECT_EQ(trace, Strings{"waited"});
    });
}

TEST_F(EventTest, SetWakesAllInOrder) {
    run([&]() -> Coro<> {
        for (const std::string& name : names("a", "b", "c")) create_task(wait_for_it(event, name));
        co_await settle();
        EXPECT_TRUE(trace.empty());
        event.set();
        event.set();
        EXPECT_TRUE(event.is_set() && trace.empty());
        co_await settle();
        EXPECT_EQ(trace, (Strings{"a", "b", "c"}));
    });
}

TEST_F(EventTest, APulseWakesThoseWhoWaitedAndNobodyElse) {
    run([&]() -> Coro<> {
        create_task(wait_for_it(event, "before"));
        co_await settle();
        event.set();
        event.clear();
        create_task(wait_for_it(event, "after"));
        event.set();  // "before" is on its way, "after" has not begun
        event.clear();
        co_await settle();
        EXPECT_EQ(trace, Strings{"before"});
        event.set();
        co_await settle();
        EXPECT_EQ(trace, (Strings{"before", "after"}));
    });
}

TEST_F(EventTest, CancelledBeforeItWaits) {
    run([&]() -> Coro<> {
        auto body = [&]() -> Coro<> {
            current_task().cancel();
            co_await event.wait();
            ADD_FAILURE();
        };
        Task<> task = create_task(body);
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(state(event.repr()), "unset");
    });
}

TEST_F(EventTest, CancelledWhileItWaitsAndAfterItWasWoken) {
    run([&]() -> Coro<> {
        Task<> a = create_task(wait_for_it(event, "a"));
        Task<> b = create_task(wait_for_it(event, "b"));
        Task<> c = create_task(wait_for_it(event, "c"));
        co_await settle();
        a.cancel();
        event.set();
        b.cancel();
        co_await ended(a, b, c);
        EXPECT_TRUE(a.cancelled() && b.cancelled());
        EXPECT_EQ(trace, Strings{"c"});
        EXPECT_EQ(state(event.repr()), "set");
    });
}

TEST_F(EventTest, DestroyedWithItsLoopWhileWaitingOrWoken) {
    loop().create_task(wait_for_it(event, "a"));
    loop().run_until_complete(sleep(0s));
    event.set();
    event.clear();
    loop().create_task(wait_for_it(event, "b"));
    loop().close();
    EXPECT_EQ(state(event.repr()), "unset");
}

TEST_F(EventTest, WaitersOutliveTheEvent) {
    run([&]() -> Coro<> {
        std::optional<Event> brief(std::in_place);
        Task<> woken = create_task(wait_for_it(*brief, "woken"));
        co_await settle();
        brief->set();
        brief->clear();
        Task<> waiting = create_task(wait_for_it(*brief, "waiting"));
        Task<> cancelled = create_task(wait_for_it(*brief, "cancelled"));
        co_await sleep(0s);
        cancelled.cancel();
        brief.reset();
        co_await ended(woken, cancelled);
        co_await sleep(1h);
        EXPECT_FALSE(waiting.done());
        waiting.cancel();
        co_await ended(waiting);
        EXPECT_EQ(trace, Strings{"woken"});
    });
}

TEST_F(EventTest, TheWokenGoOnIfTheEventIsGoneByThen) {
    run([&]() -> Coro<> {
        std::optional<Event> brief(std::in_place);
        Task<> task = create_task(wait_for_it(*brief, "woken"));
        co_await settle();
        brief->set();
        brief.reset();
        co_await task;
        EXPECT_EQ(trace, Strings{"woken"});
    });
}

TEST_F(EventTest, BelongsToTheLoopOnWhichATaskHadToWaitFirst) {
    run([&]() -> Coro<> {
        Task<> task = create_task(wait_for_it(event, "a"));
        co_await settle();
        task.cancel();
        co_await ended(task);
    });
    aio::testing::LoopTest second;
    const std::string text = event.repr();
    EXPECT_EQ(thrown<RuntimeError>([&] { second.run(wait_for_it(event, "b")); }),
              text + " is bound to a different event loop");
    event.set();
    second.run(wait_for_it(event, "does not have to wait"));
}

TEST_F(EventTest, TextForms) {
    EXPECT_TRUE(event.repr().starts_with("<aio::Event object at 0x")) << event.repr();
    EXPECT_EQ(state(event.repr()), "unset");
    run([&]() -> Coro<> {
        Task<> task = create_task(wait_for_it(event, "a"));
        co_await settle();
        EXPECT_EQ(state(event.repr()), "unset, waiters:1");
        EXPECT_TRUE(task.repr().ends_with(" wait_for=Event.wait>")) << task.repr();
        event.set();
        EXPECT_EQ(state(event.repr()), "set, waiters:1") << "until it has gone on";
        co_await task;
        EXPECT_EQ(state(event.repr()), "set");
    });
}

}  // namespace
}  // namespace aio::tests
