// SPDX-License-Identifier: MIT
// Fetches the headers of several pages over https at once, whichever answers first.
//
//     wget_https example.org www.example.test=127.0.0.1:8443/about
//     wget_https --cafile authority.pem localhost:8443
//
// An argument is [HOST=]ADDRESS[:PORT][/PATH]; HOST is whom the certificate must be for.
//
//     context = ssl.create_default_context(cafile=cafile)
//     reader, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=host)
#include "../streams/fetch_head.hpp"

#include <aio/aio.hpp>
#include <aio/ssl.hpp>

#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ssl = aio::ssl;

// Gives whether the page was there.
aio::Coro<bool> wget(example::Target target, std::shared_ptr<ssl::Context> context) {
    try {
        const auto options = aio::ConnectOptions().ssl(std::move(context)).server_hostname(target.name);
        const std::vector<std::string> header = co_await example::fetch_head(target, options);
        for (const std::string& line : header) std::cout << target.host << " header > " << line << '\n';
        std::cout << std::flush;  // the others may take long
        co_return !header.empty();
    } catch (const std::exception& error) {
        std::cerr << target.host << ": " << error.what() << '\n';
        co_return false;
    }
}

aio::Coro<int> amain(std::vector<example::Target> targets, std::string cafile) {
    auto context = ssl::create_default_context(ssl::Purpose::SERVER_AUTH, cafile);
    std::vector<aio::Coro<bool>> fetches;
    for (const example::Target& target : targets) fetches.push_back(wget(target, context));
    const std::vector<bool> found = co_await aio::gather(std::move(fetches));
    int failures = 0;
    for (const bool one : found) failures += one ? 0 : 1;
    co_return failures == 0 ? 0 : 1;
}

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    std::string cafile;
    if (arguments.size() >= 2 && arguments[0] == "--cafile") {
        cafile = arguments[1];
        arguments.erase(arguments.begin(), arguments.begin() + 2);
    }
    if (arguments.empty()) {
        std::cerr << "usage: wget_https [--cafile FILE] [HOST=]ADDRESS[:PORT][/PATH]...\n";
        return 2;
    }
    try {
        std::vector<example::Target> targets;
        for (const std::string& argument : arguments) {
            targets.push_back(example::parse_target(argument, 443));
        }
        return aio::run(amain(std::move(targets), std::move(cafile)));
    } catch (const std::exception& error) {
        std::cerr << "wget_https: " << error.what() << '\n';
        return 2;
    }
}
