// SPDX-License-Identifier: MIT
// A loop of one's own and run_until_complete(): what run() does for you, without its clean-up. The loop goes
// on where it stopped as often as you like, until it is closed.
//
//     loop = asyncio.new_event_loop()
//     print("returned", loop.run_until_complete(hello()))
//     print(loop.run_until_complete(asyncio.sleep(0.1, "slept")))
//     loop.close()
//     try:
//         loop.run_until_complete(hello())
//     except RuntimeError as error:
//         print(error)
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<int> hello() {
    std::cout << "hello\n";
    co_await aio::sleep(100ms);
    std::cout << "again\n";
    co_return 42;
}

int main() {
    auto loop = aio::new_event_loop();  // closes the loop at the end of its life
    const int value = loop->run_until_complete(hello());
    std::cout << "returned " << value << '\n';
    const std::string slept = loop->run_until_complete(aio::sleep(100ms, std::string("slept")));
    std::cout << slept << '\n';

    loop->close();
    try {
        loop->run_until_complete(hello());
    } catch (const aio::RuntimeError& error) {
        std::cout << error.what() << '\n';
    }
}
