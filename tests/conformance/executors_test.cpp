// SPDX-License-Identifier: MIT
// S27 (its thread half), S92 to S96, S167: threads and loops.
#include "conformance.hpp"

#include <aio/concurrent.hpp>
#include <support/latch.hpp>
#include <support/lifetime.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
namespace cf = aio::concurrent;

// A loop that another thread runs until the end of the scope.
class LoopThread {
public:
    LoopThread() : loop_(new_event_loop()), thread_([this] { loop_->run_forever(); }) {}
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;
    ~LoopThread() { join(); }
    void join() {
        if (!thread_.joinable()) return;
        loop_->call_soon_threadsafe([this] { loop_->stop(); });
        thread_.join();
    }
    EventLoop& loop() { return *loop_; }

private:
    EventLoopPtr loop_;
    std::thread thread_;
};

struct Answer {
    auto operator co_await() const { return sleep(0s, std::string("aw")); }
};

// ensure_future(3) is a TypeError; here it does not compile.
template <class T>
concept CanEnsureFuture = requires(T value) { ensure_future(value); };
static_assert(!CanEnsureFuture<int> && !CanEnsureFuture<cf::Future<int>>);

TEST_F(Conformance, S27_wrap_future_bridges_a_thread_future) {
    run([&]() -> Coro<> {
        Future<> f = loop().create_future();
        print(ensure_future(f) == f);
        auto t = ensure_future(Answer());
        const bool is_task = std::is_same_v<decltype(t), Task<std::string>>;
        const std::string value = co_await t;
        print(is_task, value);
        print("TypeError");  // refused by the compiler: see the static_assert above
        cf::Future<int> c;
        Future<int> w = wrap_future(c);
        std::thread setter([c] { c.set_result(5); });
        const int result = co_await w;
        setter.join();
        print(result);
        c = cf::Future<int>();
        w = wrap_future(c);
        w.cancel();
        co_await sleep(0s);
        print(c.cancelled());
    });
    expect("True\nTrue aw\nTypeError\n5\nTrue\n");
}

TEST_F(Conformance, S92_work_that_runs_cannot_be_interrupted) {
    Latch started;
    Latch go;
    run([&]() -> Coro<> {
        Future<> a;
        {
            cf::ThreadPoolExecutor p(1);
            a = loop().run_in_executor(p, [&] {
                started.set();
                go.wait();
                print("ran to the end");
            });
            Future<> b = loop().run_in_executor(p, [&] { print("never"); });
            started.wait();
            const bool first = a.cancel();
            print(first, b.cancel());
            co_await sleep(0s);
            go.set();
        }
        try {
            co_await a;
        } catch (const CancelledError&) {
            print("CancelledError");
        }
        try {
            co_await loop().run_in_executor(nullptr, [] { throw ValueError("division by zero"); });
        } catch (const ValueError&) {
            print("error crosses over");
        }
    });
    expect("True True\nran to the end\nCancelledError\nerror crosses over\n");
}

TEST_F(Conformance, S93_the_default_executor_after_its_shutdown) {
    run([&]() -> Coro<> {
        auto f = loop().run_in_executor(nullptr, [] {
            std::this_thread::sleep_for(50ms);
            return std::string("done");
        });
        co_await loop().shutdown_default_executor();
        const bool done = f.done();
        print(done, co_await f);
        try {
            loop().run_in_executor(nullptr, [] {});
        } catch (const RuntimeError& e) {
            print(e.what());
        }
    });
    expect("True done\nExecutor shutdown has been called\n");
}

TEST_F(Conformance, S94_to_thread_copies_context_variables) {
    static const ContextVar<std::string> v("v", "none");
    auto get = [] { return v.get(); };
    auto set = [](std::string value) { v.set(std::move(value)); };
    run([&]() -> Coro<> {
        v.set("caller");
        const std::string in_thread = co_await to_thread(get);
        const std::string in_executor = co_await get_running_loop().run_in_executor(nullptr, get);
        print(in_thread, in_executor);
        co_await to_thread(set, std::string("thread"));
        print(v.get());
    });
    expect("caller none\ncaller\n");
}

TEST_F(Conformance, S95_run_coroutine_threadsafe_gives_a_thread_future_Thread) {
    LoopThread thread;
    Latch cancelled;
    auto bad = []() -> Coro<> {
        throw ValueError("x");
        co_return;
    };
    auto forever = [&]() -> Coro<> {
        const AtEnd at_end([&] {
            print("task cancelled");
            cancelled.set();
        });
        co_await sleep(9s);
    };
    print(run_coroutine_threadsafe(sleep(10ms, 3), thread.loop()).result(1min));
    try {
        run_coroutine_threadsafe(bad(), thread.loop()).result(1min);
    } catch (const ValueError&) {
        print(repr(std::current_exception()));
    }
    const auto f = run_coroutine_threadsafe(forever(), thread.loop());
    try {
        f.result(50ms);
    } catch (const TimeoutError&) {
        print("still running", f.done());
    }
    const bool r = f.cancel();
    cancelled.wait();
    print(r);
    thread.join();
    expect("3\nValueError('x')\nstill running False\ntask cancelled\nTrue\n");
}

TEST_F(Conformance, S96_thread_pool_futures_Thread) {
    cf::ThreadPoolExecutor p(2);
    Latch ev;
    std::vector<cf::Future<bool>> fs;
    for (int i = 0; i < 4; ++i) fs.push_back(p.submit(&Latch::wait, &ev));
    while (!fs[0].running() || !fs[1].running()) std::this_thread::yield();
    std::vector<std::string> states;
    for (const auto& f : fs) states.push_back(f.running() ? "'running'" : "'pending'");
    const bool first = fs[0].cancel();
    print(states, first, fs[3].cancel());
    fs[3].add_done_callback([&](const cf::AnyFuture& f) { print("inline", f.cancelled()); });
    ev.set();
    p.shutdown();
    std::string text;
    for (const auto& f : fs) text += (text.empty() ? "" : ", ") + py(f.done());
    print("[" + text + "]", fs[2].result());
    try {
        p.submit([] {});
    } catch (const RuntimeError& e) {
        print(e.what());
    }
    auto nap = [](std::chrono::milliseconds d) {
        std::this_thread::sleep_for(d);
        return std::chrono::duration<double>(d).count();
    };
    cf::ThreadPoolExecutor q(3);
    print(q.map(nap, std::vector{30ms, 10ms, 20ms}).to_vector());
    expect(
        "['running', 'running', 'pending', 'pending'] False True\n"
        "inline True\n"
        "[True, True, True, True] True\n"
        "cannot schedule new futures after shutdown\n"
        "[0.03, 0.01, 0.02]\n");
}

TEST_F(Conformance, S167_a_loop_in_another_thread_is_fed_Thread) {
    Latch two_rounds;
    int printed = 0;
    auto p = [&](int i) -> Coro<> {
        for (int round = 0; round < 2; ++round) {
            co_await sleep(5ms);
            print(i);
            if (++printed == 6) two_rounds.set();
        }
        co_await sleep(1h);
    };
    LoopThread thread;
    Latch submitted;  // so that all three start in one iteration, however slow this thread is
    thread.loop().call_soon_threadsafe([&] { submitted.wait(); });
    std::vector<cf::Future<>> fs;
    for (int i = 1; i < 4; ++i) fs.push_back(run_coroutine_threadsafe(p(i), thread.loop()));
    submitted.set();
    two_rounds.wait();
    for (const auto& f : fs) f.cancel();
    auto all_ended = []() -> Coro<> {
        while (get_running_loop().stats().tasks > 1) co_await sleep(0s);
    };
    run_coroutine_threadsafe(all_ended(), thread.loop()).result();
    thread.join();
    expect("1\n2\n3\n1\n2\n3\n");
}

}  // namespace
}  // namespace aio::tests
