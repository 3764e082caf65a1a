// SPDX-License-Identifier: MIT
// What an event loop is: get an event, process it, and again. Written by hand on call_soon(), which is all
// that coroutines, timers and sockets are built on.
//
//     def turn():
//         if not events:
//             return loop.stop()
//         process(events.popleft())
//         loop.call_soon(turn)
//
//     loop.call_soon(turn)
//     loop.run_forever()
#include <aio/aio.hpp>

#include <deque>
#include <functional>
#include <iostream>
#include <string>

std::deque<std::string> events{"mouse moved", "key pressed"};

void process(const std::string& event) {
    std::cout << "processing: " << event << '\n';
    if (event == "key pressed") events.push_back("window closed");  // events may cause events
}

void turn(aio::EventLoop& loop) {
    if (events.empty()) {
        std::cout << "no more events\n";
        loop.stop();
        return;
    }
    const std::string event = events.front();
    events.pop_front();
    process(event);
    loop.call_soon(turn, std::ref(loop));
}

int main() {
    auto loop = aio::new_event_loop();
    loop->call_soon(turn, std::ref(*loop));
    loop->call_soon([] { std::cout << "others have their turn, too\n"; });
    loop->run_forever();
    std::cout << "loop stopped\n";
}
