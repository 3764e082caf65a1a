// SPDX-License-Identifier: MIT
// Memory runs out in the loop's thread while others work for it.
#include <aio/concurrent.hpp>
#include <allocation/operation.hpp>

#include <aio/concurrent.hpp>

#include <gtest/gtest.h>
#include <string>
#include <thread>

namespace aio::tests {
namespace {

std::string work(const std::string& text, const Counted&) { return text + " and more"; }

TEST(AllocationThreads, ToThread) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const std::string text = co_await to_thread(work, long_text(), Counted());
        co_return text.size() > long_text().size();
    });
}
TEST(AllocationThreads, ToThreadThatFails) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto fails = [](const Counted&) { throw ValueError("a long text for an error of a thread"); };
        try {
            co_await to_thread(fails, Counted());
        } catch (const ValueError&) {
            co_return true;
        }
        co_return false;
    });
}
TEST(AllocationThreads, RunInExecutor) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto future = scene.loop->run_in_executor(nullptr, work, long_text(), Counted());
        const std::string text = co_await future;
        co_return text.size() > long_text().size();
    });
}
TEST(AllocationThreads, AnExecutorOfOnesOwn) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        concurrent::ThreadPoolExecutor pool(1);
        auto future = scene.loop->run_in_executor(pool, work, long_text(), Counted());
        co_await future;
        co_return true;
    });
}
TEST(AllocationThreads, ShutdownOfTheDefaultExecutor) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        co_await to_thread(work, long_text(), Counted());
        co_await scene.loop->shutdown_default_executor(1min);
        co_return true;
    });
}
TEST(AllocationThreads, Submit) {
    out_of_memory([](Scene& scene) {
        concurrent::ThreadPoolExecutor pool(2);
        auto first = pool.submit(work, long_text(), Counted());
        auto second = pool.submit(work, long_text(), Counted());
        scene.complete = first.result() == second.result();
    });
}
TEST(AllocationThreads, ThreadFuture) {
    out_of_memory([](Scene& scene) {
        const concurrent::Future<std::string> future;
        future.add_done_callback([&scene, counted = Counted()](const auto&) { scene.complete = true; });
        future.set_running_or_notify_cancel();
        future.set_result(long_text());
    });
}
TEST(AllocationThreads, WrapFuture) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const concurrent::Future<std::string> source;
        const Future<std::string> wrapped = wrap_future(source, *scene.loop);
        source.set_running_or_notify_cancel();
        source.set_result(long_text());
        const std::string text = co_await wrapped;
        co_return text == long_text();
    });
}
TEST(AllocationThreads, RunCoroutineThreadsafe) {
    out_of_memory([](Scene& scene) {
        const auto body = [](std::string text, Counted) -> Coro<std::string> {
            co_await sleep(0s);
            co_return text;
        };
        const auto future = run_coroutine_threadsafe(*scene.loop, body, long_text(), Counted());
        for (int i = 0; i < 10; ++i) {
            scene.loop->stop();
            scene.loop->run_forever();
        }
        if (future.done() && future.exception()) {
            scene.told = true;
        } else {
            scene.complete = future.done();
        }
    });
}
TEST(AllocationThreads, PostedByAThread) {
    out_of_memory([](Scene& scene) {
        std::thread([&scene] {
            scene.loop->call_soon_threadsafe([&scene] { scene.complete = true; });
        }).join();
        scene.loop->stop();
        scene.loop->run_forever();
    });
}

}  // namespace
}  // namespace aio::tests
