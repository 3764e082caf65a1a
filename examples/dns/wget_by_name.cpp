// SPDX-License-Identifier: MIT
// Fetches the headers of several pages at once, by the names of their hosts, which it looks up itself: no
// thread, however many names there are.
//
//     wget_by_name www.example.org bücher.example:8080/about
//     wget_by_name --server 127.0.0.1:5353 www.example.test      # asks this name server
//
//     resolver = aiohttp.AsyncResolver(nameservers=["127.0.0.1"])
//     async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver)) as session:
//         await asyncio.gather(*(wget(session, host) for host in hosts))
#include "../streams/fetch_head.hpp"

#include <aio/aio.hpp>
#include <aio/dns.hpp>

#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Gives whether the page was there.
aio::Coro<bool> wget(example::Target target) {
    const std::string name = target.host;  // as it was written; the server knows the one in ASCII
    try {
        target.host = aio::dns::idna_encode(target.address);
        const std::vector<std::string> header = co_await example::fetch_head(target);
        for (const std::string& line : header) std::cout << name << " header > " << line << '\n';
        std::cout << std::flush;  // the others may take long
        co_return !header.empty();
    } catch (const std::exception& error) {
        std::cerr << name << ": " << error.what() << '\n';
        co_return false;
    }
}

aio::Coro<int> amain(std::vector<example::Target> targets, aio::dns::ResolverOptions options) {
    // From now on it is asked by whatever connects in this loop.
    aio::set_resolver(aio::get_running_loop(), std::make_shared<aio::dns::Resolver>(std::move(options)));
    std::vector<aio::Coro<bool>> fetches;
    for (const example::Target& target : targets) fetches.push_back(wget(target));
    const std::vector<bool> found = co_await aio::gather(std::move(fetches));
    int failures = 0;
    for (const bool one : found) failures += one ? 0 : 1;
    co_return failures == 0 ? 0 : 1;
}

int main(int argc, char** argv) {
    std::vector<example::Target> targets;
    aio::dns::ResolverOptions options;
    try {
        for (int i = 1; i < argc; ++i) {
            const std::string_view argument = argv[i];
            if (argument == "--server" && i + 1 < argc) {
                const example::Target server = example::parse_target(argv[++i]);
                const auto port = static_cast<std::uint16_t>(server.port);
                options.servers({aio::SocketAddress(server.address, port)})
                    .timeout(std::chrono::milliseconds(500));
                options.tries(2);
            } else {
                targets.push_back(example::parse_target(argument));
            }
        }
    } catch (const aio::ValueError& error) {
        std::cerr << "wget_by_name: " << error.what() << '\n';
        return 2;
    }
    if (targets.empty()) {
        std::cerr << "usage: wget_by_name [--server ADDRESS[:PORT]] HOST[:PORT][/PATH]...\n";
        return 2;
    }
    return aio::run(amain(std::move(targets), std::move(options)));
}
