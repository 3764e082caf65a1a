// SPDX-License-Identifier: MIT
// Executors, and what comes from other threads into a loop.
#include <hostile/actions.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <optional>
#include <thread>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

/// Makes its calls in the thread that asks for it: at once, or when a test says so.
class Inline final : public concurrent::Executor {
public:
    explicit Inline(bool at_once) : at_once_(at_once) {}
    ~Inline() override { Inline::shutdown(); }
    void execute(concurrent::Job& job) override {
        if (at_once_) {
            job.execute();
        } else {
            held_.push_back(&job);
        }
    }
    void shutdown(bool, bool cancel) override {
        while (concurrent::Job* job = next()) {
            if (cancel) {
                job->cancel();
            } else {
                job->execute();
            }
        }
    }
    void shutdown() { shutdown(true, false); }
    void fail() {
        while (concurrent::Job* job = next()) job->fail(std::make_exception_ptr(ValueError("failed")));
    }

private:
    concurrent::Job* next() {
        if (held_.empty()) return nullptr;
        concurrent::Job* job = held_.front();
        held_.erase(held_.begin());
        return job;
    }
    bool at_once_;
    std::vector<concurrent::Job*> held_;
};

constexpr std::uint32_t kCall = has::future;

// Has `fn` called by run_in_executor() in a callback of the loop, and keeps the loop's future.
template <class F>
void call_in(World& w, Inline& executor, F fn) {
    w.future = w.loop->create_future<>();
    w.loop->call_soon([&w, &executor, fn = std::make_shared<F>(std::move(fn))] {
        w.any = w.loop->run_in_executor(executor, std::move(*fn));
    });
    w.turns(2);
}

TEST(HostileExecutor, Call) {
    everything(kCall | has::exceptions, [](World& w) {
        Inline executor(true);
        call_in(w, executor, [&w] { w.strike("call", 1); });
        w.turns();
        w.thrown = w.thrown_interrupts = 0;  // the errors are the future's, which is let go of
    });
}
TEST(HostileExecutor, CallWhileTheTaskWaits) {
    everything(kCall | has::exceptions, [](World& w) {
        Inline executor(false);
        const auto body = [](World& world, Inline& where) -> Coro<> {
            co_await world.loop->run_in_executor(where, [&world] { world.strike("call", 1); });
        };
        w.task = w.loop->create_task(body, std::ref(w), std::ref(executor));
        w.turns(2);
        executor.shutdown();
        w.turns();
        w.thrown = w.thrown_interrupts = 0;
    });
}
TEST(HostileExecutor, Argument) {
    everything(kCall, [](World& w) {
        Inline executor(true);
        call_in(w, executor, [hostile = Hostile(w)] {});
        w.turns();
    });
}
TEST(HostileExecutor, ArgumentOfACancelledCall) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w)] {});
        w.any.cancel();
        w.turns();
        executor.shutdown();
        w.turns();
    });
}
TEST(HostileExecutor, ArgumentOfACallThatTheExecutorCancels) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w)] {});
        executor.shutdown(true, true);
        w.turns();
    });
}
TEST(HostileExecutor, ArgumentOfACallThatFails) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w)] {});
        executor.fail();
        w.turns();
    });
}
TEST(HostileExecutor, ArgumentOfACallOfAClosedLoop) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w)] {});
        w.loop->close();
        executor.shutdown();
    });
}
TEST(HostileExecutor, Result) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w, "result")]() mutable { return std::move(hostile); });
        executor.shutdown();
        w.turns();
        w.any = {};
        w.turns();
    });
}
TEST(HostileExecutor, ResultThatNobodyWaitsFor) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w, "result")]() mutable { return std::move(hostile); });
        executor.shutdown();
        w.any.cancel();
        w.turns();
    });
}
TEST(HostileExecutor, ResultOfAClosedLoop) {
    everything(kCall, [](World& w) {
        Inline executor(false);
        call_in(w, executor, [hostile = Hostile(w, "result")]() mutable { return std::move(hostile); });
        executor.shutdown();
        w.loop->close();
        w.any = {};
    });
}

// --- thread futures --------------------------------------------------------------------------------

TEST(HostileThreadFuture, DoneCallback) {
    everything(kCall, [](World& w) {
        concurrent::Future<> source;
        w.any = wrap_future(source, *w.loop);
        w.future = w.loop->create_future<>();
        source.add_done_callback([&w](const concurrent::Future<>&) { w.strike("callback", 1); });
        source.set_running_or_notify_cancel();
        source.set_result();
        w.turns();
    });
}
TEST(HostileThreadFuture, DoneCallbackThatDies) {
    everything(kCall, [](World& w) {
        std::optional<concurrent::Future<>> source(std::in_place);
        w.any = wrap_future(*source, *w.loop);
        source->add_done_callback([hostile = Hostile(w)](const concurrent::Future<>&) {});
        source.reset();
        w.turns();
        w.any = {};
        w.turns();
    });
}
TEST(HostileThreadFuture, CoroutineFromElsewhere) {
    everything(kCall | has::exceptions, [](World& w) {
        const auto body = [](World& world) -> Coro<> {
            co_await sleep(0s);
            world.strike("coroutine", 1);
        };
        const auto future = run_coroutine_threadsafe(*w.loop, body, std::ref(w));
        w.turns();
        w.loop = nullptr;
        w.thrown = w.thrown_interrupts = 0;
    });
}
TEST(HostileThreadFuture, CoroutineFromElsewhereDropped) {
    everything(kCall, [](World& w) {
        const auto body = [](World& world, Hostile) -> Coro<> {
            world.future = world.loop->create_future<>();
            co_await world.future;
        };
        auto future = run_coroutine_threadsafe(*w.loop, body, std::ref(w), Hostile(w));
        w.turns();
        future.cancel();
        w.turns();
    });
}
TEST(HostileThreadFuture, CoroutineThatNeverArrives) {
    everything(kCall, [](World& w) {
        const auto body = [](Hostile) -> Coro<> { co_return; };
        auto future = run_coroutine_threadsafe(*w.loop, body, Hostile(w));
        w.loop->close();
    });
}

// --- another thread --------------------------------------------------------------------------------

TEST(HostileThread, ResultOfToThread) {
    everything(kCall, [](World& w) {
        const auto body = [](World& world) -> Coro<> {
            auto made = co_await to_thread([](World* where) { return Hostile(*where, "result"); }, &world);
            const Hostile taken = std::move(made);
        };
        w.task = w.loop->create_task(body, std::ref(w));
        w.turns(1);
        while (w.up() && w.task && !w.task.done()) w.turns(1);
        w.turns();
    });
}
TEST(HostileThread, CallbackPostedByAThread) {
    everything(kCall | has::exceptions, [](World& w) {
        std::thread([&w] { w.loop->call_soon_threadsafe([&w] { w.strike("callback", 1); }); }).join();
        w.turns();
    });
}

}  // namespace
}  // namespace aio::tests
