// SPDX-License-Identifier: MIT
// Waiting for something that takes an hour, for one second.
//
//     try:
//         await asyncio.wait_for(eternity(), timeout=1.0)
//     except asyncio.TimeoutError:
//         print("timeout!")
#include <aio/aio.hpp>

#include <iostream>

using namespace std::chrono_literals;

aio::Coro<> eternity() {
    co_await aio::sleep(1h);
    std::cout << "yay!\n";
}

aio::Coro<> amain() {
    try {
        co_await aio::wait_for(eternity(), 1s);
    } catch (const aio::TimeoutError&) {
        std::cout << "timeout!\n";
    }
}

int main() { return aio::run(amain()); }
