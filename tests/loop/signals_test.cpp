// SPDX-License-Identifier: MIT
#include <aio/loop.hpp>
#include <aio/loop/detail/signals.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <ctime>
#include <string>
#include <support/child.hpp>
#include <support/lifetime.hpp>
#include <support/trace.hpp>
#include <thread>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::AtEnd;
using tests::Lifetime;
using tests::run_in_child;
using tests::thrown;
using tests::Trace;

int plain_calls = 0;
void plain_handler(int) { ++plain_calls; }

struct Signals : ::testing::Test {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    Trace print;
    Lifetime life;

    void turn() {
        loop.stop();
        loop.run_forever();
    }
    static void send(int signal) { ::kill(::getpid(), signal); }
    // Calls `fn` when the loop has queued the signal's callback, which comes next.
    template <class F>
    void send_before(int signal, F fn) {
        loop.call_soon([this, signal, fn] {
            send(signal);
            loop.call_soon(fn);
            loop.call_later(0s, [] {});  // is due, so the loop polls
        });
    }
    static auto disposition(int signal) {
        struct sigaction action{};
        ::sigaction(signal, nullptr, &action);
        return action.sa_handler;
    }
};

TEST_F(Signals, HandlersRunInTheLoopAgainAndAgain) {
    loop.add_signal_handler(SIGUSR1, [&](const char* text) { print(text); }, "usr1");
    turn();
    send(SIGUSR1);
    EXPECT_EQ(print.joined(), "");
    turn();
    turn();
    EXPECT_EQ(print.joined(), "usr1");
    send(SIGUSR1);
    send(SIGUSR1);  // coalesced, as the kernel does
    turn();
    EXPECT_EQ(print.joined(), "usr1 | usr1");
}

TEST_F(Signals, WakeASleepingLoop) {
    loop.add_signal_handler(SIGALRM, [&] { loop.stop(); });
    const TimerHandle never = loop.call_later(1h, [] {});
    timer_t timer{};
    ASSERT_EQ(::timer_create(CLOCK_MONOTONIC, nullptr, &timer), 0);  // sends SIGALRM
    const itimerspec soon{{0, 0}, {0, 2'000'000}};
    ::timer_settime(timer, 0, &soon, nullptr);
    loop.run_forever();
    ::timer_delete(timer);
    EXPECT_LE(loop.stats().iterations, 5U);
}

TEST_F(Signals, ASecondHandlerReplacesTheFirst) {
    loop.add_signal_handler(SIGUSR1, [&, token = life.token()] { print("first"); });
    loop.add_signal_handler(SIGUSR1, print.later("second"));
    EXPECT_TRUE(life.over());
    send(SIGUSR1);
    turn();
    EXPECT_EQ(print.joined(), "second");
}

TEST_F(Signals, RemoveRestoresThePreviousDisposition) {
    const auto before = std::signal(SIGUSR2, plain_handler);
    loop.add_signal_handler(SIGUSR2, print.later("loop"));
    loop.add_signal_handler(SIGUSR2, print.later("loop"));
    EXPECT_NE(disposition(SIGUSR2), plain_handler);
    EXPECT_TRUE(loop.remove_signal_handler(SIGUSR2));
    EXPECT_FALSE(loop.remove_signal_handler(SIGUSR2));
    EXPECT_EQ(disposition(SIGUSR2), plain_handler);
    plain_calls = 0;
    send(SIGUSR2);
    EXPECT_EQ(plain_calls, 1);
    std::signal(SIGUSR2, before);
}

TEST_F(Signals, CloseRestoresEverything) {
    loop.add_signal_handler(SIGUSR1, [token = life.token()] {});
    loop.add_signal_handler(SIGUSR2, [token = life.token()] {});
    loop.close();
    EXPECT_TRUE(life.over());
    EXPECT_EQ(disposition(SIGUSR1), SIG_DFL);
    EXPECT_EQ(disposition(SIGUSR2), SIG_DFL);
}

TEST_F(Signals, ARemovedHandlerDoesNotRunAnyMore) {
    loop.add_signal_handler(SIGUSR1, print.later("never"));
    send(SIGUSR1);
    loop.remove_signal_handler(SIGUSR1);
    loop.add_signal_handler(SIGUSR1, print.later("new"));
    turn();
    EXPECT_EQ(print.joined(), "");  // the signal belonged to the handler that was removed
}

// Its callback is in the queue already, behind the one that replaces it.
TEST_F(Signals, WhoReplacesAHandlerIsToldWhatThatOneWasNot) {
    const TimerHandle never = loop.call_later(1h, [] {});
    loop.add_signal_handler(SIGUSR1, print.later("first"));
    send_before(SIGUSR1, [&] {
        loop.add_signal_handler(SIGUSR1, [&] {
            print("second");
            loop.stop();
        });
        print("replaced");
    });
    loop.run_forever();
    turn();
    EXPECT_EQ(print.joined(), "replaced | second");
}

TEST_F(Signals, ARemovedHandlerDoesNotRunAnyMoreAlsoIfItIsQueued) {
    loop.add_signal_handler(SIGUSR1, [&, token = life.token()] { print("never"); });
    send_before(SIGUSR1, [&] {
        loop.remove_signal_handler(SIGUSR1);
        print(life.over());
        loop.call_soon([&] { loop.stop(); });
    });
    loop.run_forever();
    EXPECT_EQ(print.joined(), "True");
}

TEST_F(Signals, SeveralRunInTheOrderOfTheirNumbers) {
    loop.add_signal_handler(SIGUSR2, print.later("usr2"));
    loop.add_signal_handler(SIGUSR1, print.later("usr1"));
    loop.add_signal_handler(SIGHUP, print.later("hup"));
    send(SIGUSR2);
    send(SIGHUP);
    send(SIGUSR1);
    turn();
    EXPECT_EQ(print.joined(), "hup | usr1 | usr2");
}

TEST_F(Signals, AHandlerMayRemoveOrReplaceItself) {
    loop.add_signal_handler(SIGUSR1, [&, text = std::string("captured, and too long for the small buffer")] {
        loop.remove_signal_handler(SIGUSR1);
        loop.add_signal_handler(SIGUSR1, print.later("second"));
        print(text.size());
    });
    send(SIGUSR1);
    turn();
    send(SIGUSR1);
    turn();
    EXPECT_EQ(print.joined(), "43 | second");
}

TEST_F(Signals, ADestructorMayComeBack) {
    loop.add_signal_handler(SIGUSR1, [end = AtEnd([&] { loop.remove_signal_handler(SIGUSR1); })] {});
    loop.add_signal_handler(SIGUSR1, [] {});
    EXPECT_FALSE(loop.remove_signal_handler(SIGUSR1)) << "the destructor did";
}

TEST_F(Signals, ExitExceptionsLeaveTheLoop) {
    loop.add_signal_handler(SIGTERM, [] { throw SystemExit(143); });
    send(SIGTERM);
    EXPECT_THROW(loop.run_forever(), SystemExit);
}

TEST_F(Signals, BadNumbersAreRefused) {
    for (const int number : {0, -1, NSIG, 1000}) {
        const std::string text = "sig must be in range(1, 65), not " + std::to_string(number);
        EXPECT_EQ(thrown<ValueError>([&] { loop.add_signal_handler(number, [] {}); }), text);
        EXPECT_EQ(thrown<ValueError>([&] { loop.remove_signal_handler(number); }), text);
    }
    for (const int number : {SIGKILL, SIGSTOP, 32}) {  // 32 is the C library's own
        EXPECT_EQ(thrown<RuntimeError>([&] { loop.add_signal_handler(number, [token = life.token()] {}); }),
                  "sig " + std::to_string(number) + " cannot be caught");
    }
    EXPECT_TRUE(life.over());
}

TEST_F(Signals, OnlyTheMainThreadMayAdd_Thread) {
    EXPECT_TRUE(detail::in_main_thread());
    std::string error;
    std::thread thread([&] {
        EXPECT_FALSE(detail::in_main_thread());
        error = thrown<ValueError>([&] { loop.add_signal_handler(SIGUSR1, [] {}); });
    });
    thread.join();
    EXPECT_EQ(error, "signal handlers only work in the main thread");
    EXPECT_EQ(disposition(SIGUSR1), SIG_DFL);
}

TEST_F(Signals, TwoLoopsCannotShareOne) {
    loop.add_signal_handler(SIGUSR1, print.later("one"));
    EventLoopPtr other = new_event_loop();
    EXPECT_EQ(thrown<RuntimeError>([&] { other->add_signal_handler(SIGUSR1, [] {}); }),
              "sig " + std::to_string(SIGUSR1) + " is handled by another event loop");
    other = nullptr;
    send(SIGUSR1);
    turn();
    EXPECT_EQ(print.joined(), "one");
    loop.remove_signal_handler(SIGUSR1);
    other = new_event_loop();
    other->add_signal_handler(SIGUSR1, print.later("other"));
    send(SIGUSR1);
    other->stop();
    other->run_forever();
    EXPECT_EQ(print.joined(), "one | other");
}

// The kernel runs the handler in any thread; the loop may be gone when that comes to wake it.
TEST_F(Signals, ALoopMayCloseWhileAnotherThreadIsSignalled_Thread) {
    std::signal(SIGUSR1, SIG_IGN);
    std::atomic<bool> stop{false};
    std::thread thread([&] {
        while (!stop) ::raise(SIGUSR1);  // to this very thread
    });
    for (int i = 0; i < 300; ++i) {
        EventLoopPtr each = new_event_loop();
        each->add_signal_handler(SIGUSR1, [] {});
        EXPECT_NE(disposition(SIGUSR1), SIG_IGN);
        each->stop();
        each->run_forever();
        each = nullptr;
        EXPECT_EQ(disposition(SIGUSR1), SIG_IGN);
    }
    stop = true;
    thread.join();
    std::signal(SIGUSR1, SIG_DFL);
}

// timeout(1) and shells send a signal to the process and to its group: one Ctrl-C may arrive twice.
TEST_F(Signals, ABurstOfSigintsCountsAsOne) {
    EXPECT_EQ(run_in_child([] {
                  EventLoopPtr loop = new_event_loop();
                  loop->add_signal_handler(SIGINT, [] { throw SystemExit(9); });
                  send(SIGINT);
                  send(SIGINT);
                  loop->run_forever();
              }),
              "exit 9");
}

// The loop hangs in a callback and cannot look at the first SIGINT: the later one ends the process. The
// waiting is real, because the kernel's handler measures real time: a burst within 0.2 s counts as one.
TEST_F(Signals, ASigintEndsAProgramThatHangs) {
    EXPECT_EQ(run_in_child([] {
                  EventLoopPtr loop = new_event_loop();
                  loop->add_signal_handler(SIGINT, [] {});
                  loop->call_soon([] {
                      send(SIGINT);
                      std::this_thread::sleep_for(250ms);
                      send(SIGINT);
                      std::this_thread::sleep_for(60s);
                  });
                  loop->run_forever();
              }),
              "signal " + std::to_string(SIGINT));
}

}  // namespace
}  // namespace aio
