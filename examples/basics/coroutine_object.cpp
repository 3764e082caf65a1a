// SPDX-License-Identifier: MIT
// Calling a coroutine function makes an object, and nothing runs. It is run later, once: by run(), by
// co_await or as a task, each of which takes it over, so it is moved in.
//
//     coroutine = work(1)
//     print("made, and nothing has run")
//     print(asyncio.run(coroutine))
//     try:
//         asyncio.run(coroutine)
//     except RuntimeError as error:
//         print(error)          # cannot reuse already awaited coroutine
#include <aio/aio.hpp>

#include <iostream>
#include <utility>

aio::Coro<int> work(int number) {
    std::cout << "working\n";
    co_return number + 1;
}

aio::Coro<> amain() {
    auto coroutine = work(2);
    std::cout << "made again\n";
    const int value = co_await std::move(coroutine);
    std::cout << value << '\n';
}

int main() {
    auto coroutine = work(1);
    std::cout << "made, and nothing has run\n";
    std::cout << aio::run(std::move(coroutine)) << '\n';
    try {
        aio::run(std::move(coroutine));  // it has run: the object is empty
    } catch (const aio::RuntimeError& error) {
        std::cout << error.what() << '\n';
    }
    return aio::run(amain());
}
