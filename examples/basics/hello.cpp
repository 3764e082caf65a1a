// SPDX-License-Identifier: MIT
// The first program: print, wait without blocking anybody, print again.
//
//     async def main():
//         print("Hello")
//         await asyncio.sleep(0.1)
//         print("again")
//
//     asyncio.run(main())
#include <aio/aio.hpp>

#include <iostream>

using namespace std::chrono_literals;

// `async def` is a function that returns aio::Coro<T> and has a co_await or co_return in it. Coro<> is
// Coro<void>: there is no result.
aio::Coro<> amain() {
    std::cout << "Hello\n";
    co_await aio::sleep(100ms);
    std::cout << "again\n";
}

// C++ keeps the name main for itself, so the coroutine is called amain here and in all examples. run() gives
// the coroutine's result; for one without a result it gives 0, which is what main() should return.
int main() { return aio::run(amain()); }
