// SPDX-License-Identifier: MIT
// A client for other people's TLS servers: asks for their page several times, one connection after the other,
// and prints for each what was agreed upon and the page.
//
//     tls_client PORT TIMES authority.pem PROTOCOL,... [client.pem]
#include <aio/aio.hpp>
#include <aio/ssl.hpp>

#include <any>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace ssl = aio::ssl;

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
    return parts;
}

aio::Coro<> ask(int port, std::shared_ptr<ssl::Context> context) {
    auto streams = co_await aio::open_connection("localhost", port, aio::ConnectOptions().ssl(context));
    auto& [reader, writer] = streams;
    const auto agreed = std::any_cast<ssl::SSLObject>(writer.get_extra_info("ssl_object"));
    const std::string protocol = agreed.selected_alpn_protocol().value_or("none");
    writer.write("GET / HTTP/1.0\r\n\r\n");
    const std::string page = co_await reader.read();
    std::cout << "protocol " << protocol << ", version " << agreed.version().value_or("none")
              << (agreed.session_reused() ? ", reused\n" : ", new\n") << page;
    writer.close();
    co_await writer.wait_closed();
}

aio::Coro<> amain(int port, int times, std::string authority, std::string protocols, std::string chain) {
    auto context = ssl::create_default_context(ssl::Purpose::SERVER_AUTH, authority);
    context->set_alpn_protocols(split(protocols));
    if (!chain.empty()) context->load_cert_chain(chain);
    context->set_resumed_names(1);
    for (int i = 0; i < times; ++i) co_await ask(port, context);
}

int main(int argc, char** argv) {
    try {
        return aio::run(
            amain(std::atoi(argv[1]), std::atoi(argv[2]), argv[3], argv[4], argc > 5 ? argv[5] : ""));
    } catch (const std::exception& error) {
        std::cerr << "tls_client: " << error.what() << '\n';
        return 1;
    }
}
