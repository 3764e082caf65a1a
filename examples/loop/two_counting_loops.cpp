// SPDX-License-Identifier: MIT
// Two loops of five prints, in turns: each co_await lets the other one run.
//
//     async def count(name):
//         for i in range(5):
//             print(name, i)
//             await asyncio.sleep(0.1)
//
//     loop.run_until_complete(asyncio.wait([count("A"), count("B")]))
//
// Python wants tasks in wait() since 3.11; here coroutines still do.
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> count(std::string name) {
    for (int i = 0; i < 5; ++i) {
        std::cout << name << ' ' << i << '\n';
        co_await aio::sleep(50ms);
    }
}

int main() {
    auto loop = aio::new_event_loop();
    loop->run_until_complete(aio::wait(count("A"), count("B")));
    std::cout << "done\n";
    loop->close();  // the pointer's destructor would do it as well
}
