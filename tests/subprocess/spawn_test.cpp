// SPDX-License-Identifier: MIT
// How a child is started and waited for, where the kernel, other threads or the memory do not help.
#include <support/child.hpp>
#include <support/children.hpp>
#include <support/log_capture.hpp>
#include <support/sanitized.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <array>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace {
std::function<void()> behind_pipe2;  // what another thread does before the caller goes on
}

// The kernel's.
extern "C" int pipe2(int ends[2], int flags) noexcept {
    const long result = ::syscall(SYS_pipe2, ends, flags);
    if (behind_pipe2) behind_pipe2();
    return static_cast<int>(result);
}

namespace aio::tests {
namespace {

using SpawnTest = Children;

Coro<std::string> start_failure(Options options, std::string program) {
    try {
        co_await create_subprocess_exec(options, program);
    } catch (const OSError& e) {
        co_return e.what();
    }
    co_return "none";
}

// A process that was forked meanwhile, and has not called exec(), has every descriptor there was.
TEST_F(SpawnTest, ForksOfOthersDoNotHoldItUp) {
    const ChildSays says;
    EXPECT_EQ(run_in_child([&says] {
                  ::alarm(60);
                  int until_the_end[2];
                  ::syscall(SYS_pipe2, until_the_end, 0);
                  behind_pipe2 = [&until_the_end] {
                      if (::fork() != 0) return;
                      ::close(until_the_end[1]);
                      char byte = 0;
                      [[maybe_unused]] const auto end = ::read(until_the_end[0], &byte, 1);
                      ::_exit(0);
                  };
                  Runner runner;
                  const auto body = [&says]() -> Coro<> {
                      auto process = co_await create_subprocess_exec("true");
                      int code = co_await process.wait();
                      says(std::to_string(code));
                      if (::getuid() != 0) co_return says("0");
                      process = co_await create_subprocess_exec(Options().user(65'534), "true");
                      code = co_await process.wait();
                      says(std::to_string(code));
                  };
                  runner.run(body());
              }),
              "exit 0");
    EXPECT_EQ(says.heard(), "0 | 0 | ");
}

// What would change the rights to look at this process, were the child not a copy of it.
TEST_F(SpawnTest, AChildOfAnotherUserLeavesThisProcessAsItIs) {
    if (::getuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::prctl(PR_GET_DUMPABLE), 1);
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec(Options().user(65'534).group(65'534), "true");
        co_await process.wait();
        EXPECT_EQ(process.returncode(), 0);
        const std::string text = co_await start_failure(Options().user(65'534), "/no/such");
        EXPECT_EQ(text, "exec /no/such: No such file or directory");
    });
    EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 1);
}

TEST_F(SpawnTest, AUserThatItMayNotBecomeIsAnError) {
    if (::getuid() != 0) GTEST_SKIP() << "needs root";
    const ChildSays says;
    EXPECT_EQ(run_in_child([&says] {
                  if (::setresuid(65'534, 65'534, 65'534) != 0) ::_exit(2);
                  Runner runner;
                  const auto body = [&says]() -> Coro<> {
                      const std::string text = co_await start_failure(Options().user(1), "true");
                      says(text);
                  };
                  runner.run(body());
              }),
              "exit 0");
    EXPECT_EQ(says.heard(), "change user for true: Operation not permitted | ");
}

// waitid() has known pidfds for a shorter time than there have been any.
TEST_F(SpawnTest, WherePidfdsCannotBeWaitedFor_Thread) {
    const ChildSays says;
    EXPECT_EQ(run_in_child([&says] {
                  constexpr unsigned kPidfdOrGroup = 2;  // P_PIDFD is 3
                  refuse_call(SYS_waitid, kPidfdOrGroup, EINVAL);
                  const LogCapture log;
                  Process outlives;
                  Runner runner;
                  const auto body = [&]() -> Coro<> {
                      auto process = co_await create_subprocess_shell("exit 3");
                      int code = co_await process.wait();
                      says(std::to_string(code));
                      process = co_await create_subprocess_exec("sleep", "999");
                      process.kill();
                      code = co_await process.wait();
                      says(std::to_string(code));
                      process = co_await create_subprocess_exec("sleep", "999");
                      process.kill();
                      ::waitpid(process.pid(), nullptr, 0);  // others take the status
                      code = co_await process.wait();
                      says(std::to_string(code));
                      says(has_children() ? "left" : "none left");
                      outlives = co_await create_subprocess_exec("sleep", "999");
                  };
                  runner.run(body());
                  runner.close();
                  ::kill(outlives.pid(), SIGKILL);
                  while (has_children()) std::this_thread::yield();
                  says(std::to_string(log.messages().size()));
              }),
              "exit 0");
    EXPECT_EQ(says.heard(), "3 | -9 | 255 | none left | 1 | ");
}

// All that malloc() still has, given back at the end.
class MemoryUsedUp {
public:
    MemoryUsedUp() {
        ::getrlimit(RLIMIT_AS, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_AS, &none);
        for (std::size_t size = 1 << 20; size >= sizeof(Block); size /= 2) {
            while (auto* const block = static_cast<Block*>(std::malloc(size))) {
                block->next = taken_;
                taken_ = block;
            }
        }
    }
    MemoryUsedUp(const MemoryUsedUp&) = delete;
    MemoryUsedUp& operator=(const MemoryUsedUp&) = delete;
    ~MemoryUsedUp() {
        ::setrlimit(RLIMIT_AS, &before_);
        while (Block* const block = taken_) {
            taken_ = block->next;
            std::free(block);
        }
    }

private:
    struct Block {
        Block* next;
    };
    rlimit before_{};
    Block* taken_ = nullptr;
};

// Counts them without memory.
nlink_t thread_count() {
    struct stat status{};
    ::stat("/proc/self/task", &status);
    return status.st_nlink;
}

// Where a thread waits for the child, it has told of the end before there is memory again.
TEST_F(SpawnTest, TheEndIsToldOfWithoutMemory_Thread) {
    if (kSanitized) GTEST_SKIP() << "the sanitizer has its own memory";
    const ChildSays says;
    EXPECT_EQ(run_in_child([&says] {
                  ::alarm(60);
                  refuse_pidfds();
                  const nlink_t alone = thread_count();
                  Pipe pipe;
                  make_blocking(pipe.reading);
                  Runner runner;
                  const auto body = [&]() -> Coro<> {
                      auto process = co_await create_subprocess_exec(
                          Options().stdin(pipe.reading.fd).stdout(DEVNULL), "cat");
                      {
                          const MemoryUsedUp none;
                          pipe.writing.close();
                          while (thread_count() != alone) std::this_thread::yield();
                      }
                      const int code = co_await process.wait();
                      says(std::to_string(code));
                  };
                  runner.run(body());
              }),
              "exit 0");
    EXPECT_EQ(says.heard(), "0 | ");
}

}  // namespace
}  // namespace aio::tests
