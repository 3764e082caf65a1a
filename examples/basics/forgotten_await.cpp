// SPDX-License-Identifier: MIT
// A forgotten co_await: nothing sleeps, the program is done at once. Debug mode says what was forgotten.
//
//     async def work():
//         asyncio.sleep(1)            # await is missing
//         print("working ...")
//
//     asyncio.run(main(), debug=True)
#include <aio/aio.hpp>

#include <iostream>

using namespace std::chrono_literals;

aio::Coro<> save(int record) {
    co_await aio::sleep(1h);
    std::cout << "saved " << record << '\n';
}

aio::Coro<> work() {
    // Calling a coroutine function makes a coroutine object and does nothing else. The compiler warns about
    // both lines; the casts are here because this program wants to show what happens at run time.
    (void)aio::sleep(1h);
    (void)save(1);
    std::cout << "working ...\n";
    co_return;  // a coroutine needs at least one co_await or co_return
}

aio::Coro<> amain() {
    const auto start = aio::get_running_loop().time();
    for (int i = 0; i < 2; ++i) co_await work();
    const bool at_once = aio::get_running_loop().time() - start < 1h;
    std::cout << (at_once ? "done at once\n" : "done after hours\n");
}

int main() {
    std::cout << std::unitbuf;  // the reports go to stderr; keep both in order
    return aio::run(amain(), aio::RunOptions().debug(true));
}
