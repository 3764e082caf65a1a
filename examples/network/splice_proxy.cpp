// SPDX-License-Identifier: MIT
// A proxy: connects every client to a server, and hands on in both directions until both have ended.
//
//     async def pump(reader, writer):
//         while data := await reader.read(65536):
//             writer.write(data)
//             await writer.drain()
//         writer.write_eof()
//
//     async def serve(reader, writer):
//         there = await asyncio.open_connection(host, port)
//         await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
#include <aio/aio.hpp>

#include <iostream>
#include <string>
#include <utility>

// One direction. The end of one is not the end of the other: a client that has sent its question still waits
// for the answer.
aio::Coro<> pump(aio::StreamReader from, aio::StreamWriter to) {
    while (auto data = co_await from.next_chunk()) {
        to.write(std::move(*data));
        co_await to.drain();
    }
    to.write_eof();
}

class Proxy {
public:
    Proxy(std::string host, int port) : host_(std::move(host)), port_(port) {}

    aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
        try {
            auto there = co_await aio::open_connection(host_, port_);
            co_await aio::gather(pump(reader, there.second), pump(there.first, writer));
            there.second.close();
            ++served;
        } catch (const aio::OSError& error) {  // the client hears of it by the end of its connection
            std::cout << "proxy: " << error.what() << '\n';
        }
        writer.close();
    }
    int served = 0;

private:
    std::string host_;
    int port_;
};

// --- both ends, in the same program ------------------------------------------------------------------

// Answers when the whole question is there, which its end tells.
aio::Coro<> shout(aio::StreamReader reader, aio::StreamWriter writer) {
    std::string text = co_await reader.read();
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    writer.write(std::move(text));
    co_await writer.drain();
    writer.close();
}

aio::Coro<std::string> ask(int port, std::string question) {
    auto connection = co_await aio::open_connection("127.0.0.1", port);
    auto& [reader, writer] = connection;
    writer.write(std::move(question));
    writer.write_eof();
    std::string answer = co_await reader.read();
    writer.close();
    co_return answer;
}

int port_of(const aio::Server& server) { return server.sockets()[0].getsockname().port(); }

aio::Coro<> amain() {
    auto server = co_await aio::start_server(shout, "127.0.0.1", 0);
    Proxy proxy("127.0.0.1", port_of(server));
    auto front = co_await aio::start_server("127.0.0.1", 0, &Proxy::serve, &proxy);
    const std::string answer = co_await ask(port_of(front), "hello through the proxy");
    std::cout << answer << '\n';
    const std::string much = co_await ask(port_of(front), std::string(5'000'000, 'x'));
    std::cout << much.size() << " bytes, " << (much == std::string(5'000'000, 'X') ? "as sent" : "garbled")
              << '\n';
    server.close();
    front.close();
    co_await front.wait_closed();
    std::cout << proxy.served << " connections\n";
}

int main() { return aio::run(amain()); }
