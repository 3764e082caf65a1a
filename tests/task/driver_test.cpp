// SPDX-License-Identifier: MIT
// Tasks that are no coroutines (aio/task/detail/driver.hpp): the state machine of support/machine.hpp.
#include <aio/compose.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>
#include <support/log_capture.hpp>
#include <support/machine.hpp>
#include <support/trace.hpp>
#include <support/way.hpp>

#include <chrono>
#include <coroutine>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::awaits_once;
using tests::LogCapture;
using tests::machine;
using tests::Trace;
using tests::way;

// What the machine does, as a coroutine.
Coro<int> twin(Lock& lock, Future<int> future, tests::Machine::Log log) {
    try {
        log("begins");
        const auto guard = co_await lock.guard();
        log("acquired");
        co_await sleep(2s);
        log("slept");
        const int value = co_await future;
        log("ends");
        co_return value;
    } catch (const CancelledError& e) {
        log("cancelled" + std::string(e.message()));
        throw;
    }
}

struct Driver : ::testing::Test, testing::LoopTest {
    Trace trace;
    auto trace_it() {
        return [this](const std::string& text) { trace(text); };
    }

    // Two tasks of `body` beside two others; one of the first is cancelled after `when`.
    template <class Body>
    std::string scene(Body body, Duration when) {
        trace.clear();
        run([&]() -> Coro<> {
            Lock lock;
            Future<int> future = loop().create_future<int>();
            const TimePoint start = loop().time();
            std::vector<Task<int>> tasks;
            auto tell = [this, start](const std::string& text) {
                trace(current_task().get_name(), text, (loop().time() - start) / 1ms);
            };
            for (const char* name : {"a", "b", "c"})
                tasks.push_back(create_task(body(lock, future, tell), name));
            loop().call_later(5s, [&] { future.set_result(7); });
            loop().call_later(when, [&] { trace("cancel", tasks[1].cancel("!")); });
            loop().call_later(3s, [&] { trace("locked", lock.locked()); });
            co_await wait(tasks);
            for (const Task<int>& task : tasks)
                trace(task.get_name(), task.cancelled(), task.cancelled() ? 0 : task.result());
            trace("locked", lock.locked());
        });
        return trace.text();
    }
};

TEST_F(Driver, DoesWhatACoroutineDoes) {
    std::set<std::string> seen;
    for (const Duration when :
         std::vector<Duration>{0ms, 500ms, 1500ms, 2500ms, 3500ms, 4500ms, 5500ms, 6500ms, 7500ms}) {
        const std::string expected = scene(twin, when);
        EXPECT_EQ(scene(machine, when), expected);
        seen.insert(expected);
    }
    EXPECT_GT(seen.size(), 6U);
}

TEST_F(Driver, NeverBeginsIfItWasCancelledBefore) {  // S40
    run([&]() -> Coro<> {
        Lock lock;
        const Task<int> task = create_task(machine(lock, loop().create_future<int>(), trace_it()));
        task.cancel();
        co_await tests::ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(trace.text(), "");
        EXPECT_FALSE(lock.locked());
    });
}

TEST_F(Driver, CancelsTheFutureThatItAwaits) {  // S45
    run([&]() -> Coro<> {
        Lock lock;
        const Future<int> future = loop().create_future<int>();
        const Task<int> task = create_task(machine(lock, future, trace_it()));
        co_await sleep(3s);
        EXPECT_TRUE(task.cancel("!"));
        EXPECT_TRUE(future.cancelled());
        EXPECT_EQ(task.cancelling(), 1U);
        co_await sleep(0s);
        co_await sleep(0s);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(trace.joined(), "begins | acquired | slept | cancelled!");
    });
}

TEST_F(Driver, HasANameAContextAndAnEagerStart) {
    run([&]() -> Coro<> {
        ContextVar<std::string> place("place", "nowhere");
        place.set("outside");
        Lock lock;
        const auto look = [&](const std::string& text) {
            trace(current_task().get_name(), text, place.get());
            place.set("inside");
        };
        const Task<int> task = create_task(machine(lock, loop().create_future<int>(), look),
                                           TaskOptions().name("machine").eager_start(true));
        EXPECT_EQ(trace.joined(), "machine begins outside | machine acquired inside");
        EXPECT_EQ(place.get(), "outside");
        EXPECT_EQ(task.get_context().run([&] { return place.get(); }), "inside");
        EXPECT_EQ(function_name(task.get_coro()), "aio::tests::Machine::machine");
        task.cancel();
        co_await tests::ended(task);
        EXPECT_FALSE(lock.locked());
    });
}

TEST_F(Driver, IsPartOfACoroutine) {
    run([&]() -> Coro<> {
        Lock lock;
        const Future<int> future = loop().create_future<int>();
        future.set_result(3);
        const int value = co_await machine(lock, future, trace_it());
        EXPECT_EQ(value, 3);
        EXPECT_FALSE(lock.locked());
        const auto late =
            co_await as_result(wait_for(machine(lock, loop().create_future<int>(), trace_it()), 10s));
        EXPECT_TRUE(late.exception() && describe(late.exception()).starts_with("aio::TimeoutError"));
        EXPECT_FALSE(lock.locked());
        std::vector<Coro<int>> both;
        both.push_back(machine(lock, future, trace_it()));
        both.push_back(machine(lock, future, trace_it()));
        const TimePoint start = loop().time();
        const std::vector<int> values = co_await gather(std::move(both));
        EXPECT_EQ(values, (std::vector<int>{3, 3}));
        EXPECT_EQ(loop().time() - start, 4s);
    });
}

TEST_F(Driver, IsReportedIfItNeverRan) {
    loop().set_debug(true);
    run([&]() -> Coro<> {
        const LogCapture captured;
        Lock lock;
        {
            const auto unused = machine(lock, loop().create_future<int>(), trace_it());
        }
        EXPECT_EQ(captured.messages().size(), 1U);
        EXPECT_TRUE(captured.messages().at(0).starts_with(
            "coroutine 'aio::tests::Machine::machine' was never awaited"));
        co_return;
    });
}

TEST_F(Driver, IsDestroyedWithItsLoop) {
    Lock lock;
    {
        EventLoopPtr other = new_event_loop();
        other->set_exception_handler(
            [&](EventLoop&, const ExceptionContext& context) { trace(context.message()); });
        other->create_task(machine(lock, other->create_future<int>(), trace_it()));
        other->call_later(1ms, [&] { other->stop(); });
        other->run_forever();
        EXPECT_TRUE(lock.locked());
    }
    EXPECT_FALSE(lock.locked());
    EXPECT_EQ(trace.joined(), "begins | acquired | Task was destroyed but it is pending!");
}

// --- errors and their ways

Coro<int> fails_later() {
    co_await sleep(1s);
    throw ValueError("v");
}

TEST_F(Driver, FailsWithTheErrorOfWhatItAwaits) {
    run([&]() -> Coro<> {
        Lock lock;
        const Future<int> future = loop().create_future<int>();
        const Task<int> task = create_task(machine(lock, future, trace_it()));
        future.set_exception(ValueError("v"));
        co_await tests::ended(task);
        EXPECT_EQ(describe(task.exception()), "aio::ValueError: v");
        EXPECT_FALSE(lock.locked());
        // The await in go_on(), and what it calls itself, of which only the beginning is known.
        EXPECT_EQ(way(task.exception(), tests::Machine::kTop),
                  "machine go_on+" + std::to_string(tests::Machine::kFuture));
        const Task<int> once = create_task(awaits_once(fails_later));
        co_await tests::ended(once);
        const std::vector<FrameSummary> frames = traceback(once.exception());
        EXPECT_EQ(frames.size(), 2U);
        EXPECT_EQ(frames.back().name(), "aio::fails_later");
    });
}

// --- awaiters of one's own

using Resumes = std::coroutine_handle<>;  // and no other: nothing of aio is known of whom it resumes

enum class How : std::uint8_t { at_once, not_at_all, on_the_spot, fails };
template <class Suspends>
class Own {
public:
    explicit Own(How how) : how_(how) {}
    bool await_ready() const noexcept { return how_ == How::at_once; }
    Suspends await_suspend(Resumes awaiter);
    std::string await_resume() const { return "done"; }

private:
    How how_;
};

template <>
void Own<void>::await_suspend(Resumes awaiter) {
    if (how_ == How::fails) throw ValueError("refused");
    awaiter.resume();
}
template <>
bool Own<bool>::await_suspend(Resumes awaiter) {
    if (how_ == How::fails) throw ValueError("refused");
    if (how_ == How::not_at_all) return false;
    awaiter.resume();
    return true;
}
template <>
Resumes Own<Resumes>::await_suspend(Resumes awaiter) {
    if (how_ == How::fails) throw ValueError("refused");
    if (how_ == How::not_at_all) return awaiter;
    awaiter.resume();
    return std::noop_coroutine();
}

template <class Make>
Coro<std::string> awaited(Make make) {
    auto awaiter = make();
    co_return co_await awaiter;
}
std::string text_of(const Result<std::string>& result) {
    return result ? result.value() : describe(result.exception());
}
template <class Suspends>
Coro<std::string> outcome(How how) {
    const auto make = [how] { return Own<Suspends>(how); };
    const Result<std::string> expected = co_await as_result(awaited(make));
    const Result<std::string> result = co_await as_result(awaits_once(make));
    EXPECT_EQ(text_of(result), text_of(expected));
    co_return text_of(result);
}
template <class Suspends>
Coro<> check_outcomes() {
    std::vector<std::string> results;
    for (const How how : {How::at_once, How::not_at_all, How::on_the_spot, How::fails}) {
        if (std::is_void_v<Suspends> && how == How::not_at_all) continue;
        results.push_back(co_await outcome<Suspends>(how));
    }
    EXPECT_EQ(results.back(), "aio::ValueError: refused");
    results.pop_back();
    EXPECT_EQ(results, std::vector<std::string>(results.size(), "done"));
}

TEST_F(Driver, AwaitsWhateverTakesACoroutineHandle) {
    run([&]() -> Coro<> {
        co_await check_outcomes<void>();
        co_await check_outcomes<bool>();
        co_await check_outcomes<Resumes>();
    });
}

// Awaits `count` times.
template <class Suspends>
class Often final : public detail::TaskDriver {
public:
    explicit Often(int count) : TaskDriver(SourceLocation::current()), left_(count) {}
    bool step() {
        if (begun_) end_await(awaiter_);
        begun_ = true;
        return left_-- == 0 || begin_await(awaiter_);
    }
    bool result() const { return true; }

private:
    int left_;
    bool begun_ = false;
    Own<Suspends> awaiter_{How::not_at_all};
};

TEST_F(Driver, DoesNotGrowTheStackWhereNothingWaits) {
    EXPECT_TRUE(run(detail::drive(Often<bool>(1'000'000))));
}

}  // namespace
}  // namespace aio
