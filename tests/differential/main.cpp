// SPDX-License-Identifier: MIT
// Reads programs from standard input, one per line, and prints the trace of each, ended by a line with a dot.
#include "interpreter.hpp"

#include <aio/testing.hpp>

#include <iostream>
#include <memory>
#include <string>

int main() {
    using namespace aio;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::string_view text = line;
        const differential::Node program = differential::parse(text);
        const EventLoopPtr loop =
            new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>()));
        differential::Interpreter interpreter(*loop);
        loop->run_until_complete(loop->create_task(interpreter.drive(program), "driver"));
        for (const std::string& entry : interpreter.trace()) std::cout << entry << '\n';
        loop->close();  // destroys tasks that no cancellation ends, and hold what is the interpreter's
        std::cout << "." << std::endl;  // at once: whoever reads it must know which program was the last
    }
    return 0;
}
