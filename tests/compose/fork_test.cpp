// SPDX-License-Identifier: MIT
// fork() in a coroutine that run() runs: the child may end its run.
#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <string>
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::how_ended;
using tests::thrown;

// What both processes print before they end.
tests::Trace print;

// Runs program() in a process of its own, where it may fork; gives what it prints, and how it ended if that
// was not as it should.
std::string outcome(const std::function<void(const tests::ChildSays&)>& program) {
    const tests::ChildSays says;
    const std::string end = tests::run_in_child([&] {
        print.clear();
        program(says);
        says(print.joined());
    });
    return end == "exit 0" ? says.heard() : end;
}

Coro<> other_task() {
    print("other begins");
    try {
        co_await sleep(10ms);
    } catch (const CancelledError&) {
        print("other is cancelled");
        throw;
    }
    print("other ends");
}

Coro<std::string> forks() {
    const auto other = create_task(other_task());
    co_await sleep(0s);
    const pid_t child = ::fork();
    if (child == 0) co_return "child";
    const std::string end = how_ended(child);
    co_await other;
    co_return "parent of " + end;
}

TEST(ForkInRun, RunGivesTheChildItsResultAndLeavesTheOtherTasksToTheParent) {
    EXPECT_EQ(outcome([](const tests::ChildSays& says) {
                  const tests::LogCapture log;
                  print(run(forks()));
                  print(log.messages());
                  says(print.joined());
                  ::_exit(0);
              }),
              "other begins | child | [] | other begins | other ends | parent of exit 0 | [] | ");
}

TEST(ForkInRun, InATaskOtherThanTheMainOneRunThrowsInTheChild) {
    EXPECT_EQ(outcome([](const tests::ChildSays&) {
                  std::string text = thrown<RuntimeError>([] {
                      run([]() -> Coro<> {
                          auto task = create_task(forks());
                          print(co_await task);
                      });
                  });
                  print(text);
              }),
              "other begins | This event loop belongs to the parent process; a forked child makes its own | "
              "other begins | other ends | parent of exit 0 | no exception | ");
}

TEST(ForkInRun, TheChildCannotAwait) {
    EXPECT_EQ(outcome([](const tests::ChildSays&) {
                  const std::string text = thrown<RuntimeError>([] {
                      run([]() -> Coro<> {
                          const pid_t child = ::fork();
                          if (child == 0) print(static_cast<bool>(current_task()));
                          co_await sleep(0s);
                          print(how_ended(child));
                      });
                  });
                  print(text);
              }),
              "False | awaited outside of a task: nothing of aio can wake this coroutine | "
              "exit 0 | no exception | ");
}

TEST(ForkInRun, TheChildMayRunSomethingElse) {
    EXPECT_EQ(outcome([](const tests::ChildSays&) {
                  print(run([]() -> Coro<std::string> {
                      const pid_t child = ::fork();
                      if (child == 0) co_return run(sleep(1ms, std::string("child")));
                      co_return how_ended(child);
                  }));
              }),
              "child | exit 0 | ");
}

TEST(ForkInRun, SigintAndSigtermEndTheChild) {
    for (const int signal : {SIGINT, SIGTERM}) {
        EXPECT_EQ(outcome([signal](const tests::ChildSays&) {
                      run([signal]() -> Coro<> {
                          get_running_loop().add_signal_handler(SIGTERM, [] {});
                          const pid_t child = ::fork();
                          if (child == 0) ::raise(signal);
                          print(how_ended(child));
                          co_return;
                      });
                  }),
                  "signal " + std::to_string(signal) + " | ");
    }
}

}  // namespace
}  // namespace aio
