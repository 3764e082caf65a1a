// SPDX-License-Identifier: MIT
// wait() gives two sets, done and pending. Without a time limit all are done; with one, the rest is pending
// and goes on: wait() cancels nothing and raises nothing.
//
//     done, pending = await asyncio.wait(tasks, timeout=0.3)
//     for task in done: print(task.result())
#include <aio/aio.hpp>

#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<std::string> do_work(int units) {
    std::cout << "waiting: " << units << '\n';
    co_await aio::sleep(units * 200ms);
    co_return "done after " + std::to_string(units);
}

std::vector<aio::Task<std::string>> start_three() {
    std::vector<aio::Task<std::string>> tasks;
    for (const int units : {1, 2, 3}) tasks.push_back(aio::create_task(do_work(units)));
    return tasks;
}

aio::Coro<> amain() {
    auto all = co_await aio::wait(start_three());
    for (const auto& task : all.done) std::cout << task.result() << '\n';
    std::cout << all.pending.size() << " pending\n";

    std::cout << "--- with a time limit\n";
    // `auto [done, pending] = co_await ...` works as well, but not with every g++; see docs/footguns.md.
    auto result = co_await aio::wait(start_three(), aio::WaitOptions().timeout(300ms));
    auto& [done, pending] = result;
    for (const auto& task : done) std::cout << task.result() << '\n';
    std::cout << pending.size() << " pending\n";

    for (const auto& task : pending) task.cancel();
    co_await aio::gather(aio::return_exceptions, pending);  // waits until they have ended
    for (const auto& task : pending) std::cout << (task.cancelled() ? "cancelled\n" : "finished\n");
}

int main() { return aio::run(amain()); }
