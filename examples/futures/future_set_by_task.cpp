// SPDX-License-Identifier: MIT
// A future is a result that somebody will set. Here another task does; then there is one that nobody sets.
//
//     future = asyncio.get_running_loop().create_future()
//     task = asyncio.create_task(set_after(future))
//     print(await future)
//
// Waiting for a future that nobody sets takes for ever, in Python as here. On a loop with a virtual clock
// that is an error, because nothing can ever happen again.
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <iostream>
#include <memory>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> set_after(aio::Future<std::string> future) {
    co_await aio::sleep(2s);
    future.set_result("666");
}

aio::Coro<> set_by_another_task() {
    auto future = aio::get_running_loop().create_future<std::string>();
    auto task = aio::create_task(set_after(future));
    std::cout << "waiting\n";
    const std::string value = co_await future;
    std::cout << "value: " << value << '\n';
    co_await task;
}

aio::Coro<> set_by_nobody() {
    auto future = aio::get_running_loop().create_future<std::string>();
    std::cout << "waiting for ever\n";
    co_await future;
    std::cout << "never printed\n";
}

int main() {
    auto clock = std::make_shared<aio::testing::VirtualClock>();
    auto loop = aio::new_event_loop(aio::LoopOptions().clock(clock));
    loop->run_until_complete(set_by_another_task());

    auto stuck = loop->create_task(set_by_nobody(), "stuck");
    try {
        loop->run_until_complete(stuck);
    } catch (const aio::testing::DeadlockError& error) {
        std::cout << error.what() << '\n';
    }
    stuck.cancel();
    loop->run_until_complete(aio::wait(std::vector{stuck}));
}
