// SPDX-License-Identifier: MIT
// What upper floors register for run(): taking the process over, and bringing something to its end.
#include <aio/aio.hpp>
#include <aio/compose/detail/run_hooks.hpp>
#include <aio/testing.hpp>
#include <compose/run_hooks_support.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Hook;
using tests::run_in_child;
using tests::RunShutdown;
using tests::thrown;
using tests::Trace;

class Taker final : public detail::TakeOver {
public:
    explicit Taker(std::function<std::optional<int>()> answer) : answer_(std::move(answer)) {}
    std::optional<int> take_over() override { return answer_(); }

private:
    std::function<std::optional<int>()> answer_;
};

// A worker process: the program itself, started again (RunTakeOver.AWorkerIsTheProgramItself).
constexpr const char* kWorker = "AIO_TEST_WORKER";
const Taker worker([]() -> std::optional<int> {
    const char* const number = std::getenv(kWorker);
    if (!number) return std::nullopt;
    return run(sleep(0s, std::atoi(number) * 2));
});

Coro<> note(Trace& trace, const char* what) {
    trace(what);
    co_return;
}

TEST(RunTakeOver, AWorkerIsTheProgramItself) {
    EXPECT_EQ(run_in_child([] {
                  ::setenv(kWorker, "21", 1);
                  // A test that calls run(), and nothing after that.
                  ::execl("/proc/self/exe", "worker", "--gtest_filter=Run.GivesTheResult",
                          static_cast<char*>(nullptr));
              }),
              "exit 42");
}
TEST(RunTakeOver, EachIsAskedOnceBeforeTheMainCoroutineBegins) {
    Trace trace;
    const Taker one([&]() -> std::optional<int> {
        trace("one");
        return std::nullopt;
    });
    const Taker other([&]() -> std::optional<int> {
        trace("other", get_running_loop_or_null() == nullptr);
        return std::nullopt;
    });
    run(note(trace, "main"));
    Runner().run(note(trace, "again"));
    EXPECT_EQ(trace.joined(), "one | other True | main | again");
}

TEST(RunTakeOver, TheProcessEndsWithItsStatusAndTheMainCoroutineNeverBegins) {
    for (const bool by_runner : {false, true}) {
        EXPECT_EQ(run_in_child([by_runner] {
                      const tests::LogCapture log;  // nothing is reported
                      const Taker taker([] { return std::optional(7); });
                      const Taker later([]() -> std::optional<int> { ::_exit(1); });
                      std::atexit([] { std::fputs("ended as by exit()\n", stderr); });
                      auto main = []() -> Coro<> {
                          ::_exit(2);
                          co_return;
                      };
                      RunOptions options;
                      options.debug(true);
                      if (by_runner) {
                          Runner(options).run(main());
                      } else {
                          run(options, main);
                      }
                      ::_exit(3);
                  }),
                  "exit 7");
    }
}

TEST(RunTakeOver, MayRunLoopsOfItsOwn) {
    EXPECT_EQ(run_in_child([] {
                  const Taker taker([] { return std::optional(run(sleep(1ms, 9))); });
                  run(sleep(1h));
              }),
              "exit 9");
}

// By the first run(), which is the one inside; and those that are made meanwhile.
TEST(RunTakeOver, OneThatRunsALoopHasTheOthersAskedBeforeItsCoroutine) {
    Trace trace;
    std::optional<Taker> made;
    std::unique_ptr<Taker> destroyed;
    const Taker one([&]() -> std::optional<int> {
        trace("one begins");
        destroyed = nullptr;
        made.emplace([&]() -> std::optional<int> {
            trace("made");
            return std::nullopt;
        });
        run(note(trace, "inside"));
        trace("one ends");
        return std::nullopt;
    });
    destroyed = std::make_unique<Taker>([]() -> std::optional<int> { throw ValueError("destroyed"); });
    const Taker other([&]() -> std::optional<int> {
        trace("other");
        return std::nullopt;
    });
    run(note(trace, "main"));
    EXPECT_EQ(trace.joined(), "one begins | other | made | inside | one ends | main");
}

TEST(RunTakeOver, WhatItThrowsLeavesRun) {
    const tests::LogCapture log;
    Trace trace;
    const Taker taker([]() -> std::optional<int> { throw ValueError("no worker"); });
    RunOptions options;
    options.debug(true);
    EXPECT_EQ(thrown<ValueError>([&] { run(options, note(trace, "main")); }), "no worker");
    EXPECT_TRUE(log.messages().empty()) << "a coroutine that was refused is not reported";
    // It was asked; the others still will be.
    const Taker other([]() -> std::optional<int> { throw SystemExit(5); });
    EXPECT_THROW(run(note(trace, "main")), SystemExit);
    run(note(trace, "main"));
    EXPECT_EQ(trace.joined(), "main");
}

TEST(RunTakeOver, IsNotAskedWhereRunIsAnError) {
    EventLoopPtr loop = new_event_loop();
    const Taker taker([]() -> std::optional<int> { throw ValueError("asked"); });
    loop->call_soon([] {
        EXPECT_THROW(run(sleep(0s)), RuntimeError);
        get_running_loop().stop();
    });
    loop->run_forever();
}

TEST_F(RunShutdown, TheLastThatWasAddedIsTheFirstAndTasksAreCancelledAfterAll) {
    Hook one(ends(3s, "one"));
    Hook other(ends(2s, "other"));
    run(options(), main_with({&one, &other}));
    EXPECT_EQ(trace.joined(),
              "task begins | main ends | other begins | other ends | one begins | one ends | task cancelled");
}

TEST_F(RunShutdown, AlsoWhenTheMainTaskFails) {
    Hook hook(ends(1s, "hook"));
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), false);
        throw ValueError("main");
        co_return;
    };
    EXPECT_EQ(thrown<ValueError>([&] { run(options(), main); }), "main");
    EXPECT_EQ(trace.joined(), "hook begins | hook ends");
}

TEST_F(RunShutdown, OneThatWasRemovedOrDestroyedIsNotCalled) {
    Hook removed(ends(1s, "removed"));
    auto destroyed = std::make_unique<Hook>(ends(1s, "destroyed"));
    auto main = [&]() -> Coro<> {
        removed.add_to(get_running_loop(), true);
        destroyed->add_to(get_running_loop(), true);
        co_await sleep(0s);
        removed.remove();
        removed.remove();
        destroyed = nullptr;
    };
    run(options(), main);
    EXPECT_TRUE(trace.empty());
}

TEST_F(RunShutdown, OneThatIsAddedMeanwhileIsCalledToo) {
    Hook late(ends(1s, "late"));
    Hook hook([&]() -> Coro<> {
        trace("hook");
        late.add_to(get_running_loop(), false);
        late.remove();
        late.add_to(get_running_loop(), false);
        co_return;
    });
    run(options(), main_with({&hook}));
    EXPECT_EQ(trace.joined(), "task begins | main ends | hook | late begins | late ends | task cancelled");
}

TEST_F(RunShutdown, AnErrorIsReportedAndTheOthersAreCalled) {
    Hook first(ends(1s, "first"));
    Hook failing([]() -> Coro<> {
        co_await sleep(0s);
        throw ValueError("on purpose");
    });
    Hook failing_at_once([]() -> Coro<> { throw ValueError("at once"); });
    run(options(), main_with({&first, &failing, &failing_at_once}));
    EXPECT_EQ(trace.joined(),
              "task begins | main ends | "
              "unhandled exception in a shutdown hook of asyncio.run() aio::ValueError: at once | "
              "unhandled exception in a shutdown hook of asyncio.run() aio::ValueError: on purpose | "
              "first begins | first ends | task cancelled");
}

TEST_F(RunShutdown, OneThatIsCancelledIsNoErrorAndTheOthersAreCalled) {
    Hook first(ends(1s, "first"));
    Hook cancelled([&]() -> Coro<> {
        get_running_loop().call_later(1s, [self = current_task()] { self.cancel(); });
        co_await end_after(24h, "cancelled");
    });
    run(options(), main_with({&first, &cancelled}));
    EXPECT_EQ(
        trace.joined(),
        "task begins | main ends | cancelled begins | cancelled cancelled | first begins | first ends | "
        "task cancelled");
}

TEST_F(RunShutdown, AnExitExceptionLeavesRunAndNoFurtherOneIsCalled) {
    Hook first(ends(1s, "first"));
    Hook exiting([]() -> Coro<> {
        co_await sleep(0s);
        throw SystemExit(3);
    });
    EXPECT_THROW(run(options(), main_with({&first, &exiting})), SystemExit);
    EXPECT_EQ(trace.joined(), "task begins | main ends | Task was destroyed but it is pending! None");
}

TEST_F(RunShutdown, OneThatTakesTooLongIsReportedAndCancelledWithTheTasks) {
    Hook first(ends(1s, "first"));
    Hook slow(ends(24h, "slow"));
    run(options().shutdown_timeout(5s), main_with({&first, &slow}));
    const std::string before =
        "task begins | main ends | slow begins | "
        "shutdown hook did not end within the shutdown timeout of asyncio.run() None | "
        "first begins | first ends | ";
    const std::set<std::string> either = {before + "task cancelled | slow cancelled",
                                          before + "slow cancelled | task cancelled"};  // in any order
    EXPECT_EQ(either.count(trace.joined()), 1u) << trace.joined();
}

TEST_F(RunShutdown, ARunnerCallsThemWhenItCloses) {
    Hook hook(ends(1s, "hook"));
    Runner runner(options());
    hook.add_to(runner.get_loop(), false);
    runner.run(note(trace, "main"));
    runner.run(note(trace, "again"));
    runner.close();
    EXPECT_EQ(trace.joined(), "main | again | hook begins | hook ends");
}

TEST_F(RunShutdown, ALoopThatIsClosedWithoutARunnerCallsNone) {
    Hook hook(ends(1s, "hook"));
    EventLoopPtr loop = new_event_loop();
    hook.add_to(*loop, true);
    EXPECT_EQ(thrown<RuntimeError>([&] { hook.add_to(*loop, false); }),
              "the shutdown hook has been added already");
    loop->close();
    EXPECT_EQ(thrown<RuntimeError>([&] { hook.add_to(*loop, false); }), "Event loop is closed");
    loop = new_event_loop();
    hook.add_to(*loop, true);
    loop = nullptr;
    hook.remove();
    EXPECT_TRUE(trace.empty());
}

// An echo server that lets its clients finish.
class Draining final : public detail::ShutdownHook {
public:
    explicit Draining(Trace& trace) : trace_(trace) {}
    Coro<SocketAddress> start() {
        auto serve = [this](StreamReader reader, StreamWriter writer) { return echo(reader, writer); };
        server_ = co_await start_server(std::move(serve), "127.0.0.1", 0);
        add_to(get_running_loop(), true);
        co_return server_.sockets()[0].getsockname();
    }
    Coro<> shutdown() override {
        trace_("drain");
        server_.close();
        co_await server_.wait_closed();
        trace_("drained");
    }

private:
    Coro<> echo(StreamReader reader, StreamWriter writer) {
        while (auto line = co_await reader.next_line()) {
            writer.write(std::move(*line));
            co_await writer.drain();
        }
        trace_("client served");
        writer.close();
    }
    Trace& trace_;
    Server server_;
};

TEST(RunShutdownServer, LetsItsClientsFinish) {
    Trace trace;
    Draining server(trace);
    auto client = [&](SocketAddress address) -> Coro<> {
        auto connection = co_await open_connection(address.host(), address.port());
        auto& [reader, writer] = connection;
        for (int i = 0; i < 3; ++i) {
            writer.write("line\n");
            const std::string line = co_await reader.readline();
            trace("answered", i);
            if (i == 0) ::kill(::getpid(), SIGTERM);
        }
        writer.close();
    };
    auto main = [&]() -> Coro<> {
        const SocketAddress address = co_await server.start();
        create_task(client, address);
        co_await sleep(1h);
    };
    EXPECT_THROW(run(main), SystemExit);
    EXPECT_EQ(trace.joined(), "answered 0 | drain | answered 1 | answered 2 | client served | drained");
}

}  // namespace
}  // namespace aio
