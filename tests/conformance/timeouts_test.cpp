// SPDX-License-Identifier: MIT
// S62 to S72: wait_for() and timeout().
#include "conformance.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <support/ended.hpp>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S62_wait_for_cancels_on_timeout_and_waits_until_the_inner_really_ended) {
    auto slow = [&]() -> Coro<> {
        std::exception_ptr error;
        try {
            co_await sleep(9s);
        } catch (...) {
            error = std::current_exception();
        }
        co_await sleep(100ms);
        print("cleaned");
        if (error) std::rethrow_exception(error);
    };
    run([&]() -> Coro<> {
        const TimePoint start = loop().time();
        try {
            co_await wait_for(slow(), 50ms);
        } catch (const TimeoutError&) {
            print("timeout", loop().time() - start >= 150ms);
        }
        const std::string v = co_await wait_for(sleep(10ms, std::string("v")), std::nullopt);
        print(v);
    });
    expect("cleaned\ntimeout True\nv\n");
}

TEST_F(Conformance, S63_outcomes_of_a_cancelled_inner) {
    auto keeps = []() -> Coro<std::string> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
        co_return "kept";
    };
    auto fails = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            throw ValueError("cleanup failed");
        }
    };
    run([&]() -> Coro<> {
        const std::string kept = co_await wait_for(keeps(), 10ms);
        print(kept);
        try {
            co_await wait_for(fails(), 10ms);
        } catch (const std::exception&) {
            print(repr(std::current_exception()));
        }
    });
    expect("kept\nValueError('cleanup failed')\n");
}

TEST_F(Conformance, S64_a_non_positive_timeout) {
    auto t = [&]() -> Coro<> {
        print("started");
        co_return;
    };
    run([&]() -> Coro<> {
        Future<std::string> f = loop().create_future<std::string>();
        f.set_result("done");
        print(co_await wait_for(f, 0s));
        for (int d = 0; d >= -1; --d) {
            try {
                co_await wait_for(t(), std::chrono::seconds(d));
            } catch (const TimeoutError&) {
                print("timeout");
            }
        }
    });
    expect("done\ntimeout\ntimeout\n");
}

TEST_F(Conformance, S65_result_and_deadline_in_the_same_iteration) {
    auto until = [](Future<std::string> f) -> Coro<std::string> { co_return co_await wait_for(f, 20ms); };
    auto scenario = [&](bool result_first) -> Coro<std::string> {
        Future<std::string> f = loop().create_future<std::string>();
        const TimePoint t = loop().time() + 20ms;
        if (result_first) loop().call_at(t - 1ms, [f] { f.set_result("v"); });
        auto w = create_task(until, f);
        co_await sleep(0s);
        if (!result_first) {
            loop().call_at(t + 1ms, [f] {
                if (!f.done()) f.set_result("v");
            });
        }
        clock().advance(30ms);  // both are due in one iteration
        std::string outcome = "TimeoutError";
        try {
            outcome = co_await w;
        } catch (const TimeoutError&) {
        }
        if (result_first) {
            EXPECT_EQ(f.result(), "v") << "the value stays in the future";
        }
        co_return outcome;
    };
    run([&]() -> Coro<> {
        const std::string first = co_await scenario(true);
        const std::string second = co_await scenario(false);
        print(first, second);
    });
    expect("TimeoutError TimeoutError\n");
}

TEST_F(Conformance, S66_cancelling_the_caller_of_wait_for_cancels_the_inner) {
    auto inner = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (...) {
            print("inner ended");
            throw;
        }
    };
    run([&]() -> Coro<> {
        auto t = create_task(wait_for(inner(), 5s));
        co_await sleep(10ms);
        t.cancel();
        co_await ended(t);
        print(t.cancelled());
    });
    expect("inner ended\nTrue\n");
}

TEST_F(Conformance, S66_a_cancel_from_outside_wins_over_the_timeout) {
    run([&]() -> Coro<> {
        auto t = create_task(wait_for(sleep(9s), 20ms));
        co_await sleep(5ms);
        loop().call_later(20ms, [t] { t.cancel(); });
        clock().advance(40ms);
        co_await ended(t);
        print(t.cancelled());
    });
    expect("True\n");
}

TEST_F(Conformance, S67_wait_for_runs_the_coroutine_in_the_callers_own_task) {
    ContextVar<int> v("v", 0);
    AnyTask outer;
    auto inner = [&]() -> Coro<bool> {
        v.set(1);
        co_return current_task() == outer;
    };
    run([&]() -> Coro<> {
        outer = current_task();
        const bool own = co_await wait_for(inner(), 1s);
        print(own, v.get());
    });
    expect("True 1\n");
}

TEST_F(Conformance, S68_timeout_converts_only_its_own_cancellation_and_only_at_the_blocks_end) {
    run([&]() -> Coro<> {
        Timeout cm = timeout(10ms);
        auto body = [&]() -> Coro<> {
            try {
                co_await sleep(9s);
            } catch (const CancelledError&) {
                print("inside: CancelledError");
                throw;
            }
        };
        try {
            co_await async_with(cm, body);
        } catch (const TimeoutError&) {
            print("outside: TimeoutError", cm.expired(), current_task().cancelling());
        }
        Timeout long_one = timeout(9s);
        auto own = []() -> Coro<> {
            throw TimeoutError("own");
            co_return;
        };
        try {
            co_await async_with(long_one, own);
        } catch (const TimeoutError& e) {
            print(std::string_view(e.what()).starts_with("own") ? "own" : e.what(), long_one.expired());
        }
    });
    expect("inside: CancelledError\noutside: TimeoutError True 0\nown False\n");
}

TEST_F(Conformance, S69_an_outside_cancellation_stays_a_cancellation) {
    auto t = []() -> Coro<> {
        auto body = []() -> Coro<> { co_await sleep(9s); };
        co_await async_with(timeout(20ms), body);
    };
    run([&]() -> Coro<> {
        auto x = create_task(t);
        co_await sleep(5ms);
        x.cancel();
        co_await ended(x);
        print(x.cancelled());
        x = create_task(t);
        co_await sleep(5ms);
        loop().call_later(20ms, [x] { x.cancel(); });
        clock().advance(40ms);
        co_await ended(x);
        print(x.cancelled());
    });
    expect("True\nTrue\n");
}

TEST_F(Conformance, S70_nested_timeouts_the_one_that_fired_raises) {
    auto nest = [&](Duration o, Duration i) -> Coro<> {
        Timeout a = timeout(o);
        std::optional<bool> b;
        std::string who;
        auto inner = [&](Timeout& limit) -> Coro<> {
            try {
                co_await sleep(9s);
            } catch (const CancelledError&) {
                b = limit.expired();
                throw;
            }
        };
        auto outer = [&]() -> Coro<> {
            try {
                co_await async_with(timeout(i), inner);
            } catch (const TimeoutError&) {
                who = "inner";
            }
        };
        try {
            co_await async_with(a, outer);
        } catch (const TimeoutError&) {
            who = "outer";
        }
        print(who, a.expired(), *b);
    };
    run([&]() -> Coro<> {
        co_await nest(10ms, 50ms);
        co_await nest(50ms, 10ms);
    });
    expect("outer True False\ninner False True\n");
}

TEST_F(Conformance, S71_reschedule_when_misuse) {
    run([&]() -> Coro<> {
        Timeout cm = timeout(10ms);
        auto disarm = [&](Timeout& limit) -> Coro<> {
            limit.reschedule(std::nullopt);
            co_await sleep(20ms);
            print(limit.when() ? "a deadline" : "None", limit.expired());
        };
        co_await async_with(cm, disarm);
        try {
            cm.reschedule(TimePoint(1s));
        } catch (const RuntimeError&) {
            print("RuntimeError");
        }
        auto past = [&](Timeout& limit) -> Coro<> {
            limit.reschedule(loop().time() - 1s);
            print("still here");
            co_await sleep(9s);
        };
        try {
            co_await async_with(timeout(std::nullopt), past);
        } catch (const TimeoutError&) {
            print("timeout");
        }
        loop().call_soon([&] {
            Timeout c = timeout(1s);
            try {
                c.aenter().await_resume();
            } catch (const RuntimeError& e) {
                print(e.what());
            }
        });
        co_await sleep(0s);
    });
    expect("None False\nRuntimeError\nstill here\ntimeout\nTimeout should be used inside a task\n");
}

TEST_F(Conformance, S72_a_block_that_never_suspends_cannot_time_out) {
    auto blocks = [&]() -> Coro<> {
        clock().advance(30ms);  // time.sleep(): the thread is blocked meanwhile
        co_return;
    };
    auto blocks_and_waits = [&]() -> Coro<> {
        clock().advance(30ms);
        co_await sleep(10ms);
    };
    auto swallows = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
        }
    };
    run([&]() -> Coro<> {
        Timeout first = timeout(10ms);
        co_await async_with(first, blocks);
        print("no error", first.expired());
        try {
            co_await async_with(timeout(10ms), blocks_and_waits);
        } catch (const TimeoutError&) {
            print("timeout");
        }
        Timeout last = timeout(10ms);
        co_await async_with(last, swallows);
        print("swallowed", last.expired(), current_task().cancelling());
    });
    expect("no error False\ntimeout\nswallowed True 0\n");
}

}  // namespace
}  // namespace aio::tests
