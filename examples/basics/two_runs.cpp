// SPDX-License-Identifier: MIT
// Two runs, one after the other. Each has a loop of its own, and cancels what it leaves behind before it
// returns: the second one starts from nothing.
//
//     async def hello(name):
//         print(name + ": hello")
//         task = asyncio.create_task(background(name))
//         await asyncio.sleep(0.1)
//         return len(asyncio.all_tasks())
//
//     first = asyncio.run(hello("first"))
//     print("the first had", first, "tasks")
//     second = asyncio.run(hello("second"))
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> background(std::string name) {
    try {
        co_await aio::sleep(1h);
    } catch (const aio::CancelledError&) {
        std::cout << name << ": what was left behind is cancelled\n";
        throw;
    }
}

aio::Coro<std::size_t> hello(std::string name) {
    std::cout << name << ": hello\n";
    aio::create_task(background, name);
    co_await aio::sleep(100ms);
    co_return aio::all_tasks().size();
}

int main() {
    const std::size_t first = aio::run(hello("first"));
    std::cout << "the first had " << first << " tasks\n";
    const std::size_t second = aio::run(hello("second"));
    std::cout << "the second had " << second << " tasks\n";
}
