// SPDX-License-Identifier: MIT
// What the core's operations cost: micro_bench BENCH N. The same jobs on the bare limit and on other
// libraries are raw/micro.cpp and peers/*_micro.*.
#include "measure.hpp"

#include <aio/task.hpp>

#include <functional>
#include <map>
#include <vector>

using namespace std::chrono_literals;
using measure::sink;

namespace {

__attribute__((noinline)) aio::Coro<int> child(int i) { co_return i; }

aio::Coro<> call(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await child(static_cast<int>(i));
}

aio::Coro<> spawn(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await aio::create_task(child(static_cast<int>(i)));
}

aio::Coro<> gather(std::uint64_t n, int width) {
    for (std::uint64_t i = 0; i < n; i += width) {
        std::vector<aio::Coro<int>> children;
        children.reserve(width);
        for (int j = 0; j < width; ++j) children.push_back(child(j));
        const auto results = co_await aio::gather(std::move(children));
        for (const int result : results) sink += result;
    }
}

aio::Coro<> yield(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await aio::sleep(0s);
}

// A future is made, awaited, and given its result by another task.
aio::Coro<> produce(aio::Future<int>& slot, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        slot.set_result(static_cast<int>(i));
        co_await aio::sleep(0s);
    }
}
aio::Coro<> future(std::uint64_t n) {
    aio::EventLoop& loop = aio::get_running_loop();
    aio::Future<int> slot;
    auto producer = aio::create_task(produce(slot, n));
    for (std::uint64_t i = 0; i < n; ++i) {
        slot = loop.create_future<int>();
        sink += co_await slot;
    }
    co_await producer;
}

// Callbacks in bulk, 1,024 at a time.
aio::Coro<> post(std::uint64_t n) {
    aio::EventLoop& loop = aio::get_running_loop();
    for (std::uint64_t i = 0; i < n; ++i) {
        loop.call_soon([] { ++sink; });
        if ((i & 1023) == 1023) co_await aio::sleep(0s);
    }
}

// A timer is armed and cancelled while 1,000 others wait.
class OtherTimers {
public:
    OtherTimers() {
        aio::EventLoop& loop = aio::get_running_loop();
        for (int i = 0; i < 1000; ++i) {
            timers_.push_back(loop.call_later(std::chrono::seconds(5 + std::rand() % 1000), [] { ++sink; }));
        }
    }
    OtherTimers(const OtherTimers&) = delete;
    OtherTimers& operator=(const OtherTimers&) = delete;
    ~OtherTimers() {
        for (aio::TimerHandle& timer : timers_) timer.cancel();
    }

private:
    std::vector<aio::TimerHandle> timers_;
};
aio::Coro<> timer_at(std::uint64_t n) {
    const OtherTimers others;
    aio::EventLoop& loop = aio::get_running_loop();
    const aio::TimePoint start = loop.time();
    for (std::uint64_t i = 0; i < n; ++i) {
        loop.call_at(start + std::chrono::seconds(10 + (i & 511)), [] { ++sink; }).cancel();
    }
    co_return;
}
aio::Coro<> timer_later(std::uint64_t n) {
    const OtherTimers others;
    aio::EventLoop& loop = aio::get_running_loop();
    for (std::uint64_t i = 0; i < n; ++i) {
        loop.call_later(std::chrono::seconds(10 + (i & 511)), [] { ++sink; }).cancel();
    }
    co_return;
}

aio::Coro<> sleeper() { co_await aio::sleep(2s); }
aio::Coro<> sleep(std::uint64_t n) {
    std::vector<aio::Task<>> tasks;
    tasks.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) tasks.push_back(aio::create_task(sleeper()));
    for (const auto& task : tasks) co_await task;
}

using Bench = std::function<aio::Coro<>(std::uint64_t n)>;
const std::map<std::string, Bench> benches{
    {"call", call},
    {"spawn", spawn},
    {"gather1k", [](std::uint64_t n) { return gather(n, 1000); }},
    {"gather100k", [](std::uint64_t n) { return gather(n, 100000); }},
    {"yield", yield},
    {"future", future},
    {"post", post},
    {"timer", timer_at},
    {"timer_later", timer_later},
    {"sleep", sleep},
};

aio::Coro<> amain(measure::Request request) {
    const auto found = benches.find(request.bench);
    if (found == benches.end()) request.unknown();
    const measure::Span span;
    co_await found->second(request.count);
    span.report(request.bench, request.count);
}

}  // namespace

int main(int argc, char** argv) { return aio::run(amain(measure::Request(argc, argv))); }
