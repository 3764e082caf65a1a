// SPDX-License-Identifier: MIT
// A generator stops at each co_yield and goes on from there when it is asked for the next value. This is how
// coroutines began: a function that can be left in the middle and resumed.
//
//     def numbers():
//         print("before 1")
//         yield 1
//         print("before 2")
//         yield 2
//
//     generator = numbers()
//     print(next(generator))
#include <aio/aio.hpp>

#include <iostream>

aio::Generator<int> numbers() {
    std::cout << "  before 1\n";
    co_yield 1;
    std::cout << "  before 2\n";
    co_yield 2;
    std::cout << "  end\n";
}

aio::Generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

int main() {
    auto generator = numbers();
    std::cout << "nothing has run yet\n";
    int value = *next(generator);
    std::cout << "value " << value << '\n';
    std::cout << "text between the two\n";
    value = *next(generator);
    std::cout << "value " << value << '\n';
    // Where Python raises StopIteration, next() gives an empty optional.
    if (!next(generator)) std::cout << "no more values\n";

    std::cout << "counting:";
    for (const int number : count_to(5)) std::cout << ' ' << number;
    std::cout << '\n';
}
