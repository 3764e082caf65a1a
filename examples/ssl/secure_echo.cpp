// SPDX-License-Identifier: MIT
// An echo server over TLS that knows its clients: whoever connects shows a certificate of the authority's,
// and each line comes back with the name in it. Without an authority anybody is welcome, as "somebody".
//
//     secure_echo --port 8443 server.pem [authority.pem]
//
//     context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
//     context.load_cert_chain("server.pem")
//     context.verify_mode = ssl.CERT_REQUIRED
//     context.load_verify_locations("authority.pem")
//
//     async def serve(reader, writer):
//         name = writer.get_extra_info("peercert")["subject"][0][0][1]
//         while line := await reader.readline():
//             writer.write(name.encode() + b": " + line)
//             await writer.drain()
//         writer.close()
//
//     server = await asyncio.start_server(serve, "127.0.0.1", 8443, ssl=context)
#include "../apps/serving.hpp"

#include <aio/aio.hpp>
#include <aio/ssl.hpp>

#include <any>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

namespace ssl = aio::ssl;
using namespace std::chrono_literals;

std::string name_of(const aio::StreamWriter& writer) {
    const auto object = std::any_cast<ssl::SSLObject>(writer.get_extra_info("ssl_object"));
    const auto certificate = object.getpeercert();
    return certificate ? certificate->subject("commonName") : "somebody";
}

aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    const std::string name = name_of(writer);
    try {
        while (auto line = co_await reader.next_line()) {
            writer.write(name + ": " + *line);
            co_await writer.drain();
        }
        writer.close();
        co_await writer.wait_closed();
    } catch (const aio::OSError&) {  // the client is gone; SSLError is one too
        writer.close();
    }
}

aio::Coro<> amain(int port, std::string chain, std::string authority) {
    auto context = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    context->load_cert_chain(chain);
    context->set_alpn_protocols({"echo/2", "echo/1"});
    if (!authority.empty()) {
        context->set_verify_mode(ssl::CERT_REQUIRED);
        context->load_verify_locations(authority);
    }
    auto server = co_await aio::start_server(serve, "127.0.0.1", port, aio::ServerOptions().ssl(context));
    example::announce(server);
    co_await example::stop_signal();
    server.close_clients();
    co_await example::finish(server, 2s);
}

int main(int argc, char** argv) {
    if (argc < 4 || std::string(argv[1]) != "--port") {
        std::cerr << "usage: secure_echo --port PORT CHAIN_AND_KEY [AUTHORITY]\n";
        return 2;
    }
    try {
        return aio::run(amain(std::atoi(argv[2]), argv[3], argc > 4 ? argv[4] : ""));
    } catch (const std::exception& error) {
        std::cerr << "secure_echo: " << error.what() << '\n';
        return 1;
    }
}
