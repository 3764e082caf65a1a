// SPDX-License-Identifier: MIT
// A client's connections to other people's servers and proxies: fetches a URL several times, one after the
// other or all at once, and prints for each the status, whether the connection was used before, and the body;
// or the error. At the end how many connections there are.
//
//     connector_peer [--ca FILE] [--proxy URL] [--limit N] [--times N] [--pause MILLISECONDS] [--at-once] URL
#include <aio/aio.hpp>
#include <aio/client/connect/tcp_connector.hpp>
#include <aio/client/errors.hpp>
#include <aio/ssl.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace http = aio::http;
using Step = http::MessageParser::Step;

struct Wishes {
    std::string ca;
    std::string proxy;
    std::string url;
    int limit = 100;
    int times = 1;
    int pause = 0;
    bool at_once = false;
};

aio::Coro<std::string> exchange(const http::Connection& connection, http::URL url) {
    const std::string target(connection.through_proxy() ? url.str() : url.raw_path_qs());
    std::string head = "GET " + target + " HTTP/1.1\r\nHost: " + std::string(url.raw_authority()) + "\r\n";
    if (!connection.proxy_authorization().empty()) {
        head += "Proxy-Authorization: " + connection.proxy_authorization() + "\r\n";
    }
    connection.writer().write(head + "\r\n");
    http::ResponseParser& parser = connection.parser();
    parser.next("GET");
    std::string status;
    std::string body;
    while (true) {
        const Step step = parser.parse(connection.reader().buffered());
        if (step == Step::head) status = std::to_string(parser.head().status);
        if (step == Step::body) body += parser.body();
        connection.reader().consume(parser.consumed());
        if (parser.done()) break;
        if (step != Step::need_data) continue;
        const std::size_t wanted = parser.wanted();
        const auto data = co_await connection.reader().fill(wanted);
        if (data.size() >= wanted) continue;
        if (!parser.feed_eof()) throw http::ServerDisconnectedError();
        break;
    }
    co_return status + (connection.reused() ? " reused " : " new ") + body;
}

// False if the server has closed a used connection before it saw the request: worth another try.
aio::Coro<bool> try_fetch(http::TCPConnector& connector, http::ConnectRequest request) {
    auto connection = co_await connector.connect(request);
    try {
        const std::string line = co_await exchange(connection, request.url);
        connection.release();
        std::cout << line << '\n';
    } catch (const http::ServerDisconnectedError&) {
        if (!connection.reused()) throw;
        co_return false;
    }
    co_return true;
}

aio::Coro<> fetch(http::TCPConnector& connector, Wishes wishes) {
    http::ConnectRequest request;
    request.url = wishes.url;
    if (!wishes.proxy.empty()) request.proxy = http::URL(wishes.proxy);
    try {
        bool fetched = false;
        while (!fetched) fetched = co_await try_fetch(connector, request);
    } catch (const std::exception& error) {
        std::cout << aio::type_name(std::current_exception()) << ": " << error.what() << '\n';
    }
}

aio::Coro<> amain(Wishes wishes) {
    http::ConnectorOptions options;
    options.limit(static_cast<std::size_t>(wishes.limit));
    if (!wishes.ca.empty()) {
        options.ssl(aio::ssl::create_default_context(aio::ssl::Purpose::SERVER_AUTH, wishes.ca));
    }
    http::TCPConnector connector(options);
    std::vector<aio::Coro<>> fetches;
    for (int i = 0; i < wishes.times; ++i) fetches.push_back(fetch(connector, wishes));
    if (wishes.at_once) {
        co_await aio::gather(std::move(fetches));
    } else {
        for (auto& one : fetches) {
            co_await std::move(one);
            co_await aio::sleep(std::chrono::milliseconds(wishes.pause));
        }
    }
    std::cout << "lent " << connector.lent() << ", idle " << connector.idle() << '\n';
    co_await connector.close();
}

}  // namespace

int main(int argc, char** argv) {
    Wishes wishes;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const char* const value = i + 1 < argc ? argv[i + 1] : "";
        if (name == "--at-once") {
            wishes.at_once = true;
            continue;
        }
        if (!name.starts_with("--")) {
            wishes.url = name;
            continue;
        }
        ++i;
        if (name == "--ca") wishes.ca = value;
        if (name == "--proxy") wishes.proxy = value;
        if (name == "--limit") wishes.limit = std::atoi(value);
        if (name == "--times") wishes.times = std::atoi(value);
        if (name == "--pause") wishes.pause = std::atoi(value);
    }
    return aio::run(amain(std::move(wishes)));
}
