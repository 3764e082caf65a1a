// SPDX-License-Identifier: MIT
// Faults of several threads; docs/faults.md explains the numbers.
#include <aio/aio.hpp>
#include <aio/concurrent/wait.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <csignal>
#include <memory>
#include <random>
#include <string>
#include <support/latch.hpp>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

constexpr int kThreads = 8;

// What `thread` posts, as often as `go_on(i)` says so; pauses of random lengths in between.
template <class Post, class GoOn>
void post_with_pauses(int thread, Post&& post, GoOn&& go_on) {
    std::minstd_rand random(static_cast<unsigned>(thread) + 1);
    for (int i = 0; go_on(i); ++i) {
        post(i);
        for (auto pause = random() % 4; pause > 0; --pause) std::this_thread::yield();
    }
}

TEST(ThreadsFaults, F25_calls_from_many_threads) {
    const int calls = static_cast<int>(part_of(kSanitized ? 2'000 : 100'000));
    const EventLoopPtr loop = new_event_loop();
    std::array<int, kThreads> next{};
    int out_of_order = 0;
    int left = kThreads * calls;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            const auto post = [&](int i) {
                loop->call_soon_threadsafe([&, t, i] {
                    out_of_order += next[static_cast<std::size_t>(t)]++ != i;
                    if (--left == 0) loop->stop();
                });
            };
            post_with_pauses(t, post, [&](int i) { return i < calls; });
        });
    }
    loop->run_forever();  // for ever, if a call or its wake-up is lost
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(out_of_order, 0);
    EXPECT_EQ(loop->stats().ready, 0U);
}

TEST(ThreadsFaults, F25_the_loop_closes_while_threads_call) {
    for (int round = 0; round < 20; ++round) {
        const EventLoopPtr loop = new_event_loop();
        const Lifetime life;
        std::array<int, kThreads> next{};
        std::array<std::string, kThreads> errors;
        std::atomic<int> refused{0};
        int out_of_order = 0;
        int came = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                const auto post = [&](int i) {
                    loop->call_soon_threadsafe([&, t, i, token = life.token()] {
                        out_of_order += next[static_cast<std::size_t>(t)]++ != i;
                        if (++came == 200) loop->stop();
                    });
                };
                errors[static_cast<std::size_t>(t)] =
                    thrown<RuntimeError>([&] { post_with_pauses(t, post, [](int) { return true; }); });
                ++refused;
            });
        }
        loop->run_forever();
        EXPECT_EQ(refused, 0);
        loop->close();
        for (std::thread& thread : threads) thread.join();
        for (const std::string& error : errors) EXPECT_EQ(error, "Event loop is closed");
        EXPECT_EQ(out_of_order, 0);
        EXPECT_TRUE(life.over());  // what did not run was dropped
    }
}

// Each signal finds the loop asleep, or about to fall asleep.
TEST(ThreadsFaults, F25_signals) {
    const EventLoopPtr loop = new_event_loop();
    std::atomic<int> calls{0};
    loop->add_signal_handler(SIGUSR1, [&] { ++calls; });
    std::thread thread([&] {
        for (int i = 0; i < 500; ++i) {
            ::kill(::getpid(), SIGUSR1);
            while (calls <= i) std::this_thread::yield();
        }
        loop->call_soon_threadsafe([&] { loop->stop(); });
    });
    loop->run_forever();
    thread.join();
    EXPECT_EQ(calls, 500);
}

// What the coroutine works on; it says when it is used after its end.
struct Subject {
    int uses = 0;
};

Coro<> use(Subject& subject, Latch& began, bool& cancelled) {
    try {
        began.set();
        co_await sleep(1h);
    } catch (const CancelledError&) {
        cancelled = true;
    }
    for (int i = 0; i < 100; ++i) {  // the clean-up
        co_await sleep(0s);
        ++subject.uses;
    }
}

TEST(ThreadsFaults, F26_a_cancelled_task_can_be_waited_for) {
    const EventLoopPtr loop = new_event_loop();
    std::thread runs([&] { loop->run_forever(); });
    for (int round = 0; round < 20; ++round) {
        auto subject = std::make_unique<Subject>();
        Latch began;
        bool cancelled = false;
        const auto future =
            run_coroutine_threadsafe(*loop, use, std::ref(*subject), std::ref(began), std::ref(cancelled));
        began.wait();
        EXPECT_TRUE(future.cancel());
        EXPECT_EQ(concurrent::wait(std::vector{future}).done.size(), 1U);
        EXPECT_TRUE(cancelled);
        EXPECT_EQ(subject->uses, 100);
        subject = nullptr;
    }
    loop->call_soon_threadsafe([&] { loop->stop(); });
    runs.join();
}

TEST(ThreadsFaults, F26_a_task_that_is_cancelled_before_never_begins) {
    const EventLoopPtr loop = new_event_loop();
    std::thread runs([&] { loop->run_forever(); });
    int begun = 0;
    for (int round = 0; round < 50; ++round) {
        Latch busy;
        Latch go;
        loop->call_soon_threadsafe([&] {
            busy.set();
            go.wait();
        });
        busy.wait();
        auto subject = std::make_unique<Subject>();
        const auto count = [&begun](Subject&) -> Coro<> {
            ++begun;
            co_return;
        };
        const auto future = run_coroutine_threadsafe(*loop, count, std::ref(*subject));
        EXPECT_TRUE(future.cancel());
        go.set();
        EXPECT_EQ(concurrent::wait(std::vector{future}).done.size(), 1U);
        subject = nullptr;
    }
    loop->call_soon_threadsafe([&] { loop->stop(); });
    runs.join();
    EXPECT_EQ(begun, 0);
}

TEST(ThreadsFaults, F26_the_loop_closes_before_the_cancelled_task_has_ended) {
    const LogCapture log;
    EventLoopPtr loop = new_event_loop();
    loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto subject = std::make_unique<Subject>();
    Latch began;
    bool cancelled = false;
    const auto future =
        run_coroutine_threadsafe(*loop, use, std::ref(*subject), std::ref(began), std::ref(cancelled));
    std::thread runs([&] {
        loop->run_forever();
        loop = nullptr;
    });
    began.wait();
    loop->call_soon_threadsafe([&] { loop->stop(); });
    future.cancel();
    EXPECT_EQ(concurrent::wait(std::vector{future}).done.size(), 1U);
    subject = nullptr;
    runs.join();
}

}  // namespace
}  // namespace aio::tests
