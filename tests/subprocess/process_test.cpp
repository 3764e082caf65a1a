// SPDX-License-Identifier: MIT
#include <support/children.hpp>
#include <support/log_capture.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

using ProcessTest = Children;

TEST_F(ProcessTest, HasStreamsForItsPipesOnly) {
    run([]() -> Coro<> {
        auto cat = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
        EXPECT_TRUE(cat.stdin());
        EXPECT_TRUE(cat.stdout());
        EXPECT_FALSE(cat.stderr());
        EXPECT_THROW(cat.stderr().at_eof(), RuntimeError);
        cat.stdin().write("one\ntwo\n");
        const std::string one = co_await cat.stdout().readline();
        EXPECT_EQ(one, "one\n");
        cat.stdin().close();
        const std::string rest = co_await cat.stdout().read();
        EXPECT_EQ(rest, "two\n");
        const int code = co_await cat.wait();
        EXPECT_EQ(code, 0);
    });
}

TEST_F(ProcessTest, WaitGivesTheStatusToEverybodyAndAgain) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_shell("read line; exit 7", Options().stdin(PIPE));
        EXPECT_EQ(process.returncode(), std::nullopt);
        auto wait = [](Process of) -> Coro<int> { co_return co_await of.wait(); };
        std::vector<Task<int>> waiters;
        for (int i = 0; i < 5; ++i) waiters.push_back(create_task(wait, process));
        co_await sleep(0s);
        waiters[2].cancel();
        process.stdin().write("go\n");
        for (std::size_t i : {0U, 1U, 3U, 4U}) {
            const int code = co_await waiters[i];
            EXPECT_EQ(code, 7);
        }
        EXPECT_TRUE(waiters[2].cancelled());
        const int again = co_await process.wait();
        EXPECT_EQ(again, 7);
        EXPECT_EQ(process.returncode(), 7);
    });
}

TEST_F(ProcessTest, SignalsReachItUntilItHasEnded) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_shell(
            "trap 'echo hup' HUP; echo ready; while :; do sleep 0.01; done", Options().stdout(PIPE));
        co_await process.stdout().readline();
        process.send_signal(SIGHUP);
        const std::string line = co_await process.stdout().readline();
        EXPECT_EQ(line, "hup\n");
        EXPECT_THROW(process.send_signal(12345), OSError);
        process.terminate();
        const int code = co_await process.wait();
        EXPECT_EQ(code, -SIGTERM);
        EXPECT_THROW(process.terminate(), ProcessLookupError);
        EXPECT_THROW(process.kill(), ProcessLookupError);
        co_await process.communicate();  // its sleep may still hold the pipe
    });
}

TEST_F(ProcessTest, OneThatIgnoresSigtermIsKilled) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_shell(
            "trap '' TERM; echo ready; while :; do sleep 0.01; done", Options().stdout(PIPE));
        co_await process.stdout().readline();
        process.terminate();
        co_await settle_for_real();
        EXPECT_EQ(process.returncode(), std::nullopt);
        process.kill();
        const int code = co_await process.wait();
        EXPECT_EQ(code, -SIGKILL);
        co_await process.communicate();
    });
}

TEST_F(ProcessTest, CommunicateReadsBothPipesAtOnce) {
    run([]() -> Coro<> {
        auto flood = co_await create_subprocess_shell(
            "i=0; while [ $i -lt 40 ]; do head -c 20000 /dev/zero; head -c 30000 /dev/zero >&2; i=$((i+1)); "
            "done",
            Options().stdout(PIPE).stderr(PIPE).limit(1000));
        auto output = co_await flood.communicate();
        EXPECT_EQ(output.out.size(), 800'000U);
        EXPECT_EQ(output.err.size(), 1'200'000U);
        EXPECT_EQ(flood.returncode(), 0);
        output = co_await flood.communicate();
        EXPECT_EQ(output.out + output.err, "");
    });
}

TEST_F(ProcessTest, CommunicateWithoutPipesOrInputWaits) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec("true");
        EXPECT_THROW((void)process.communicate("text"), ValueError);
        co_await process.communicate();
        EXPECT_EQ(process.returncode(), 0);
        process = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
        auto output = co_await process.communicate();
        EXPECT_EQ(output.out, "");
    });
}

// It forks twice, has a session of its own, and goes on when a line comes on its standard input.
constexpr const char* kDaemon =
    "exec 3<&0; (setsid sh -c 'exec <&3 3<&-; read line; echo late' &); echo early; exit 3";

TEST_F(ProcessTest, ADaemonHoldsThePipesButNotWait) {
    run([]() -> Coro<> {
        Pipe signal;
        make_blocking(signal.reading);
        auto process =
            co_await create_subprocess_shell(kDaemon, Options().stdin(signal.reading.fd).stdout(PIPE));
        signal.reading.close();
        const int code = co_await process.wait();
        EXPECT_EQ(code, 3);
        EXPECT_FALSE(has_children()) << "it is somebody else's";
        EXPECT_THROW(process.kill(), ProcessLookupError);
        const Task<Output> talk = create_task(process.communicate());
        co_await settle();
        EXPECT_FALSE(talk.done()) << "it may still write";
        signal.write("go\n");
        const Output output = co_await talk;
        EXPECT_EQ(output.out, "early\nlate\n");
    });
}

TEST_F(ProcessTest, ADaemonThatHasLetGoOfThePipesIsLeftAlone) {
    run([]() -> Coro<> {
        Pipe signal;
        Pipe said;
        make_blocking(signal.reading);
        const std::string daemon = "exec >/dev/null 2>&1 <&3 3<&-; read line; echo alive >/proc/self/fd/" +
                                   std::to_string(said.writing.fd);
        std::vector<int> passed{said.writing.fd};
        Options options;
        options.stdin(signal.reading.fd).stdout(PIPE).stderr(PIPE).pass_fds(std::move(passed));
        auto process = co_await create_subprocess_shell(
            "exec 3<&0; (setsid sh -c '" + daemon + "' &); echo started", options);
        signal.reading.close();
        const Output output = co_await process.communicate();
        EXPECT_EQ(output.out, "started\n");
        EXPECT_EQ(process.returncode(), 0);
        signal.write("go\n");
        std::string text;
        co_await until([&] { return !(text = said.read()).empty(); });
        EXPECT_EQ(text, "alive\n");
    });
}

TEST_F(ProcessTest, AsyncWithWaitsForItAndClosesItsPipes) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
        const int size = co_await async_with(process, [](Process inside) -> Coro<int> {
            inside.stdin().write("text\n");
            const std::string line = co_await inside.stdout().readline();
            co_return static_cast<int>(line.size());
        });
        EXPECT_EQ(size, 5);
        EXPECT_EQ(process.returncode(), 0);
    });
}

TEST_F(ProcessTest, AsyncWithEndsOneThatWritesForEver) {
    run([]() -> Coro<> {
        auto process =
            co_await create_subprocess_exec(Options().stdout(PIPE).stderr(DEVNULL), "cat", "/dev/zero");
        co_await async_with(process,
                            [](Process inside) -> Coro<> { co_await inside.stdout().readexactly(10); });
        EXPECT_EQ(process.returncode(), -SIGPIPE);
    });
}

TEST_F(ProcessTest, AsyncWithKillsWhatIsLeftByAnErrorOrACancel) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec("sleep", "999");
        try {
            co_await async_with(process, [](Process) -> Coro<> {
                co_await sleep(0s);
                throw ValueError("from the body");
            });
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
        EXPECT_EQ(process.returncode(), -SIGKILL);
        for (const bool in_the_body : {true, false}) {
            process = co_await create_subprocess_exec("sleep", "999");
            auto body = [](Process, bool waits) -> Coro<> {
                if (waits) co_await sleep(999s);
            };
            auto scope = [&body](Process of, bool waits) -> Coro<> { co_await async_with(of, body, waits); };
            const Task<> task = create_task(scope, process, in_the_body);
            for (int i = 0; i < 5; ++i) co_await sleep(0s);
            task.cancel();
            co_await ended(task);
            EXPECT_TRUE(task.cancelled());
            EXPECT_EQ(process.returncode(), -SIGKILL);
        }
    });
}

TEST_F(ProcessTest, AHandleThatIsDroppedLeavesTheChildToTheLoop) {
    run([]() -> Coro<> {
        {
            auto process = co_await create_subprocess_exec("true");
        }
        co_await until([] { return !has_children(); });
    });
}

TEST_F(ProcessTest, AHandleThatIsDroppedClosesItsInput) {
    run([]() -> Coro<> {
        {
            auto process = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(DEVNULL), "cat");
        }
        co_await until([] { return !has_children(); });
    });
}

TEST_F(ProcessTest, WhereSigchldIsIgnoredTheStatusIsLostAndNothingHangs) {
    const LogCapture log;
    struct Ignored {
        Ignored() { std::signal(SIGCHLD, SIG_IGN); }
        ~Ignored() { std::signal(SIGCHLD, SIG_DFL); }
    } const ignored;
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec("true");
        const int code = co_await process.wait();
        EXPECT_EQ(code, 255);
        try {
            co_await create_subprocess_exec("/no/such/program");
            ADD_FAILURE();
        } catch (const FileNotFoundError&) {
        }
    });
    EXPECT_EQ(log.messages().size(), 1U);
}

TEST_F(ProcessTest, EmptyHandlesThrow) {
    run([]() -> Coro<> {
        const Process none;
        EXPECT_FALSE(none);
        EXPECT_THROW(none.pid(), RuntimeError);
        EXPECT_THROW((void)none.wait(), RuntimeError);
        EXPECT_THROW(none.kill(), RuntimeError);
        auto process = co_await create_subprocess_exec("true");
        EXPECT_EQ(process.repr(), "<Process " + std::to_string(process.pid()) + ">");
        EXPECT_NE(process, none);
        co_await process.wait();
    });
}

// The child outlives its loop, and is no zombie afterwards.
TEST_F(ProcessTest, OneThatOutlivesItsLoopIsReaped_Thread) {
    Pipe pipe;
    make_blocking(pipe.reading);
    Process process;
    {
        Runner runner;
        const int theirs = pipe.reading.fd;
        const auto body = [&process, theirs]() -> Coro<> {
            process = co_await create_subprocess_exec(Options().stdin(theirs).stdout(DEVNULL), "cat");
        };
        runner.run(body());
    }
    EXPECT_TRUE(has_children());
    EXPECT_THROW(process.kill(), ProcessLookupError);
    pipe.writing.close();
    while (has_children()) std::this_thread::yield();
    run([process]() -> Coro<> {
        try {
            co_await process.wait();
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "Event loop is closed");
        }
    });
    pipe.reading.close();
}

}  // namespace
}  // namespace aio::tests
