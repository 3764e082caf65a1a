// SPDX-License-Identifier: MIT
// shield(): the one who waits is cancelled, the work goes on.
//
//     shielded = asyncio.shield(task)
//     try:
//         print(">got:", await shielded)
//     except asyncio.CancelledError:
//         print("shielded was cancelled")
#include <aio/aio.hpp>

#include <iostream>

using namespace std::chrono_literals;

aio::Coro<int> task_func(int number) {
    co_await aio::sleep(100ms);
    std::cout << "done: " << number << '\n';
    co_return number;
}

aio::Coro<> cancel_task(aio::Future<int> future) {
    co_await aio::sleep(20ms);
    std::cout << "cancelled: " << future.cancel() << '\n';
}

aio::Coro<> amain() {
    auto task = aio::create_task(task_func(1));
    auto shielded = aio::shield(task);
    auto canceller = aio::create_task(cancel_task(shielded));
    try {
        const int got = co_await shielded;
        std::cout << ">got: " << got << '\n';
    } catch (const aio::CancelledError&) {
        std::cout << "shielded was cancelled\n";
    }
    co_await aio::sleep(150ms);
    std::cout << "shielded: " << shielded.cancelled() << ", task: " << task.cancelled()
              << ", its result: " << task.result() << '\n';
}

int main() {
    std::cout << std::boolalpha;
    return aio::run(amain());
}
