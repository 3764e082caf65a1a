// SPDX-License-Identifier: MIT
// Blocking work beside the loop: on its default pool, on a pool of one's own, and as a plain await.
//
//     result = await loop.run_in_executor(None, blocking_io)
//     with concurrent.futures.ThreadPoolExecutor() as pool:
//         result = await loop.run_in_executor(pool, blocking_io)
//     result = await asyncio.to_thread(blocking_io)
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>

#include <iostream>
#include <string>

std::string blocking_io(const std::string& who) { return "done for " + who; }

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();

    const std::string first = co_await loop.run_in_executor(nullptr, blocking_io, "the default pool");
    std::cout << first << '\n';

    aio::concurrent::ThreadPoolExecutor pool(2);
    const std::string second = co_await loop.run_in_executor(pool, blocking_io, "a pool of our own");
    std::cout << second << '\n';

    const std::string third = co_await aio::to_thread(blocking_io, "to_thread");
    std::cout << third << '\n';
}

int main() { return aio::run(amain()); }
