// SPDX-License-Identifier: MIT
// S10 to S17: threads, life-cycle, descriptors, signals, debug mode, exception handler.
#include "conformance.hpp"

#include <unistd.h>
#include <chrono>
#include <csignal>
#include <functional>
#include <support/fd.hpp>
#include <support/log_capture.hpp>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// On the real clock, because another thread takes part. asyncio's second line, "late", is what a wrong
// call leads to by chance; it is a data race in C++ and cannot be shown. Debug mode shows the error.
TEST(ConformanceRealTime, S10_call_soon_threadsafe_wakes_a_sleeping_loop_Thread) {
    bool prompt = false;
    run([&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        Future<> fut = loop.create_future();
        TimerHandle late = loop.call_later(60s, [&] { fut.set_result(); });
        std::thread thread([&] { loop.call_soon_threadsafe([&] { fut.set_result(); }); });
        const TimePoint t = loop.time();
        co_await fut;
        prompt = loop.time() - t < 30s;
        late.cancel();
        thread.join();
    });
    EXPECT_TRUE(prompt);

    std::vector<std::string> err;
    run(
        [](std::vector<std::string>& out) -> Coro<> {
            EventLoop& loop = get_running_loop();
            std::thread thread([&] {
                out.push_back(thrown<RuntimeError>([&] { loop.call_soon([] {}); }));
                out.push_back(thrown<RuntimeError>([&] { loop.call_later(1s, [] {}); }));
            });
            thread.join();
            co_return;
        }(err),
        RunOptions().debug(true));
    const std::string text = "Non-thread-safe operation invoked on an event loop other than the current one";
    EXPECT_EQ(py(err), py({text, text}));
}

TEST_F(Conformance, S11_life_cycle_errors) {
    EventLoopPtr loop = new_event_loop();
    loop->run_until_complete([](Trace& print) -> Coro<> {
        EventLoop& running = get_running_loop();
        print(thrown<RuntimeError>([&] { running.run_forever(); }));
        print(thrown<RuntimeError>([&] { new_event_loop()->run_forever(); }));
        print(thrown<RuntimeError>([&] { running.close(); }));
        auto c = [](int) -> Coro<> { co_return; };
        print(thrown<RuntimeError>([&] { aio::run(c(1)); }));
        co_return;
    }(print));
    loop->close();
    loop->close();
    print(thrown<RuntimeError>([&] { loop->call_soon([] {}); }));
    expect(
        "This event loop is already running\n"
        "Cannot run the event loop while another loop is running\n"
        "Cannot close a running event loop\n"
        "asyncio.run() cannot be called from a running event loop\n"
        "Event loop is closed\n");
}

TEST_F(Conformance, S12_run_until_complete) {
    auto val = []() -> Coro<int> { co_return 42; };
    print(loop().run_until_complete(val()));
    Future<int> f = loop().create_future<int>();
    loop().call_soon([&] { loop().stop(); });
    try {
        loop().run_until_complete(f);
    } catch (const RuntimeError& e) {
        print(e.what(), f.done());
    }
    expect("42\nEvent loop stopped before Future completed. False\n");
}

// As 3.14, which creates no loop. Its message names the thread; ours cannot, threads here have no names.
TEST_F(Conformance, S13_get_running_loop_fails_outside) {
    print(thrown<RuntimeError>([] { get_running_loop(); }));
    print(thrown<RuntimeError>([] { get_event_loop(); }));
    EventLoopPtr l = new_event_loop();
    set_event_loop(l.get());
    print(&get_event_loop() == l.get());
    l = nullptr;  // a loop that is gone is nobody's current loop
    print(thrown<RuntimeError>([] { get_event_loop(); }));
    const std::string none = "There is no current event loop in this thread.\n";
    expect("no running event loop\n" + none + "True\n" + none);
}

TEST_F(Conformance, S14_watchers_are_level_triggered_one_of_each_kind) {
    SocketPair pair;
    const int a = pair.a.fd, b = pair.b.fd;
    pair.b.send("xyz");
    std::vector<std::string> n;
    loop().add_reader(a, print.later("replaced"));
    loop().add_reader(a, [&] {
        n.push_back("b'" + pair.a.recv(1) + "'");
        if (n.size() == 3) {
            const bool first = loop().remove_reader(a);
            print(first, loop().remove_reader(a));
            loop().call_later(10ms, [&] { loop().stop(); });
        }
    });
    loop().run_forever();
    print(n);
    loop().add_writer(b, [&] {
        print("w");
        loop().remove_writer(b);
        loop().stop();
    });
    pair.a.send("1");
    loop().add_reader(b, [&] {
        print("r");
        loop().remove_reader(b);
    });
    loop().run_forever();
    expect("True False\n[b'x', b'y', b'z']\nr\nw\n");
}

TEST_F(Conformance, S15_signal_handlers_run_as_loop_callbacks) {
    run([&]() -> Coro<> {
        Future<std::string> got = loop().create_future<std::string>();
        loop().add_signal_handler(SIGUSR1, [&] { got.set_result("usr1"); });
        ::kill(::getpid(), SIGUSR1);
        print("sent", got.done());
        print(co_await got);
        const bool first = loop().remove_signal_handler(SIGUSR1);
        print(first, loop().remove_signal_handler(SIGUSR1));
        print(thrown<RuntimeError>([&] { loop().add_signal_handler(SIGKILL, [] {}); }));
    });
    expect("sent False\nusr1\nTrue False\nsig 9 cannot be caught\n");
}

TEST_F(Conformance, S16_debug_mode_reports_slow_callbacks) {
    LogCapture rec;
    loop().set_debug(true);
    run([&]() -> Coro<> {
        print(std::chrono::duration<double>(loop().slow_callback_duration).count());
        loop().slow_callback_duration = 20ms;
        co_await sleep(0s);
        clock().advance(50ms);  // time.sleep(.05)
        co_await sleep(0s);
    });
    std::vector<bool> matches;
    for (const std::string& m : rec.messages()) {
        if (m.find("took") == m.npos) continue;
        matches.push_back(m.starts_with("Executing <") && m.find(" took 0.0") != m.npos);
    }
    print(matches);
    expect("0.1\n[True]\n");
}

TEST_F(Conformance, S17_custom_exception_handler_and_its_failures) {
    LogCapture rec;
    loop().set_exception_handler([](EventLoop&, const ExceptionContext&) { throw ValueError("oops"); });
    loop().call_exception_handler(ExceptionContext("boom"));
    print(rec.first_lines());
    rec.clear();
    loop().set_exception_handler(nullptr);
    loop().call_exception_handler(ExceptionContext("boom"));
    print(rec.first_lines());
    // A handler that cannot be called does not compile, where Python raises TypeError.
    static_assert(!std::is_constructible_v<ExceptionHandler, int>);
    expect("[Unhandled error in exception handler]\n[boom]\n");
}

}  // namespace
}  // namespace aio::tests
