// SPDX-License-Identifier: MIT
// S1 to S9: the loop, its callbacks and timers. S10 to S17 are in loop_services_test.cpp.
#include "conformance.hpp"

#include <chrono>
#include <functional>
#include <support/fd.hpp>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S01_call_soon_is_strict_fifo) {
    run([&]() -> Coro<> {
        for (const char* n : {"a", "b", "c"}) loop().call_soon(print.later(n));
        co_await sleep(0s);
        print("main");
    });
    expect("a\nb\nc\nmain\n");
}

TEST_F(Conformance, S02_one_iteration_runs_only_what_was_ready_when_it_began) {
    std::vector<std::string> out;
    SocketPair pair;
    pair.b.send("x");
    std::function<void(int)> again = [&](int n) {
        out.push_back("cb" + std::to_string(n));
        if (n < 3) loop().call_soon(again, n + 1);
    };
    loop().add_reader(pair.a.fd, [&] {
        out.push_back("io");
        loop().remove_reader(pair.a.fd);
    });
    loop().call_soon(again, 0);
    loop().call_soon([&] { out.push_back("b"); });
    loop().call_later(50ms, [&] { loop().stop(); });
    loop().run_forever();
    print(out);
    expect("[cb0, b, io, cb1, cb2, cb3]\n");
}

TEST_F(Conformance, S03_already_ready_then_io_then_due_timers) {
    run([&]() -> Coro<> {
        loop().call_later(0s, print.later("timer-0"));
        loop().call_later(-5s, print.later("timer-negative"));
        loop().call_soon(print.later("soon"));
        co_await sleep(10ms);
    });
    expect("soon\ntimer-negative\ntimer-0\n");
}

// The rule itself rather than its scenario: all three kinds are due in one iteration, and what the
// first callback queues comes after them.
TEST_F(Conformance, S03_a_timer_due_at_once_runs_before_what_callbacks_queue) {
    keep_order();
    SocketPair pair;
    loop().add_reader(pair.a.fd, [&] {
        print("io");
        loop().remove_reader(pair.a.fd);
    });
    run([&]() -> Coro<> {
        pair.b.send("x");
        loop().call_soon([&] {
            print("soon");
            loop().call_soon(print.later("next"));
        });
        loop().call_later(0s, print.later("timer"));
        loop().call_at(loop().time(), print.later("timer at"));
        co_await sleep(10ms);
    });
    expect("soon\nio\ntimer\ntimer at\nnext\n");
}

TEST(ConformanceRealTime, S03_a_timer_due_at_once_runs_before_what_callbacks_queue) {
    Trace print;
    run([&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        for (int round = 0; round < 50; ++round) {  // wherever the loop is between two polls
            print.clear();
            loop.call_soon([&] {
                print("soon");
                loop.call_soon(print.later("next"));
            });
            if (round % 2) {
                loop.call_later(0s, print.later("timer"));
            } else {
                loop.call_at(loop.time(), print.later("timer"));
            }
            co_await sleep(0s);
            co_await sleep(0s);
            co_await sleep(0s);
            EXPECT_EQ(print.joined(), "soon | timer | next") << "round " << round;
        }
    });
}

TEST_F(Conformance, S04_timers_fire_in_deadline_order) {
    run([&]() -> Coro<> {
        const TimePoint t = loop().time();
        loop().call_at(t + 30ms, print.later("third"));
        loop().call_at(t + 10ms, print.later("first"));
        const TimerHandle h = loop().call_later(20ms, print.later("second"));
        print(std::chrono::duration<double>(h.when() - t).count());
        co_await sleep(50ms);
    });
    expect("0.02\nfirst\nsecond\nthird\n");
}

// CPython promises no order and prints [0, 2, 5, 1, 3, 4]; aio promises that the first armed runs first.
TEST_F(Conformance, S05_equal_deadlines_run_in_the_order_of_arming) {
    keep_order();  // aio's own promise: CPython leaves it open
    std::vector<int> out;
    run([&]() -> Coro<> {
        const TimePoint t = loop().time() + 10ms;
        for (int n = 0; n < 6; ++n) loop().call_at(t, [&out, n] { out.push_back(n); });
        co_await sleep(50ms);
    });
    EXPECT_EQ(py(out), "[0, 1, 2, 3, 4, 5]");
}

// CPython drops cancelled timers when more than half of them are dead, and prints 1000 and 400; here a
// cancelled timer leaves at once.
TEST_F(Conformance, S06_cancelled_timers_leave_at_once) {
    run([&]() -> Coro<> {
        std::vector<TimerHandle> hs;
        for (int i = 0; i < 1000; ++i) hs.push_back(loop().call_later(3600s, [] {}));
        for (int i = 600; i < 1000; ++i) hs[i].cancel();
        co_await sleep(0s);
        print(loop().stats().timers);
        for (int i = 400; i < 600; ++i) hs[i].cancel();
        co_await sleep(0s);
        print(loop().stats().timers);
    });
    expect("600\n400\n");
}

TEST_F(Conformance, S07_cancel_works_up_to_the_instant_of_the_call) {
    run([&]() -> Coro<> {
        Handle h;
        loop().call_soon([&] { h.cancel(); });
        h = loop().call_soon(print.later("never"));
        co_await sleep(0s);
        h.cancel();
        print(h.cancelled());
    });
    expect("True\n");
}

TEST_F(Conformance, S08_stop_finishes_the_current_iteration_and_no_more) {
    loop().call_soon([&] {
        print("A");
        loop().stop();
        loop().call_soon(print.later("C"));
    });
    loop().call_soon(print.later("B"));
    loop().run_forever();
    print("-- stopped");
    loop().stop();
    loop().run_forever();
    print("-- again");
    expect("A\nB\n-- stopped\nC\n-- again\n");
}

TEST_F(Conformance, S09_an_exception_in_a_callback_goes_to_the_exception_handler) {
    report();
    loop().call_soon([] { throw ValueError("division by zero"); });
    loop().call_soon(print.later("next"));
    loop().call_soon([] { throw SystemExit(7); });
    loop().call_soon(print.later("later"));
    try {
        loop().run_forever();
    } catch (const SystemExit& e) {
        print("exit", e.code());
    }
    loop().stop();
    loop().run_forever();
    expect("HANDLER: Exception in callback ... ['exception', 'handle']\nnext\nexit 7\nlater\n");
}

// KeyboardInterrupt unwinds as SystemExit does; asyncio's is a BaseException, ours a type of its own.
TEST_F(Conformance, S09_keyboard_interrupt_leaves_the_loop) {
    report();
    loop().call_later(1s, [] { throw KeyboardInterrupt(); });
    EXPECT_THROW(loop().run_forever(), KeyboardInterrupt);
    EXPECT_FALSE(loop().is_running());
    expect("");
}

// S150, the row of the loop: every kind of callback reports itself in the same way.
TEST_F(Conformance, S150_the_loops_rows) {
    report();
    SocketPair pair;
    pair.b.send("x");
    loop().add_reader(pair.a.fd, [&] {
        loop().remove_reader(pair.a.fd);
        throw ValueError("reader");
    });
    loop().call_soon([] { throw ValueError("soon"); });
    loop().call_soon_threadsafe([] { throw ValueError("threadsafe"); });
    loop().call_later(1ms, [] { throw 42; });
    loop().call_later(2ms, [&] { loop().stop(); });
    loop().run_forever();
    std::string line = "HANDLER: Exception in callback ... ['exception', 'handle']\n";
    expect(line + line + line + line);
}

}  // namespace
}  // namespace aio::tests
