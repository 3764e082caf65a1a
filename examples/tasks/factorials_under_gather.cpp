// SPDX-License-Identifier: MIT
// Three computations take turns, and gather() gives their results in the order of its arguments.
//
//     print(await asyncio.gather(factorial("A", 2), factorial("B", 3), factorial("C", 4)))
#include <aio/aio.hpp>

#include <iostream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<int> factorial(std::string name, int number) {
    int product = 1;
    for (int i = 2; i <= number; ++i) {
        std::cout << "Task " << name << ": compute factorial(" << i << ")...\n";
        co_await aio::sleep(100ms);
        product *= i;
    }
    std::cout << "Task " << name << ": factorial(" << number << ") = " << product << '\n';
    co_return product;
}

aio::Coro<> amain() {
    const auto results = co_await aio::gather(factorial("A", 2), factorial("B", 3), factorial("C", 4));
    const auto& [a, b, c] = results;
    std::cout << "results: " << a << ' ' << b << ' ' << c << '\n';
}

int main() { return aio::run(amain()); }
