// SPDX-License-Identifier: MIT
// A client for http_client_test.py: its arguments are commands; of each it prints what came of it.
//     METHOD URL [BODY]      BODY "@N": N pieces of 1000 bytes by a generator; "@file PATH": a file
#include <aio/aio.hpp>
#include <aio/client/client_session.hpp>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace aio::http;

aio::AsyncGenerator<std::string> pieces(int count) {
    for (int i = 0; i < count; ++i) {
        co_yield std::string(1000, static_cast<char>('a' + i % 26));
        co_await aio::sleep(std::chrono::milliseconds(1));
    }
}

Payload body_of(const std::string& text) {
    if (text.starts_with("@file ")) return Payload::file(text.substr(6));
    if (text.starts_with("@")) return Payload(pieces(std::stoi(text.substr(1))));
    return Payload(text, "text/plain");
}

aio::Coro<std::string> perform(ClientSession& session, std::string command) {
    std::istringstream words(command);
    std::string method;
    std::string url;
    std::string body;
    words >> method >> url;
    std::getline(words >> std::ws, body);
    RequestBuilder request = session.request(method, url).timeout(std::chrono::seconds(30));
    if (!body.empty()) request.data(body_of(body));
    try {
        ClientResponse response = co_await std::move(request);
        const std::string& whole = co_await response.read();
        co_return std::to_string(response.status()) + ' ' + std::to_string(whole.size()) + ' ' +
            response.content_type() + ' ' + std::to_string(response.history().size()) + ' ' +
            whole.substr(0, whole.find('\n')).substr(0, 60);
    } catch (const ClientError& error) {
        co_return std::string("error ") + error.what();
    }
}

aio::Coro<> amain(std::vector<std::string> commands) {
    ClientSession session;
    for (const std::string& command : commands) {
        const std::string outcome = co_await perform(session, command);
        std::cout << outcome << '\n';
    }
    co_await session.close();
}

}  // namespace

int main(int argc, char** argv) { return aio::run(amain({argv + 1, argv + argc})); }
