// SPDX-License-Identifier: MIT
// select(): a task that serves two queues, is told when to stop, and notices when nothing happens. What is
// not chosen is not consumed: nothing is lost.
#include <aio/aio.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> serve(aio::Queue<std::string>& orders, aio::Queue<int>& payments, aio::Event& closed) {
    for (;;) {
        auto chosen = co_await aio::select(orders.get(), payments.get(), closed.wait(), aio::sleep(20ms));
        if (auto* order = chosen.get_if<0>()) {
            std::cout << "order: " << *order << "\n";
        } else if (auto* payment = chosen.get_if<1>()) {
            std::cout << "payment: " << *payment << "\n";
        } else if (chosen.index() == 2) {
            std::cout << "closed\n";
            co_return;
        } else {
            std::cout << "nothing to do\n";
        }
    }
}

aio::Coro<> amain() {
    aio::Queue<std::string> orders;
    aio::Queue<int> payments;
    aio::Event closed;
    auto server = aio::create_task(serve(orders, payments, closed));

    co_await payments.put(5);
    co_await orders.put("tea");
    co_await orders.put("coffee");
    co_await aio::sleep(30ms);
    closed.set();
    co_await server;
}

int main() { return aio::run(amain()); }
