// SPDX-License-Identifier: MIT
// Reads programs from standard input, one per line, and prints the trace of each, ended by a line with a dot.
// With an argument it closes the loop in the middle, each program's somewhere else.
#include "interpreter.hpp"

#include <aio/testing.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

namespace {

// Ends run_forever() after so many more iterations.
void stop_after(aio::EventLoop& loop, int left) {
    if (left == 0) {
        loop.stop();
    } else {
        loop.call_soon([&loop, left] { stop_after(loop, left - 1); });
    }
}

}  // namespace

int main(int argc, char**) {
    using namespace aio;
    std::string line;
    for (int number = 0; std::getline(std::cin, line); ++number) {
        std::string_view text = line;
        const differential::Node program = differential::parse(text);
        const EventLoopPtr loop =
            new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>()));
        differential::Interpreter interpreter(*loop);
        const Task<> driver = loop->create_task(interpreter.drive(program), "driver");
        if (argc > 1) {
            const auto start = std::chrono::milliseconds(16) * (number / 16 % 8);  // about a tick
            loop->call_later(start, [&loop, number] { stop_after(*loop, number % 16); });
            loop->run_forever();
        } else {
            loop->run_until_complete(driver);
        }
        for (const std::string& entry : interpreter.trace()) std::cout << entry << '\n';
        loop->close();  // destroys tasks that no cancellation ends, and hold what is the interpreter's
        std::cout << "." << std::endl;  // at once: whoever reads it must know which program was the last
    }
    return 0;
}
