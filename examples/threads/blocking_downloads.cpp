// SPDX-License-Identifier: MIT
// A library that can only block, three times at once: the loop goes on while threads wait for it.
//
//     async def download(url):
//         print("start", url)
//         await loop.run_in_executor(None, requests.get, url)
//         print("done", url)
#include <aio/aio.hpp>

#include <chrono>
#include <iostream>
#include <latch>
#include <string>
#include <thread>

using namespace std::chrono_literals;

std::latch all_began(3);

// Stands for a client that blocks until the answer is there. None answers before all three were asked.
std::size_t blocking_get(const std::string& url, std::chrono::milliseconds answer_takes) {
    all_began.arrive_and_wait();
    std::this_thread::sleep_for(answer_takes);
    return url.size();
}

aio::Coro<std::size_t> download(std::string url, std::chrono::milliseconds answer_takes) {
    std::cout << "start " << url << '\n';
    const std::size_t bytes = co_await aio::to_thread(blocking_get, url, answer_takes);
    std::cout << "done  " << url << '\n';
    co_return bytes;
}

aio::Coro<> amain() {
    auto sizes =
        co_await aio::gather(download("http://a.example/", 300ms), download("http://bb.example/", 200ms),
                             download("http://ccc.example/", 100ms));
    auto& [a, b, c] = sizes;
    std::cout << a << " + " << b << " + " << c << " bytes\n";
}

int main() { return aio::run(amain()); }
