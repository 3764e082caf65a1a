// SPDX-License-Identifier: MIT
// Three tasks: two that sleep, one that only reports. Tasks start in the order in which they were made, and
// the sleepers end by their deadlines. The whole takes as long as the longest.
//
//     tasks = [asyncio.ensure_future(do_something(1)), asyncio.ensure_future(do_something(2)),
//              asyncio.ensure_future(report())]
//     loop.run_until_complete(asyncio.wait(tasks))
#include <aio/aio.hpp>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<> do_something(int number) {
    std::cout << "task " << number << " start\n";
    co_await aio::sleep(number * 100ms);
    std::cout << "task " << number << " done\n";
}

aio::Coro<> report() {
    std::cout << "running ...\n";
    co_return;
}

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto start = loop.time();

    std::vector<aio::Task<>> tasks;
    tasks.push_back(aio::ensure_future(do_something(1)));
    tasks.push_back(aio::ensure_future(do_something(2)));
    tasks.push_back(aio::ensure_future(report()));
    co_await aio::wait(tasks);

    const std::chrono::duration<double> elapsed = loop.time() - start;
    std::printf("%.1f s\n", elapsed.count());
}

int main() { return aio::run(amain()); }
