// SPDX-License-Identifier: MIT
// The result is read from the finished task. A task that failed throws there, as does one that is not done.
//
//     task = loop.create_task(work(5))
//     loop.run_until_complete(task)
//     print(task.result())
#include <aio/aio.hpp>

#include <iostream>
#include <stdexcept>

using namespace std::chrono_literals;

aio::Coro<int> work(int number) {
    co_await aio::sleep(100ms);
    if (number < 0) throw std::invalid_argument("a negative number");
    co_return number + 3;
}

int main() {
    auto loop = aio::new_event_loop();
    auto task = loop->create_task(work(5));
    try {
        task.result();
    } catch (const aio::InvalidStateError& error) {
        std::cout << "too early: " << error.what() << '\n';
    }

    loop->run_until_complete(task);
    std::cout << "result: " << task.result() << '\n';

    // run_until_complete() gives the result, too.
    std::cout << "directly: " << loop->run_until_complete(work(6)) << '\n';

    auto failing = loop->create_task(work(-1));
    try {
        loop->run_until_complete(failing);
    } catch (const std::exception& error) {
        std::cout << "failed: " << error.what() << '\n';
    }
}
