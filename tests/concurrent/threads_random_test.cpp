// SPDX-License-Identifier: MIT
// Threads and a loop that use each other at random, until the loop closes under their hands. What each call
// gives is checked; what must not happen otherwise is for the sanitizers to see.
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>

#include <gtest/gtest.h>
#include <random>
#include <support/log_capture.hpp>
#include <thread>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

// Takes some time of some kind and gives `n` back; fails, or never ends, for some.
Coro<unsigned> work(unsigned n) {
    switch (n % 5) {
        case 0:
            co_await sleep(std::chrono::microseconds(n % 300));
            break;
        case 1:
            co_await to_thread([] { std::this_thread::sleep_for(20us); });  // a call that blocks its thread
            break;
        case 2:
            co_await sleep(0s);
            break;
        case 3:
            throw ValueError("work");
        default:
            co_await sleep(1h);
    }
    co_return n;
}

// Goes on until it has found the loop closed a number of times.
class Client {
public:
    Client(EventLoop& loop, unsigned seed) : loop_(loop), random_(seed) {}

    void run() {
        for (int refused = 0; refused < 20;) {
            try {
                use(static_cast<unsigned>(random_()));
            } catch (const RuntimeError& e) {
                EXPECT_STREQ(e.what(), "Event loop is closed");
                ++refused;
            }
        }
    }

private:
    void use(unsigned n) {
        const concurrent::Future<unsigned> future = run_coroutine_threadsafe(work(n), loop_);
        switch (random_() % 6) {
            case 0:
                future.cancel();
                break;
            case 1:
                keep(future);
                break;
            case 2:
                future.add_done_callback([](const auto& done) { EXPECT_TRUE(done.done()); });
                break;
            case 3:
                loop_.call_soon_threadsafe([future] { future.cancel(); });
                break;
            case 4:
                check(future, n);
                break;
            default:
                break;  // drops it
        }
    }
    void check(const concurrent::Future<unsigned>& future, unsigned n) {
        try {
            EXPECT_EQ(future.result(2ms), n);
        } catch (const TimeoutError&) {
            future.cancel();
        } catch (const ValueError&) {
            EXPECT_EQ(n % 5, 3u);
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "Executor shutdown has been called");
            EXPECT_EQ(n % 5, 1u);
        }
    }
    void keep(const concurrent::Future<unsigned>& future) {
        kept_.push_back(future);
        if (kept_.size() < 50) return;
        for (const auto& one : kept_) one.cancel();
        concurrent::wait(kept_, WaitOptions(10ms));
        kept_.clear();
    }

    EventLoop& loop_;
    std::mt19937 random_;
    std::vector<concurrent::Future<unsigned>> kept_;
};

// The loop's own use of threads, some of it cancelled.
Coro<> use_threads(Duration time, unsigned seed) {
    EventLoop& loop = get_running_loop();
    const TimePoint end = loop.time() + time;
    concurrent::ThreadPoolExecutor pool(3);
    std::mt19937 random(seed);
    while (loop.time() < end) {
        auto in_pool = loop.run_in_executor(pool, [] { return 5; });
        auto in_thread = create_task([]() -> Coro<int> { co_return co_await to_thread([] { return 3; }); });
        if (random() % 2) in_pool.cancel();
        if (random() % 3 == 0) co_await sleep(0s);
        if (random() % 3 == 0) in_thread.cancel();
        const auto [five, three] = co_await gather(return_exceptions, in_pool, in_thread);
        EXPECT_TRUE(five.exception() || five.value() == 5);
        EXPECT_TRUE(three.exception() || three.value() == 3);
    }
    pool.shutdown(false, true);
}

TEST(ThreadsRandom, ALoopThatClosesInTheMiddle) {
    const tests::LogCapture log;  // callbacks that find the loop closed are reported, as in Python
    for (unsigned round = 0; round < 8; ++round) {
        const EventLoopPtr loop = new_event_loop();
        loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] { Client(*loop, 4 * round + i).run(); });
        }
        loop->run_until_complete(use_threads(30ms, round));
        if (round % 2) loop->run_until_complete(loop->shutdown_default_executor());
        loop->close();
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(loop->stats().tasks, 0U);
        EXPECT_EQ(loop->stats().threads, 0U);
    }
    for (const std::string& message : log.messages()) {
        EXPECT_TRUE(message.ends_with("Event loop is closed")) << message;
    }
}

}  // namespace
}  // namespace aio
