// SPDX-License-Identifier: MIT
// Fetches the headers of several pages at once, whichever answers first.
//
//     wget 127.0.0.1:8000 127.0.0.1:8000/about www.example.test=127.0.0.1:8080/
//
// An argument is [HOST=]ADDRESS[:PORT][/PATH]; HOST is the name to ask for where it is not the address.
//
//     async def wget(host):
//         reader, writer = await asyncio.open_connection(host, 80)
//         writer.write(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
//         await writer.drain()
//         while line := (await reader.readline()).rstrip():
//             print(f"{host} header > {line.decode()}")
//         writer.close()
//
//     await asyncio.gather(*(wget(host) for host in sys.argv[1:]), return_exceptions=True)
#include "fetch_head.hpp"

#include <aio/aio.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

// Gives whether the page was there.
aio::Coro<bool> wget(example::Target target) {
    try {
        const std::vector<std::string> header = co_await example::fetch_head(target);
        for (const std::string& line : header) std::cout << target.host << " header > " << line << '\n';
        std::cout << std::flush;  // the others may take long
        co_return !header.empty();
    } catch (const std::exception& error) {
        std::cerr << target.host << ": " << error.what() << '\n';
        co_return false;
    }
}

aio::Coro<int> amain(std::vector<example::Target> targets) {
    std::vector<aio::Coro<bool>> fetches;
    for (const example::Target& target : targets) fetches.push_back(wget(target));
    const std::vector<bool> found = co_await aio::gather(std::move(fetches));
    int failures = 0;
    for (const bool one : found) failures += one ? 0 : 1;
    co_return failures == 0 ? 0 : 1;
}

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: wget [HOST=]ADDRESS[:PORT][/PATH]...\n";
        return 2;
    }
    std::vector<example::Target> targets;
    try {
        for (int i = 1; i < argc; ++i) targets.push_back(example::parse_target(argv[i]));
    } catch (const aio::ValueError& error) {
        std::cerr << "wget: " << error.what() << '\n';
        return 2;
    }
    return aio::run(amain(std::move(targets)));
}
