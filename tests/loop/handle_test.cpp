// SPDX-License-Identifier: MIT
// Handles: states, and when the callable is destroyed.
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <support/fd.hpp>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::AtEnd;
using tests::Lifetime;
using tests::LogCapture;
using tests::SocketPair;
using tests::thrown;
using tests::Trace;

static_assert(std::is_nothrow_default_constructible_v<Handle>);
static_assert(std::is_copy_constructible_v<Handle> && std::is_nothrow_move_constructible_v<Handle>);
static_assert(std::is_convertible_v<TimerHandle, Handle>);
static_assert(sizeof(Handle) == sizeof(void*) && sizeof(TimerHandle) == sizeof(void*));

struct Handles : ::testing::Test {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Lifetime life;
    Trace print;

    void turn() {
        loop.stop();
        loop.run_forever();
    }
    /// One handle of each way to make one that runs once.
    std::vector<Handle> one_of_each() {
        std::vector<Handle> handles;
        handles.push_back(loop.call_soon([token = life.token()] {}));
        handles.push_back(loop.call_soon_threadsafe([token = life.token()] {}));
        handles.push_back(loop.call_later(0s, [token = life.token()] {}));
        return handles;
    }
};

TEST_F(Handles, AnEmptyOneIsHarmless) {
    Handle none;
    none.cancel();
    EXPECT_FALSE(none);
    EXPECT_FALSE(none.cancelled());
    EXPECT_EQ(none.repr(), "<Handle empty>");
}

TEST_F(Handles, ReprNamesTheCallableAndItsState) {
    struct NamedCallback {
        void operator()() const {}
    };
    Handle handle = loop.call_soon(NamedCallback());
    EXPECT_TRUE(handle.repr().starts_with("<Handle ")) << handle.repr();
    EXPECT_NE(handle.repr().find("NamedCallback"), std::string::npos) << handle.repr();
    handle.cancel();
    EXPECT_TRUE(handle.repr().starts_with("<Handle cancelled ")) << handle.repr();
    EXPECT_NE(loop.call_later(1s, NamedCallback()).repr().find("NamedCallback"), std::string::npos);
}

TEST_F(Handles, CancelDestroysTheCallableAtOnce) {
    for (Handle& handle : one_of_each()) {
        const long before = life.holders();
        handle.cancel();
        EXPECT_EQ(life.holders(), before - 1) << handle.repr();
        EXPECT_TRUE(handle.cancelled());
    }
    EXPECT_TRUE(life.over());
    turn();
}

TEST_F(Handles, RunningDestroysTheCallableThoughTheHandleIsKept) {
    const std::vector<Handle> handles = one_of_each();
    EXPECT_EQ(life.holders(), 3);
    turn();
    turn();
    EXPECT_TRUE(life.over());
    for (const Handle& handle : handles) EXPECT_FALSE(handle.cancelled());
}

TEST_F(Handles, CancelAfterItRanDoesNothing) {
    std::vector<Handle> handles = one_of_each();
    turn();
    turn();
    for (Handle& handle : handles) {
        handle.cancel();
        EXPECT_FALSE(handle.cancelled()) << handle.repr();
    }
}

TEST_F(Handles, ClosingTheLoopDestroysTheCallables) {
    std::vector<Handle> handles = one_of_each();
    SocketPair pair;
    handles.push_back(loop.add_reader(pair.a.fd, [token = life.token()] {}));
    handles.push_back(loop.add_writer(pair.a.fd, [token = life.token()] {}));
    EXPECT_EQ(life.holders(), 5);
    loop.close();
    EXPECT_TRUE(life.over());
    for (Handle& handle : handles) handle.cancel();
    owner = nullptr;
    for (Handle& handle : handles) handle.cancel();  // they outlive even the loop
}

TEST_F(Handles, ACallbackThatThrowsIsDestroyedToo) {
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    const Handle a = loop.call_soon([token = life.token()] { throw 1; });
    const Handle b = loop.call_soon([token = life.token()] { throw SystemExit(); });
    const Handle c = loop.call_soon_threadsafe([token = life.token()] { throw SystemExit(); });
    EXPECT_THROW(turn(), SystemExit);
    EXPECT_THROW(turn(), SystemExit);
    EXPECT_TRUE(life.over());
}

// A callable that cancels itself is not destroyed under its own feet: its captures stay until it returns.
TEST_F(Handles, ACallbackMayCancelItself) {
    Handle soon, posted, later;
    const auto cancel_self = [&](Handle& handle) {
        return [this, &handle, text = std::string("a string that is too long for small buffers"),
                token = life.token()] {
            handle.cancel();
            print(text.size(), token.use_count() > 1);
        };
    };
    soon = loop.call_soon(cancel_self(soon));
    posted = loop.call_soon_threadsafe(cancel_self(posted));
    later = loop.call_later(0s, cancel_self(later));
    turn();
    turn();
    EXPECT_EQ(print.joined(), "43 True | 43 True | 43 True");
    EXPECT_TRUE(life.over());
}

TEST_F(Handles, ACallbackMayDropItsOwnHandleAndItsObject) {
    struct Owner {
        Handle handle;
        std::string name = "the object that the callback belongs to";
    };
    auto object = std::make_unique<Owner>();
    object->handle = loop.call_soon([&object, this] {
        object.reset();
        print("alive");
    });
    turn();
    EXPECT_EQ(print.joined(), "alive");
}

TEST_F(Handles, ACallableMayOwnItsHandle) {
    auto cell = std::make_shared<TimerHandle>();
    const std::weak_ptr<TimerHandle> watch = cell;
    *cell = loop.call_later(1h, [cell] {});
    TimerHandle& handle = *cell;
    cell.reset();  // now only the callable owns the handle
    handle.cancel();
    EXPECT_TRUE(watch.expired());
    EXPECT_EQ(loop.stats().timers, 0U);
}

TEST_F(Handles, ADestructorMayQueueMore) {
    Handle handle =
        loop.call_soon([end = AtEnd([&] { loop.call_soon(print.later("queued at cancel")); })] {});
    handle.cancel();
    loop.call_soon([end = AtEnd([&] { loop.call_soon(print.later("queued after the run")); })] {});
    turn();
    turn();
    EXPECT_EQ(print.joined(), "queued at cancel | queued after the run");
}

TEST_F(Handles, ADestructorMayCancelOthers) {
    std::vector<TimerHandle> timers;
    for (int i = 0; i < 50; ++i) timers.push_back(loop.call_later(1h, print.later("never")));
    timers.push_back(loop.call_later(1h, [end = AtEnd([&] {
                                              for (TimerHandle& timer : timers) timer.cancel();
                                          })] {}));
    TimerHandle last = timers.back();
    last.cancel();
    EXPECT_EQ(loop.stats().timers, 0U);
}

TEST_F(Handles, CloseMayMeetDestructorsThatUseTheLoop) {
    const auto use_loop = [this] {
        print(thrown<RuntimeError>([this] { loop.call_soon([] {}); }));
        print(thrown<RuntimeError>([this] { loop.call_soon_threadsafe([] {}); }));
        print(thrown<RuntimeError>([this] { loop.call_later(1s, [] {}); }));
        loop.close();
        loop.remove_reader(0);
    };
    SocketPair pair;
    std::vector<TimerHandle> timers;
    loop.call_soon([end = AtEnd(use_loop)] {});
    loop.call_soon_threadsafe([end = AtEnd(use_loop)] {});
    for (int i = 0; i < 20; ++i) timers.push_back(loop.call_later(1h, [] {}));
    loop.call_later(1s, [end = AtEnd(use_loop)] {});
    loop.call_later(1s, [end = AtEnd([&] {
                             for (TimerHandle& timer : timers) timer.cancel();
                         })] {});
    loop.add_reader(pair.a.fd, [end = AtEnd(use_loop)] {});
    loop.close();
    const std::string closed = "Event loop is closed";
    EXPECT_EQ(print.lines(), std::vector<std::string>(12, closed));
    EXPECT_EQ(loop.stats().timers, 0U);
    EXPECT_EQ(loop.stats().ready, 0U);
}

TEST_F(Handles, TheExceptionHandlerMayKeepTheHandle) {
    std::optional<Handle> kept;
    loop.set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
        kept = *context.get<Handle>("handle");
        EXPECT_EQ(context.text("handle"), kept->repr());
    });
    loop.call_soon([token = life.token()] { throw ValueError("x"); });
    turn();
    EXPECT_TRUE(life.over());
    ASSERT_TRUE(kept);
    kept->cancel();
    owner = nullptr;
    EXPECT_TRUE(kept->repr().starts_with("<Handle "));
}

TEST_F(Handles, KnowTheirContext) {
    static const ContextVar<int> var("handle", 0);
    const Context context;
    const Handle handle = loop.call_soon(context, [] { var.set(4); });
    EXPECT_EQ(handle.get_context(), context);
    turn();
    EXPECT_EQ(context[var], 4);
    const Handle plain = loop.call_soon([] { var.set(5); });
    turn();
    EXPECT_EQ(plain.get_context()[var], 5);
    EXPECT_EQ(var.get(), 0);
}

TEST_F(Handles, OverAlignedCallablesAreAligned) {
    struct alignas(64) Wide {
        std::uintptr_t* address;
        void operator()() const { *address = reinterpret_cast<std::uintptr_t>(this); }
    };
    std::uintptr_t soon = 1, later = 1, posted = 1;
    loop.call_soon(Wide{&soon});
    loop.call_later(0s, Wide{&later});
    loop.call_soon_threadsafe(Wide{&posted});
    turn();
    turn();
    EXPECT_EQ(soon % 64, 0U);
    EXPECT_EQ(later % 64, 0U);
    EXPECT_EQ(posted % 64, 0U);
}

}  // namespace
}  // namespace aio
