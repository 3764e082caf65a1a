// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <string>
#include <support/latch.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <thread>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Latch;
using tests::LogCapture;
using tests::thrown;

// Real loops: with a virtual clock the clock decides.
struct Deadlock : ::testing::Test {
    EventLoopPtr owner = new_event_loop(LoopOptions().debug(false));
    EventLoop& loop = *owner;
    LogCapture log;
    ~Deadlock() override {
        loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    }
    Task<> stuck() {
        auto body = [](EventLoop& on) -> Coro<> { co_await on.create_future<>(); };
        return loop.create_task(TaskOptions().name("stuck"), body, std::ref(loop));
    }
    // Something that is no deadlock at first: the loop goes to sleep, and a thread ends it.
    void run_until_stopped_from_outside() {
        struct Sleep {
            EventLoop& loop;
            Latch begins;
        } watched{loop, {}};
        const auto before_poll = [](void* argument) {
            Sleep& found = *static_cast<Sleep*>(argument);
            if (found.loop.ready().empty()) found.begins.set();
        };
        loop.set_poll_hooks(before_poll, nullptr, &watched);
        std::thread thread([&] {
            watched.begins.wait();
            loop.call_soon_threadsafe([&] { loop.stop(); });
        });
        loop.run_forever();
        thread.join();
        loop.set_poll_hooks(nullptr, nullptr, nullptr);
    }
};

TEST_F(Deadlock, MayThrowTheTree) {
    set_on_deadlock(loop, OnDeadlock::raise);
    const Task<> task = stuck();
    const std::string text = thrown<DeadlockError>([&] { loop.run_until_complete(task); });
    EXPECT_TRUE(
        text.starts_with("deadlock: 1 task waits for what only another thread could bring\n"
                         "└── (T) stuck\n"))
        << text;
    EXPECT_NE(text.find("<Future pending cb=[wakeup of 'stuck']>"), std::string::npos) << text;
    EXPECT_TRUE(log.messages().empty());
}

TEST_F(Deadlock, MayStopTheLoop) {
    set_on_deadlock(loop, OnDeadlock::stop);
    EXPECT_EQ(get_on_deadlock(loop), OnDeadlock::stop);
    const Task<> task = stuck();
    loop.run_forever();
    EXPECT_FALSE(task.done());
    ASSERT_EQ(log.messages().size(), 1U);
    EXPECT_EQ(log.levels()[0], LogLevel::warning);
}

TEST_F(Deadlock, IsReportedOnceInDebugMode) {
    loop.set_debug(true);
    const Task<> task = stuck();
    run_until_stopped_from_outside();
    run_until_stopped_from_outside();
    ASSERT_EQ(log.messages().size(), 1U);
    EXPECT_TRUE(log.messages()[0].starts_with("deadlock: 1 task waits "));
}

TEST_F(Deadlock, IsNotReportedOtherwise) {
    const Task<> task = stuck();
    run_until_stopped_from_outside();
    loop.set_debug(true);
    set_on_deadlock(loop, OnDeadlock::ignore);
    run_until_stopped_from_outside();
    EXPECT_TRUE(log.messages().empty());
}

TEST_F(Deadlock, NeedsATask) {
    set_on_deadlock(loop, OnDeadlock::raise);
    EXPECT_NO_THROW(run_until_stopped_from_outside());
    EXPECT_TRUE(log.messages().empty());
    const Task<> task = stuck();
    EXPECT_THROW(loop.run_forever(), DeadlockError) << "with one, the same sleep is a deadlock";
}

TEST_F(Deadlock, IsNoneWhileATimerADescriptorOrAJobIsThere) {
    set_on_deadlock(loop, OnDeadlock::raise);
    const Task<> task = stuck();
    loop.call_later(10ms, [&] { loop.stop(); });
    loop.run_forever();
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    loop.add_reader(ends[0], [] {});
    run_until_stopped_from_outside();
    loop.remove_reader(ends[0]);
    ::close(ends[0]);
    ::close(ends[1]);
    ++loop.parts().thread_call_count;
    run_until_stopped_from_outside();
    --loop.parts().thread_call_count;
    EXPECT_THROW(loop.run_forever(), DeadlockError);
}

TEST_F(Deadlock, SignalsCountUnlessTheyOnlyDump) {
    set_on_deadlock(loop, OnDeadlock::raise);
    const Task<> task = stuck();
    loop.add_signal_handler(SIGUSR2, [] {});
    run_until_stopped_from_outside();
    dump_tasks_on_signal(SIGUSR2, loop);
    EXPECT_THROW(loop.run_forever(), DeadlockError);
    loop.add_signal_handler(SIGUSR2, [] {});
    run_until_stopped_from_outside();
    loop.remove_signal_handler(SIGUSR2);
    EXPECT_THROW(loop.run_forever(), DeadlockError);
}

TEST_F(Deadlock, OfAMainTaskUnderRunIsSeenToo) {
    auto amain = []() -> Coro<> {
        set_on_deadlock(get_running_loop(), OnDeadlock::raise);
        co_await get_running_loop().create_future<>();
    };
    EXPECT_THROW(aio::run(amain), DeadlockError);
}

}  // namespace
}  // namespace aio
