// SPDX-License-Identifier: MIT
// run() and SIGTERM, while a hook wants it.
#include <aio/compose.hpp>
#include <aio/compose/detail/run_hooks.hpp>
#include <aio/task.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <string>
#include <support/child.hpp>
#include <support/trace.hpp>
#include <thread>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::run_in_child;
using tests::Trace;

void send_sigterm() { ::kill(::getpid(), SIGTERM); }
void send_sigint() { ::kill(::getpid(), SIGINT); }

// Calls `fn` when the loop has queued SIGTERM's callback, which comes next.
template <class F>
void send_sigterm_before(F fn) {
    get_running_loop().call_soon([fn] {
        send_sigterm();
        get_running_loop().call_soon(fn);
        get_running_loop().call_later(0s, [] {});  // is due, so the loop polls
    });
}

class TermHook final : public detail::ShutdownHook {
public:
    Coro<> shutdown() override {
        trace("hook begins");
        for (int i = 0; i < kills; ++i) {
            send_sigterm();
            if (i == interrupt_at) send_sigint();
            co_await sleep(1ns);  // the loop polls
        }
        trace("hook ends");
    }
    Trace trace;
    int kills = 0;
    int interrupt_at = -1;
};

// Real signals: the process gets SIGTERM at known moments of its own loop.
struct RunSigterm : ::testing::Test {
    void SetUp() override {
        std::signal(SIGTERM, SIG_DFL);
        std::signal(SIGINT, SIG_DFL);
    }
    void TearDown() override { EXPECT_TRUE(default_action()); }
    static bool default_action() {
        struct sigaction action{};
        ::sigaction(SIGTERM, nullptr, &action);
        return action.sa_handler == SIG_DFL;
    }
    // The status of the SystemExit that `main` ends with; 0 if it returns.
    template <class Main>
    static int exit_of(Main& main) {
        try {
            run(main);
        } catch (const SystemExit& exit) {
            return exit.code();
        }
        return 0;
    }
    TermHook hook;
};

TEST_F(RunSigterm, CancelsTheMainTaskAndEndsInSystemExit) {
    auto main = [&]() -> Coro<> {
        EXPECT_TRUE(default_action());
        hook.add_to(get_running_loop(), true);
        EXPECT_FALSE(default_action());
        get_running_loop().call_soon(send_sigterm);
        auto slept = co_await as_result(sleep(1h));
        hook.trace("main", slept.raised<CancelledError>());
        co_await sleep(0s);
        std::move(slept).value();
    };
    EXPECT_EQ(exit_of(main), 143);
    EXPECT_EQ(hook.trace.joined(), "main True | hook begins | hook ends");
}

TEST_F(RunSigterm, UncaughtItIsTheExitStatusOfTheProcess) {
    EXPECT_EQ(run_in_child([this] {
                  run([this]() -> Coro<> {
                      hook.add_to(get_running_loop(), true);
                      get_running_loop().call_soon(send_sigterm);
                      co_await sleep(1h);
                  });
              }),
              "exit 143");
}

TEST_F(RunSigterm, AbsorbedItCountsAsNormal) {
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        get_running_loop().call_soon(send_sigterm);
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
        }
        co_await sleep(0s);
    };
    EXPECT_EQ(exit_of(main), 0);
}

TEST_F(RunSigterm, AnErrorOfTheMainTaskWins) {
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        get_running_loop().call_soon(send_sigterm);
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
        }
        throw ValueError("clean-up failed");
    };
    EXPECT_THROW(run(main), ValueError);
}

TEST_F(RunSigterm, ACancellationOfTheProgramsOwnIsNoSigterm) {
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        current_task().cancel();
        co_await sleep(1h);
    };
    EXPECT_THROW(run(main), CancelledError);
}

TEST_F(RunSigterm, FurtherOnesChangeNothing) {
    hook.kills = 3;
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        send_sigterm();
        auto slept = co_await as_result(sleep(1h));
        for (int i = 0; i < 3; ++i) {
            send_sigterm();
            co_await sleep(0s);
            co_await sleep(0s);
        }
        hook.trace("cancelled", current_task().cancelling());
        std::move(slept).value();
    };
    EXPECT_EQ(exit_of(main), 143);
    EXPECT_EQ(hook.trace.joined(), "cancelled 1 | hook begins | hook ends");
}

TEST_F(RunSigterm, OneDuringTheCleanUpIsAnsweredAtItsEnd) {
    hook.kills = 2;
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        co_return;
    };
    EXPECT_EQ(exit_of(main), 143);
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

TEST_F(RunSigterm, OneThatComesWithTheEndOfTheMainTaskIsAnswered) {
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        send_sigterm();
        co_return;
    };
    EXPECT_EQ(exit_of(main), 143);
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

TEST_F(RunSigterm, WithCtrlCItIsAKeyboardInterrupt) {
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        get_running_loop().call_soon(send_sigterm);
        get_running_loop().call_soon(send_sigint);
        co_await sleep(1h);
    };
    EXPECT_THROW(run(main), KeyboardInterrupt);
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

// Unlike SIGTERM: the hook does not come to its end, and the others are not called.
TEST_F(RunSigterm, CtrlCEndsTheHookThatRuns) {
    TermHook other;
    for (const bool terminated : {false, true}) {
        for (const int point : {0, 1, 2}) {
            hook.kills = 3;
            hook.interrupt_at = point;
            hook.trace.clear();
            auto main = [&]() -> Coro<> {
                EventLoop& loop = get_running_loop();
                loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});  // it was pending
                other.add_to(loop, true);
                hook.add_to(loop, true);
                if (!terminated) co_return;
                send_sigterm();
                co_await sleep(1h);
            };
            EXPECT_THROW(run(main), KeyboardInterrupt);
            EXPECT_EQ(hook.trace.joined(), "hook begins");
            EXPECT_TRUE(other.trace.empty());
            EXPECT_TRUE(default_action());
        }
    }
}

TEST_F(RunSigterm, OneDuringTheCleanUpAfterCtrlCChangesNothing) {
    hook.kills = 2;
    auto main = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        get_running_loop().call_soon(send_sigint);
        co_await sleep(1h);
    };
    EXPECT_THROW(run(main), KeyboardInterrupt);
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

TEST_F(RunSigterm, AHookThatIsAddedDuringTheCleanUpKeepsItFromEndingTheProcess) {
    hook.kills = 1;
    class Adds final : public detail::ShutdownHook {
    public:
        explicit Adds(TermHook& hook) : hook_(hook) {}
        Coro<> shutdown() override {
            hook_.add_to(get_running_loop(), true);
            co_await sleep(0s);
        }

    private:
        TermHook& hook_;
    };
    Adds adds(hook);
    auto main = [&]() -> Coro<> {
        adds.add_to(get_running_loop(), false);
        co_return;
    };
    EXPECT_EQ(exit_of(main), 143);
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

TEST_F(RunSigterm, WithoutAHookItEndsTheProcess) {
    const std::string by_signal = "signal " + std::to_string(SIGTERM);
    auto main = [](TermHook& given, bool at_sigterm, bool remove) -> Coro<> {
        given.add_to(get_running_loop(), at_sigterm);
        if (remove) given.remove();
        get_running_loop().call_soon(send_sigterm);
        co_await sleep(1h);
    };
    EXPECT_EQ(run_in_child([&] { run(main, std::ref(hook), false, false); }), by_signal);
    EXPECT_EQ(run_in_child([&] { run(main, std::ref(hook), true, true); }), by_signal);
    EXPECT_EQ(run_in_child([&] { run(main, std::ref(hook), true, false); }), "exit 143");
}

TEST_F(RunSigterm, TheProgramsOwnHandlerStays) {
    auto ignoring = [&]() -> Coro<> {
        hook.add_to(get_running_loop(), true);
        send_sigterm();
        co_await sleep(0s);
        co_await sleep(0s);
    };
    std::signal(SIGTERM, SIG_IGN);
    EXPECT_EQ(exit_of(ignoring), 0);
    std::signal(SIGTERM, SIG_DFL);
    for (const bool before : {true, false}) {
        int calls = 0;
        auto handling = [&]() -> Coro<> {
            if (!before) hook.add_to(get_running_loop(), true);
            get_running_loop().add_signal_handler(SIGTERM, [&] { ++calls; });
            if (before) hook.add_to(get_running_loop(), true);
            hook.remove();
            hook.add_to(get_running_loop(), true);
            send_sigterm();
            while (calls == 0) co_await sleep(0s);
        };
        EXPECT_EQ(exit_of(handling), 0);
        EXPECT_EQ(calls, 1);
    }
}

TEST_F(RunSigterm, ARunnersLoopMayHaveTheHookBeforeItRuns) {
    Runner runner;
    hook.add_to(runner.get_loop(), true);
    EXPECT_TRUE(default_action());
    auto main = [&]() -> Coro<> {
        send_sigterm();
        co_await sleep(1h);
    };
    EXPECT_THROW(runner.run(main()), SystemExit);
    EXPECT_TRUE(default_action());
    runner.close();
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

TEST_F(RunSigterm, InAnotherThreadItIsLeftAlone_Thread) {
    std::thread([this] {
        run([this]() -> Coro<> {
            hook.add_to(get_running_loop(), true);
            EXPECT_TRUE(default_action());
            co_await sleep(0s);
        });
    }).join();
    EXPECT_EQ(hook.trace.joined(), "hook begins | hook ends");
}

// It came, and nobody wants it any more: its default effect, as if the hook had gone before.
TEST_F(RunSigterm, IsNotLostIfTheLastHookGoesInTheSameStep) {
    const std::string ended = run_in_child([] {
        auto main = []() -> Coro<> {
            TermHook hook;
            hook.add_to(get_running_loop(), true);
            send_sigterm();
            hook.remove();
            co_await sleep(1h);
        };
        run(main);
    });
    EXPECT_EQ(ended, "signal " + std::to_string(SIGTERM));
}

// The same, but the loop has queued its callback already.
TEST_F(RunSigterm, IsNotLostIfTheLastHookGoesBeforeItsTurn) {
    const std::string ended = run_in_child([] {
        auto main = []() -> Coro<> {
            TermHook hook;
            hook.add_to(get_running_loop(), true);
            send_sigterm_before([&hook] { hook.remove(); });
            co_await sleep(1h);
        };
        run(main);
    });
    EXPECT_EQ(ended, "signal " + std::to_string(SIGTERM));
}

TEST_F(RunSigterm, IsToldToTheProgramsHandlerThatTakesItsPlaceBeforeItsTurn) {
    auto main = [&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        hook.add_to(loop, true);
        const Future<> told = loop.create_future();
        send_sigterm_before([&] {
            loop.add_signal_handler(SIGTERM, [&] { told.set_result(); });
            hook.trace("taken");
        });
        co_await told;
        loop.remove_signal_handler(SIGTERM);
    };
    EXPECT_EQ(exit_of(main), 0);
    EXPECT_EQ(hook.trace.joined(), "taken | hook begins | hook ends");
}

// An ExitException leaves a run of a Runner, before or after the loop has queued SIGTERM's callback.
TEST_F(RunSigterm, IsNotLostWithAnExitException) {
    for (const bool queued : {false, true}) {
        const std::string ended = run_in_child([&] {
            Runner runner;
            hook.add_to(runner.get_loop(), true);
            auto main = [](bool later) -> Coro<> {
                if (!later) send_sigterm();
                if (!later) throw SystemExit(3);
                send_sigterm_before([] { throw SystemExit(3); });
                co_await sleep(1h);
            };
            try {
                runner.run(main(queued));
            } catch (const SystemExit&) {
                ::_exit(4);
            }
        });
        EXPECT_EQ(ended, "signal " + std::to_string(SIGTERM)) << queued;
    }
}

}  // namespace
}  // namespace aio
