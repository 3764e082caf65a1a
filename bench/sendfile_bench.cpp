// SPDX-License-Identifier: MIT
// Answers each request of 64 bytes with a file of 1 MiB: sendfile_bench PORT
#include "one_mebibyte.hpp"
#include "serve_streams.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>
#include <aio/transport/sendfile.hpp>

namespace {

int file = -1;

aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    try {
        for (;;) {
            co_await reader.readexactly(bench::kRequest);
            co_await writer.sendfile(file);
        }
    } catch (const aio::IncompleteReadError&) {
    } catch (const aio::ConnectionError&) {  // the peer went away
    }
    writer.close();
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    file = bench::one_mebibyte();
    return aio::run(bench::serve_streams(serve, argv[1]));
}
