// SPDX-License-Identifier: MIT
// Two coroutines at the same time, in one thread: while one waits, the other runs.
//
//     async def hello():
//         print(f"Hello ({threading.current_thread().name})")
//         await asyncio.sleep(0.1)
//         print(f"again ({threading.current_thread().name})")
//
//     async def main():
//         await asyncio.wait([asyncio.create_task(hello()), asyncio.create_task(hello())])
#include <aio/aio.hpp>

#include <pthread.h>
#include <array>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

std::string thread_name() {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return name.data();
}

aio::Coro<> hello() {
    std::cout << "Hello (" << thread_name() << ")\n";
    co_await aio::sleep(100ms);
    std::cout << "again (" << thread_name() << ")\n";
}

aio::Coro<> amain() {
    // wait() also takes a container of tasks, as in Python.
    co_await aio::wait(hello(), hello());
}

int main() {
    pthread_setname_np(pthread_self(), "MainThread");  // Python names it so
    return aio::run(amain());
}
