// SPDX-License-Identifier: MIT
// The two reasons to leave the loop's thread: a call that blocks, and a computation.
//
//     def blocking_io():
//         with open("/dev/urandom", "rb") as f:
//             return f.read(100)
//
//     def cpu_bound():
//         return sum(i * i for i in range(10 ** 6))
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

std::string blocking_io() {
    std::string bytes(100, '\0');
    std::ifstream("/dev/urandom", std::ios::binary).read(bytes.data(), 100);
    return bytes;
}

std::uint64_t cpu_bound(std::uint64_t count) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) sum += i * i;
    return sum;
}

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    const std::string bytes = co_await loop.run_in_executor(nullptr, blocking_io);
    std::cout << "default thread pool: " << bytes.size() << " bytes\n";

    aio::concurrent::ThreadPoolExecutor pool;
    const std::uint64_t sum = co_await loop.run_in_executor(pool, cpu_bound, 1'000'000);
    std::cout << "custom thread pool: " << sum << '\n';
}

int main() { return aio::run(amain()); }
