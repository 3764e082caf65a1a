// SPDX-License-Identifier: MIT
// Errors keep their traceback on the way through threads, pools and their futures.
#include <aio/compose.hpp>
#include <aio/concurrent.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/way.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::way;

constexpr unsigned kTop = __LINE__;
Coro<int> fails_later() {
    co_await sleep(0s);
    throw ValueError("v");
}
Coro<int> awaits() { co_return co_await fails_later(); }
int throws() { throw ValueError("v"); }
Coro<int> in_thread() { co_return co_await to_thread(throws); }
Coro<int> in_executor() { co_return co_await get_running_loop().run_in_executor(nullptr, throws); }
Coro<int> wraps(concurrent::Future<int> future) { co_return co_await wrap_future(future); }

const std::string kAwaits = "awaits+5 fails_later+2...";

std::string way_of(const std::exception_ptr& error) { return way(error, kTop); }

Coro<std::string> way_out_of(Coro<int> coro) { co_return way_of((co_await as_result(coro)).exception()); }

TEST(TracebacksThread, OfWhatAThreadThrewBeginWhereItWasAwaited) {
    EXPECT_EQ(run(way_out_of(in_thread())), "in_thread+7");
    EXPECT_EQ(run(way_out_of(in_executor())), "in_executor+8");
}

TEST(TracebacksThread, OfACoroutineAreThereInTheThreadThatAskedForIt) {
    std::string seen;
    auto amain = [&]() -> Coro<> {
        EventLoop& loop = get_running_loop();
        co_await to_thread([&] {
            const auto future = run_coroutine_threadsafe(awaits(), loop);
            try {
                future.result();
            } catch (const ValueError&) {
                seen = way_of(std::current_exception());
            }
        });
    };
    run(amain());
    EXPECT_EQ(seen, kAwaits);
}

TEST(TracebacksThread, GoOnInAnotherLoopByWrapFuture) {
    const concurrent::Future<int> between;
    std::thread other([between] {
        auto fails = [](concurrent::Future<int> to) -> Coro<> {
            const auto result = co_await as_result(awaits());
            to.set_exception(result.exception());
        };
        run(fails(between));
    });
    EXPECT_EQ(run(way_out_of(wraps(between))), "wraps+9 " + kAwaits);
    other.join();
}

TEST(TracebacksThread, OfAnErrorThatManyThreadsThrowStayWhole) {
    auto error_of = []() -> Coro<std::exception_ptr> {
        co_return (co_await as_result(awaits())).exception();
    };
    const std::exception_ptr error = run(error_of());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([error] {
            for (int i = 0; i < 50; ++i) {
                const concurrent::Future<int> future;
                future.set_exception(error);
                EXPECT_TRUE(run(way_out_of(wraps(future))).ends_with(kAwaits));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace aio
