// SPDX-License-Identifier: MIT
// The demonstration: a web server and a hundred clients in one process, on one thread, on one event loop. The
// server takes half a second for each answer, and so do all hundred together: nobody waits for anybody else.
#include "streams/fetch_head.hpp"

#include <aio/aio.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr int kFetches = 100;
constexpr int kShown = 3;
constexpr auto kServerDelay = 500ms;

// Reads a request up to the blank line, thinks, writes.
aio::Coro<> answer(aio::StreamReader reader, aio::StreamWriter writer) {
    const std::string request_line = co_await reader.readline();
    while (auto line = co_await reader.next_line()) {
        if (*line == "\r\n" || *line == "\n") break;
    }
    co_await aio::sleep(kServerDelay);

    const std::string body = "<h1>Hello from aio</h1>\n";
    const bool is_get = request_line.starts_with("GET ");
    writer.write(is_get ? "HTTP/1.0 200 OK\r\n" : "HTTP/1.0 405 Method Not Allowed\r\nAllow: GET\r\n");
    writer.write("Server: aio demo\r\nContent-Type: text/html\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n" + body);
    co_await writer.drain();
}

aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    const example::ClosedAtEnd closed_at_end(writer);
    try {
        co_await answer(reader, writer);
    } catch (const aio::ConnectionError&) {
        // The client did not wait, because of Ctrl-C for one: nobody is left to be answered.
    }
}

// Gives whether the answer was a page.
aio::Coro<bool> wget(example::Target target, bool show) {
    const std::vector<std::string> header = co_await example::fetch_head(target);
    if (show) {
        for (const std::string& line : header)
            std::printf("  %s header > %s\n", target.host.c_str(), line.c_str());
        std::puts("");
    }
    co_return !header.empty() && header[0].ends_with("200 OK");
}

aio::Coro<int> amain() {
    auto server = co_await aio::start_server(serve, "127.0.0.1", 0, aio::ServerOptions().backlog(kFetches));
    const aio::SocketAddress address = server.sockets()[0].getsockname();
    std::printf("A server on %s takes 0.5 s for each answer.\n", address.str().c_str());
    std::printf("%d clients ask it at once, in the same thread; %d of them show what they get:\n\n", kFetches,
                kShown);
    std::fflush(stdout);

    aio::EventLoop& loop = aio::get_running_loop();
    const auto start = loop.time();
    std::vector<aio::Coro<bool>> fetches;
    for (int i = 1; i <= kFetches; ++i) {
        example::Target target;
        target.host = "client-" + std::to_string(i) + ".test";
        target.address = address.host();
        target.port = address.port();
        fetches.push_back(wget(std::move(target), i <= kShown));
    }
    const std::vector<bool> pages = co_await aio::gather(std::move(fetches));
    const auto answered = std::count(pages.begin(), pages.end(), true);
    const std::chrono::duration<double> elapsed = loop.time() - start;

    server.close();
    co_await server.wait_closed();
    std::printf("%td answers in %.2f s; one after the other they would take %.0f s.\n", answered,
                elapsed.count(), std::chrono::duration<double>(kServerDelay * kFetches).count());
    std::puts(
        "\nNext: the program is examples/demo.cpp, its Python is in docs/01_start.md. Yours, from aio's "
        "folder:");
    std::puts(
        "  clang++-19 -std=c++20 -O2 -I. my_program.cpp build/release/libaiocpp.a -pthread -o my_program");
    co_return answered == kFetches ? 0 : 1;
}

}  // namespace

int main() { return aio::run(amain()); }
