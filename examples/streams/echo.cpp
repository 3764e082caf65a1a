// SPDX-License-Identifier: MIT
// An echo server and its clients, in one program on one loop.
//
//     async def echo(reader, writer):
//         data = await reader.read(1024)
//         writer.write(data)
//         await writer.drain()
//         writer.close()
//
//     server = await asyncio.start_server(echo, "127.0.0.1", 0)
//     async with server:
//         await client(port, "hello")
#include <aio/aio.hpp>

#include <iostream>
#include <string>

aio::Coro<> echo(aio::StreamReader reader, aio::StreamWriter writer) {
    const auto peer = writer.get_extra_info<aio::SocketAddress>("peername", {});
    const std::string data = co_await reader.read(1024);
    std::cout << "server: received \"" << data << "\" from " << peer.host() << '\n';
    writer.write(data);
    co_await writer.drain();
    writer.close();
    co_await writer.wait_closed();
}

aio::Coro<> client(int port, std::string message) {
    auto connection = co_await aio::open_connection("127.0.0.1", port);
    auto& [reader, writer] = connection;
    std::cout << "client: sends \"" << message << "\"\n";
    writer.write(message);
    co_await writer.drain();
    const std::string answer = co_await reader.read(1024);
    std::cout << "client: got \"" << answer << "\"\n";
    writer.close();
    co_await writer.wait_closed();
}

aio::Coro<> talk(aio::Server& server) {
    const int port = server.sockets()[0].getsockname().port();
    co_await client(port, "hello");
    co_await client(port, "bye");
}

aio::Coro<> amain() {
    auto server = co_await aio::start_server(echo, "127.0.0.1", 0);  // port 0: any that is free
    co_await aio::async_with(server, talk);  // ends when the server and its connections are closed
    std::cout << "server closed\n";
}

int main() { return aio::run(amain()); }
