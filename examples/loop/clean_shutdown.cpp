// SPDX-License-Identifier: MIT
// Ending a program by hand: Ctrl-C, all_tasks(), cancel(), stop(), run_forever(), close(). aio::run() does
// all of this for you; this is what it consists of. It works for an hour: press Ctrl-C.
//
//     try:
//         loop.run_until_complete(asyncio.wait(tasks))
//     except KeyboardInterrupt:
//         for task in asyncio.all_tasks(loop):
//             task.cancel()
//         loop.stop()
//         loop.run_forever()
//     finally:
//         loop.close()
#include <aio/aio.hpp>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

aio::Coro<> work(std::string name) {
    try {
        co_await aio::sleep(1h);
    } catch (const aio::CancelledError&) {
        std::cout << name << " cleans up" << std::endl;
        throw;  // a task that keeps this to itself counts as finished, not as cancelled
    }
}

void interrupt() { throw aio::KeyboardInterrupt(); }

int main() {
    auto loop = aio::new_event_loop();
    // Python raises KeyboardInterrupt by itself. Here, outside of aio::run(), a program asks for it.
    loop->add_signal_handler(SIGINT, interrupt);

    std::vector<aio::Task<>> tasks;
    for (const char* name : {"first", "second", "third"}) tasks.push_back(loop->create_task(work(name)));
    std::cout << "working; Ctrl-C ends it" << std::endl;
    try {
        loop->run_until_complete(aio::wait(tasks));
    } catch (const aio::KeyboardInterrupt&) {
        const std::vector<aio::AnyTask> unfinished = aio::all_tasks(*loop);  // those three and wait() itself
        std::cout << "interrupted; unfinished tasks: " << unfinished.size() << std::endl;
        for (const auto& task : unfinished) task.cancel();
        loop->stop();  // before run_forever() it means: one iteration, in which the tasks hear of it
        loop->run_forever();
    }
    for (const auto& task : tasks) std::cout << (task.cancelled() ? "cancelled\n" : "not cancelled\n");
    loop->close();
    std::cout << "closed" << std::endl;
}
