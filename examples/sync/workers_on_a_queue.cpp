// SPDX-License-Identifier: MIT
// Three workers share the jobs of a queue; the producer waits while four jobs are waiting already. When
// everything is done, shutdown() sends the workers home.
//
//     queue = asyncio.Queue(4)
//     workers = [asyncio.create_task(worker(n, queue)) for n in range(3)]
//     for job in range(9): await queue.put(job)
//     await queue.join()
//     queue.shutdown()
//     await asyncio.gather(*workers)
#include <aio/aio.hpp>

#include <chrono>
#include <iostream>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<int> worker(aio::Queue<int>& queue, std::vector<int>& finished) {
    int jobs = 0;
    try {
        for (;;) {
            const int job = co_await queue.get();
            co_await aio::sleep(1ms * job);
            finished.push_back(job);
            ++jobs;
            queue.task_done();
        }
    } catch (const aio::QueueShutDown&) {
    }
    co_return jobs;
}

aio::Coro<> amain() {
    aio::Queue<int> queue(4);
    std::vector<int> finished;
    std::vector<aio::Task<int>> workers;
    for (int i = 0; i < 3; ++i) workers.push_back(aio::create_task(worker(queue, finished)));

    for (int job = 1; job <= 9; ++job) co_await queue.put(job);
    std::cout << "put 9 jobs\n";
    co_await queue.join();
    std::cout << "done: " << finished.size() << "\n";

    queue.shutdown();
    int total = 0;
    const auto counts = co_await aio::gather(workers);
    for (const int count : counts) total += count;
    std::cout << "the workers say: " << total << "\n";
}

int main() { return aio::run(amain()); }
