// SPDX-License-Identifier: MIT
// A task can ask which task it is. Callbacks run in none.
//
//     print(asyncio.current_task())
#include <aio/aio.hpp>

#include <iostream>

aio::Coro<> work() {
    std::cout << aio::current_task().repr() << '\n';
    co_return;
}

aio::Coro<> amain() {
    std::cout << aio::current_task().repr() << '\n';
    co_await work();  // an awaited coroutine runs in its awaiter's task
    co_await aio::create_task(work(), "worker");
    aio::get_running_loop().call_soon([] { std::cout << (aio::current_task() ? "a task\n" : "no task\n"); });
    co_await aio::sleep(std::chrono::seconds(0));
}

int main() { return aio::run(amain()); }
