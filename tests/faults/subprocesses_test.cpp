// SPDX-License-Identifier: MIT
// Faults of child processes, docs/faults.md explains the numbers.
#include <support/child.hpp>
#include <support/children.hpp>
#include <support/log_capture.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <aio/subprocess/child_impl.hpp>

#include <sys/syscall.h>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

using SubprocessFaults = Children;
using SubprocessLimitFaults = ChildrenInRealTime;

// --- F53 ---------------------------------------------------------------------------------------------

// A grandchild holds the pipe until its own input ends, and says so when it is gone.
constexpr const char* kGrandchild = "exec 3<&0; sh -c 'exec <&3; read line; echo late' & echo early";

TEST_F(SubprocessFaults, F53_wait_does_not_wait_for_a_grandchild_that_holds_the_pipe) {
    run([]() -> Coro<> {
        auto shell = co_await create_subprocess_shell(kGrandchild, Options().stdin(PIPE).stdout(PIPE));
        const int code = co_await shell.wait();
        EXPECT_EQ(code, 0);
        const std::string early = co_await shell.stdout().readline();
        EXPECT_EQ(early, "early\n");
        EXPECT_FALSE(shell.stdout().at_eof());
        const Output output = co_await shell.communicate("go\n");
        EXPECT_EQ(output.out, "late\n");
    });
}

TEST_F(SubprocessFaults, F53_wait_after_the_shell_alone_was_killed) {
    run([]() -> Coro<> {
        auto shell = co_await create_subprocess_shell(
            "exec 3<&0; sh -c 'exec <&3; read line' & echo early; wait", Options().stdin(PIPE).stdout(PIPE));
        co_await shell.stdout().readline();
        shell.kill();
        const int code = co_await shell.wait();
        EXPECT_EQ(code, -SIGKILL);
        EXPECT_FALSE(shell.stdout().at_eof());
        co_await shell.communicate();
    });
}

// communicate() has closed the child's input when it is cancelled, so the grandchild waits for another pipe.
TEST_F(SubprocessFaults, F53_communicate_can_be_cancelled_and_keeps_what_it_read) {
    for (const int later : {0, 1, 2, 5, 100}) {
        run([later]() -> Coro<> {
            Pipe signal;
            make_blocking(signal.reading);
            auto shell = co_await create_subprocess_shell(kGrandchild,
                                                          Options().stdin(signal.reading.fd).stdout(PIPE));
            signal.reading.close();
            const int code = co_await shell.wait();
            EXPECT_EQ(code, 0);
            const Task<Output> talk = create_task(shell.communicate());
            for (int i = 0; i < later; ++i) co_await sleep(0s);
            EXPECT_FALSE(talk.done());
            talk.cancel();
            co_await ended(talk);
            EXPECT_TRUE(talk.cancelled());
            signal.write("go\n");
            const Output output = co_await shell.communicate();
            EXPECT_EQ(output.out, "early\nlate\n") << later;
        });
    }
}

// --- F54 ---------------------------------------------------------------------------------------------

// After the end there is no number left to signal, also while the loop has not noticed it.
TEST_F(SubprocessFaults, F54_signals_around_the_end) {
    run([]() -> Coro<> {
        for (int i = 0; i < 200; ++i) {
            auto child = co_await create_subprocess_exec("true");
            for (int turns = i % 7; turns > 0; --turns) co_await sleep(0s);
            try {
                child.kill();
            } catch (const ProcessLookupError&) {
            }
            co_await child.wait();
            EXPECT_THROW(child.send_signal(SIGKILL), ProcessLookupError);
            EXPECT_THROW(child.send_signal(0), ProcessLookupError);
        }
    });
}

// Other code reaps the child, and its number is another's at once: the signal goes nowhere.
TEST_F(SubprocessFaults, F54_a_child_that_others_have_reaped) {
    LogCapture log;
    run([]() -> Coro<> {
        auto child = co_await create_subprocess_exec("true");
        while (::waitpid(child.pid(), nullptr, 0) < 0 && errno == EINTR) {
        }
        EXPECT_THROW(child.kill(), ProcessLookupError);
        const int code = co_await child.wait();
        EXPECT_EQ(code, 255);
    });
}

// A process that has the number `pid`, which must be free; it does nothing. -1 if the kernel refuses.
pid_t start_with_number(pid_t pid) {
    // clone_args of linux/sched.h: exit_signal, set_tid and set_tid_size are its fields 4, 8 and 9.
    const std::array<std::uint64_t, 11> args{
        0, 0, 0, 0, SIGCHLD, 0, 0, 0, reinterpret_cast<std::uintptr_t>(&pid), 1, 0};
    const long result = ::syscall(SYS_clone3, args.data(), sizeof args);
    if (result == 0) {
        for (;;) ::pause();
    }
    return static_cast<pid_t>(result);
}

// The number is another process's by the time of the signal, with a pidfd and with a waiting thread.
TEST_F(SubprocessFaults, F54_another_process_has_the_number) {
    for (const bool pidfds : {true, false}) {
        const ChildSays says;
        const std::string ending = run_in_child([&] {
            if (!pidfds) refuse_pidfds();
            Runner runner;
            const auto body = [&]() -> Coro<> {
                auto child = co_await create_subprocess_exec(Options().stdin(PIPE), "cat");
                if (pidfds) {
                    child.kill();
                    while (::waitpid(child.pid(), nullptr, 0) < 0 && errno == EINTR) {
                    }
                } else {
                    child.kill();
                    while (has_children()) std::this_thread::yield();  // reaped, and the loop does not know
                }
                const pid_t other = start_with_number(child.pid());
                if (other != child.pid()) ::_exit(errno == EPERM || errno == EEXIST ? 77 : 2);
                try {
                    child.kill();
                } catch (const ProcessLookupError&) {
                    says("refused");
                }
                for (int i = 0; i < 10; ++i) co_await sleep(0s);
                if (::waitpid(other, nullptr, WNOHANG) == 0) says("alive");
                ::kill(other, SIGKILL);
                ::waitpid(other, nullptr, 0);
            };
            runner.run(body());
        });
        if (ending == "exit 77") GTEST_SKIP() << "needs root, and the number was taken by others";
        EXPECT_EQ(ending, "exit 0");
        EXPECT_EQ(says.heard(), "refused | alive | ");
    }
}

// --- F55 ---------------------------------------------------------------------------------------------

Coro<> start_and_communicate() {
    auto child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE).stderr(PIPE), "cat");
    co_await child.communicate("text");
}

TEST_F(SubprocessFaults, F55_cancelled_at_each_turn_of_its_start) {
    for (int turn = 0; turn <= 50; ++turn) {
        run([turn]() -> Coro<> {
            const Task<> task = create_task(start_and_communicate());
            for (int i = 0; i < turn && !task.done(); ++i) co_await sleep(0s);
            task.cancel();
            co_await ended(task);
            co_await until([] { return !has_children(); });
        });
    }
}

TEST_F(SubprocessFaults, F55_a_protocol_cancelled_at_each_turn_of_its_start) {
    for (int turn = 0; turn <= 5; ++turn) {
        run([turn]() -> Coro<> {
            auto start = []() -> Coro<> {
                auto made = co_await subprocess_exec([] { return std::make_shared<SubprocessProtocol>(); },
                                                     "sleep", "999");
                made.first->close();
            };
            const Task<> task = create_task(start);
            for (int i = 0; i < turn && !task.done(); ++i) co_await sleep(0s);
            task.cancel();
            co_await ended(task);
            co_await until([] { return !has_children(); });
            co_await settle();
        });
    }
}

TEST_F(SubprocessFaults, F55_run_ends_when_its_main_task_is_cancelled_in_the_start) {
    for (int turn = 0; turn <= 10; ++turn) {
        Runner runner;
        bool cancelled = false;
        try {
            const auto body = [turn]() -> Coro<> {
                AnyTask me = current_task();
                auto cancel = [](AnyTask of, int turns) -> Coro<> {
                    for (int i = 0; i < turns; ++i) co_await sleep(0s);
                    of.cancel();
                };
                const Task<> other = create_task(cancel, me, turn);
                co_await start_and_communicate();
                co_await sleep(1000s);
            };
            runner.run(body());
        } catch (const CancelledError&) {
            cancelled = true;
        }
        EXPECT_TRUE(cancelled);
    }
    while (has_children()) std::this_thread::yield();
}

// --- F56 ---------------------------------------------------------------------------------------------

TEST_F(SubprocessFaults, F56_children_that_do_not_read_their_input) {
    run([]() -> Coro<> {
        auto child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "true");
        Output output = co_await child.communicate(std::string(1'000'000, 'x'));
        EXPECT_EQ(output.out, "");
        child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "head", "-c1");
        output = co_await child.communicate(std::string(1'000'000, 'x'));
        EXPECT_EQ(output.out, "x");
        EXPECT_EQ(child.returncode(), 0);
    });
}

TEST_F(SubprocessFaults, F56_killed_in_the_middle_of_its_input) {
    run([]() -> Coro<> {
        auto child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
        child.stdin().write(std::string(1'000'000, 'x'));
        child.kill();
        try {
            for (;;) {
                co_await child.stdin().drain();
                child.stdin().write("x");
                co_await sleep(0s);
            }
        } catch (const ConnectionError&) {
        }
        const int code = co_await child.wait();
        EXPECT_EQ(code, -SIGKILL);
    });
}

// --- F57 ---------------------------------------------------------------------------------------------

TEST_F(SubprocessLimitFaults, F57_what_a_cancelled_communicate_has_read_is_kept) {
    for (const bool both : {false, true}) {
        run([both]() -> Coro<> {
            Options options;
            options.stdin(PIPE).stdout(PIPE);
            if (both) options.stderr(PIPE);
            // Standard error is at its end already when communicate() is cancelled.
            auto child = co_await create_subprocess_shell(
                "echo err >&2; exec 2>&-; echo first; exec sleep 999", options);
            try {
                co_await wait_for(child.communicate(), 100ms);
                ADD_FAILURE();
            } catch (const TimeoutError&) {
            }
            while (child.stdout().buffered().empty()) co_await sleep(1ms);
            child.kill();
            const Output output = co_await child.communicate();
            EXPECT_EQ(output.out, "first\n");
            EXPECT_EQ(output.err, both ? "err\n" : "");
        });
    }
}

// --- F58 ---------------------------------------------------------------------------------------------

TEST_F(SubprocessFaults, F58_a_thousand_children_while_others_poll_the_status) {
    run([]() -> Coro<> {
        auto wait = [](Process of) -> Coro<int> { co_return co_await of.wait(); };
        for (int round = 0; round < 50; ++round) {
            std::vector<Process> children;
            std::vector<Task<int>> waits;
            for (int i = 0; i < 20; ++i) {
                children.push_back(co_await create_subprocess_shell("exit 3"));
                for (int k = 0; k < 3; ++k) waits.push_back(create_task(wait, children.back()));
            }
            for (const Process& child : children) {
                while (!child.returncode()) co_await sleep(0s);
            }
            for (const Task<int>& task : waits) {
                const int code = co_await task;
                EXPECT_EQ(code, 3);
            }
        }
    });
}

struct EndSeen final : subprocess::ExitListener {
    void exited() override { ++times; }
    int times = 0;
};

// The pidfd is said to be ready although the child runs, or is stopped, or has been continued.
TEST_F(SubprocessFaults, F58_events_that_are_no_end_are_ignored) {
    run([&]() -> Coro<> {
        EndSeen end;
        const std::vector<std::string> argv{"sleep", "999"};
        const auto child = subprocess::Child::start(loop(), Options(), argv, {-1, -1, -1});
        child->listener = &end;
        const auto look = [&]() -> Coro<> {
            for (int i = 0; i < 3; ++i) {
                static_cast<aio::detail::IoWatch&>(*child).on_events(aio::detail::io::readable);
                co_await sleep(0s);
            }
            EXPECT_EQ(child->returncode(), std::nullopt);
            EXPECT_EQ(end.times, 0);
        };
        const auto until_it = [&](int state) {
            siginfo_t info{};
            EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child->pid()), &info, state), 0);
        };
        for (int i = 0; i < 5; ++i) {
            co_await look();
            child->send_signal(SIGSTOP);
            until_it(WSTOPPED | WNOWAIT);
            co_await look();
            until_it(WSTOPPED);
            child->send_signal(SIGCONT);
            until_it(WCONTINUED | WNOWAIT);
            co_await look();
            until_it(WCONTINUED);
        }
        child->kill_quietly();
        co_await until([&] { return end.times > 0; });
        EXPECT_EQ(child->returncode(), -SIGKILL);
    });
}

TEST_F(SubprocessFaults, F58_a_stolen_status_is_255_with_one_warning) {
    LogCapture log;
    run([]() -> Coro<> {
        auto child = co_await create_subprocess_exec(Options().stdin(PIPE), "cat");
        auto wait = [](Process of) -> Coro<int> { co_return co_await of.wait(); };
        const Task<int> one = create_task(wait, child);
        const Task<int> other = create_task(wait, child);
        co_await sleep(0s);
        child.kill();
        ::waitpid(child.pid(), nullptr, 0);
        int code = co_await one;
        EXPECT_EQ(code, 255);
        code = co_await other;
        EXPECT_EQ(code, 255);
    });
    ASSERT_EQ(log.messages().size(), 1U);
    EXPECT_NE(log.messages()[0].find("will report returncode 255"), std::string::npos);
}

// --- F62 ---------------------------------------------------------------------------------------------

TEST_F(SubprocessFaults, F62_loops_in_four_threads_and_foreign_children_Thread) {
    const int each = static_cast<int>(part_of(kSanitized ? 60 : 500));
    auto work = [each](int number) {
        Runner runner;
        const auto body = [each, number]() -> Coro<> {
            for (int i = 0; i < each; ++i) {
                const int status = (number * each + i) % 100;
                auto child = co_await create_subprocess_shell("exit " + std::to_string(status));
                const int code = co_await child.wait();
                EXPECT_EQ(code, status);
            }
        };
        runner.run(body());
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
    for (int i = 0; i < each; ++i) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(42);
        EXPECT_EQ(how_ended(child), "exit 42");
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace aio::tests
