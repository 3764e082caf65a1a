// SPDX-License-Identifier: MIT
// Faults of signals and of waking the loop; docs/faults.md explains the numbers.
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <aio/compose.hpp>
#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

// More signals and calls from other threads than any pipe between them and the loop could hold, while the
// loop is busy.
TEST(SignalFaults, F60_many_signals_and_wake_ups_Thread) {
    const int signals = static_cast<int>(part_of(kSanitized ? 20'000 : 200'000));
    const LogCapture captured;
    const EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    int users = 0;
    int terms = 0;
    std::atomic<long> posted = 0;
    long called = 0;
    loop.add_signal_handler(SIGUSR1, [&] { ++users; });
    loop.add_signal_handler(SIGTERM, [&] { ++terms; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            for (int call = 0; call < signals / 10; ++call) {
                loop.call_soon_threadsafe([&] { ++called; });
                ++posted;
            }
        });
    }
    loop.call_soon([&] {  // the loop is blocked until all of it has come
        for (int i = 0; i < signals; ++i) ::kill(::getpid(), SIGUSR1);
        ::kill(::getpid(), SIGTERM);
        for (std::thread& thread : threads) thread.join();
    });
    while (terms == 0 || called < 2 * (signals / 10)) {
        loop.call_soon([&] { loop.stop(); });
        loop.run_forever();
    }
    EXPECT_EQ(called, posted.load());
    EXPECT_EQ(terms, 1);
    EXPECT_GE(users, 1);
    EXPECT_TRUE(captured.messages().empty()) << captured.messages().front();
}

// --- F120 ------------------------------------------------------------------------------------------------

/// Forks in another thread than the main one; tells how the child, which has that thread alone, ended.
std::string child_of_a_thread(const std::function<void()>& fn) {
    std::string ended;
    std::thread thread([&] {
        const EventLoopPtr loop = new_event_loop();
        EXPECT_THROW(loop->add_signal_handler(SIGINT, [] {}), ValueError) << "not the main thread here";
        ended = run_in_child([&] {
            ::alarm(60);  // rather than hang
            std::signal(SIGINT, SIG_DFL);
            fn();
        });
    });
    thread.join();
    return ended;
}
void expect_interrupt() {
    const EventLoopPtr loop = new_event_loop();
    int interrupts = 0;
    loop->add_signal_handler(SIGINT, [&] {
        ++interrupts;
        loop->stop();
    });
    loop->call_soon([] { ::kill(::getpid(), SIGINT); });
    loop->run_forever();
    ::_exit(interrupts == 1 ? 7 : 1);
}

TEST(SignalFaults, F120_a_child_of_another_thread_handles_signals_Thread) {
    EXPECT_EQ(child_of_a_thread(expect_interrupt), "exit 7");
}
TEST(SignalFaults, F120_a_child_of_another_thread_handles_what_its_parent_handles_Thread) {
    const EventLoopPtr loop = new_event_loop();
    loop->add_signal_handler(SIGINT, [] { ADD_FAILURE() << "the child's, not the parent's"; });
    EXPECT_EQ(child_of_a_thread(expect_interrupt), "exit 7");
    EXPECT_TRUE(loop->remove_signal_handler(SIGINT));
}
TEST(SignalFaults, F120_run_in_a_child_of_another_thread_is_interrupted_Thread) {
    const auto interrupted = [] {
        const auto body = []() -> Coro<> {
            ::kill(::getpid(), SIGINT);
            // No timer: where it ignores interceptors, as in such a child, TSan's epoll_pwait2() waits twice
            // and gives only what the second wait finds.
            co_await get_running_loop().create_future();
        };
        try {
            run(body);
        } catch (const KeyboardInterrupt&) {
            ::_exit(7);
        }
    };
    EXPECT_EQ(child_of_a_thread(interrupted), "exit 7");
}

}  // namespace
}  // namespace aio::tests
