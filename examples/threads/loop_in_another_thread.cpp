// SPDX-License-Identifier: MIT
// A loop in a thread of its own, fed with coroutines by the main thread.
//
//     loop = asyncio.new_event_loop()
//     for i in range(1, 4):
//         asyncio.run_coroutine_threadsafe(produce(i), loop)
//     threading.Thread(target=loop.run_forever).start()
#include <aio/aio.hpp>

#include <iostream>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<int> produce(int number) {
    for (int round = 1; round <= 2; ++round) {
        co_await aio::sleep(200ms);
        std::cout << number << " in round " << round << '\n';
    }
    co_return number * 10;
}

int main() {
    const aio::EventLoopPtr loop = aio::new_event_loop();

    // Submitted before the loop runs, the three begin in one iteration; at any later time would do as well.
    std::vector<aio::concurrent::Future<int>> futures;
    for (int i = 1; i <= 3; ++i) futures.push_back(aio::run_coroutine_threadsafe(produce(i), *loop));

    std::thread thread([&] { loop->run_forever(); });
    int sum = 0;
    for (const auto& future : futures) sum += future.result();
    std::cout << "sum " << sum << '\n';

    loop->call_soon_threadsafe([&] { loop->stop(); });
    thread.join();
}
