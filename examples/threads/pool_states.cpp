// SPDX-License-Identifier: MIT
// A thread pool without a loop: two threads, four jobs. The futures say which jobs have begun.
//
//     with ThreadPoolExecutor(max_workers=2) as pool:
//         futures = [pool.submit(work, i) for i in range(4)]
//         print(futures)
//         for future in futures:
//             print(future.result())
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>

#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

namespace cf = aio::concurrent;

std::atomic<bool> may_end{false};

int work(int number) {
    may_end.wait(false);
    return number * number;
}

// <Future at 0x... state=running>, without the address
std::string state(const cf::AnyFuture& future) {
    const std::string text = future.repr();
    return "<Future " + text.substr(text.find("state="));
}

int main() {
    cf::ThreadPoolExecutor pool(2);
    std::vector<cf::Future<int>> futures;
    for (int i = 0; i < 4; ++i) futures.push_back(pool.submit(work, i));
    while (!futures[0].running() || !futures[1].running()) std::this_thread::yield();
    for (const auto& future : futures) std::cout << state(future) << '\n';
    may_end = true;
    may_end.notify_all();
    for (const auto& future : futures) std::cout << future.result() << '\n';
    std::cout << state(futures[3]) << '\n';
}
