// SPDX-License-Identifier: MIT
// A server that SIGTERM ends gracefully: it listens no more, what is being served is finished within ten
// seconds, what takes longer is told and cancelled, and the process ends with the status of SIGTERM.
//
// In asyncio one adds a signal handler and keeps account of the tasks; here it is an option of the server.
#include <aio/aio.hpp>

#include <csignal>
#include <iostream>
#include <string>
#include <utility>

using namespace std::chrono_literals;

// Works as many seconds as it is asked to.
aio::Coro<> work(aio::StreamReader reader, aio::StreamWriter writer) {
    const std::string seconds = co_await reader.readline();
    try {
        co_await aio::sleep(std::chrono::seconds(std::stoi(seconds)));
        writer.write("done\n");
    } catch (const aio::CancelledError&) {
        writer.write("sorry, the server ends\n");
        throw;
    }
    writer.close();
}

aio::Coro<> client(int port, std::string seconds) {
    auto connection = co_await aio::open_connection("127.0.0.1", port);
    auto& [reader, writer] = connection;
    writer.write(seconds + "\n");
    const std::string answer = co_await reader.read();
    std::cout << seconds << " s of work: " << answer << std::flush;
    writer.close();
}

aio::Coro<> amain() {
    const auto options = aio::ServerOptions().drain(10s, 1s);
    auto server = co_await aio::start_server(work, "127.0.0.1", 0, options);
    const int port = server.sockets()[0].getsockname().port();

    // What the world does: two clients, and somebody who ends the process three seconds later.
    auto quick = aio::create_task(client(port, "5"));
    auto slow = aio::create_task(client(port, "3600"));
    aio::get_running_loop().call_later(3s, [] {
        std::cout << "SIGTERM" << std::endl;
        std::raise(SIGTERM);
    });
    co_await server.serve_forever();
}

int main() { return aio::run(amain()); }
