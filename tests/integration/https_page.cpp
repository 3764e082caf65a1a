// SPDX-License-Identifier: MIT
// A web server over TLS for other people's clients: it answers each connection's one request by HTTP/1.0,
// with who the client is in the header and as many bytes in the body as the path says.
//
//     https_page --port 8443 server.pem [authority.pem]      GET /1000
#include "../../examples/apps/serving.hpp"

#include <aio/aio.hpp>
#include <aio/ssl.hpp>

#include <any>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace ssl = aio::ssl;
using namespace std::chrono_literals;

std::string head_for(const ssl::SSLObject& connection, const std::string& size) {
    const auto certificate = connection.getpeercert();
    return "HTTP/1.0 200 OK\r\nContent-Length: " + size +
           "\r\nX-Client: " + (certificate ? certificate->subject("commonName") : "somebody") +
           "\r\nX-Protocol: " + connection.selected_alpn_protocol().value_or("none") +
           "\r\nX-Version: " + connection.version().value_or("none") + "\r\n\r\n";
}

aio::Coro<> answer(aio::StreamReader reader, aio::StreamWriter writer) {
    const std::string request = co_await reader.readuntil("\r\n\r\n");
    const std::string size = request.substr(5, request.find(' ', 5) - 5);  // behind "GET /"
    writer.write(head_for(std::any_cast<ssl::SSLObject>(writer.get_extra_info("ssl_object")), size));
    writer.write(std::string(static_cast<std::size_t>(std::atoi(size.c_str())), 'x'));
    co_await writer.drain();
    writer.close();
    co_await writer.wait_closed();
}

aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    try {
        co_await answer(reader, writer);
    } catch (const aio::OSError&) {  // the client is gone
    } catch (const aio::EOFError&) {
    }
    writer.close();
}

aio::Coro<> amain(int port, std::string chain, std::string authority) {
    auto context = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    context->load_cert_chain(chain);
    context->set_alpn_protocols({"http/1.1"});
    if (!authority.empty()) {
        context->set_verify_mode(ssl::CERT_REQUIRED);
        context->load_verify_locations(authority);
    }
    auto server = co_await aio::start_server(serve, "127.0.0.1", port, aio::ServerOptions().ssl(context));
    example::announce(server);
    co_await example::stop_signal();
    co_await example::finish(server, 2s);
}

int main(int argc, char** argv) {
    try {
        return aio::run(amain(std::atoi(argv[2]), argv[3], argc > 4 ? argv[4] : ""));
    } catch (const std::exception& error) {
        std::cerr << "https_page: " << error.what() << '\n';
        return 1;
    }
}
