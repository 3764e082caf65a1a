// SPDX-License-Identifier: MIT
// A semaphore bounds how many tasks work at once, a lock makes two steps one, an event starts them all.
//
//     async with limit:
//         ...
#include <aio/aio.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

using namespace std::chrono_literals;

struct Shop {
    aio::Event open;
    aio::Semaphore counters{2};
    aio::Lock till;
    int inside = 0;
    int most = 0;
    int money = 0;
};

aio::Coro<> customer(Shop& shop, int pays) {
    co_await shop.open.wait();
    auto counter = co_await shop.counters.guard();  // given back at the end of the scope
    shop.most = std::max(shop.most, ++shop.inside);
    co_await aio::sleep(1ms);
    {
        auto guard = co_await shop.till.guard();
        const int before = shop.money;
        co_await aio::sleep(1ms);  // nobody else can pay meanwhile
        shop.money = before + pays;
    }
    --shop.inside;
}

aio::Coro<> amain() {
    Shop shop;
    std::vector<aio::Task<>> customers;
    for (int i = 1; i <= 6; ++i) customers.push_back(aio::create_task(customer(shop, i)));
    std::cout << "opening\n";
    shop.open.set();
    co_await aio::wait(customers);
    std::cout << "at most " << shop.most << " at a time, " << shop.money << " in the till\n";
}

int main() { return aio::run(amain()); }
