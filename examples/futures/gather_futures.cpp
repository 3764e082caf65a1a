// SPDX-License-Identifier: MIT
// gather() waits for bare futures as well as for coroutines. Two helper tasks complete them, the second one
// first; the results come in the order of the arguments all the same.
//
//     async def slow(future, number):
//         await asyncio.sleep((3 - number) * 0.1)
//         print("completing", number)
//         future.set_result(f"future {number} is done")
//
//     future_1, future_2 = loop.create_future(), loop.create_future()
//     asyncio.ensure_future(slow(future_1, 1))
//     asyncio.ensure_future(slow(future_2, 2))
//     first, second = await asyncio.gather(future_1, future_2)
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> slow(aio::Future<std::string> future, int number) {
    co_await aio::sleep((3 - number) * 100ms);
    std::cout << "completing " << number << '\n';
    future.set_result("future " + std::to_string(number) + " is done");
}

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    auto future_1 = loop.create_future<std::string>();
    auto future_2 = loop.create_future<std::string>();
    // The loop keeps running tasks alive, so their handles may be dropped.
    aio::ensure_future(slow(future_1, 1));
    aio::ensure_future(slow(future_2, 2));

    auto results = co_await aio::gather(future_1, future_2);
    auto& [first, second] = results;
    std::cout << first << '\n' << second << '\n';
}

int main() { return aio::run(amain()); }
