// SPDX-License-Identifier: MIT
// A forked child has no running loop, no current loop, and leaves its parent's alone.
#include <aio/loop.hpp>
#include <aio/loop/loop_handle.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <string>
#include <support/child.hpp>
#include <support/trace.hpp>
#include <thread>

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

TEST(Fork, AHandleOfTheParentsLoopRefusesInTheChild) {
    EventLoopPtr loop = new_event_loop();
    const LoopHandle handle = loop->handle();
    EXPECT_EQ(child_checks([&] {
                  return handle.is_closed() &&
                         thrown<RuntimeError>([&] { handle.call_soon_threadsafe([] {}); }) ==
                             "This event loop belongs to the parent process; a forked child makes its own";
              }),
              "exit 0");
    EXPECT_FALSE(handle.is_closed());
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
                  ::raise(SIGUSR1);
                  return true;
              }),
              "signal " + std::to_string(SIGUSR1));
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

TEST(Fork, TheChildHasTheSignalHandlersFromBefore) {
    static volatile std::sig_atomic_t calls = 0;
    const auto before = std::signal(SIGUSR2, [](int) { calls = calls + 1; });
    EventLoopPtr loop = new_event_loop();
    loop->add_signal_handler(SIGTERM, [] {});
    loop->add_signal_handler(SIGUSR2, [] {});
    loop->add_signal_handler(SIGUSR1, [] {});
    std::signal(SIGUSR1, SIG_IGN);  // the program's own, in the loop's place
    EXPECT_EQ(child_checks([] { return ::raise(SIGTERM) != 0; }), "signal " + std::to_string(SIGTERM));
    EXPECT_EQ(child_checks([] { return ::raise(SIGUSR2) == 0 && ::raise(SIGUSR1) == 0 && calls == 1; }),
              "exit 0");
    // The parent's loop does not take away what the child has put in place.
    EXPECT_EQ(child_checks([&] {
                  std::signal(SIGTERM, SIG_IGN);
                  loop = nullptr;
                  return ::raise(SIGTERM) == 0;
              }),
              "exit 0");
    loop = nullptr;
    std::signal(SIGUSR1, SIG_DFL);
    std::signal(SIGUSR2, before);
}

// The program that a test makes of itself: it forks in a callback of its loop, and both processes go on.
struct Forks {
    EventLoopPtr loop = new_event_loop();
    pid_t child = -1;
    bool in_child() const { return child == 0; }
    /// What run_forever() throws.
    std::string run() {
        return thrown<RuntimeError>([&] { loop->run_forever(); });
    }
};
const std::string kInherited = "This event loop belongs to the parent process; a forked child makes its own";

TEST(Fork, TheChildLeavesTheParentItsDescriptors) {
    EXPECT_EQ(child_checks([] {
                  Forks program;
                  tests::Trace print;
                  int ends[2];
                  if (::pipe(ends) != 0) return false;
                  program.loop->add_reader(ends[0], [&] {
                      print("read");
                      program.loop->stop();
                  });
                  program.loop->call_soon([&] { program.child = ::fork(); });
                  program.loop->call_soon([&] { print("ready"); });
                  program.loop->call_soon([&] {
                      print(tests::how_ended(program.child));
                      ::write(ends[1], "x", 1);
                  });
                  const std::string error = program.run();
                  if (program.in_child()) {
                      const bool removed = program.loop->remove_reader(ends[0]);
                      program.loop = nullptr;
                      ::close(ends[0]);
                      ::_exit(error == kInherited && removed && print.empty() ? 5 : 1);
                  }
                  return print.joined() == "ready | exit 5 | read";
              }),
              "exit 0");
}

TEST(Fork, TheChildIsRefusedWhatOnlyTheParentCanDo) {
    for (const bool debug : {false, true}) {
        EXPECT_EQ(child_checks([debug] {
                      Forks program;
                      EventLoop& loop = *program.loop;
                      loop.set_debug(debug);
                      const auto refused = [](auto&& call) {
                          return thrown<RuntimeError>(call) == kInherited;
                      };
                      bool all = true;
                      const auto check = [&] {
                          all = all && refused([&] { loop.call_soon([] {}); });
                          all = all && refused([&] { loop.call_later(Duration(1), [] {}); });
                          all = all && refused([&] { loop.call_soon_threadsafe([] {}); });
                          all = all && refused([&] { loop.add_reader(0, [] {}); });
                      };
                      loop.call_soon([&] {
                          program.child = ::fork();
                          if (program.in_child()) check();
                          loop.stop();
                      });
                      const std::string error = program.run();
                      const bool stopped = error == (program.in_child() ? kInherited : "no exception");
                      if (program.in_child()) {
                          check();
                          ::_exit(all && stopped && refused([&] { loop.run_forever(); }) ? 5 : 1);
                      }
                      return stopped && tests::how_ended(program.child) == "exit 5";
                  }),
                  "exit 0");
    }
}

TEST(Fork, InAHookAroundThePoll) {
    for (const bool before : {false, true}) {
        EXPECT_EQ(child_checks([before] {
                      Forks program;
                      bool ran = false;
                      const auto hook = [](void* argument) {
                          auto& child = static_cast<Forks*>(argument)->child;
                          if (child == -1) child = ::fork();
                      };
                      const auto none = [](void*) {};
                      program.loop->set_poll_hooks(before ? hook : none, before ? none : hook, &program);
                      program.loop->call_soon([&] {
                          ran = true;
                          program.loop->stop();
                      });
                      const std::string error = program.run();
                      if (program.in_child()) ::_exit(!ran && error != "no exception" ? 5 : 1);
                      return ran && tests::how_ended(program.child) == "exit 5";
                  }),
                  "exit 0");
    }
}

// Of that loop's state nobody knows anything. Not for ThreadSanitizer.
TEST(Fork, TheChildMayDropALoopThatAnotherThreadRan) {
    EventLoopPtr loop = new_event_loop();
    std::atomic<bool> running{false};
    loop->call_soon([&] { running = true; });
    std::thread thread([&] { loop->run_forever(); });
    while (!running) std::this_thread::yield();
    EXPECT_EQ(child_checks([&] {
                  const bool refused =
                      thrown<RuntimeError>([&] { loop->call_soon_threadsafe([] {}); }) == kInherited;
                  loop = nullptr;
                  return refused;
              }),
              "exit 0");
    loop->call_soon_threadsafe([&] { loop->stop(); });
    thread.join();
}

}  // namespace
}  // namespace aio
