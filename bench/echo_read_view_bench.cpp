// SPDX-License-Identifier: MIT
// Echo server on the streams API without a copy, which read() cannot do: echo_read_view_bench PORT
#include <aio/streams.hpp>
#include <aio/task.hpp>

#include <cstdlib>

namespace {

aio::Coro<> echo(aio::StreamReader reader, aio::StreamWriter writer) {
    try {
        for (;;) {
            const aio::BytesView data = co_await reader.read_view();
            if (data.empty()) break;
            writer.write(data);
            co_await writer.drain();
        }
    } catch (const aio::ConnectionError&) {  // the peer went away
    }
    writer.close();
}

aio::Coro<> amain(int port) {
    auto options = aio::ServerOptions().backlog(4096);
    const aio::Server server = co_await aio::start_server(echo, "127.0.0.1", port, options);
    co_await server.serve_forever();
}

}  // namespace

int main(int, char** argv) { return aio::run(amain(std::atoi(argv[1]))); }
