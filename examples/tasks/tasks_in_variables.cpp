// SPDX-License-Identifier: MIT
// Tasks kept in variables and awaited later run at the same time; a task awaited where it is made does not.
// Two one-second sleeps, five rounds: 5 seconds against 10.
//
//     task_1 = asyncio.create_task(asyncio.sleep(1))       await asyncio.create_task(asyncio.sleep(1))
//     task_2 = asyncio.create_task(asyncio.sleep(1))       await asyncio.create_task(asyncio.sleep(1))
//     await task_1
//     await task_2
//
// The loop has a virtual clock: when nothing is left to do but wait, time jumps to the next timer. So this
// ends at once; leave out loop_factory() and it takes 15 seconds. Use it in your tests.
#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <iostream>
#include <memory>

using namespace std::chrono_literals;

aio::Coro<> kept_in_variables() {
    for (int round = 0; round < 5; ++round) {
        auto task_1 = aio::create_task(aio::sleep(1s));
        auto task_2 = aio::create_task(aio::sleep(1s));
        co_await task_1;
        co_await task_2;
    }
}

aio::Coro<> awaited_at_creation() {
    for (int round = 0; round < 5; ++round) {
        co_await aio::create_task(aio::sleep(1s));
        co_await aio::create_task(aio::sleep(1s));
    }
}

aio::Coro<> measure(const char* title, aio::Coro<> job) {
    const auto start = aio::get_running_loop().time();
    co_await std::move(job);
    const auto elapsed = aio::get_running_loop().time() - start;
    std::cout << title << ": " << std::chrono::round<std::chrono::seconds>(elapsed).count() << " s\n";
}

aio::Coro<> amain() {
    co_await measure("kept in variables", kept_in_variables());
    co_await measure("awaited at creation", awaited_at_creation());
}

aio::EventLoopPtr loop_with_virtual_clock() {
    return aio::new_event_loop(aio::LoopOptions().clock(std::make_shared<aio::testing::VirtualClock>()));
}

int main() { return aio::run(amain(), aio::RunOptions().loop_factory(loop_with_virtual_clock)); }
