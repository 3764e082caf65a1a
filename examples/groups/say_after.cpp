// SPDX-License-Identifier: MIT
// Two tasks of a TaskGroup run side by side: one second and two seconds are two in total. The scope ends when
// both have ended.
//
//     async with asyncio.TaskGroup() as group:
//         group.create_task(say_after(1, "hello"))
//         group.create_task(say_after(2, "world"))
#include <aio/aio.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> say_after(std::chrono::seconds delay, std::string what) {
    co_await aio::sleep(delay);
    std::cout << what << '\n';
}

aio::Coro<> both(aio::TaskGroup& group) {
    group.create_task(say_after(1s, "hello"));
    group.create_task(say_after(2s, "world"));
    co_return;
}

aio::Coro<> amain() {
    const auto started = aio::get_running_loop().time();
    co_await aio::async_with(aio::TaskGroup(), both);
    const auto took = aio::get_running_loop().time() - started;
    std::cout << "took " << std::chrono::round<std::chrono::seconds>(took).count() << " s\n";
}

int main() { return aio::run(amain()); }
