// SPDX-License-Identifier: MIT
// ThreadPoolExecutor: threads, queue, shutdown.
#include <aio/concurrent.hpp>

#include "add.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <support/child.hpp>
#include <support/latch.hpp>
#include <support/lifetime.hpp>
#include <support/log_capture.hpp>
#include <support/sanitized.hpp>
#include <support/trace.hpp>
#include <thread>
#include <vector>

namespace aio::concurrent {
namespace {

using namespace std::chrono_literals;
using tests::add;
using tests::Latch;
using tests::thrown;

static_assert(!std::is_copy_constructible_v<ThreadPoolExecutor>);

std::string thread_name() {
    char name[16] = "";
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    return name;
}

struct Counter {
    int value = 40;
    int plus(int more) const { return value + more; }
};

TEST(ThreadPool, SubmitTakesAllKindsOfCallables) {
    ThreadPoolExecutor pool(1);
    EXPECT_EQ(pool.submit(add, 1, 2).result(), 3);
    EXPECT_EQ(pool.submit(&Counter::plus, Counter(), 2).result(), 42);
    auto owner = std::make_unique<int>(5);
    EXPECT_EQ(*pool.submit([](std::unique_ptr<int> given) { return given; }, std::move(owner)).result(), 5);
    int target = 0;
    pool.submit([](int& out) { out = 9; }, std::ref(target)).result();
    EXPECT_EQ(target, 9);
    EXPECT_EQ(thrown<ValueError>([&] { pool.submit([] { throw ValueError("x"); }).result(); }), "x");
}

TEST(ThreadPool, IdleThreadsAreReusedAndNewOnesMadeOnDemand) {
    Latch go;
    ThreadPoolExecutor pool(3);
    EXPECT_EQ(pool.stats().threads, 0U);
    std::set<std::thread::id> ids;
    for (int i = 0; i < 20; ++i) {
        ids.insert(pool.submit([] { return std::this_thread::get_id(); }).result());
        while (pool.stats().idle == 0) std::this_thread::yield();
    }
    EXPECT_EQ(ids.size(), 1U);
    std::vector<Future<bool>> waiting;
    for (int i = 0; i < 5; ++i) waiting.push_back(pool.submit([&] { return go.wait(); }));
    EXPECT_EQ(pool.stats().threads, 3U);
    EXPECT_EQ(pool.stats().queued, 2U);
    go.set();
    for (const auto& f : waiting) EXPECT_TRUE(f.result());
}

TEST(ThreadPool, DefaultNumberOfThreadsAndRefusedOnes) {
    EXPECT_EQ(thrown<ValueError>([] { ThreadPoolExecutor(0); }), "max_workers must be greater than 0");
    EXPECT_THROW(ThreadPoolExecutor(ThreadPoolOptions().max_workers(-1)), ValueError);
    Latch go;
    ThreadPoolExecutor pool;
    std::vector<Future<bool>> waiting;
    for (int i = 0; i < 40; ++i) waiting.push_back(pool.submit([&] { return go.wait(); }));
    const unsigned expected = std::min(32U, std::thread::hardware_concurrency() + 4);
    EXPECT_EQ(pool.stats().threads, expected);  // if this process may use all processors
    go.set();
}

TEST(ThreadPool, NamesOfThreads) {
    ThreadPoolExecutor pool(ThreadPoolOptions(1).thread_name_prefix("loader"));
    EXPECT_EQ(pool.submit(thread_name).result(), "loader_0");
    ThreadPoolExecutor unnamed(1);
    EXPECT_EQ(unnamed.submit(thread_name).result().substr(0, 15), "ThreadPoolExecu");
}

TEST(ThreadPool, InitializerRunsInEachThreadFirst) {
    std::atomic<int> sum{0};
    ThreadPoolExecutor pool(
        ThreadPoolOptions(1).initializer([](std::atomic<int>* out, int by) { *out += by; }, &sum, 5));
    EXPECT_EQ(pool.submit([&] { return sum.load(); }).result(), 5);
    EXPECT_EQ(pool.submit([&] { return sum.load(); }).result(), 5);
}

TEST(ThreadPool, AFailingInitializerBreaksThePool) {
    const tests::LogCapture log;
    Latch go;
    ThreadPoolExecutor pool(ThreadPoolOptions(1).initializer([&] {
        go.wait();
        throw ValueError("no");
    }));
    const auto first = pool.submit(add, 1, 2);
    const auto second = pool.submit(add, 1, 2);
    go.set();
    const std::string text = "A thread initializer failed, the thread pool is not usable anymore";
    EXPECT_EQ(thrown<BrokenThreadPool>([&] { first.result(); }), text);
    EXPECT_EQ(thrown<BrokenExecutor>([&] { second.result(); }), text);
    EXPECT_EQ(thrown<BrokenThreadPool>([&] { pool.submit(add, 1, 2); }), text);
    EXPECT_EQ(log.messages(), std::vector<std::string>{"Exception in initializer:\naio::ValueError: no"});
}

TEST(ThreadPool, ShutdownFinishesTheQueueAndRefusesMore) {
    ThreadPoolExecutor pool(1);
    std::vector<Future<int>> futures;
    for (int i = 0; i < 50; ++i) futures.push_back(pool.submit(add, i, 1));
    pool.shutdown();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(futures[i].result(0s), i + 1);
    EXPECT_EQ(thrown<RuntimeError>([&] { pool.submit(add, 1, 2); }),
              "cannot schedule new futures after shutdown");
    EXPECT_EQ(pool.stats().threads, 0U);
    pool.shutdown();
}

TEST(ThreadPool, ShutdownWithCancelFuturesDropsTheQueue) {
    Latch go;
    ThreadPoolExecutor pool(1);
    const auto running = pool.submit([&] { return go.wait(); });
    const tests::Lifetime life;
    const auto queued = pool.submit([token = life.token()] { return 1; });
    pool.shutdown(false, true);
    EXPECT_TRUE(queued.cancelled());
    EXPECT_TRUE(life.over());
    EXPECT_EQ(wait(std::vector{queued}).done.size(), 1U);
    EXPECT_FALSE(running.done());
    go.set();
    pool.shutdown();
    EXPECT_TRUE(running.result(0s));
}

TEST(ThreadPool, TheDestructorWaits) {
    std::atomic<int> done{0};
    {
        ThreadPoolExecutor pool(2);
        for (int i = 0; i < 20; ++i) pool.submit([&] { ++done; });
    }
    EXPECT_EQ(done, 20);
}

TEST(ThreadPool, AJobMayNotWaitForItsOwnPool) {
    ThreadPoolExecutor pool(1);
    const auto f = pool.submit([&] { pool.shutdown(); });
    EXPECT_EQ(thrown<RuntimeError>([&] { f.result(); }), "cannot join current thread");
}

TEST(ThreadPool, AJobMayDropTheLastOwnerOfItsPool) {
    auto pool = std::make_shared<ThreadPoolExecutor>(1);
    Latch go;
    ThreadPoolExecutor& executor = *pool;
    const auto f = executor.submit([&go, owner = std::move(pool)]() mutable {
        go.wait();
        owner = nullptr;
        return 1;
    });
    go.set();
    EXPECT_EQ(f.result(), 1);
}

TEST(ThreadPool, CallablesAreDestroyedBeforeTheResultIsSeen) {
    ThreadPoolExecutor pool(1);
    const tests::Lifetime life;
    for (int i = 0; i < 100; ++i) {
        pool.submit([token = life.token()] {}).result();
        EXPECT_TRUE(life.over());
    }
}

TEST(ThreadPool, ACancelledJobIsNotCalled) {
    Latch go;
    ThreadPoolExecutor pool(1);
    bool called = false;
    pool.submit([&] { return go.wait(); });
    const auto f = pool.submit([&] { called = true; });
    EXPECT_TRUE(f.cancel());
    go.set();
    pool.shutdown();
    EXPECT_FALSE(called);
    EXPECT_TRUE(f.cancelled());
}

TEST(ThreadPool, ThreadsThatNobodyWaitedForEndBeforeTheProgramDoes) {
    EXPECT_EQ(tests::run_in_child([] {
                  Latch go;
                  auto* pool = new ThreadPoolExecutor(1);
                  pool->submit(&Latch::wait, &go);
                  pool->submit([] { ::_exit(42); });
                  pool->shutdown(false);
                  go.set();
                  std::exit(0);
              }),
              "exit 42");
}

TEST(ThreadPool, AJobMayExitTheProgram) {
    // While somebody waits for the pool, holding what exit() might want as well.
    EXPECT_EQ(tests::run_in_child([] { ThreadPoolExecutor(1).submit([] { std::exit(7); }); }), "exit 7");
    EXPECT_EQ(tests::run_in_child([] { ThreadPoolExecutor(1).submit([] { std::exit(7); }).result(); }),
              "exit 7");
    // It waits for the pool's other threads.
    EXPECT_EQ(tests::run_in_child([] {
                  Latch both;
                  ThreadPoolExecutor pool(2);
                  pool.submit([&] {
                      both.wait();
                      ::_exit(42);
                  });
                  pool.submit([&] {
                      both.set();
                      std::exit(0);
                  });
              }),
              "exit 42");
}

TEST(ThreadPool, NewPoolsRefuseWorkWhenTheProgramEnds) {
    EXPECT_EQ(tests::run_in_child([] {
                  Latch started;
                  ThreadPoolExecutor pool(1);
                  pool.submit([&] {
                      started.set();
                      std::string text = "no exception";
                      while (text == "no exception") {
                          ThreadPoolExecutor fresh(1);
                          text = thrown<RuntimeError>([&] { fresh.submit(add, 1, 2).result(); });
                      }
                      ::_exit(text == "cannot schedule new futures after interpreter shutdown" ? 43 : 1);
                  });
                  started.wait();
                  std::exit(0);  // waits for the job
              }),
              "exit 43");
}

TEST(ThreadPool, ExitWaitsForThreadLocalDestructors) {
    static Latch destroying;
    static Latch exiting;
    struct Slow {
        ~Slow() {
            destroying.set();
            exiting.wait();
            std::this_thread::sleep_for(50ms);  // for exit() to get ahead, if it does not wait
            ::_exit(44);
        }
        int value = 0;
    };
    EXPECT_EQ(tests::run_in_child([] {
                  auto* pool = new ThreadPoolExecutor(1);
                  pool->submit([] {
                      thread_local Slow slow;
                      return slow.value;
                  });
                  pool->shutdown(false);
                  destroying.wait();
                  std::atexit([] { exiting.set(); });
                  std::exit(0);
              }),
              "exit 44");
}

TEST(ThreadPool, BeginsAnewInAForkedChild) {
    Latch go;
    ThreadPoolExecutor pool(1);
    const auto busy = pool.submit(&Latch::wait, &go);
    const auto queued = pool.submit(add, 1, 2);
    EXPECT_EQ(tests::run_in_child([&] {
                  const bool empty = pool.stats().threads == 0 && pool.stats().queued == 0;
                  const bool works = pool.submit(add, 2, 2).result() == 4;
                  pool.shutdown();
                  ::_exit(empty && works ? 5 : 1);
              }),
              "exit 5");
    EXPECT_EQ(tests::run_in_child([] { std::exit(6); }), "exit 6");
    go.set();
    EXPECT_EQ(queued.result(), 3);
}

// exit(), but not for leak checkers, which miss the stacks of threads that are not in the child.
[[noreturn]] void exit_child(int status) {
    if (tests::kSanitized) ::_exit(status);
    std::exit(status);
}

TEST(ThreadPool, AJobMayFork) {
    ThreadPoolExecutor pool(2);
    const auto child = pool.submit([&] {
        return tests::run_in_child([&] {
            const bool works = pool.submit(add, 2, 2).result() == 4;
            exit_child(works ? 5 : 1);  // waits for the other thread
        });
    });
    EXPECT_EQ(child.result(), "exit 5");
}

// Others have the pool's locks now and then. Not for ThreadSanitizer.
TEST(ThreadPool, MayBeUsedInAForkedChildWhateverOthersDo) {
    ThreadPoolExecutor pool(3);
    std::atomic<bool> stop{false};
    std::thread others([&] {
        while (!stop) {
            ThreadPoolExecutor(1).submit(add, 1, 2);
            for (int i = 0; i < 20; ++i) pool.submit(add, 1, 2);
        }
    });
    std::string child = "exit 4";
    for (int i = 0; i < 50 && child == "exit 4"; ++i) {
        child = tests::run_in_child([&] {
            ::alarm(60);
            exit_child(pool.submit(add, 2, 2).result());
        });
    }
    stop = true;
    others.join();
    EXPECT_EQ(child, "exit 4");
}

// Its lock is held then, by a thread that waits for the fork. Not for ThreadSanitizer.
TEST(ThreadPool, MayBeUsedInAForkedChildWhenAnotherThreadBeginsToUseIt) {
    std::string child = "exit 4";
    for (int i = 0; i < 100 && child == "exit 4"; ++i) {
        ThreadPoolExecutor pool(3);
        std::atomic<bool> go{false};
        std::thread other([&] {
            while (!go) {
            }
            for (int spin = i; spin > 0; --spin) go = true;  // now a bit earlier, now a bit later
            pool.submit(add, 1, 2);
        });
        go = true;
        child = tests::run_in_child([&] {
            ::alarm(60);
            exit_child(pool.submit(add, 2, 2).result());
        });
        other.join();
    }
    EXPECT_EQ(child, "exit 4");
}

TEST(ThreadPoolThread, ManyProducersManyWorkers) {
    ThreadPoolExecutor pool(4);
    std::atomic<int> sum{0};
    std::vector<std::thread> producers;
    for (int p = 0; p < 3; ++p) {
        producers.emplace_back([&] {
            std::vector<Future<int>> futures;
            for (int i = 0; i < 300; ++i) futures.push_back(pool.submit(add, i, 1));
            for (int i = 0; i < 300; ++i) sum += futures[i].result() - i;
        });
    }
    for (std::thread& producer : producers) producer.join();
    EXPECT_EQ(sum, 900);
}

}  // namespace
}  // namespace aio::concurrent
