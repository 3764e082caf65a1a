// SPDX-License-Identifier: MIT
#pragma once

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>

#include <exception>
#include <utility>

namespace aio::tests {

/// A server that sends back what comes, and the end after it. What the network does to its connections is
/// what the tests are about; any other error is theirs to report.
struct EchoService {
    int clients = 0;
    int broken = 0;                   ///< connections that an error has ended
    std::exception_ptr server_error;  ///< the newest of these

    Coro<> echo(StreamReader reader, StreamWriter writer) {
        ++clients;
        try {
            while (auto chunk = co_await reader.next_chunk()) {
                writer.write(*chunk);
                co_await writer.drain();
            }
        } catch (const OSError&) {
            server_error = std::current_exception();
            ++broken;
        }
        writer.close();
        co_await as_result(writer.wait_closed());
        --clients;
    }
    Coro<Server> echo_server(ServerOptions options = ServerOptions()) {
        return start_server(
            [this](StreamReader r, StreamWriter w) { return echo(std::move(r), std::move(w)); }, "127.0.0.1",
            0, std::move(options));
    }
};

}  // namespace aio::tests
