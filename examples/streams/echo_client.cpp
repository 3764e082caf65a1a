// SPDX-License-Identifier: MIT
// An interactive client: sends the lines of standard input to an echo server, here one in the same program,
// and prints what it answers. Nothing blocks: while one types, the loop runs.
//
//     reader = asyncio.StreamReader()
//     await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
//     async for line in reader:
//         writer.write(line)
//         print(await from_server.readline())
#include <aio/aio.hpp>

#include <string>
#include <utility>

aio::Coro<> echo(aio::StreamReader reader, aio::StreamWriter writer) {
    while (auto line = co_await reader.next_line()) {
        writer.write(*line);
        co_await writer.drain();
    }
    writer.close();
}

aio::Coro<> talk(aio::Server& server) {
    auto connection = co_await aio::open_connection("127.0.0.1", server.sockets()[0].getsockname().port());
    auto& [from_server, to_server] = connection;
    auto streams = co_await aio::open_standard_streams();
    auto& [input, output] = streams;
    while (auto line = co_await input.next_line()) {
        to_server.write(*line);
        const std::string answer = co_await from_server.readline();
        output.write("the server says: " + answer);
        co_await output.drain();
    }
    to_server.close();
    co_await to_server.wait_closed();
    output.write("goodbye\n");
    output.close();  // what is not written yet is, before it ends
    co_await output.wait_closed();
}

aio::Coro<> amain() {
    auto server = co_await aio::start_server(echo, "127.0.0.1", 0);
    co_await aio::async_with(server, talk);
}

int main() { return aio::run(amain()); }
