// SPDX-License-Identifier: MIT
// What crossing threads costs: threads_bench BENCH N. The same jobs on the bare limit and on other libraries
// are raw/threads.cpp and peers/*_micro.*.
#include "measure.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/concurrent.hpp>
#include <aio/task.hpp>

#include <atomic>
#include <thread>

using measure::sink;

namespace {

constexpr std::uint64_t kBatch = 1024;

int work(int i) { return i; }

aio::Coro<> to_thread(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await aio::to_thread(work, static_cast<int>(i));
}

// Another thread posts `batch` callbacks and waits until they have run, again and again.
aio::Coro<> post(std::uint64_t n, std::uint64_t batch) {
    aio::EventLoop& loop = aio::get_running_loop();
    std::atomic<std::uint64_t> ran{0};
    auto done = loop.create_future();
    std::thread poster([&] {
        for (std::uint64_t i = 0; i < n; i += batch) {
            for (std::uint64_t j = 1; j < batch; ++j) loop.call_soon_threadsafe([] { ++sink; });
            loop.call_soon_threadsafe([&ran, batch] {
                ran.fetch_add(batch);
                ran.notify_one();
            });
            ran.wait(i);
        }
        loop.call_soon_threadsafe([&done] { done.set_result(); });  // a handle belongs to its loop
    });
    co_await done;
    poster.join();
}

aio::Coro<> amain(measure::Request request) {
    const measure::Span span;
    if (request.bench == "to_thread") {
        co_await to_thread(request.count);
    } else if (request.bench == "post_thread") {
        co_await post(request.count, 1);
    } else if (request.bench == "post_thread_batch") {
        co_await post(request.count / kBatch * kBatch, kBatch);
    } else {
        request.unknown();
    }
    span.report(request.bench, request.count);
}

}  // namespace

int main(int argc, char** argv) {
    aio::keep_freed_memory();
    return aio::run(amain(measure::Request(argc, argv)));
}
