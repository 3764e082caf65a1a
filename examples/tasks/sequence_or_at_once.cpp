// SPDX-License-Identifier: MIT
// Five pieces of work that wait, one after the other and all at once.
//
//     for i in range(5): await work(i)                     # 0.5 s
//     await asyncio.gather(*(work(i) for i in range(5)))   # 0.1 s
#include <aio/aio.hpp>

#include <chrono>
#include <cstdio>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<int> work(int number) {
    co_await aio::sleep(100ms);
    co_return number* number;
}

aio::Coro<int> in_sequence() {
    int sum = 0;
    for (int i = 0; i < 5; ++i) sum += co_await work(i);
    co_return sum;
}

aio::Coro<int> at_once() {
    std::vector<aio::Coro<int>> coroutines;
    for (int i = 0; i < 5; ++i) coroutines.push_back(work(i));
    const std::vector<int> results = co_await aio::gather(std::move(coroutines));
    int sum = 0;
    for (const int result : results) sum += result;
    co_return sum;
}

aio::Coro<> measure(const char* title, aio::Coro<int> job) {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto start = loop.time();
    const int sum = co_await std::move(job);
    const std::chrono::duration<double> elapsed = loop.time() - start;
    std::printf("%-12s sum %d, %.1f s\n", title, sum, elapsed.count());
}

aio::Coro<> amain() {
    co_await measure("in sequence:", in_sequence());
    co_await measure("at once:", at_once());
}

int main() { return aio::run(amain()); }
