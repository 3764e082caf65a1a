// SPDX-License-Identifier: MIT
// A forked child has no running loop, no current loop, and does not wake its parent's.
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <string>
#include <support/child.hpp>
#include <support/trace.hpp>

namespace aio {
namespace {

using tests::run_in_child;
using tests::thrown;

// What gtest would check is told by the exit status, because the child is another process.
template <class F>
std::string child_checks(F&& check) {
    return run_in_child([&] { ::_exit(check() ? 0 : 1); });
}

TEST(Fork, TheChildHasNoRunningLoop) {
    EventLoopPtr loop = new_event_loop();
    std::string child;
    loop->call_soon([&] {
        child = child_checks([] {
            return !get_running_loop_or_null() &&
                   thrown<RuntimeError>([] { get_running_loop(); }) == "no running event loop";
        });
        EXPECT_EQ(&get_running_loop(), loop.get());
        loop->stop();
    });
    loop->run_forever();
    EXPECT_EQ(child, "exit 0");
}

TEST(Fork, TheChildHasNoCurrentLoop) {
    EventLoopPtr loop = new_event_loop();
    set_event_loop(loop.get());
    EXPECT_EQ(child_checks([] { return thrown<RuntimeError>([] { get_event_loop(); }) != "no exception"; }),
              "exit 0");
    EXPECT_EQ(&get_event_loop(), loop.get());
    set_event_loop(nullptr);
}

TEST(Fork, TheChildMayRunALoopOfItsOwn) {
    EventLoopPtr loop = new_event_loop();
    std::string child;
    loop->call_soon([&] {
        child = child_checks([] {
            EventLoopPtr mine = new_event_loop();
            bool ran = false;
            mine->call_soon([&] {
                ran = true;
                mine->stop();
            });
            mine->run_forever();
            return ran;
        });
        loop->stop();
    });
    loop->run_forever();
    EXPECT_EQ(child, "exit 0");
}

TEST(Fork, ASignalInTheChildDoesNotWakeTheParent) {
    EventLoopPtr loop = new_event_loop();
    int calls = 0;
    loop->add_signal_handler(SIGUSR1, [&] { ++calls; });
    EXPECT_EQ(child_checks([] {
                  ::kill(::getpid(), SIGUSR1);
                  return true;
              }),
              "exit 0");
    // A wake-up would be one more event in the parent's poll.
    EXPECT_EQ(loop->poller().poll(Duration::zero()), 0);
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(calls, 0);
    ::kill(::getpid(), SIGUSR1);
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(calls, 1);
}

TEST(Fork, TheChildMayHandleTheSameSignal) {
    EventLoopPtr loop = new_event_loop();
    loop->add_signal_handler(SIGUSR1, [] {});
    EXPECT_EQ(child_checks([] {
                  EventLoopPtr mine = new_event_loop();
                  int calls = 0;
                  mine->add_signal_handler(SIGUSR1, [&] {
                      ++calls;
                      mine->stop();
                  });
                  ::kill(::getpid(), SIGUSR1);
                  mine->run_forever();
                  return calls == 1;
              }),
              "exit 0");
}

}  // namespace
}  // namespace aio
