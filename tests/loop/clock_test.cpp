// SPDX-License-Identifier: MIT
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <support/fd.hpp>
#include <support/trace.hpp>
#include <type_traits>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::SocketPair;
using tests::Trace;

static_assert(std::has_virtual_destructor_v<Clock> && std::is_abstract_v<Clock>);

// Ticks an hour whenever the loop would sleep.
struct HourClock : Clock {
    TimePoint now() noexcept override { return time; }
    Duration idle(EventLoop&, std::optional<TimePoint> deadline) override {
        ++idles;
        last_deadline = deadline;
        if (fail) throw RuntimeError("no more time");
        time += 1h;
        return real_wait;
    }
    TimePoint time{1h};
    int idles = 0;
    bool fail = false;
    Duration real_wait = Duration::zero();
    std::optional<TimePoint> last_deadline;
};

struct Clocks : ::testing::Test {
    std::shared_ptr<HourClock> clock = std::make_shared<HourClock>();
    EventLoopPtr owner = new_event_loop(LoopOptions().clock(clock));
    EventLoop& loop = *owner;
    Trace print;
};

TEST_F(Clocks, ReplaceTheLoopsTime) {
    EXPECT_EQ(loop.time(), TimePoint(1h));
    clock->time += 5min;
    EXPECT_EQ(loop.time(), TimePoint(65min));
    EXPECT_EQ(loop.call_later(1s, [] {}).when(), TimePoint(65min + 1s));
}

TEST_F(Clocks, AreAskedInsteadOfSleeping) {
    loop.call_later(150min, [&] { loop.stop(); });
    loop.run_forever();
    EXPECT_EQ(clock->idles, 3);
    EXPECT_EQ(clock->last_deadline, TimePoint(1h + 150min));
}

TEST_F(Clocks, AreNotAskedWhileSomethingIsReady) {
    loop.call_soon([&] { loop.call_soon([&] { loop.stop(); }); });
    loop.run_forever();
    loop.stop();
    loop.run_forever();
    EXPECT_EQ(clock->idles, 0);
}

TEST_F(Clocks, MayEndTheRun) {
    clock->fail = true;
    EXPECT_THROW(loop.run_forever(), RuntimeError);
    EXPECT_FALSE(loop.is_running());
    EXPECT_EQ(clock->last_deadline, std::nullopt);
}

TEST_F(Clocks, MayLetThePollWait) {
    SocketPair pair;
    clock->real_wait = Duration(-1);
    loop.add_reader(pair.a.fd, [&] { loop.stop(); });
    loop.call_soon([&] { pair.b.send("x"); });
    loop.run_forever();
    EXPECT_LE(clock->idles, 1);
}

}  // namespace
}  // namespace aio
