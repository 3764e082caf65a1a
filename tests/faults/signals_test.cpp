// SPDX-License-Identifier: MIT
// Faults of signals and of waking the loop; docs/faults.md explains the numbers.
#include <support/log_capture.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <aio/loop.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
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

}  // namespace
}  // namespace aio::tests
