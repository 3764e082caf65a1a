// SPDX-License-Identifier: MIT
// A future with a done callback. The callback runs in the iteration after set_result(), not inside it.
//
//     def add_one(future):
//         print(future.result() + 1)
//
//     future = loop.create_future()
//     future.add_done_callback(add_one)
//     loop.call_soon(future.set_result, 22)
#include <aio/aio.hpp>

#include <iostream>

using namespace std::chrono_literals;

void add_one(const aio::Future<int>& future) { std::cout << future.result() + 1 << '\n'; }

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    auto future = loop.create_future<int>();
    future.add_done_callback(add_one);
    loop.call_later(100ms, [future] {
        future.set_result(22);
        std::cout << "the result is set\n";
    });
    std::cout << "waiting\n";
    co_await future;
}

int main() { return aio::run(amain()); }
