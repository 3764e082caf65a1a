// SPDX-License-Identifier: MIT
// Tasks have names, for people who look at reports. repr() shows name, state and coroutine.
//
//     task = asyncio.create_task(others(), name="first")
//     print(task)
#include <aio/aio.hpp>

#include <iostream>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<> others() {
    std::cout << aio::current_task().get_name() << " runs\n";
    co_await aio::sleep(100ms);
}

aio::Coro<> fail() {
    co_await aio::sleep(0ms);
    throw std::runtime_error("no luck");
}

void print_all(const std::vector<aio::Task<>>& tasks) {
    for (const auto& task : tasks) std::cout << task.repr() << '\n';
}

aio::Coro<> amain() {
    std::vector<aio::Task<>> tasks;
    tasks.push_back(aio::create_task(others(), "first"));
    tasks.push_back(aio::create_task(others(), aio::TaskOptions().name("second")));
    tasks.push_back(aio::create_task(fail()));
    tasks[2].set_name("third");
    print_all(tasks);

    std::cout << "--- one has failed, two wait\n";
    co_await aio::sleep(50ms);
    print_all(tasks);

    std::cout << "--- they have ended\n";
    tasks[1].cancel();
    co_await aio::gather(aio::return_exceptions, tasks);
    print_all(tasks);
}

int main() { return aio::run(amain()); }
