// SPDX-License-Identifier: MIT
// Faults of starting child processes, docs/faults.md explains the numbers; the others are in
// subprocesses_test.cpp.
#include <support/child.hpp>
#include <support/children.hpp>
#include <support/sanitized.hpp>

#include <sys/resource.h>
#include <chrono>
#include <string>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using SubprocessStartFaults = Children;

TEST_F(SubprocessStartFaults, F59_failed_starts_leave_nothing_and_close_nothing) {
    Pipe mine;
    const int before = open_descriptors();
    run([&]() -> Coro<> {
        int failed = 0;
        for (int i = 0; i < 1000; ++i) {
            Options options;
            options.stdin(PIPE).stdout(mine.writing.fd).stderr(PIPE).pass_fds({mine.reading.fd});
            if (i % 3 == 1) options.cwd("/no/such/folder");
            try {
                co_await create_subprocess_exec(options, i % 3 == 0   ? "/no/such"
                                                         : i % 3 == 1 ? "true"
                                                                      : "/etc");
            } catch (const FileNotFoundError&) {
                ++failed;
            } catch (const PermissionError&) {
                ++failed;
            }
            EXPECT_EQ(open_descriptors(), before);  // at once
        }
        EXPECT_EQ(failed, 1000);
        EXPECT_FALSE(has_children());
    });
    mine.write("x");
    EXPECT_EQ(mine.read(), "x");
}

// However many descriptors there are left, the start fails or succeeds as a whole.
TEST_F(SubprocessStartFaults, F59_descriptors_run_out_in_the_middle) {
    if (kSanitized) GTEST_SKIP() << "UBSan needs descriptors to look at an object";
    EXPECT_EQ(run_in_child([] {
                  Runner runner;
                  const auto body = []() -> Coro<> {
                      auto first = co_await create_subprocess_exec("true");  // whatever is made once is there
                      co_await first.wait();
                      const int used = open_descriptors();
                      int succeeded = 0;
                      for (int spare = 0; spare < 14; ++spare) {
                          const rlimit few{static_cast<rlim_t>(used + spare), 4096};
                          ::setrlimit(RLIMIT_NOFILE, &few);
                          try {
                              auto child = co_await create_subprocess_exec(
                                  Options().stdin(PIPE).stdout(PIPE).stderr(PIPE), "cat");
                              co_await child.communicate("x");
                              ++succeeded;
                          } catch (const OSError& e) {
                              if (e.error_number() != EMFILE) ::_exit(2);
                          }
                          const rlimit many{4096, 4096};
                          ::setrlimit(RLIMIT_NOFILE, &many);
                          for (int i = 0; i < 10; ++i) co_await sleep(0s);
                          if (open_descriptors() != used) ::_exit(3);
                          if (has_children()) ::_exit(4);
                      }
                      if (succeeded == 0 || succeeded == 14) ::_exit(5);
                  };
                  runner.run(body());
              }),
              "exit 0");
}

}  // namespace
}  // namespace aio::tests
