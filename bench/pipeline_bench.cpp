// SPDX-License-Identifier: MIT
// Server of Redis commands, each of which is answered by a write() of its own: pipeline_bench [immediate]
// PORT With "immediate" each of these is a system call.
#include "resp.hpp"
#include "serve_streams.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>

#include <cstdlib>

namespace {

resp::Store store;
bool gathers = true;

aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    writer.transport().set_gather_writes(gathers);
    try {
        for (std::size_t seen = 0;;) {
            const std::string_view data = (co_await reader.fill(seen + 1)).text();
            if (data.size() <= seen) break;
            std::size_t done = 0;
            while (done < data.size()) {
                const resp::Command command = resp::first_command(data.substr(done));
                if (command.size == 0) break;
                writer.write(store.execute(command));
                done += command.size;
            }
            seen = data.size() - done;
            reader.consume(done);
            co_await writer.drain();
        }
    } catch (const aio::ConnectionError&) {  // the peer went away
    }
    writer.close();
}

}  // namespace

int main(int argc, char** argv) {
    aio::keep_freed_memory();
    gathers = argc == 2;
    return aio::run(bench::serve_streams(serve, argv[argc - 1]));
}
