// SPDX-License-Identifier: MIT
// Awaiting a coroutine runs it here and now, as a call, and gives what it returns. Twice in a row is in
// sequence: nothing happens at the same time.
//
//     async def others():
//         print("start")
//         await asyncio.sleep(0.1)
//         print("end")
//         return "value"
//
//     async def main():
//         print("main begins")
//         print("first:", await others())
//         print("second:", await others())
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<std::string> others() {
    std::cout << "start\n";
    co_await aio::sleep(100ms);
    std::cout << "end\n";
    co_return "value";
}

aio::Coro<> amain() {
    std::cout << "main begins\n";
    const std::string first = co_await others();
    std::cout << "first: " << first << '\n';
    const std::string second = co_await others();
    std::cout << "second: " << second << '\n';
}

int main() { return aio::run(amain()); }
