// SPDX-License-Identifier: MIT
// Callbacks: as soon as possible, after a delay, at a point in time. What was asked for last runs first.
//
//     now = loop.time()
//     loop.call_at(now + 0.1, print, "call_at 1")
//     loop.call_later(0.3, print, "call_later 3")
//     loop.call_soon(print, "call_soon")
#include <aio/aio.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

void print(const char* text, aio::TimePoint start) {
    const std::chrono::duration<double> elapsed = aio::get_running_loop().time() - start;
    std::printf("%.1f s: %s\n", elapsed.count(), text);
}

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto now = loop.time();
    loop.call_at(now + 100ms, print, "call_at 1", now);
    loop.call_at(now + 200ms, print, "call_at 2", now);
    loop.call_later(300ms, print, "call_later 3", now);
    loop.call_later(400ms, print, "call_later 4", now);
    auto never = loop.call_later(250ms, print, "cancelled", now);
    loop.call_soon(print, "call_soon", now);
    never.cancel();
    // Registered after the callback with the same delay, so it ends after it.
    co_await aio::sleep(400ms);
}

int main() {
    auto loop = aio::new_event_loop();
    std::puts("enter");
    loop->run_until_complete(amain());
    std::puts("close");
    loop->close();
}
