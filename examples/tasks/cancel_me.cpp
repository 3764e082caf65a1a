// SPDX-License-Identifier: MIT
// A task is cancelled in its sleep: it notices, cleans up, and passes the cancellation on. C++ has no
// `finally`; a destructor does what stands there.
//
//     try:
//         await asyncio.sleep(3600)
//     except asyncio.CancelledError:
//         print("cancel sleep")
//         raise
//     finally:
//         print("after sleep")
#include <aio/aio.hpp>

#include <iostream>

using namespace std::chrono_literals;

struct Finally {
    Finally() {}
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;
    ~Finally() { std::cout << "after sleep\n"; }
};

aio::Coro<> cancel_me() {
    const Finally finally;
    std::cout << "before sleep\n";
    try {
        co_await aio::sleep(1h);
    } catch (const aio::CancelledError&) {
        std::cout << "cancel sleep\n";
        throw;
    }
}

aio::Coro<> amain() {
    auto task = aio::create_task(cancel_me());
    co_await aio::sleep(1s);
    task.cancel();
    try {
        co_await task;
    } catch (const aio::CancelledError&) {
        std::cout << "main(): cancel_me is cancelled now\n";
    }
}

int main() { return aio::run(amain()); }
