// SPDX-License-Identifier: MIT
// Echo server on the streams API: echo_streams_bench PORT
#include "serve_streams.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>

#include <cstdlib>

namespace {

aio::Coro<> echo(aio::StreamReader reader, aio::StreamWriter writer) {
    try {
        for (;;) {
            const std::string data = co_await reader.read(65536);
            if (data.empty()) break;
            writer.write(data);
            co_await writer.drain();
        }
    } catch (const aio::ConnectionError&) {  // the peer went away
    }
    writer.close();
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return aio::run(bench::serve_streams(echo, argv[1]));
}
