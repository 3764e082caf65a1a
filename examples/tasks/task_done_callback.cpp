// SPDX-License-Identifier: MIT
// A callback that runs when a task is done. It is given the task; arguments that are bound to it come first.
//
//     loop = asyncio.new_event_loop()
//     task = loop.create_task(work(5))
//     task.add_done_callback(lambda task: print(task.result()))
//     task.add_done_callback(functools.partial(announce, "the", "sum"))
//     loop.run_until_complete(task)
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<int> work(int number) {
    co_await aio::sleep(100ms);
    co_return number + 3;
}

void announce(const std::string& article, const std::string& noun, const aio::Task<int>& task) {
    std::cout << article << ' ' << noun << " is " << task.result() << '\n';
}

int main() {
    auto loop = aio::new_event_loop();
    auto task = loop->create_task(work(5));
    task.add_done_callback([](const aio::Task<int>& done) { std::cout << done.result() << '\n'; });
    // What Python needs functools.partial for: whoever takes a callable takes its arguments, too.
    task.add_done_callback(announce, "the", "sum");

    loop->run_until_complete(task);
    std::cout << "returned " << task.result() << '\n';  // the callbacks ran before this
}
