// SPDX-License-Identifier: MIT
// Two tasks awaited one after the other. Both run from the start, whichever is awaited; co_await only says
// when the awaiting function wants to know. With delays 3 and 2 the second task ends first and is reported
// last; with 2 and 3 the first is reported before the second has ended.
//
//     async def main(a, b):
//         task_1 = asyncio.create_task(others(a, "task_1"))
//         task_2 = asyncio.create_task(others(b, "task_2"))
//         print("result:", await task_1)
//         print("result:", await task_2)
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<std::string> others(int delay, std::string name) {
    std::cout << "start " << name << '\n';
    co_await aio::sleep(delay * 100ms);
    std::cout << "end " << name << '\n';
    co_return "value of " + name;
}

aio::Coro<> await_both(int first_delay, int second_delay) {
    auto task_1 = aio::create_task(others(first_delay, "task_1"));
    auto task_2 = aio::create_task(others(second_delay, "task_2"));
    // Await first, then print: `std::cout << "result: " << co_await task_1` would print "result: " and wait.
    const std::string first = co_await task_1;
    std::cout << "result: " << first << '\n';
    const std::string second = co_await task_2;
    std::cout << "result: " << second << '\n';
}

aio::Coro<> amain() {
    std::cout << "--- 3 and 2\n";
    co_await await_both(3, 2);
    std::cout << "--- 2 and 3\n";
    co_await await_both(2, 3);
    std::cout << "--- 1 and 1\n";
    co_await await_both(1, 1);
}

int main() { return aio::run(amain()); }
